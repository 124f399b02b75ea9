/**
 * Hooks of Node's module loader: types are removed from TypeScript files as they are loaded, paths of tsconfig are resolved, `opto` is always
 * this very package, and packages that define evals are the stand-ins that collect them.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type ModuleDeclaration, parse } from "acorn";
import { createPathsMatcher, getTsconfig, type PathsMatcher, parseTsconfig, type TsConfigResult } from "get-tsconfig";
import { transform } from "sucrase";

/** What Node knows of a module to resolve or to load. */
export interface HookContext {
  readonly parentURL?: string | undefined;
  readonly [name: string]: unknown;
}

/** The next hook, and in the end Node itself. Its result is handed on unread, so it may be a promise. */
export type NextHook = (target: string, context?: HookContext) => unknown;

/** What the hooks are told before they are used. */
export interface HookData {
  /** Where they report the user's files that they load: a function, or a port where they have a thread of their own. */
  readonly report?: ((url: string) => void) | undefined;
  readonly port?: { postMessage(url: string): void } | undefined;
  /** Whether the process has a loader that compiles decorators. */
  readonly hasOtherLoader?: boolean | undefined;
}

let report: (url: string) => void = () => {};
let hasOtherLoader = false;

/** Called before the hooks are used. */
export function initialize({ report: given, port, hasOtherLoader: isThere = false }: HookData = {}): void {
  report = given ?? ((url) => port?.postMessage(url));
  hasOtherLoader = isThere;
}

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
  const standIn = standInFor(specifier, context);
  if (standIn !== undefined) return standIn;
  const importer = importerOf(context.parentURL);
  return next(ownFile(specifier, importer) ?? specifier, { ...context, parentURL: importer });
}

/** Gives TypeScript as JavaScript. */
export function load(url: string, context: HookContext, next: NextHook): unknown {
  if (url.startsWith(collecting)) return { format: "module", source: collectingSource(url), shortCircuit: true };
  if (isOwnFile(url)) report(url);
  if (!isTypeScript(url)) return next(url, context);
  const filePath = fileURLToPath(url);
  const code = javaScriptOf(url);
  if (leavesToOthers(code, filePath)) return next(url, context);
  return { format: "module", source: code, shortCircuit: true };
}

/** The code of an own file without types. */
function javaScriptOf(url: string): string {
  const filePath = fileURLToPath(url);
  const text = readFileSync(filePath, "utf8");
  return isTypeScript(url) ? transform(text, { transforms: ["typescript"], disableESTransforms: true, filePath }).code : text;
}

const standIns: Readonly<Record<string, string>> = {
  evalite: new URL("../adapters/eval-files/evalite.js", import.meta.url).href,
  vitest: new URL("../adapters/eval-files/vitest.js", import.meta.url).href,
};
/** Begins the address of a module that is a package with another `describeEval`; the file that imports it is in its query. */
const collecting = "opto-evals:";
const describeEval = new URL("../adapters/eval-files/vitest-evals.js", import.meta.url).href;

/** The module in place of a package that defines evals. `vitest-evals` also has judges, which are its own. */
function standInFor(specifier: string, { parentURL = "" }: HookContext): object | undefined {
  if (isLookedUp) return undefined;
  const url = Object.hasOwn(standIns, specifier) ? standIns[specifier] : undefined;
  if (url !== undefined) return { url, format: "module", shortCircuit: true };
  if (!/^vitest-evals(?:\/legacy)?$/.test(specifier) || parentURL.startsWith(collecting)) return undefined;
  return { url: `${collecting}${specifier}?${encodeURIComponent(parentURL)}`, format: "module", shortCircuit: true };
}

function collectingSource(url: string): string {
  const [specifier = ""] = url.slice(collecting.length).split("?");
  const importer = importerOf(url);
  if (importer !== undefined && isOwnFile(importer) && !isFound(specifier, importer))
    return absentPackageSource({ specifier, importer, code: javaScriptOf(importer) }, describeEval);
  return `export * from ${JSON.stringify(specifier)};\nexport { describeEval } from ${JSON.stringify(describeEval)};\n`;
}

/** Hooks in the thread of the program are asked by `require.resolve`, too. */
let isLookedUp = false;

function isFound(specifier: string, importer: string): boolean {
  isLookedUp = true;
  try {
    return ownFile(specifier, importer) !== undefined || isInstalled(specifier, importer);
  } finally {
    isLookedUp = false;
  }
}

