/**
 * The three questions of `opto init`: which agent, which data, which scorer. Flags answer them, else a terminal, else what was found.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { basename, isAbsolute, join, posix, relative } from "node:path";
import { nameOf, readFunction } from "../../code/syntax.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { Flags } from "../flags.ts";
import type { Exports } from "../user-modules.ts";
import type { Ask, Choice } from "./ask.ts";
import {
  type Columns,
  exportsIn,
  exportsOfModule,
  isScorerName,
  promptsNamedIn,
  readColumns,
  type SourceExport,
  type Surroundings,
} from "./look-around.ts";

/** What is trained. */
export type AgentPart =
  | { readonly kind: "export"; readonly source: SourceExport; readonly prompts: readonly string[] }
  | { readonly kind: "prompt"; readonly file: string }
  /** That of the eval file, whose data it needs. */
  | { readonly kind: "eval"; readonly file: string };

/** What it is trained on. */
export type DataPart =
  | { readonly kind: "file"; readonly file: string; readonly columns: Columns }
  | { readonly kind: "eval"; readonly file: string };

/** What scores it. */
export type ScorerPart =
  | { readonly kind: "exact" | "contains" | "judge" | "own" | "eval" }
  | { readonly kind: "file"; readonly file: string; readonly name: string; readonly takes: ScorerArguments };

/** What a scorer takes: the example as one object, or parts of it one by one; `guide`: all of them in the order of a guide. */
export type ScorerArguments = "example" | "guide" | readonly Role[];

/** A part of an example, by what a guide calls it. */
export type Role = "question" | "answer" | "info";

/** The answers. */
export interface ChosenParts {
  readonly agent: AgentPart;
  readonly data: DataPart;
  readonly scorer: ScorerPart;
}

/** Where the answers come from. */
export interface Questions {
  readonly folder: string;
  readonly found: Surroundings;
  readonly ask: Ask;
  /** The exports of a source file. */
  readonly load: (path: string) => Promise<Exports>;
  readonly flags: Pick<Flags, "agent" | "data" | "scorer">;
}

/** @throws InvalidArgumentError for a flag that names nothing, and where nothing was found and nothing can be asked */
export async function chooseParts(questions: Questions): Promise<ChosenParts> {
  const agent = await chooseAgent(questions);
  const data = agent.kind === "eval" ? dataOfEval(questions, agent.file) : await chooseData(questions);
  return { agent, data, scorer: await chooseScorer(questions, data) };
}

async function chooseAgent(questions: Questions): Promise<AgentPart> {
  const { folder, found, ask, flags } = questions;
  if (flags.agent !== undefined) return readAgent(questions, flags.agent, await loadedExports(questions, flags.agent));
  // What is typed is read at once, and asked for again when it is not there.
  const read = (given: string): AgentPart => readAgent(questions, given);
  const exported = found.agents.flatMap((source): Choice<() => AgentPart>[] => {
    const prompts = promptsNamedIn(folder, source.file);
    // Nothing could be trained in a function whose prompt is not known.
    if (source.kind === "function" && prompts.length === 0) return [];
    const what = source.kind === "function" ? ` with ${prompts.join(", ")}` : "";
    return [{ label: `${source.name} of ${source.file}${what}`, value: () => ({ kind: "export", source, prompts }) }];
  });
  const data = flags.data === undefined ? undefined : posix.normalize(flags.data.replaceAll("\\", "/"));
  const evals = found.evals
    .filter((file) => data === undefined || data === file)
    .map((file): Choice<() => AgentPart> => ({ label: `what ${file} evaluates`, value: () => ({ kind: "eval", file }) }));
  const prompts = found.prompts.map(
    (file): Choice<() => AgentPart> => ({ label: `a new agent with the prompt ${file}`, value: () => read(file) }),
  );
  const choices = [...exported, ...evals, ...prompts];
  const other = {
    hint: "the path of a source file or a prompt",
    read: (text: string) =>
      (
        (part) => () =>
          part
      )(read(text)),
  };
  return (await ask({ text: "Which agent?", flag: "--agent" }, choices, other))();
}

