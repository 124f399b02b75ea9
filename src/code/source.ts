/**
 * The source of a function as its author wrote it.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { CallSite } from "./call-site.ts";
import { cleanSource } from "./clean-source.ts";
import { findOriginal } from "./find-original.ts";
import { checkFunctionName, declareFunction } from "./function-shape.ts";
import type { OriginalFunction } from "./original-code.ts";
import { type FunctionText, isFunction, nameOf, readFunction, readProgram, type SyntaxNode } from "./syntax.ts";
import { withoutIndentation } from "./text-lines.ts";

/** What is known of a function's source. */
export interface FunctionSource {
  /** The name by which `text` declares the function. */
  readonly name: string;
  /** A program that declares the function: `function sortList(…) {…}` or `const sortList = (…) => …;`. */
  readonly text: string;
  /** Where its author wrote it (line counted from 1); `undefined` when `text` is only what runs, cleaned of what tools inject. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
}

/** What helps to find the source of a function. */
export interface SourceOptions {
  /**
   * The name to declare it by. When it is empty or the function's own: the name its author gave it, be it of the variable,
   * key or field it is assigned to; `operation` when there is none.
   *
   * @default the function's own name
   */
  readonly name?: string | undefined;
  /** Where it was handed over. Without it only the function's own text is there. */
  readonly site: CallSite | undefined;
}

/**
 * Finds the source of a function as its author wrote it in TypeScript, by way of the call site and source maps; what is
 * found is compared with what runs. Where it is not found, or not for certain: the function's own text, cleaned of what
 * compilers, bundlers and test runners inject.
 *
 * @throws InvalidArgumentError when the function has no text (native, bound), is a class, or its name cannot be declared
 */
export function sourceOf(fn: (...args: never[]) => unknown, { name: given = fn.name, site }: SourceOptions): FunctionSource {
  const running = readFunction(Function.prototype.toString.call(fn));
  if (running === undefined) {
    throw new InvalidArgumentError(
      `Expected a function with its own source code, got ${describeValue(fn)}, which is native, bound or a class`,
    );
  }
  const original = site === undefined ? undefined : findOriginal(running, fn.name || given, site);
  const name = nameFor(given, fn.name, original?.fn);
  checkFunctionName(name);
  const text = original?.code.programOf(original.fn, name);
  if (original === undefined || text === undefined) return { name, text: ownProgram(running, name), place: undefined };
  return { name, text, place: { file: original.code.file.path, line: original.fn.line } };
}

/** A name that is only the function's own may be a bundler's: the author's is better. */
function nameFor(given: string, running: string, original: OriginalFunction | undefined): string {
  const written = original?.ownName ?? original?.givenName;
  const name = given === running ? written || given : given;
  return name.replace(/^#/, "") || "operation";
}

function ownProgram(running: FunctionText, name: string): string {
  const cleaned = cleanSource(running);
  const { text, node, isMethod, shift, fixedLines } = readFunction(cleaned) ?? running;
  const start = isMethod ? node.start - shift : 0;
  const firstLine = text.slice(0, start).split("\n").length - 1;
  const own = withoutIndentation(text.slice(start), (line) => fixedLines.has(firstLine + line));
  const { async, generator } = node;
  return declareFunction({ text: own, isMethod, ownName: nameOf(node.id), async, generator }, name);
}

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
