/**
 * `promptFile`: a prompt in a file as a parameter that `opto apply` writes back into the same place of the file.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { basename, extname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describeValue, type JsonValue } from "../data/json.ts";
import { ownPath } from "../data/json-file.ts";
import { nodeCrypto } from "../data/load-on-demand.ts";
import { type OptionTable, oneOf } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { errorText, InvalidArgumentError } from "../errors.ts";
import { type OriginRecord, Parameter, type ParameterOptions, type ParameterOrigin } from "../graph/parameter.ts";
import { jsonString } from "./json-shape.ts";
import { type PromptShape, pathText, readPrompt, type ValuePath } from "./prompt-shape.ts";
import { dotprompt, markdown, plainText } from "./prose-shape.ts";
import { yamlText } from "./yaml-shape.ts";

/** Which part of a file is the prompt. */
export interface FilePlace {
  /**
   * Where the text is in YAML or JSON: `"prompts.0"`, or a list of keys and indexes where a key has a dot in it.
   *
   * @default the whole file
   */
  readonly at?: string | ValuePath | undefined;
  /**
   * How the file is read. `"markdown"`: what follows the front matter, if there is any; `"dotprompt"`: the same, with tags (`{{…}}`) to keep.
   *
   * @default by its ending, "text" where that says nothing
   */
  readonly format?: "text" | "markdown" | "dotprompt" | "yaml" | "json" | undefined;
}

/** Options of `promptFile`: those of a parameter, and which part of the file is the prompt. */
export interface PromptFileOptions extends FilePlace, Omit<ParameterOptions<string>, "origin"> {}

/** A part of a file as an origin. */
export interface FileOrigin extends ParameterOrigin {
  readonly record: FileRecord;
  /** Absolute. */
  readonly path: string;
  readonly shape: PromptShape;
}

/** A part of a file as plain data. */
export interface FileRecord extends OriginRecord {
  readonly kind: "file";
  /** The path from the working directory, with `/` on every system. */
  readonly file: string;
  /** SHA-256 of the bytes of the whole file when it was read. */
  readonly sha256: string;
}

const placeTable: OptionTable<FilePlace> = {
  at: {
    expected: 'a path such as "prompts.0", or a list of keys and indexes',
    holds: (at) => (typeof at === "string" && at !== "") || (Array.isArray(at) && at.every((key) => /^[sn]/.test(typeof key))),
  },
  format: oneOf(["text", "markdown", "dotprompt", "yaml", "json"]),
};

/**
 * A prompt in a file, as a parameter with an origin: after a run, `opto apply` writes the best value back into the part of the file
 * that it was read from, and leaves every other byte as it is.
 *
 * The newline at the end of the file is not part of the value. The value uses `\n` for line breaks, whatever the file uses.
 *
 * @param path relative to the working directory, as everywhere; for a path relative to the module, `new URL("support.md", import.meta.url)`
 * @throws InvalidArgumentError when the file or the text in it is not there, or the file is program code
 * @example
 * class Support extends Module<string, string> {
 *   system = promptFile("prompts/support.md");
 *   async forward(question: string) {
 *     return generate({ system: this.system, prompt: question });
 *   }
 * }
 */
export function promptFile(path: string | URL, options: PromptFileOptions = {}): Parameter<string> {
  const { at, format, ...parameterOptions } = options;
  checkTable({ ...(at !== undefined && { at }), ...(format !== undefined && { format }) }, placeTable, "promptFile");
  const { value, origin } = readOrigin(absolutePath(path), { at, format });
  const { validate, placeholders } = parameterOptions;
  const { shape } = origin;
  const templateProblem = (text: string): string | undefined =>
    placeholders?.length === 0 ? undefined : shape.templateProblem?.(text, value);
  return new Parameter(value, {
    ...parameterOptions,
    validate: (text) => shape.problem?.(text, value) ?? templateProblem(text) ?? validate?.(text),
    origin,
  });
}

/** The origin that a record stands for, as it is now. @param folder what the path in it is relative to */
export function originOfRecord({ file, at, format }: FileRecord, folder: string): FileOrigin {
  return readOrigin(resolve(folder, file), { at, format } as FilePlace).origin;
}

