/**
 * The text of a file, and the bytes of the same file with another text in one place: everything around it keeps its bytes.
 *
 * @module
 */
import { encodingOf } from "../data/read-text.ts";
import { InvalidArgumentError } from "../errors.ts";

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
export function readFileText(bytes: Uint8Array): FileText {
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
