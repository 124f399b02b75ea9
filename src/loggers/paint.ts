/**
 * Colours of a console: whether there are any, and how a piece of text gets one.
 *
 * @module
 */
import { styleText } from "node:util";
import { environmentVariable } from "../data/environment.ts";

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
