/**
 * How many functions are shown as their author wrote them: by their own text, by a source map alone, and as opto finds them.
 *
 * @module
 */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { compile, esbuild, main, project, removeProjects, written } from "../../test/support/built-programs.ts";
import { runProcess } from "../../test/support/run-process.ts";
import { printTable } from "./table.ts";

/** Stands for `bundle` of opto: the text of each function in three ways. */
const threeWays = `
import { callSite } from "../../../../src/code/call-site.ts";
import { readGeneratedFile } from "../../../../src/code/generated-file.ts";
import { readOriginalCode } from "../../../../src/code/original-code.ts";
import { sourceOf } from "../../../../src/code/source.ts";

export type AnyFunction = (...args: never[]) => unknown;
export const sources: Record<string, unknown> = {};

/** The function at the place that the map gives for where the running text stands in its file: the first of the call's frames. */
function byMap(fn: AnyFunction, name: string, site: ReturnType<typeof callSite>): string {
  const own = fn.toString();
  const generated = site?.frames[0] && readGeneratedFile(site.frames[0].file);
  const at = generated?.onDisk?.text.indexOf(own) ?? -1;
  if (!generated?.onDisk || at < 0) return own;
  const place = generated.isMapped ? generated.originalAt(at) : { file: generated.onDisk, offset: at };
  const code = place && readOriginalCode(place.file);
  const found = code?.functions.filter(({ head, end }) => head <= place.offset && place.offset < end).at(-1);
  return (found && code?.programOf(found, name || found.givenName || "operation")) ?? own;
}

export function bundle<F extends AnyFunction>(fn: F, { id, name = fn.name }: { readonly id: string; readonly name?: string }): F {
  const site = callSite(bundle);
  const found = sourceOf(fn, { name, site });
  sources[id] = { own: fn.toString(), byMap: byMap(fn, found.name, site), found: found.text, isOriginal: found.place !== undefined };
  return fn;
}
`;

type Way = "own" | "byMap" | "found";
type Texts = Readonly<Record<string, Readonly<Record<Way, string>> & { readonly isOriginal: boolean }>>;

const tsx = [resolve("node_modules/tsx/dist/cli.mjs"), main];
const built = ["out/main.js"];

const toolchains: readonly (readonly [name: string, make: (folder: string) => unknown, args: readonly string[]])[] = [
  ["tsx", () => {}, tsx],
  ["tsc, a map beside", (folder) => compile(folder, "--sourceMap"), built],
  ["tsc, sources in the map", (folder) => compile(folder, "--sourceMap --inlineSources"), built],
  ["tsc, no map", (folder) => compile(folder, "--sourceMap false"), built],
  ["esbuild bundle", (folder) => esbuild(folder, { sourcemap: true }), built],
  ["esbuild bundle, kept names", (folder) => esbuild(folder, { sourcemap: true, keepNames: true }), built],
  ["esbuild bundle, minified", (folder) => esbuild(folder, { sourcemap: true, minify: true }), built],
  ["esbuild bundle, no map", (folder) => esbuild(folder, { keepNames: true }), built],
];

/** What no author has written. */
const injected = /__name|__publicField|\(0,|__PURE__/;

/** Prints, for every toolchain, how many of the functions each way shows as written, and how often it shows something else. */
export async function sources(): Promise<void> {
  const rows: string[][] = [];
  for (const [name, make, args] of toolchains) {
    const folder = project(threeWays);
    await make(folder);
    if (args === built && !name.includes("beside")) rmSync(join(folder, "src"), { recursive: true });
    const { code, stdout, stderr } = await runProcess(process.execPath, args, { cwd: folder });
    if (code !== 0) throw new Error(`${name}: ${stderr}`);
    const texts = JSON.parse(stdout.slice(stdout.indexOf("{"), stdout.lastIndexOf("}") + 1)) as Texts;
    const ids = Object.keys(written);
    const count = (holds: (id: string) => boolean): string => String(ids.filter(holds).length);
    const isRight = (id: string, way: Way): boolean => spaced(texts[id]?.[way]) === spaced(written[id]);
    const right = (way: Way): string => count((id) => isRight(id, way));
    // Without a map, what is on disk is what runs.
    const isMapped = !name.includes("no map");
    const wrongByMap = count((id) => isMapped && !isRight(id, "byMap") && texts[id]?.byMap !== texts[id]?.own);
    const wrongByOpto = count((id) => isMapped && !isRight(id, "found") && texts[id]?.isOriginal === true);
    const touched = (way: Way): string => count((id) => injected.test(texts[id]?.[way] ?? ""));
    rows.push([name, right("own"), right("byMap"), right("found"), wrongByMap, wrongByOpto, touched("own"), touched("found")]);
  }
  removeProjects();
  const heads = ["own text", "map alone", "opto", "map alone: another text", "opto: another text"];
  console.log(`${Object.keys(written).length} functions each.\n`);
  printTable(["built by", ...heads, "own text: with injected code", "opto: with injected code"], rows);
}

/** White space does not count. */
function spaced(text: string | undefined): string {
  return (text ?? "").replace(/\s+/g, " ").trim();
}