/** What a source file really exports; nothing where it cannot be loaded, or is none. */
async function loadedExports({ folder, load }: Questions, given: string): Promise<readonly SourceExport[] | undefined> {
  const { file } = readReference(folder, given, "an agent or a prompt");
  if (!isSource(file) || isEvalFile(file)) return undefined;
  try {
    return exportsOfModule(await load(join(folder, file))).map((one) => ({ file, ...one }));
  } catch {
    // Its text says enough for a config, and checking that says why it cannot be loaded.
    return undefined;
  }
}

/** A path, for one of several exports followed by `#name`. */
function readAgent({ folder }: Questions, given: string, loaded?: readonly SourceExport[]): AgentPart {
  const { file, name } = readReference(folder, given, "an agent or a prompt");
  if (isEvalFile(file)) return { kind: "eval", file };
  if (!isSource(file)) return { kind: "prompt", file: promptOf(file) };
  const exports = loaded === undefined || loaded.length === 0 ? exportsIn(folder, file) : loaded;
  const agents = exports.filter((one) => one.kind !== "function" || !isScorerName(one.name));
  const source = pickExport(name === undefined && agents.length > 0 ? agents : exports, file, name, "agent");
  const prompts = promptsNamedIn(folder, file);
  if (source.kind === "function" && prompts.length === 0) {
    throw new InvalidArgumentError(
      `No prompt of ${file} was found: it names no .prompt file, and no .md or .txt file with "prompt" in its name or that of its folder. Move its prompt into one, such as prompts/${source.name === "default" ? "agent" : source.name}.md; or make it a parameter of a Module`,
    );
  }
  return { kind: "export", source, prompts };
}

function dataOfEval({ folder, flags }: Questions, file: string): DataPart {
  const data = flags.data === undefined ? file : readReference(folder, flags.data, "examples").file;
  if (data === file) return { kind: "eval", file };
  throw new InvalidArgumentError(`The agent of an eval file needs its data. Expected --data ${file}, or none, got ${data}`);
}

async function chooseData({ folder, found, ask, flags }: Questions): Promise<DataPart> {
  const read = (given: string): string => readReference(folder, given, "examples").file;
  const choices = [...found.evals, ...found.datasets].map((file) => ({ label: file, value: file }));
  const other = { hint: "a path", read };
  const file = flags.data === undefined ? await ask({ text: "Which data?", flag: "--data" }, choices, other) : read(flags.data);
  if (isEvalFile(file)) return { kind: "eval", file };
  return { kind: "file", file, columns: await readColumns(join(folder, file)) };
}

const builtIn: Readonly<Record<"exact" | "contains" | "judge" | "own", string>> = {
  exact: "exact match with the reference",
  contains: "the answer contains the reference",
  judge: "a language model judges",
  own: "your own function, to be written in the config",
};

/** @throws InvalidArgumentError for what would not be read as text, such as data or a program in another language */
function promptOf(file: string): string {
  if (/\.(?:mdx?|txt|prompt)$/i.test(file)) return file;
  throw new InvalidArgumentError(
    `Expected the agent to be in a TypeScript or JavaScript file, or a prompt in a .md, .mdx, .txt, or .prompt file, got ${file}`,
  );
}

async function chooseScorer({ folder, found, ask, load, flags }: Questions, data: DataPart): Promise<ScorerPart> {
  const read = (given: string): string =>
    Object.hasOwn(builtIn, given) ? given : referenceText(readReference(folder, given, "a scorer"));
  const files = found.scorers.map(({ file, name }) => ({ label: `${name} of ${file}`, value: `${file}#${name}` }));
  const order =
    data.kind === "file" && !(data.columns.isShort && data.columns.info.length === 1)
      ? ["judge", "exact", "contains", "own"]
      : Object.keys(builtIn);
  const known = order.map((name) => ({ label: builtIn[name as keyof typeof builtIn], value: name }));
  const own = data.kind === "eval" ? [{ label: `those of ${data.file}`, value: "eval" }] : [];
  const other = { hint: "the path of a file with a scorer", read };
  const chosen =
    flags.scorer === undefined
      ? await ask({ text: "Which scorer?", flag: "--scorer" }, [...own, ...files, ...known], other)
      : read(flags.scorer);
  if (chosen === "eval" || Object.hasOwn(builtIn, chosen)) return { kind: chosen as keyof typeof builtIn };
  const { file, name } = readReference(folder, chosen, "a scorer");
  return scorerOfFile(await load(join(folder, file)), file, name);
}

