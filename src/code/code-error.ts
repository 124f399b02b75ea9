/**
 * The error of code that ran in the sandbox: what was thrown, on which line of the program, and that line as text.
 *
 * @module
 */
import { counted } from "../data/number-text.ts";
import { OptoError } from "../errors.ts";

/** What there is to say of a failure. */
export interface CodeFailure {
  /** The name of the error as the code sees it (`TypeError`), or the type of what else it threw. `LimitError` for a limit. */
  readonly name: string;
  readonly message: string;
  /** Line of the program, counted from 1, where it is known. */
  readonly line?: number | undefined;
  /** The program, as it was written. */
  readonly source?: string | undefined;
  /** The error of a tool that the code let through. */
  readonly cause?: unknown;
}

/** Code in the sandbox threw, did not load, or reached a limit. The program's fault: an optimizer should receive it as feedback. */
export class CodeError extends OptoError {
  readonly line: number | undefined;
  readonly source: string | undefined;

  constructor({ name, message, line, source, ...rest }: CodeFailure) {
    super("code", message, "cause" in rest ? { cause: rest.cause } : {});
    this.name = name;
    this.line = line;
    this.source = source;
  }

  /** The same failure, with where it was. */
  at(source: string, line: number | undefined = this.line): CodeError {
    const { name, message } = this;
    return new CodeError({ name, message, line, source, ...("cause" in this ? { cause: this.cause } : {}) });
  }
}

/** Programs up to this many lines are shown whole. */
const mostLines = 60;
/** Of longer ones, so many lines before and after the marked one. */
const linesAround = 20;

/** The program with `mark` behind that line (counted from 1), or at its end when no line is known. */
export function markLine(source: string, line: number | undefined, mark: string): string {
  const lines = source.split("\n");
  // The mark is one line, too, whatever the message.
  const note = mark
    .split("\n")
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .join(" ");
  if (line === undefined || line > lines.length) return [...shown(lines, 1), note].join("\n");
  const marked = lines.with(line - 1, `${lines[line - 1]}  ${note}`);
  return shown(marked, line).join("\n");
}

function shown(lines: readonly string[], line: number): string[] {
  if (lines.length <= mostLines) return [...lines];
  const from = Math.max(0, line - 1 - linesAround);
  const to = Math.min(lines.length, line + linesAround);
  return [...left(from), ...lines.slice(from, to), ...left(lines.length - to)];
}

function left(count: number): string[] {
  return count === 0 ? [] : [`… (${counted(count, "line")})`];
}
