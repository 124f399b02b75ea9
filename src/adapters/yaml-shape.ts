/**
 * Texts in YAML files, such as the prompts of a promptfoo config: each is written in the place and style of the one before.
 *
 * @module
 */
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";
import type { Document, Node, Scalar } from "yaml";
import { tryAll } from "../data/load-on-demand.ts";
import { InvalidArgumentError, MissingPackageError } from "../errors.ts";
import { missing, notText, type PromptShape, pathText, referenceProblem, type ValuePath } from "./prompt-shape.ts";

/**
 * The text at a path of a YAML file. Like the last line end of a plain file, that of a block (`|`, `>`) belongs to the file.
 *
 * @throws MissingPackageError where this package was copied without its dependencies
 */
export function yamlText(path: ValuePath): PromptShape {
  return {
    problem: referenceProblem,
    find(text) {
      const document = readYaml(text);
      const scalar = scalarAt(document, path);
      const place = placeOf(scalar, text);
      return {
        start: place.start,
        end: place.end,
        value: place.block === undefined ? scalar.value : scalar.value.replace(/\n$/, ""),
        written: (value) => writtenScalars(place, value),
        isOnlyChange: (changed) => isOnlyChange(text, changed, path),
      };
    },
  };
}

type Yaml = typeof import("yaml");

let yaml: Yaml | undefined;

/** Written out here and not where other packages are: a bundle without prompt files is one without this package. */
function loadYaml(): Yaml | undefined {
  const load = createRequire(import.meta.url);
  return tryAll([() => require("yaml"), () => load("yaml")]) as Yaml | undefined;
}

function readYaml(text: string): Document {
  yaml ??= loadYaml();
  if (yaml === undefined) throw new MissingPackageError("yaml", "A prompt in a YAML file");
  const documents = yaml.parseAllDocuments(text, { keepSourceTokens: true, logLevel: "silent" });
  const [document] = documents as readonly Document[];
  if (document === undefined || documents.length > 1) {
    throw new InvalidArgumentError(`expected one YAML document in it, got ${documents.length}`);
  }
  const [error] = document.errors;
  if (error !== undefined) throw new InvalidArgumentError(`it is not valid YAML: ${error.message.split("\n")[0]}`);
  return document;
}

/** A scalar that is a text, with what the parser has read it from. */
type TextScalar = Scalar<string> & { readonly srcToken: NonNullable<Scalar["srcToken"]> };

function scalarAt(document: Document, path: ValuePath): TextScalar {
  let node = document.contents as Node | null;
  for (const [depth, key] of path.entries()) {
    node = entriesOf(node).find(([name]) => name === String(key))?.[1] ?? null;
    if (node === null) throw missing(path.slice(0, depth + 1), textPaths(document.contents as Node | null));
  }
  if (isTextScalar(node)) return node;
  throw notText(path, kindOf(node), textPaths(document.contents as Node | null));
}

/** The keys and values of a collection. */
function entriesOf(node: Node | null): [string, Node][] {
  const { items } = (node ?? {}) as { readonly items?: readonly unknown[] };
  return (items ?? []).flatMap((item, index): [string, Node][] => {
    if (!isPair(item)) return [[String(index), item as Node]];
    const key = (item.key as Partial<Scalar> | null)?.value;
    return item.value === null ? [] : [[String(key), item.value]];
  });
}

function isPair(item: unknown): item is { readonly key: unknown; readonly value: Node | null } {
  return typeof item === "object" && item !== null && "key" in item;
}

function isTextScalar(node: Node | null): node is TextScalar {
  return typeof (node as Partial<Scalar> | null)?.value === "string" && (node as Scalar).srcToken !== undefined;
}

function kindOf(node: Node | null): string {
  if (node === null) return "nothing";
  if ("items" in node) return "a list or mapping";
  if ("source" in node && !("value" in node))
    return "an alias: write the text here itself, or name the path of what it refers to";
  return "a value that is not a text";
}

/** The paths of all texts, for messages. */
function textPaths(node: Node | null, path: ValuePath = []): string[] {
  if (isTextScalar(node)) return [pathText(path)];
  return entriesOf(node).flatMap(([key, inner]) => textPaths(inner, [...path, key]));
}

function placeOf({ srcToken: token }: TextScalar, text: string): ScalarPlace {
  if (token.type === "block-scalar") {
    const header = token.props.find(({ type }) => type === "block-scalar-header");
    if (header !== undefined && "source" in header) return blockScalar(text, header, token);
  }
  const { offset, indent, source = "" } = token as { readonly offset: number; readonly indent: number; readonly source?: string };
  const style = { "single-quoted-scalar": "single", "double-quoted-scalar": "double" } as const;
  return {
    start: offset,
    end: offset + source.length,
    indent,
    style: style[token.type as keyof typeof style] ?? "plain",
    block: undefined,
  };
}

const everyAlias = { maxAliasCount: -1 };

/** Whether two texts hold the same data but for the text at the path; what refers to it may change with it. */
function isOnlyChange(before: string, after: string, path: ValuePath): boolean {
  const [expected, changed] = [readYaml(before), readYaml(after)];
  scalarAt(expected, path).value = scalarAt(changed, path).value;
  return isDeepStrictEqual(expected.toJS(everyAlias), changed.toJS(everyAlias));
}

