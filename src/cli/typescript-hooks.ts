/**
 * Hooks of Node's module loader: types are cut out of TypeScript files as they are loaded, and `opto` is always this very package.
 *
 * Everything but the types stays where it is: a line keeps its number, and a function its text, which optimizers read.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transform } from "sucrase";
import { leavesToOthers } from "./decorators.ts";
import { pathsOf } from "./tsconfig-paths.ts";

/** What Node knows of a module to resolve or to load. */
export interface HookContext {
  readonly parentURL?: string | undefined;
  readonly [name: string]: unknown;
}

/** The next hook, and in the end Node itself. Its result is handed on unread, so it may be a promise. */
export type NextHook = (target: string, context?: HookContext) => unknown;

/** For what is written after a `.`: `./agent`, and `./agent.js` for a file that is `agent.ts`. */
const endings: Readonly<Record<string, readonly string[]>> = {
  "": [".ts", ".mts", ".js", ".mjs", "/index.ts", "/index.js"],
  ".js": [".ts"],
  ".mjs": [".mts"],
};

/** Finds TypeScript files that are named as bundlers and tsc allow it, also by the `paths` of a tsconfig. */
export function resolve(specifier: string, context: HookContext, next: NextHook): unknown {
  // One copy of the package: an agent of another would be no Module here, and its calls would be in no run.
  if (specifier === "opto" || specifier.startsWith("opto/")) return next(specifier, { ...context, parentURL: import.meta.url });
  return next(ownFile(specifier, context.parentURL) ?? specifier, context);
}

/** Gives TypeScript as JavaScript. */
export function load(url: string, context: HookContext, next: NextHook): unknown {
  if (!isTypeScript(url)) return next(url, context);
  const filePath = fileURLToPath(url);
  const { code } = transform(readFileSync(filePath, "utf8"), {
    transforms: ["typescript"],
    disableESTransforms: true,
    filePath,
  });
  if (leavesToOthers(code, filePath)) return next(url, context);
  return { format: "module", source: code, shortCircuit: true };
}

/** The file that an own file means by a path or an alias, when it is not the file of that very name. */
function ownFile(specifier: string, parentURL: string | undefined): string | undefined {
  if (parentURL === undefined || !isOwnFile(parentURL)) return undefined;
  if (/^\.{0,2}\//.test(specifier)) {
    const { href } = new URL(specifier, parentURL);
    return isFile(href) ? undefined : byEnding(href);
  }
  if (isBuiltin(specifier) || URL.canParse(specifier)) return undefined;
  const meant = pathsOf(specifier, fileURLToPath(parentURL)).map((path) => pathToFileURL(path).href);
  for (const href of meant) {
    const found = isFile(href) ? href : byEnding(href);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byEnding(href: string): string | undefined {
  const [, stem = href, ending = ""] = /^(.*[^/])(\.m?js)$/.exec(href) ?? [];
  return endings[ending]?.map((other) => `${stem}${other}`).find(isFile);
}

function isTypeScript(url: string): boolean {
  return isOwnFile(url) && /\.m?ts$/.test(new URL(url).pathname);
}

/** A package brings JavaScript; what is in one is not ours to change. */
function isOwnFile(url: string): boolean {
  return url.startsWith("file:") && !url.includes("/node_modules/");
}

function isFile(url: string): boolean {
  return statSync(new URL(url), { throwIfNoEntry: false })?.isFile() === true;
}