function scorerOfFile(exports: Exports, file: string, name: string | undefined): ScorerPart {
  const names = Object.keys(exports);
  const chosen = name ?? (names.length === 1 ? names[0] : names.find((one) => /scor|judge|grade/i.test(one)));
  if (chosen === undefined || exports[chosen] === undefined) {
    throw new InvalidArgumentError(
      `Expected ${file} to export a scorer${name === undefined ? "" : ` \`${name}\``}, got ${names.join(", ") || "no exports"}. Name it: ${file}#name`,
    );
  }
  const takes = argumentsOf(exports[chosen]);
  if (takes !== undefined) return { kind: "file", file, name: chosen, takes };
  throw new InvalidArgumentError(
    `The names of the parameters of \`${chosen}\` in ${file} do not show what it expects. Name them (question, answer, info) or (output, expected), or take one object ({ input, output, expected }); or choose another scorer: --scorer exact`,
  );
}

/** @returns `undefined` where the parameters do not say it */
function argumentsOf(value: unknown): ScorerArguments | undefined {
  if (typeof value !== "function" || value.length < 2) return "example";
  const parameters = readFunction(Function.prototype.toString.call(value))?.node.params.slice(0, value.length) ?? [];
  const names = parameters.map((parameter) => nameOf(parameter) ?? "");
  const [first = ""] = names;
  // A scorer may take more behind the object: one that is taken apart is no question.
  if (
    parameters[0]?.type === "ObjectPattern" ||
    /^_*(?:args?|arguments|example|sample|row|data|params|opts|options)$/i.test(first)
  ) {
    return "example";
  }
  const roles = names.map(roleOf);
  const isInOrder = roles.every((role, index) => role === undefined || role === guideRoles[index]);
  if (isInOrder && (value.length > 2 || roles[0] === "question")) return "guide";
  const known = new Set(roles.filter((role) => role !== undefined));
  return known.size === names.length && known.has("answer") ? [...known] : undefined;
}

/** The parameters of a guide, in order. */
export const guideRoles: readonly Role[] = ["question", "answer", "info"];

/** The first that fits counts: `expectedAnswer` is no answer. */
const roleNames: readonly (readonly [role: Role, name: RegExp])[] = [
  ["info", /^info$|expect|reference|ideal|gold|truth|target|label|correct/i],
  ["answer", /^a$|answer|output|actual|predict|response|completion|reply|generated/i],
  ["question", /^q$|question|input|query|prompt/i],
];

function roleOf(name: string): Role | undefined {
  return roleNames.find(([, names]) => names.test(name))?.[0];
}

interface Reference {
  readonly file: string;
  readonly name: string | undefined;
}

function readReference(folder: string, given: string, what: string): Reference {
  const [, path = given, name] = /^(.*?)(?:#([\w$]+))?$/.exec(given) ?? [];
  const file = posix.normalize((isAbsolute(path) ? relative(folder, path) : path).replaceAll("\\", "/"));
  if (existsSync(join(folder, file))) return { file, name };
  throw new InvalidArgumentError(`Expected ${what} at ${file}, but there is no such file`);
}

function referenceText({ file, name }: Reference): string {
  return name === undefined ? file : `${file}#${name}`;
}

function pickExport(exports: readonly SourceExport[], file: string, name: string | undefined, what: string): SourceExport {
  const meant = name === undefined ? exports : exports.filter((one) => one.name === name);
  const chosen = meant.length === 1 ? meant[0] : undefined;
  if (chosen !== undefined) return chosen;
  const names = exports.map((one) => one.name).join(", ") || "no function or object that could be one";
  throw new InvalidArgumentError(
    `Expected ${file} to export the ${what}${name === undefined ? "" : ` \`${name}\``}, got ${names}. Name it: ${file}#name`,
  );
}

function isSource(file: string): boolean {
  return /\.[cm]?[jt]s$/.test(file);
}

function isEvalFile(file: string): boolean {
  return /\.eval\.[cm]?[jt]s$/.test(file) || /^promptfooconfig\./.test(basename(file));
}
