/**
 * Makes `dist/` of what tsc has compiled to `dist/modules/`: what the entry points of the package import becomes one file, because Node
 * takes a third of a millisecond for each that it loads. Every module keeps its own address, with its exports taken from that file; what no
 * entry point imports (the command line) is copied. Bundlers get the modules themselves, by the condition `module`: of one file they would
 * have to keep most.
 *
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

const dist = resolve("dist");
const modules = join(dist, "modules");
/** As deep below the package as the modules are: what is found relative to a file is found from it, too. */
const bundleFile = join(dist, "bundle", "core.js");

const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
};
/** What only tests import stays apart. */
const entries = Object.entries(exports).flatMap(([subpath, { default: file }]) => {
  return subpath === "./testing" ? [] : [join(modules, relative("dist", file))];
});
const files = readdirSync(modules, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
/** What is loaded on demand stays a module of its own, which takes the rest from the bundle. */
const onDemand: Plugin = {
  name: "on-demand",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined;
      return {
        external: true,
        path: slashed(relative(dirname(bundleFile), join(dist, relative(modules, resolve(resolveDir, path))))),
      };
    });
  },
};
const plugins: Plugin[] = [onDemand];
const shared = {
  absWorkingDir: modules,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  plugins,
} as const;

const core = await coreModules();
await writeBundle(core);
for (const file of files) {
  const names = core.get(file);
  if (names === undefined) copy(file);
  else write(join(dist, file), standIn(file, names));
}
// Bundlers need no maps of what they bundle, and take nothing of the command line but what an entry point exports.
for (const file of files) {
  const path = join(modules, file);
  rmSync(`${path}.map`);
  if (file.startsWith("cli") && !core.has(file)) rmSync(path);
  else write(path, readFileSync(path, "utf8").replace(/\/\/# sourceMappingURL=.*\s*$/, ""));
}
console.log(`dist/bundle/core.js: ${core.size} of ${files.length} modules`);

/** The modules that the entry points import, in order, with the names that each exports. */
async function coreModules(): Promise<Map<string, readonly string[]>> {
  const options = { ...shared, packages: "external", splitting: true, outdir: "out", write: false, metafile: true } as const;
  const { metafile } = await build({ ...options, entryPoints: entries });
  const reached = Object.keys(metafile.inputs).sort();
  // Exports are listed of entry points alone.
  const { outputs } = (await build({ ...options, outbase: modules, entryPoints: reached })).metafile;
  return new Map(reached.map((file) => [file, outputs[`out/${file}`]?.exports.toSorted() ?? []]));
}

async function writeBundle(core: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const lines = [...core].map(([file, names]) => {
    return `export { ${names.map((name) => `${name} as ${nameInBundle(file, name)}`).join(", ")} } from "./${file}";`;
  });
  const { outputFiles } = await build({
    ...shared,
    packages: "external",
    stdin: { contents: lines.join("\n"), resolveDir: modules },
    outfile: bundleFile,
    sourcemap: "linked",
    // Positions are enough for stack traces, and the sources would be a quarter of the package.
    sourcesContent: false,
    // Blanks are a megabyte of every process. Names stay, for messages and stack traces.
    minifyWhitespace: true,
    lineLimit: 160,
    legalComments: "none",
    write: false,
  });
  for (const { path, text } of outputFiles) write(path, path === bundleFile ? inAscii(withClassNames(text)) : text);
}

/**
 * Writes the rest in ASCII: a single other character has V8 keep the whole file in two bytes a character, a megabyte and a half of every process. esbuild
 * leaves such characters only in patterns and in the `String.raw` texts that patterns are made of, and in both an escape means the same.
 */
function inAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Gives classes their names back, which messages show: esbuild names one that refers to itself otherwise inside. What follows stays in its
 * column, for the source map.
 *
 * @throws Error when two classes of the package have the same name, so that one has another in the bundle
 */
function withClassNames(code: string): string {
  const renamed = [...code.matchAll(/\bvar (\w+)=class (_\1)\b/g)].map(([, , inner = ""]) => inner);
  const named = renamed.reduce((text, inner) => {
    return text.replaceAll(new RegExp(`(?<![\\w$.#])${inner}(?![\\w$])`, "g"), `${inner.slice(1)} `);
  }, code);
  const written = new Set(files.flatMap((file) => classNames(readFileSync(join(modules, file), "utf8"))));
  const other = classNames(named).find((name) => !written.has(name));
  if (other !== undefined)
    throw new Error(`Expected every class to keep its name in the bundle, got ${other}: rename one of the two`);
  return named;
}

function classNames(code: string): string[] {
  return [...code.matchAll(/\bclass (\w+)(?: extends [\w.]+)? *\{/g)].map(([, name = ""]) => name);
}

/** Every module's exports have names of their own there. */
function nameInBundle(file: string, name: string): string {
  return `${file.replace(/\.js$/, "").replaceAll(/[^A-Za-z0-9]/g, "_")}$${name}`;
}

/** The module as the package has it: its exports, taken from the bundle. */
function standIn(file: string, names: readonly string[]): string {
  const path = slashed(relative(dirname(join(dist, file)), bundleFile)).replace(/^(?!\.)/, "./");
  return `export { ${names.map((name) => `${nameInBundle(file, name)} as ${name}`).join(", ")} } from "${path}";\n`;
}

/** Copies a module, and its source map as it is seen from one folder above. */
function copy(file: string): void {
  write(join(dist, file), readFileSync(join(modules, file), "utf8"));
  const map = JSON.parse(readFileSync(join(modules, `${file}.map`), "utf8")) as { readonly sources: readonly string[] };
  const sources = map.sources.map((source) => source.replace(/^\.\.\//, ""));
  write(join(dist, `${file}.map`), JSON.stringify({ ...map, sources }));
}

function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
