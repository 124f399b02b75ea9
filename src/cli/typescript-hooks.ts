/**
 * Hooks of Node's module loader: types are cut out of TypeScript files as they are loaded, and `opto` is always this very package.
 *
 * Everything but the types stays where it is: a line keeps its number, and a function its text, which optimizers read.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transform } from "sucrase";

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

/** Finds TypeScript files that are named as bundlers and tsc allow it. */
export function resolve(specifier: string, context: HookContext, next: NextHook): unknown {
  // One copy of the package: an agent of another would be no Module here, and its calls would be in no run.
  if (specifier === "opto" || specifier.startsWith("opto/")) return next(specifier, { ...context, parentURL: import.meta.url });
  return next(neighbour(specifier, context.parentURL) ?? specifier, context);
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
  return { format: "module", source: code, shortCircuit: true };
}

/** The file beside `parentURL` that a relative path means, when it is not the file of that very name. */
function neighbour(specifier: string, parentURL: string | undefined): string | undefined {
  if (!/^\.{0,2}\//.test(specifier) || parentURL === undefined || !isOwnFile(parentURL)) return undefined;
  const { href } = new URL(specifier, parentURL);
  if (isFile(href)) return undefined;
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
