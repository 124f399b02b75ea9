/**
 * The contract of file shapes: where in a text a prompt is, how another one is written there, and that everything around it keeps its bytes.
 *
 * @module
 */

import { encodingOf } from "../data/read-text.ts";
import { errorText, InvalidArgumentError } from "../errors.ts";

/** Where a prompt is in the text of a file. */
export interface PromptSlice {
  /** Offsets into the text. */
  readonly start: number;
  readonly end: number;
  /** The prompt. */
  readonly value: string;
  /** Texts for the slice that may hold another prompt, the preferred first. What they hold is checked by reading them. */
  written(value: string): Iterable<string>;
  /** Whether a text differs from the one of this slice in nothing but the prompt. @default every text in which the prompt is found */
  isOnlyChange?(text: string): boolean;
}

/** One way in which files hold prompts. */
export interface PromptShape {
  /** @throws InvalidArgumentError when the text has no prompt of this shape; the message says why, to follow a colon */
  find(text: string): PromptSlice;
  /**
   * What is wrong with a prompt for a file of this shape, for people and models; `undefined`: nothing.
   *
   * @param first the prompt as it was read
   * @default nothing is
   */
  problem?(value: string, first: string): string | undefined;
  /**
   * What a prompt that is a template has lost or gained besides its text, in the same way. Not asked where the parameter keeps no placeholders.
   *
   * @param first the prompt as it was read
   * @default nothing is
   */
  templateProblem?(value: string, first: string): string | undefined;
}

/** The prompt in a file. */
export function readPrompt(bytes: Uint8Array, shape: PromptShape): string {
  return shape.find(readFileText(bytes).text).value;
}

/**
 * The bytes of a file with another prompt in it. They have been read back, and have that very prompt.
 *
 * @throws InvalidArgumentError when the file cannot hold it
 */
export function withPrompt(bytes: Uint8Array, shape: PromptShape, value: string): Uint8Array {
  const file = readFileText(bytes);
  const slice = shape.find(file.text);
  if (slice.value === value) return bytes;
  for (const text of slice.written(value)) {
    const replaced = file.replaced(slice.start, slice.end, text);
    if (holds(replaced, shape, slice, value)) return replaced;
  }
  throw new InvalidArgumentError(
    shape.problem?.(value, slice.value) ?? "the file cannot represent this text: it would be read back as a different one",
  );
}

function holds(bytes: Uint8Array, shape: PromptShape, slice: PromptSlice, value: string): boolean {
  try {
    const { text } = readFileText(bytes);
    return shape.find(text).value === value && slice.isOnlyChange?.(text) !== false;
  } catch (error) {
    // It cannot be read any more.
    if (error instanceof InvalidArgumentError) return false;
    throw new Error(`Could not read back what was to be written: ${errorText(error)}`, { cause: error });
  }
}

/** Where in data a text is: keys and indexes from the outside in. */
export type ValuePath = readonly (string | number)[];

/** `prompts.0.raw` for people. */
export function pathText(path: ValuePath): string {
  return path.join(".");
}

/** There is nothing at the path. */
export function missing(path: ValuePath, texts: readonly string[]): InvalidArgumentError {
  return new InvalidArgumentError(`it has nothing at "${pathText(path)}"${known(texts)}`);
}

/** What is at the path is not a text. */
export function notText(path: ValuePath, kind: string, texts: readonly string[]): InvalidArgumentError {
  if (path.length === 0) return new InvalidArgumentError(`name the text in it with \`at\`${known(texts)}`);
  return new InvalidArgumentError(`expected a text at "${pathText(path)}", got ${kind}${known(texts)}`);
}

/** What promptfoo, and others after it, would read as the name of a file that has the text. */
export function referenceProblem(value: string): string | undefined {
  return /^\s*file:\/\//.test(value) ? "expected a text that does not begin with file://, which refers to a file" : undefined;
}

function known(texts: readonly string[]): string {
  if (texts.length === 0) return "; it has no texts";
  const shown = texts.slice(0, 8).map((path) => `"${path}"`);
  return `; it has texts at ${shown.join(", ")}${texts.length > shown.length ? ", …" : ""}`;
}

/** A file as text. */
export interface FileText {
  /** Without the byte order mark, and with `\n` for every line end. */
  readonly text: string;
  /** The bytes of the file with `replacement` between two offsets of `text`, in its encoding and with its line ends. */
  replaced(start: number, end: number, replacement: string): Buffer;
}

/**
 * Reads UTF-8, and UTF-16 in either byte order, with or without a byte order mark.
 *
 * @throws InvalidArgumentError when the bytes are not valid in the encoding
 */
function readFileText(bytes: Uint8Array): FileText {
  const encoding = encodingOf(bytes, "utf-8");
  const raw = decode(bytes, encoding);
  const mark = raw.startsWith(byteOrderMark) ? byteOrderMark : "";
  const content = raw.slice(mark.length);
  const lineEnds = content.split("\r\n").length - 1;
  const lineEnd = lineEnds * 2 > content.split("\n").length - 1 ? "\r\n" : "\n";
  return {
    text: content.replaceAll("\r\n", "\n"),
    replaced(start, end, replacement) {
      const [before, after] = [content.slice(0, rawOffset(content, start)), content.slice(rawOffset(content, end))];
      return encode(mark + before + replacement.replaceAll("\n", lineEnd) + after, encoding);
    },
  };
}

const byteOrderMark = "\uFEFF";

function decode(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const name = encoding.toUpperCase();
    throw new InvalidArgumentError(
      `it has bytes that are not valid ${name}. Save it as UTF-8, or as UTF-16 with a byte order mark`,
      {
        cause,
      },
    );
  }
}

function encode(text: string, encoding: string): Buffer {
  if (encoding === "utf-16be") return Buffer.from(text, "utf16le").swap16();
  return Buffer.from(text, encoding === "utf-16le" ? "utf16le" : "utf8");
}

/** Where an offset of the text with `\n` is in the text as it is written: each line end before it is one character longer. */
function rawOffset(content: string, offset: number): number {
  let raw = offset;
  for (let at = content.indexOf("\r\n"); at >= 0 && at < raw; at = content.indexOf("\r\n", at + 2)) raw++;
  return raw;
}
