/**
 * What the program says of an error, and with which code it ends.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { OptoError, StopError } from "../errors.ts";
import { redactText } from "../llm/redact-secrets.ts";
import { printable } from "../loggers/printable.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "./exit-codes.ts";
import type { Output } from "./output.ts";

/** Codes of errors that say: this was asked for wrongly, and nothing was done. */
const usageCodes: ReadonlySet<string> = new Set(["invalid-argument", "configuration", "missing-package"]);

/** Prints an error without keys and control characters. Errors of the user's own code keep their stack: it says where. */
export function tellError(error: unknown, out: Output): ExitCode {
  const message = redactText(messageOf(error));
  const isOurs = OptoError.isInstance(error);
  const stack = isOurs || !(error instanceof Error) ? undefined : redactText(error.stack ?? "");
  if (out.isJson) out.result([], { error: documentOf(error, message) });
  const label = out.paint("red", "opto:");
  out.note(`${label} ${printable(stack === undefined || stack === "" ? message : stack)}`);
  return codeOf(error);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === "" ? error.name : error.message;
}

function documentOf(error: unknown, message: string): JsonValue {
  const { name = "Error", code = null } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return { name: String(name), code: typeof code === "string" ? code : null, message };
}

function codeOf(error: unknown): ExitCode {
  if (error instanceof StopError) {
    const code = exitCodeOf(error.reason);
    return code === exitCodes.done ? exitCodes.failed : code;
  }
  return OptoError.isInstance(error) && usageCodes.has(error.code) ? exitCodes.usage : exitCodes.failed;
}
