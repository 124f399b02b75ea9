/**
 * What the program says of an error, and with which code it ends.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { JsonValue } from "../data/json.ts";
import { OptoError, StopError } from "../errors.ts";
import { redactText } from "../llm/redact-secrets.ts";
import { printable } from "../loggers/printable.ts";
import { type ExitCode, exitCodeOf, exitCodes, type Output } from "./command.ts";
import { withFlagNames } from "./flags.ts";

/** Codes of errors that say: this was asked for wrongly, and nothing was done. */
const usageCodes: ReadonlySet<string> = new Set(["invalid-argument", "configuration", "missing-package"]);

/** When an error came. */
export interface ErrorContext {
  /** Whether anything was done before. @default true */
  readonly isBegun?: boolean;
}

/** Prints an error without keys and control characters. Errors of the user's own code keep their stack: it says where. */
export function tellError(error: unknown, out: Output, { isBegun = true }: ErrorContext = {}): ExitCode {
  const message = redactText(withFlagNames(messageOf(error)) + remedyFor(error));
  if (out.isJson) out.result([], { error: documentOf(error, message) });
  const label = out.paint("red", "opto:");
  out.note(`${label} ${printable(OptoError.isInstance(error) ? message : redactText(withPlace(error, message)))}`);
  return codeOf(error, isBegun);
}

/** Errors of loading a file name it in their message; the stack is that of a loader. */
const loading = /^(?:SyntaxError$|ERR_)/;

function isOfLoading(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return loading.test(error.name) || loading.test(String((error as { readonly code?: unknown }).code));
}

/** The message with the lines of the stack that are the user's; all of them when none is. */
function withPlace(error: unknown, message: string): string {
  if (!(error instanceof Error)) return message;
  const title = error.name === "Error" ? message : `${error.name}: ${message}`;
  if (isOfLoading(error)) return [title, ...placeOfSyntaxError(error)].join("\n");
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const own = frames.filter((frame) => !/node:|[/\\]node_modules[/\\]/.test(frame) && !frame.includes(packageFolder));
  return [title, ...(own.length > 0 ? own : frames)].join("\n");
}

/** Node puts the place of a syntax error before the stack, not into the message. */
function placeOfSyntaxError(error: Error): string[] {
  const [, place] = /^((?:file:)?\/.*:\d+)\n/.exec(error.stack ?? "") ?? [];
  return place === undefined ? [] : [`    at ${place}`];
}

/** What to write instead, where Node only says what is missing. */
function remedyFor(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  // Its name has changed with the versions of Node.
  if (!/^ERR_IMPORT_(?:ASSERTION_TYPE|ATTRIBUTE)_MISSING$/.test(String(code))) return "";
  return '. Write: import data from "./file.json" with { type: "json" }';
}

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === "" ? error.name : error.message;
}

function documentOf(error: unknown, message: string): JsonValue {
  const { name = "Error", code = null } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return { name: String(name), code: typeof code === "string" ? code : null, message };
}

function codeOf(error: unknown, isBegun: boolean): ExitCode {
  const stopped = error instanceof StopError ? exitCodeOf(error.reason) : exitCodes.done;
  if (stopped !== exitCodes.done) return stopped;
  const isUsage = OptoError.isInstance(error) ? usageCodes.has(error.code) || !isBegun : isOfLoading(error);
  return isUsage ? exitCodes.usage : exitCodes.failed;
}
