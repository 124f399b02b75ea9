/**
 * `lookAround`: what a folder has that could be trained, or trained with.
 *
 * @module
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, posix, relative, sep } from "node:path";
import { exportsOfText, type NamedExport } from "./source-exports.ts";

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
  const usesAi = /from\s+["']ai["']/.test(text);
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
