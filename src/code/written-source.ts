/**
 * The text of a function for people and models to read: as its author wrote it, wherever that is found.
 *
 * @module
 */
import type { CallSite } from "./call-site.ts";
import { cleanSource } from "./clean-source.ts";
import { sourceOf } from "./source.ts";
import { isFunction, readFunction, readProgram, type SyntaxNode } from "./syntax.ts";

/**
 * What the author wrote, declared by `name`; where it cannot be found, or the name cannot be declared, the function's own text.
 * Never throws. Reads files: for when it is needed.
 */
export function writtenSource(fn: (...args: never[]) => unknown, name: string, site: CallSite | undefined): string {
  for (const called of [name, fn.name || "operation"]) {
    try {
      return sourceOf(fn, { name: called, site }).text;
    } catch {
      // Native, bound, or called by something that is no name.
    }
  }
  return withoutHelpers(Function.prototype.toString.call(fn));
}

/** The text of a function without what compilers and test runners put in. */
export function withoutHelpers(source: string): string {
  if (!/\b__|\(0,|\/\*/.test(source)) return source;
  const running = readFunction(source);
  return running === undefined ? source : cleanSource(running);
}

/** The first line of the function that a program declares first, with its types, and its documentation. */
export interface Heading {
  /** `async search(query: string, limit = 5): Promise<string[]>` */
  readonly signature: string;
  readonly documentation: string;
}

/** What stands before the body of the function that `program` declares; `undefined` when it declares none. */
export function headingOf(program: string, name: string): Heading | undefined {
  const tree = readProgram(program, { typescript: true }) ?? readProgram(program, { typescript: false });
  const [statement] = tree?.body ?? [];
  const [declarator] = (statement?.declarations ?? []) as readonly SyntaxNode[];
  const fn = declarator === undefined ? statement : declarator.init;
  if (!isFunction(fn)) return undefined;
  const from = fn.id ? fn.id.end : fn.start;
  const written = program
    .slice(from, fn.body.start)
    .replace(/\s*=>\s*$/, "")
    .trim();
  const parameters = written.replace(/^async\b\s*/, "").replace(/^function\b\s*/, "");
  const signature = `${fn.async ? "async " : ""}${name}${/^[(<]/.test(parameters) ? parameters : `(${parameters})`}`;
  const [, comment = ""] = /^\/\*\*([\s\S]*?)\*\//.exec(program) ?? [];
  const documentation = comment.replace(/\n\s*\*[ \t]?/g, "\n").replace(/\n\s*@[\s\S]*$/, "");
  return { signature: signature.replace(/\s+/g, " "), documentation: documentation.replace(/\s+/g, " ").trim() };
}
