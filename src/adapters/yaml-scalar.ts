/**
 * The styles of YAML scalars: how a text is written in the place and style of another one.
 *
 * @module
 */

/** Where a scalar is, and how it is written. */
export interface ScalarPlace {
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
export function blockScalar(
  text: string,
  header: { readonly offset: number; readonly source: string },
  token: Token,
): ScalarPlace {
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
export function* writtenScalars(place: ScalarPlace, value: string): Generator<string> {
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
