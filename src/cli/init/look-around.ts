/**
 * `lookAround`: what a folder has that could be trained, or trained with; what its source files export, and which columns its data files have.
 *
 * @module
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, posix, relative, sep } from "node:path";
import { isClass, isPlainObject } from "../../data/json.ts";
import { readRows } from "../../data/read-rows.ts";
import { InvalidArgumentError } from "../../errors.ts";
import { Module } from "../../graph/module.ts";
import { isParameter } from "../../graph/parameter.ts";
import type { Exports } from "../user-modules.ts";

/** A source file with the exports that could be an agent or a scorer. */
export interface SourceExport extends NamedExport {
  /** From the folder, with `/`. */
  readonly file: string;
}

/** What was found, the likeliest first. */
export interface Surroundings {
  readonly agents: readonly SourceExport[];
  readonly scorers: readonly SourceExport[];
  readonly prompts: readonly string[];
  readonly datasets: readonly string[];
  readonly evals: readonly string[];
}

const skipped = /^(?:\.|node_modules$|dist$|build$|out$|coverage$)/;
const maxDepth = 5;
const maxFiles = 5_000;
/** Larger ones are no source that someone wrote. */
const maxSource = 500_000;

/** Looks at names and sources; nothing is loaded. */
export function lookAround(folder: string): Surroundings {
  const files = [...filesIn(folder)].map((path) => relative(folder, path).split(sep).join("/"));
  const sources = files.filter((file) => /\.[cm]?[jt]s$/.test(file) && !/\.(?:test|spec|eval|config|d)\.[cm]?[jt]s$/.test(file));
  const exported = sources.flatMap((file) => exportsOf(folder, file));
  return {
    agents: exported.filter(({ isAgent }) => isAgent).map(plain),
    scorers: exported.filter(({ isScorer }) => isScorer).map(plain),
    prompts: files.filter(isPrompt),
    datasets: files.filter(isDataset),
    evals: files.filter((file) => /\.eval\.[cm]?[jt]s$/.test(file) || /(?:^|\/)promptfooconfig\.(?:ya?ml|json)$/.test(file)),
  };
}

/** The exports of one source file. */
export function exportsIn(folder: string, file: string): readonly SourceExport[] {
  return exportsOf(folder, file).map(plain);
}

/** Files, the shallow ones first. */
function* filesIn(root: string): Generator<string> {
  let folders = [root];
  let count = 0;
  for (let depth = 0; depth < maxDepth && folders.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of folders) {
      const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const entry of entries) {
        if (skipped.test(entry.name) || ++count > maxFiles) continue;
        if (entry.isDirectory()) next.push(join(folder, entry.name));
        else if (entry.isFile()) yield join(folder, entry.name);
      }
    }
    folders = next;
  }
}

