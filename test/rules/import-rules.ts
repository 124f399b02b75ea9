/**
 * Rules of what may import what: layers, cycles, declared packages. Each returns one line for every violation.
 *
 * @module
 */
import { builtinModules } from "node:module";
import type { Import, SourceFile } from "./source-file.ts";

/** The layers from the bottom up. A folder of `src`, or a file that stands directly in it, is one part of a layer. */
const layers: readonly (readonly string[])[] = [
  ["errors", "data"],
  ["code"],
  ["graph"],
  ["llm"],
  ["guides", "optimizers"],
  ["trainer"],
  ["search"],
  ["algorithms"],
  ["runs", "loggers", "executors", "adapters"],
  ["viewer"],
  ["train", "train-options", "train-parts"],
  ["cli"],
  ["index"],
];

/** What a library of `opto/testing` may use: everything below the trainer. */
const heightOfTesting = heightOf("train") - 0.5;

/** Imports go down or sideways; up only as types, and of contracts. @param contracts the files that may be imported upward */
export function layerViolations(files: readonly SourceFile[], contracts: readonly string[] = []): string[] {
  return files.flatMap((file) => {
    const part = partOf(file.path);
    if (Number.isNaN(heightOf(part))) return [`${file.path}: \`${part}\` has no place in the table of layers`];
    return file.imports.flatMap((found) => {
      if (found.target === undefined) return [];
      const targetPart = partOf(found.target);
      if (targetPart === part || canImport(part, targetPart)) return [];
      const isType = found.kind === "type";
      if (isType && contracts.includes(found.target)) return [];
      const remedy = isType ? "only types of the contracts listed here may be imported upward" : "only `import type` may go up";
      return [`${at(file, found)} imports \`${found.specifier}\`, but ${part} stands below ${targetPart}: ${remedy}`];
    });
  });
}

/** No file loads itself by way of others. Each cycle is given once, from its first file in reading order. */
export function cycles(files: readonly SourceFile[]): string[] {
  return cyclesOf(new Map(files.map((file) => [file.path, valueTargets(file)])));
}

/**
 * No file depends on itself by way of others, not even for a type: none can be read, or moved, alone then.
 *
 * @param knots pairs `from -> to` that are known and left
 */
export function typeCycles(files: readonly SourceFile[], knots: readonly string[] = []): string[] {
  const targetsOf = ({ path, imports }: SourceFile): string[] =>
    imports.flatMap(({ target }) => (target === undefined || knots.includes(`${path} -> ${target}`) ? [] : [target]));
  return cyclesOf(new Map(files.map((file) => [file.path, targetsOf(file)])));
}

function cyclesOf(targets: ReadonlyMap<string, readonly string[]>): string[] {
  const finished = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      found.push([...trail.slice(start), path].join(" -> "));
      return;
    }
    if (finished.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}

/** Relative imports name a file that is there; that also makes them end in `.ts`. */
export function brokenImports(files: readonly SourceFile[]): string[] {
  const paths = new Set(files.map((file) => file.path));
  return files.flatMap((file) =>
    file.imports
      .filter(({ target }) => target !== undefined && !paths.has(target))
      .map((found) => `${at(file, found)} imports \`${found.specifier}\`, which is no source file`),
  );
}

/** The parts of package.json that say which packages a user of this one has. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/**
 * A package that is imported, even for its types, is one that users get.
 * An optional peer may be missing: its types may be named, its code only loaded on demand. Any package may be loaded so.
 * What the viewer's page is made of is in its bundle.
 */
export function undeclaredPackages(files: readonly SourceFile[], manifest: Manifest): string[] {
  const shipped = files.filter(({ path }) => !path.startsWith("src/viewer/page/"));
  return shipped.flatMap((file) =>
    file.imports.flatMap((found) => {
      const name = packageOf(found.specifier);
      if (name === undefined || found.kind === "dynamic" || manifest.dependencies?.[name] !== undefined) return [];
      if (manifest.peerDependencies?.[name] === undefined) {
        return [`${at(file, found)} imports \`${name}\`, which is neither a dependency nor a peer dependency`];
      }
      if (found.kind === "type" || manifest.peerDependenciesMeta?.[name]?.optional !== true) return [];
      return [
        `${at(file, found)} loads \`${name}\`, an optional peer that users may not have: use \`import()\` where it is needed`,
      ];
    }),
  );
}

function canImport(part: string, target: string): boolean {
  if (target === "testing") return false;
  const height = part === "testing" ? heightOfTesting : heightOf(part);
  return heightOf(target) <= height;
}

/** `NaN` for an unknown part, so that it is below nothing. */
function heightOf(part: string): number {
  if (part === "testing") return heightOfTesting;
  const height = layers.findIndex((parts) => parts.includes(part));
  return height < 0 ? Number.NaN : height;
}

/** `src/graph/node.ts` is of `graph`, `src/errors.ts` of `errors`. */
function partOf(path: string): string {
  const [, part = ""] = path.split("/");
  return part.replace(/\.ts$/, "");
}

function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:") || builtinModules.includes(specifier)) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function valueTargets(file: SourceFile): string[] {
  return file.imports.flatMap(({ kind, target }) => (kind === "type" || target === undefined ? [] : [target]));
}

function at(file: SourceFile, found: Import): string {
  return `${file.path}:${found.line}`;
}