/** Whether an origin is a part of a file. */
export function isFileOrigin(origin: ParameterOrigin): origin is FileOrigin {
  return isFileRecord(origin.record);
}

/** Whether the origin of a record is a part of a file. */
export function isFileRecord(record: OriginRecord): record is FileRecord {
  return record.kind === "file" && typeof record.file === "string";
}

/** What tells one state of a file from another. */
export function hashOf(bytes: Uint8Array): string {
  return nodeCrypto().createHash("sha256").update(bytes).digest("hex");
}

/** The bytes of a file. @throws InvalidArgumentError naming the path and what is wrong */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const hint = `Relative paths start at the working directory. For a path relative to the module, write new URL("${basename(path)}", import.meta.url)`;
    const message = isMissing ? `There is no file ${path}. ${hint}` : `Could not read ${path}: ${errorText(cause)}`;
    throw new InvalidArgumentError(message, { cause });
  }
}

function readOrigin(path: string, place: FilePlace): { readonly value: string; readonly origin: FileOrigin } {
  refuseCode(path);
  const keys = typeof place.at === "string" ? place.at.split(".") : (place.at ?? []);
  const bytes = readBytes(path);
  try {
    const shape = shapeOf(path, place.format, keys);
    const value = readPrompt(bytes, shape);
    refuseReference(value, keys);
    const named = {
      ...(keys.length > 0 && { at: keys as JsonValue }),
      ...(place.format !== undefined && { format: place.format }),
    };
    const file = relative(process.cwd(), path).split(sep).join("/");
    return { value, origin: { record: { kind: "file", file, ...named, sha256: hashOf(bytes) }, path, shape } };
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause;
    throw new InvalidArgumentError(`Could not take a prompt from ${path}: ${cause.message}`, { cause });
  }
}

function absolutePath(path: string | URL): string {
  if (String(path).startsWith("file:")) return fileURLToPath(path);
  if (typeof path === "string" && path !== "") return resolve(ownPath(path, "the path of promptFile"));
  throw new InvalidArgumentError(`Expected promptFile to be given a path or a file URL, got ${describeValue(path)}`);
}

/** Of files that programs are written in. */
const codeEndings =
  /\.(?:[cm]?[jt]sx?|vue|svelte|astro|pyi?|pyw|ipynb|rb|php|go|rs|java|kts?|scala|groovy|cs|fs|vb|swift|dart|c|cc|cpp|cxx|h|hh|hpp|mm|zig|sh|bash|zsh|fish|ps1|bat|cmd|lua|pl|pm|r|jl|exs?|erl|hs|ml|cljs?|cljc|sql|gradle)$/i;

function refuseCode(path: string): void {
  if (!codeEndings.test(path)) return;
  throw new InvalidArgumentError(
    `Could not take a prompt from ${path}: it is program code, where a text may contain expressions and escapes, so it cannot be ` +
      `written back safely. Move the text to a file such as prompts/${basename(path, extname(path))}.md and use promptFile for that`,
  );
}

/** A promptfoo config may name the file of a prompt in place of the prompt. */
function refuseReference(value: string, keys: ValuePath): void {
  const [, file] = /^file:\/\/(\S+)$/.exec(value) ?? [];
  if (file === undefined || keys.length === 0) return;
  throw new InvalidArgumentError(`"${pathText(keys)}" refers to another file. Use promptFile for that: ${file}`);
}

function shapeOf(path: string, format: FilePlace["format"], keys: ValuePath): PromptShape {
  const kind = format ?? formats[extname(path).toLowerCase()] ?? "text";
  if (kind === "yaml") return yamlText(keys);
  if (kind === "json") return jsonString(keys);
  if (keys.length > 0) {
    throw new InvalidArgumentError(
      '`at` works only in YAML and JSON; if the file has another extension, set `format` to "yaml" or "json"',
    );
  }
  return { text: plainText, markdown, dotprompt }[kind];
}

const formats: Readonly<Record<string, FilePlace["format"]>> = {
  ".md": "markdown",
  ".mdx": "markdown",
  ".markdown": "markdown",
  ".prompt": "dotprompt",
  ".yaml": "yaml",
  ".yml": "yaml",
  ".json": "json",
  ".jsonc": "json",
  ".json5": "json",
};