function importerOf(parentURL: string | undefined): string | undefined {
  return parentURL?.startsWith(collecting) ? decodeURIComponent(parentURL.slice(parentURL.indexOf("?") + 1)) : parentURL;
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

/**
 * Whether a file whose types are gone has decorators that another loader in this process compiles.
 *
 * @throws SyntaxError that names the place of the first decorator, and the way out, when there is no other loader
 */
function leavesToOthers(code: string, filePath: string): boolean {
  const place = code.includes("@") ? placeOfDecorator(code) : undefined;
  if (place === undefined) return false;
  if (hasOtherLoader) return true;
  const program = relative(process.cwd(), fileURLToPath(new URL("main.js", import.meta.url)));
  throw new SyntaxError(
    `${filePath}:${place.line}:${place.column + 1}: \`opto\` loads TypeScript without compiling decorators. ` +
      `Start it with tsx, which compiles them: npx tsx ${program} train; or import the compiled JavaScript file instead`,
  );
}

/** Everything up to the first `@` that stands where JavaScript has none is parsed without complaint. */
function placeOfDecorator(code: string): { readonly line: number; readonly column: number } | undefined {
  try {
    parse(code, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
    return undefined;
  } catch (error) {
    const { pos, loc } = error as { readonly pos?: number; readonly loc?: { readonly line: number; readonly column: number } };
    return pos !== undefined && code[pos] === "@" ? loc : undefined;
  }
}

const cache = new Map<string, never>();
const matchers = new Map<string, readonly PathsMatcher[]>();

/** Absolute paths without their endings, the likeliest first; none when no tsconfig (or jsconfig) above the file says anything of it. */
function pathsOf(specifier: string, importer: string): string[] {
  const folder = dirname(importer);
  let found = matchers.get(folder);
  if (found === undefined) {
    found = matchersFor(importer);
    matchers.set(folder, found);
  }
  return found.flatMap((match) => match(specifier));
}

/** One for the nearest tsconfig, and one for each that it refers to, as the templates of Vite have them. */
function matchersFor(importer: string): PathsMatcher[] {
  try {
    const nearest = getTsconfig(importer, "tsconfig.json", cache) ?? getTsconfig(importer, "jsconfig.json", cache);
    if (nearest === null) return [];
    return [nearest, ...referred(nearest)].flatMap((tsconfig) => createPathsMatcher(tsconfig) ?? []);
  } catch (error) {
    // Most programs need nothing of it.
    process.emitWarning(
      `A tsconfig above ${importer} cannot be read, so its \`paths\` are not used: ${(error as Error).message}`,
    );
    return [];
  }
}

function referred({ path, config }: TsConfigResult): TsConfigResult[] {
  return (config.references ?? []).map((reference) => {
    const target = join(dirname(path), reference.path);
    const file = target.endsWith(".json") ? target : join(target, "tsconfig.json");
    return { path: file, config: parseTsconfig(file, cache) };
  });
}

/** What the module is made for. */
export interface AbsentPackage {
  /** As it is imported: `vitest-evals/legacy`. */
  readonly specifier: string;
  /** The address of the file that imports it. */
  readonly importer: string;
  /** That file as JavaScript. */
  readonly code: string;
}

const errors = new URL("../errors.js", import.meta.url).href;

/**
 * The source of a module that has `describeEval`. If more is imported, it throws what names the command that installs the package.
 *
 * @param describeEval the address of the module that collects evals
 */
function absentPackageSource({ specifier, importer, code }: AbsentPackage, describeEval: string): string {
  const lines = [`export { describeEval } from ${JSON.stringify(describeEval)};`];
  const names = importedNames(code, specifier).filter((name) => name !== "describeEval");
  if (names.length > 0) {
    const purpose = `${names.map((name) => `\`${name}\``).join(", ")} in ${relative(process.cwd(), fileURLToPath(importer))}`;
    const given = [specifier.split("/")[0], purpose].map((text) => JSON.stringify(text)).join(", ");
    // The names have to be there, or Node complains of them before anything is thrown.
    lines.push(
      `import { MissingPackageError } from ${JSON.stringify(errors)};`,
      "const absent = undefined;",
      `export { ${names.map((name) => `absent as ${JSON.stringify(name)}`).join(", ")} };`,
      `throw new MissingPackageError(${given});`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Whether a file finds a package. */
function isInstalled(specifier: string, importer: string): boolean {
  try {
    createRequire(importer).resolve(specifier);
    return true;
  } catch (error) {
    // One that has no entry for `require` is there.
    return (error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND";
  }
}

/** The names that a program imports from a module, each once. */
function importedNames(code: string, specifier: string): string[] {
  const found = statementsOf(code).flatMap((statement): string[] => {
    if (!("source" in statement) || statement.source?.value !== specifier) return [];
    if (statement.type === "ImportDeclaration") {
      return statement.specifiers.flatMap((one): string[] => {
        if (one.type === "ImportNamespaceSpecifier") return [];
        return one.type === "ImportDefaultSpecifier" ? ["default"] : [nameIn(one.imported)];
      });
    }
    return statement.type === "ExportNamedDeclaration" ? statement.specifiers.map(({ local }) => nameIn(local)) : [];
  });
  return [...new Set(found)];
}

function statementsOf(code: string): readonly (ModuleDeclaration | { readonly type: string })[] {
  try {
    return parse(code, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true }).body;
  } catch {
    // Node says what is wrong with it.
    return [];
  }
}

function nameIn(name: { readonly name: string } | { readonly value?: unknown }): string {
  return "name" in name ? name.name : String(name.value);
}
