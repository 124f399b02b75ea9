/**
 * The source of a function.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";

/** Where a function was handed over. */
export type CallSite = { readonly file: string };

export interface FunctionSource {
  readonly name: string;
  readonly text: string;
  readonly place: { readonly file: string; readonly line: number } | undefined;
}

export function callSite(_above: (...args: never[]) => unknown): CallSite | undefined {
  return undefined;
}

export function sourceOf(
  fn: (...args: never[]) => unknown,
  { name: given = fn.name }: { readonly name?: string | undefined; readonly site: CallSite | undefined },
): FunctionSource {
  const name = given || "operation";
  const text = Function.prototype.toString.call(fn);
  if (/\[native code\]/.test(text) || /^class\b/.test(text)) {
    throw new InvalidArgumentError("Expected a function with a source of its own");
  }
  const head = /^(async\s+)?function\s*(\*?)\s*[\w$]*\s*\(/.exec(text);
  const program =
    head === null ? `const ${name} = ${text};` : `${head[1] ?? ""}function${head[2]} ${name}(${text.slice(head[0].length)}`;
  return { name, text: program, place: undefined };
}