/** Where a scalar is, and how it is written. */
interface ScalarPlace {
  /** Offsets into the text of the file. */
  readonly start: number;
  readonly end: number;
  /** Columns of the collection around it. */
  readonly indent: number;
  readonly style: "plain" | "single" | "double" | "literal" | "folded";
  /** What a literal or folded scalar has besides. */
  readonly block: BlockParts | undefined;
}

interface BlockParts {
  /** `-`: without its last line ends, `+`: with all, empty: with one. */
  readonly chomping: string;
  /** The number of columns where the header says it. */
  readonly indicator: string;
  /** What follows the header in its line, the line end included: a comment. */
  readonly rest: string;
  /** Columns before each line. */
  readonly indent: number;
  /** Of its longest line. */
  readonly width: number;
}

/** A token of the parser. */
interface Token {
  readonly offset: number;
  readonly indent: number;
  readonly source: string;
}

/** Lines of folded scalars are as long as the longest that it had, and this at least. */
const leastWidth = 80;

/** A literal or folded scalar. Empty lines behind it that are no part of its text belong to its surroundings. */
function blockScalar(text: string, header: { readonly offset: number; readonly source: string }, token: Token): ScalarPlace {
  const [, style, modifiers = ""] = /^([|>])(.*)$/.exec(header.source) ?? [];
  const [indicator, chomping] = [modifiers.replace(/\D/g, ""), modifiers.replace(/\d/g, "")];
  const afterHeader = header.offset + header.source.length;
  const lineEnd = text.indexOf("\n", afterHeader);
  const bodyStart = lineEnd < 0 ? text.length : lineEnd + 1;
  const body = token.source;
  const lines = body.split("\n");
  const [firstIndent = ""] = /^ */.exec(lines.find((line) => line.trim() !== "") ?? " ".repeat(token.indent + 2)) ?? [];
  const indent = indicator === "" ? firstIndent.length : token.indent + Number(indicator);
  const kept =
    chomping === "+"
      ? body.replace(/\n$/, "")
      : lines.slice(0, lines.findLastIndex((line) => line.length > indent) + 1).join("\n");
  return {
    start: header.offset,
    end: kept === "" ? bodyStart - Number(lineEnd >= 0) : bodyStart + kept.length,
    indent: token.indent,
    style: style === "|" ? "literal" : "folded",
    block: {
      chomping,
      indicator,
      rest: lineEnd < 0 ? "\n" : text.slice(afterHeader, bodyStart),
      indent,
      width: Math.max(leastWidth, ...lines.map((line) => line.length)) - indent,
    },
  };
}

/** How `value` may be written in that place, the closest to how it is written now first. What a style cannot hold is not left out. */
function* writtenScalars(place: ScalarPlace, value: string): Generator<string> {
  const { style, block } = place;
  if (isPrintable(value)) {
    if (block !== undefined) yield* blocks(place, block, value);
    else if (style === "plain") yield* plain(place, value);
    else if (style === "single" && !value.includes("\n")) yield `'${value.replaceAll("'", "''")}'`;
  }
  yield doubleQuoted(value) + (block?.rest.trimEnd() ?? "");
}

function* blocks(place: ScalarPlace, block: BlockParts, value: string): Generator<string> {
  const indicators = new Set([block.indicator, String(block.indent - place.indent)]);
  for (const style of place.style === "folded" ? (["folded", "literal"] as const) : (["literal"] as const)) {
    const body = style === "folded" ? foldedLines(value, block) : literalLines(value, block.indent);
    const sign = style === "folded" ? ">" : "|";
    for (const chomping of new Set([block.chomping, "+"])) {
      for (const indicator of indicators) yield `${sign}${indicator}${chomping}${block.rest}${body}`;
    }
  }
}

/** A sentence is a text to every version of YAML; a word may be a number, a date or a truth value. */
function* plain({ indent }: ScalarPlace, value: string): Generator<string> {
  if (!value.includes("\n")) {
    if (/^\p{L}.*\s/u.test(value)) yield value;
    return;
  }
  const body = literalLines(value, indent + 2);
  yield `|-\n${body}`;
  yield `|2-\n${body}`;
}

function literalLines(value: string, indent: number): string {
  return value
    .split("\n")
    .map((line) => (line === "" ? "" : " ".repeat(indent) + line))
    .join("\n");
}

/** A line end between two lines of text is written as an empty line; lines that begin with whitespace are kept as they are. */
function foldedLines(value: string, { indent, width }: BlockParts): string {
  const isFolded = (line: string | undefined): boolean => line !== undefined && /^[^ \t]/.test(line);
  return value
    .split(/(\n+)/)
    .map((part, index, parts) => {
      if (index % 2 === 1) return isFolded(parts[index - 1]) && isFolded(parts[index + 1]) ? `${part}\n` : part;
      const lines = isFolded(part) ? wrapped(part, width) : [part];
      return literalLines(lines.join("\n"), indent);
    })
    .join("");
}

/** Lines that a single space between two words joins again. */
function wrapped(line: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of line.split(/(?<=\S) (?=\S)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Whether YAML allows every character outside double quotes, and no reader takes one for a line end. */
function isPrintable(value: string): boolean {
  return (
    /^[\t\n\x20-\x7e\u00a0-\u2027\u202a-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u.test(value) && !/\p{Surrogate}/u.test(value)
  );
}

function doubleQuoted(value: string): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);
}
