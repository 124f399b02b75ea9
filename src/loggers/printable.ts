/**
 * Text for a console: colours, and foreign text made safe and short: no control characters, indented lines, long ones cut in the middle.
 *
 * @module
 */

import { styleText } from "node:util";
import { environmentVariable } from "../data/environment.ts";
import { type JsonValue, shorten, textOf } from "../data/json.ts";
import { formatNumber } from "./format-number.ts";

/** How much of a long value is shown. */
const maxCharacters = 1_200;
const maxLines = 24;
/** Up to here an object or list is shown on one line. */
const maxInline = 100;

/** Everything that moves a cursor, switches a mode, reorders a line or breaks it where no line break is seen. */
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * `text` with control characters, bidirectional overrides and lone surrogates written as escapes (`\x1b`, `\u202e`),
 * so that no text of a language model can act on the terminal. Line feeds stay, and so do tabs, as two spaces.
 */
export function printable(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(unprintable, (character) => {
    if (character === "\n") return character;
    if (character === "\t") return "  ";
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** `printable` on one line: line feeds become spaces. */
export function onOneLine(text: string): string {
  return printable(
    text
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .join(" "),
  );
}

/** A value as it is shown: numbers rounded, strings as they are, small objects on one line, larger ones indented. */
export function valueText(value: JsonValue): string {
  if (value === null) return "none";
  if (typeof value === "number") return formatNumber(value);
  const inline = textOf(value);
  return typeof value === "string" || inline.length <= maxInline ? inline : textOf(value, 2);
}

/**
 * `label: text`, safe to print. Text of several lines starts below the label, indented: no line of it can pass for one of
 * the logger's own.
 */
export function labelled(label: string, text: string): string {
  const safe = printable(text.trimEnd());
  return safe.includes("\n") ? `${label}:\n${safe.replace(/^/gm, "    ")}` : `${label}: ${safe}`;
}

/** The middle of a long text cut out, with a note of how much is missing. */
export function abridged(text: string): string {
  const lines = text.split("\n");
  if (lines.length <= maxLines) return shorten(text, maxCharacters);
  const half = maxLines / 2;
  const note = `…(${lines.length - maxLines} lines cut)…`;
  return [lines.slice(0, half), note, lines.slice(-half)]
    .flat()
    .map((line) => shorten(line, Math.floor(maxCharacters / 8)))
    .join("\n");
}

/** The styles that the console uses. */
export type Style = "green" | "red" | "yellow" | "cyan" | "dim" | "bold";

/** Gives `text` a style, or gives it back as it is where there are no colours. */
export type Paint = (style: Style, text: string) => string;

/** A painter; one that changes nothing when `enabled` is false. */
export function createPaint(enabled: boolean): Paint {
  // The decision is ours: left to itself, styleText would look at process.stdout, which need not be where the text goes.
  return enabled ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
}

/** As Node decides: `FORCE_COLOR` (0 and false mean no), then `NO_COLOR`, else colours on a terminal that is not dumb. */
export function wantsColor(isTerminal: boolean): boolean {
  const forced = environmentVariable("FORCE_COLOR");
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if (environmentVariable("NO_COLOR") !== undefined) return false;
  return isTerminal && environmentVariable("TERM") !== "dumb";
}
