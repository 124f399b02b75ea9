/**
 * Characters that cannot be seen, or that reorder what is around them, as symbols: text shows what it contains.
 *
 * @module
 */

/** A part of a text; `isControl`: the name or the picture of a character that is not seen otherwise. */
export interface TextPiece {
  readonly text: string;
  readonly isControl: boolean;
}

/** C0 without tab and line feed, DEL, C1, marks of direction, overrides and isolates, zero-width, line separators, lone surrogates. */
const controls =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export function textPieces(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(controls)) {
    // A line that ends as on Windows looks like any other.
    if (found === "\r" && text[index + 1] === "\n") continue;
    if (index > from) pieces.push({ text: text.slice(from, index), isControl: false });
    pieces.push({ text: symbolOf(found.charCodeAt(0)), isControl: true });
    from = index + found.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isControl: false });
  return pieces;
}

/** On one line, for titles and table cells. */
export function onOneLine(text: string, most = 200): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return textPieces(cut.replaceAll(/\s+/g, " "))
    .map((piece) => piece.text)
    .join("");
}

/** Unicode has pictures of the oldest ones; others are named by their number. */
function symbolOf(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
