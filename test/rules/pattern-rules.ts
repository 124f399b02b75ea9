/**
 * Which regular expressions take more than linear time, by the steps that V8 counts while they look through long runs of the same
 * characters. No clock is involved.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import ts from "typescript";
import { type SourceFile, walk } from "./source-file.ts";

/** Characters that are repeated, because patterns are written with them or against them. */
const repeated =
  "a|A|1|0|_|-|.|,|/|\\|:|=|*|#|%|(|[|{|<|\"|'|`| |\n|\t|é|中|a1|a-|a.|a=|1,|1.|a |a\n|\n |a\\|<a|{{|//|://|\\n|</|*/".split("|");
/** Characters of a text. What is linear stays far below the most steps for each, what is quadratic far above. */
const length = 400;
const mostSteps = 24;

/** The patterns that files write down which are not linear, each with the file and what has to be repeated to show it. */
export function superlinear(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, tree }) => {
    const found: string[] = [];
    walk(tree, (node) => {
      if (!ts.isRegularExpressionLiteral(node)) return;
      const [, source = "", flags = ""] = /^\/([\s\S]*)\/(\w*)$/.exec(node.text) ?? [];
      const run = slowRun(source, flags);
      if (run !== undefined) found.push(`${path}: ${node.text} takes too many steps for ${JSON.stringify(run)}`);
    });
    return found;
  });
}

/** What has to be repeated for a pattern to take more than linear time; `undefined` when nothing does. */
export function slowRun(source: string, flags: string): string | undefined {
  if (!/[*+]|\{\d+,\d*\}/.test(source)) return undefined;
  const limited = limitedPattern(source, flags);
  return repeated.find((run) => {
    const text = run.repeat(Math.ceil(length / run.length));
    // What precedes and follows a run keeps anchors from fitting.
    return [`${text}\u0001`, `\u0001${text}\u0001`].some((one) => {
      limited.lastIndex = 0;
      return limited.exec(one) === null;
    });
  });
}

/** A pattern that fits everything, unless it has taken too many steps before. */
function limitedPattern(source: string, flags: string): RegExp {
  // Where it fits nowhere it fits at the end, or, where it has to fit at the beginning, does with nothing.
  const otherwise = flags.includes("y") ? "" : "(?![^])";
  return newLimited(`(?:${inSteps(source)})|${otherwise}`, flags, mostSteps * length);
}

setFlagsFromString("--allow-natives-syntax");
const newLimited = new Function("source", "flags", "steps", "return %NewRegExpWithBacktrackLimit(source, flags, steps)") as (
  source: string,
  flags: string,
  steps: number,
) => RegExp;
setFlagsFromString("--no-allow-natives-syntax");

/** A class, an escape, the start of a group, or a character. */
const piece = /\(\?:|\[(?:\\.|[^\]\\])*\]|\\u\{[^}]*\}|\\[pP]\{[^}]*\}|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\.|[^\\[\](){}|^$*+?]/g;

/** The same pattern without the loops of which V8 counts no steps: those around characters and nothing else. */
function inSteps(source: string): string {
  return source.replace(piece, (found, at: number) => {
    if (found === "(?:") return "(?:(?=)";
    return /[*+?{]/.test(source[at + found.length] ?? "") ? `(?:${found}(?=))` : found;
  });
}