function isPrompt(file: string): boolean {
  if (extname(file) === ".prompt") return true;
  const isText = /\.(?:mdx?|txt)$/.test(file);
  return isText && (/(?:^|\/)prompts?\//.test(file) || /prompt/i.test(basename(file)));
}

function isDataset(file: string): boolean {
  if (/\.(?:jsonl|csv|tsv|parquet)$/.test(file)) return true;
  return /(?:^|\/)(?:data|datasets?|evals?|examples)\/.*\.json$/.test(file);
}

interface FoundExport extends SourceExport {
  readonly isAgent: boolean;
  readonly isScorer: boolean;
}

function plain({ file, name, kind }: FoundExport): SourceExport {
  return { file, name, kind };
}

function exportsOf(folder: string, file: string): FoundExport[] {
  const path = join(folder, file);
  if (statSync(path).size > maxSource) return [];
  const text = readFileSync(path, "utf8");
  const usesAi = importing("ai").test(text);
  const isScoring = /scor|judge|grade|metric/i.test(basename(file));
  return exportsOfText(text).map(({ name, kind }) => {
    const isScorer = kind === "function" && (isScoring || isScorerName(name));
    return { file, name, kind, isAgent: kind !== "function" || (usesAi && !isScorer), isScorer };
  });
}

/** Whether a function is more likely a scorer than an agent. */
export function isScorerName(name: string): boolean {
  return /scor|judge|grade/i.test(name);
}

/**
 * Prompt files whose paths a source file has, in quotes: from its own folder or from that of the project. A text file is one by the name of
 * the file or of its folder: others may be data.
 */
export function promptsNamedIn(folder: string, file: string): readonly string[] {
  const text = readFileSync(join(folder, file), "utf8");
  const paths = Array.from(text.matchAll(/["'`]([^"'`\n]+\.(?:mdx?|txt|prompt))["'`]/g), ([, path = ""]) => path);
  const places = paths.flatMap((path) => [posix.join(dirname(file), path), posix.normalize(path)]);
  const isFile = (path: string): boolean => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === true;
  return [...new Set(places)].filter((path) => isPrompt(path) && isFile(path));
}

/** How a data file becomes a dataset. */
export interface Columns {
  readonly input: string;
  /** One column, or several; none where nothing is known of the answers. */
  readonly info: readonly string[];
  /** Whether the inputs are texts. */
  readonly isText: boolean;
  /** Whether the references are so short that an answer can be expected to equal one. */
  readonly isShort: boolean;
}

const inputs = ["input", "question", "prompt", "query", "text", "message", "request", "ticket", "instruction", "problem"];
const infos = [
  "info",
  "expected",
  "answer",
  "output",
  "reference",
  "label",
  "target",
  "ideal",
  "expected_output",
  "completion",
  "response",
  "category",
];
const maxRows = 20;

/**
 * Reads the first rows of a file.
 *
 * @throws InvalidArgumentError when it has no row, or a row is not an object
 */
export async function readColumns(path: string): Promise<Columns> {
  const rows: Record<string, unknown>[] = [];
  for await (const { place, row } of readRows(path)) {
    if (!isPlainObject(row)) throw new InvalidArgumentError(`Expected ${place} to be an object with columns`);
    rows.push(row);
    if (rows.length === maxRows) break;
  }
  const [first] = rows;
  if (first === undefined) throw new InvalidArgumentError(`Expected ${path} to have at least one row, got none`);
  const names = Object.keys(first);
  const named = (known: readonly string[]): string | undefined =>
    known.map((name) => names.find((own) => own.toLowerCase() === name)).find((name) => name !== undefined);
  const input = named(inputs) ?? names.find((name) => !/^(?:id|index|#)$/i.test(name)) ?? names[0];
  if (input === undefined) throw new InvalidArgumentError(`Expected the rows of ${path} to have columns, got none`);
  const others = names.filter((name) => name !== input && !/^(?:id|index|#)$/i.test(name));
  const reference = named(infos.filter((name) => name !== input));
  const info = reference === undefined ? others : [reference];
  const isShort = rows.every((row) => info.every((name) => typeof row[name] !== "object" && String(row[name]).length <= 40));
  return { input, info, isText: rows.every((row) => typeof row[input] === "string"), isShort };
}

/** An export by its name in imports: `default` is one. */
interface NamedExport {
  readonly name: string;
  /** `instance`: a module or a parameter; `class`: of modules; `function`: anything that can be called. */
  readonly kind: "instance" | "class" | "function";
}

/** Declarations at the start of a line; a type ends where the next line begins with a word. The text behind a `=` is only looked at: it may have the next declaration in it. */
const declaration =
  /^(?<exported>export\s+(?<default>default\s+)?)?(?:(?:const|let)\s+(?<variable>[\w$]+)\s*(?::(?:(?!\n[^\s)}\]])(?:[^=]|=>))*)?=(?!>)\s*(?=(?<value>[\s\S]{0,400}))|(?:async\s+)?function\b\s*\*?\s*(?<fn>[\w$]*)|class\b\s*(?<class>[\w$]*)(?<heritage>[^{]*)\{)/gm;
const expression = /^export\s+default\s+(?!async\s+function|function\b|class\b|abstract\b)(?=(?<value>[\s\S]{0,400}))/gm;
/** Those of CommonJS: `module.exports = …`, `exports.name = …`. */
const assignment = /^(?:module\.exports|exports(?=\.))(?:\.(?<name>[\w$]+))?\s*=(?![=>])\s*(?=(?<value>[\s\S]{0,400}))/gm;
const list = /^export\s*\{(?<names>[^}]*)\}(?!\s*from)/gm;

/** By the text alone: names that are exported where they are declared, as the default, in a list, or as CommonJS does. */
function exportsOfText(text: string): readonly NamedExport[] {
  const usesOpto = importing("opto").test(text);
  const own = new Map<string, NamedExport["kind"]>();
  const exported: { name: string; kind: NamedExport["kind"] | undefined }[] = [];
  for (const { groups = {} } of text.matchAll(declaration)) {
    const { variable, value = "", fn, class: type, heritage = "" } = groups;
    const name = variable ?? fn ?? type ?? "";
    const kind = type === undefined ? declaredKind(fn, value, usesOpto) : classKind(heritage, usesOpto);
    if (kind === undefined) continue;
    if (name !== "") own.set(name, kind);
    if (groups.exported !== undefined) exported.push({ name: groups.default === undefined ? name : "default", kind });
  }
  for (const { groups = {} } of text.matchAll(list)) {
    for (const one of (groups.names ?? "").split(",")) {
      const [, local = "", name = local] = /^\s*([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/.exec(one) ?? [];
      exported.push({ name, kind: own.get(local) });
    }
  }
  for (const { groups: { value = "" } = {} } of text.matchAll(expression)) {
    const [, local = ""] = /^([\w$]+)\s*(?:;|\n|$)/.exec(value) ?? [];
    const isNamed = own.has(local) && exported.some(({ name }) => name === local);
    if (!isNamed) exported.push({ name: "default", kind: own.get(local) ?? kindOf(value, usesOpto) });
  }
  const kindIn = (value: string): NamedExport["kind"] | undefined =>
    own.get(/^([\w$]+)\s*(?:[;,}\n]|$)/.exec(value)?.[1] ?? "") ?? kindOf(value, usesOpto);
  for (const { groups: { name, value = "" } = {} } of text.matchAll(assignment)) {
    const [, names] = /^\{([^{}]*)\}/.exec(value) ?? [];
    if (name !== undefined || names === undefined) exported.push({ name: name ?? "default", kind: kindIn(value) });
    else
      for (const one of names.split(",")) {
        const [, property = "", local = property] = /^\s*([\w$]+)(?:\s*:\s*([\s\S]+?))?\s*$/.exec(one) ?? [];
        exported.push({ name: property, kind: kindIn(local) });
      }
  }
  return exported.flatMap(({ name, kind }) => (kind === undefined || name === "" ? [] : [{ name, kind }]));
}

/** What a source has that imports a package, or requires it. */
function importing(name: string): RegExp {
  return new RegExp(`(?:from\\s+|(?:require|import)\\(\\s*)["']${name}["']`);
}

/** By what a loaded file exports. What it exports under two names counts once. */
export function exportsOfModule(exports: Exports): readonly NamedExport[] {
  const names = Object.keys(exports).sort((a, b) => Number(a === "default") - Number(b === "default"));
  const first = names.filter((name, index) => names.findIndex((other) => exports[other] === exports[name]) === index);
  return first.flatMap((name): NamedExport[] => {
    const value = exports[name];
    if (value instanceof Module || isParameter(value)) return [{ name, kind: "instance" }];
    if (isClass(value)) return value.prototype instanceof Module ? [{ name, kind: "class" }] : [];
    return typeof value === "function" ? [{ name, kind: "function" }] : [];
  });
}

function classKind(heritage: string, usesOpto: boolean): "class" | undefined {
  return usesOpto && /extends\s+Module\b/.test(heritage) ? "class" : undefined;
}

function declaredKind(fn: string | undefined, value: string, usesOpto: boolean): "function" | "instance" | undefined {
  return fn === undefined ? kindOf(value, usesOpto) : "function";
}

function kindOf(value: string, usesOpto: boolean): "function" | "instance" | undefined {
  if (/^(?:async\s*)?(?:function\b|\([^)]*\)\s*(?::[^=;]*)?=>|[\w$]+\s*=>)/.test(value)) return "function";
  const isInstance = usesOpto && /^(?:new\s+\w|model\(|parameter\(|promptFile\(|from(?:Agent|Function)\()/.test(value);
  return isInstance ? "instance" : undefined;
}
