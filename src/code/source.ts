/**
 * The source of a function as its author wrote it: the function that runs is looked for among those of its author's files.
 *
 * @module
 */

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describeValue } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { CallSite, CodePosition } from "./call-site.ts";
import { cleanSource } from "./clean-source.ts";
import { checkFunctionName, declareFunction } from "./function-shape.ts";
import { type GeneratedFile, type OriginalFile, type OriginalPlace, pathOf, readGeneratedFile } from "./generated-file.ts";
import { type OriginalCode, type OriginalFunction, readOriginalCode } from "./original-code.ts";
import { couldBeSame, countRenames } from "./same-code.ts";
import { type FunctionText, isFunction, keyOf, nameOf, readFunction, readProgram, type SyntaxNode } from "./syntax.ts";
import { lineStarts, offsetAt, withoutIndentation } from "./text-lines.ts";

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

/** A function with the file it is in. */
export interface FoundFunction {
  readonly code: OriginalCode;
  readonly fn: OriginalFunction;
}

/** A file in which the function may be, with what points into it. */
interface Hint {
  readonly file: OriginalFile;
  /** Where the call was. */
  readonly calledAt?: number;
  /** Where the running text comes from: its beginning, and all places that the map knows of it. */
  readonly text?: { readonly start: number; readonly all: readonly OriginalPlace[] };
}

interface Match extends FoundFunction {
  /** How good it is: compared part by part, less is better. */
  readonly rank: readonly number[];
  /** Whether the code is the same; else only the map says so. */
  readonly isSame: boolean;
}

/** `undefined` when there is none, or more than one that it could be. */
function findOriginal(running: FunctionText, name: string, site: CallSite): FoundFunction | undefined {
  const matches = matchesOf(running, name, hintsOf(running, site));
  const found = best(matches.length > 0 ? matches : matchesOf(running, name, neighbourHints(running, site)));
  return found !== undefined && isGenerated(running, found) ? undefined : found;
}

/** Whether this is the running text itself, and a tool has put something in: no author wrote that. */
function isGenerated(running: FunctionText, found: FoundFunction): boolean {
  return running.text.endsWith(textOf(found)) && cleanSource(running) !== running.text;
}

function hintsOf(running: FunctionText, site: CallSite): Hint[] {
  const shown = site.shownFrames();
  return site.frames.flatMap((frame) => {
    const generated = readGeneratedFile(frame.file);
    if (generated === undefined) return [];
    return generated.isMapped ? mappedHints(running, generated, frame) : plainHints(running, generated, frame, shown);
  });
}

function mappedHints(running: FunctionText, generated: GeneratedFile, frame: CodePosition): Hint[] {
  const called = generated.original(frame.line - 1, frame.column - 1);
  const calledHints = called === undefined ? [] : [{ file: called.file, calledAt: called.offset }];
  return [...calledHints, ...textHints(running, generated)];
}

/** Where the running text stands in the file, and where that comes from. */
function textHints({ text }: FunctionText, generated: GeneratedFile): Hint[] {
  const { onDisk, isMapped } = generated;
  return occurrences(onDisk?.text ?? "", text).flatMap((at) => {
    if (!isMapped) return onDisk === undefined ? [] : [{ file: onDisk, text: { start: at, all: [] } }];
    const place = generated.originalAt(at);
    if (place === undefined) return [];
    const all = generated.originalsOf(at, at + text.length).filter(({ file }) => file === place.file);
    return [{ file: place.file, text: { start: place.offset, all } }];
  });
}

/** No map: the file is its own original, or the loader that compiled it keeps the map to itself. */
function plainHints(
  running: FunctionText,
  generated: GeneratedFile,
  frame: CodePosition,
  shown: readonly CodePosition[],
): Hint[] {
  const { onDisk } = generated;
  // What a bundle without a map says of a function, its own text says, too; to read all of it takes seconds.
  if (onDisk === undefined || onDisk.text.length > largestRead) return [];
  const seen = shown.filter(({ file }) => pathOf(file) === onDisk.path);
  const starts = lineStarts(onDisk.text);
  const called = (seen.length > 0 ? seen : [frame]).flatMap(({ line, column }) => offsetAt(starts, line - 1, column - 1) ?? []);
  return [...called.map((calledAt) => ({ file: onDisk, calledAt })), ...textHints(running, generated)];
}

/** More than some are of no help. */
function occurrences(whole: string, part: string): number[] {
  const found: number[] = [];
  for (let at = whole.indexOf(part); at >= 0 && found.length < 100; at = whole.indexOf(part, at + 1)) found.push(at);
  return found;
}

function matchesOf(running: FunctionText, name: string, hints: readonly Hint[]): Match[] {
  return hints.flatMap((hint) => {
    const code = readOriginalCode(hint.file);
    return code?.functions.flatMap((fn) => matchOf(running, name, { code, fn }, hint) ?? []) ?? [];
  });
}

function matchOf(running: FunctionText, name: string, found: FoundFunction, hint: Hint): Match | undefined {
  const { code, fn } = found;
  const { calledAt, text } = hint;
  const renames = countRenames(running.node, fn.node, code.imports);
  const isThere = text !== undefined && fn.head <= text.start && text.start <= fn.bodyStart;
  const isArgument = calledAt !== undefined && isArgumentAt(calledAt, found);
  if (renames === undefined) {
    const isMapped = isThere && text.all.length > 0 && text.all.every(({ offset }) => fn.head <= offset && offset < fn.end);
    // The map tells of the text that was compiled, not of what its file has become.
    if (!code.file.isAsCompiled || !(isMapped || isArgument) || !couldBeSame(running.node, fn.node)) return undefined;
  }
  const isNamed = name !== "" && (fn.givenName === name || fn.ownName === name);
  const flags = [isArgument, isThere, renames !== undefined, isNamed].map((flag) => (flag ? 0 : 1));
  return { ...found, isSame: renames !== undefined, rank: [...flags, renames ?? 0] };
}

/** Whether a function is an argument of the call at an offset, as it is or by its name. */
function isArgumentAt(offset: number, { code, fn }: FoundFunction): boolean {
  const [call] = code.calls.filter(({ start, end }) => start <= offset && offset < end).toSorted((a, b) => b.start - a.start);
  return (
    call?.arguments.some((argument) => {
      if (isFunction(argument)) return argument === fn.node;
      if (argument.type === "MemberExpression") return fn.givenName !== undefined && keyOf(argument) === fn.givenName;
      return nameOf(argument) === (fn.ownName ?? fn.givenName) && fn === knownAs(nameOf(argument), offset, code);
    }) === true
  );
}

/** The function that a name stands for at an offset: that of the innermost block. */
function knownAs(name: string | undefined, offset: number, { functions }: OriginalCode): OriginalFunction | undefined {
  if (name === undefined) return undefined;
  const isKnown = ({ ownName, givenName, scope }: OriginalFunction): boolean =>
    (ownName ?? givenName) === name && scope.start <= offset && offset < scope.end;
  return functions.filter(isKnown).toSorted((a, b) => b.scope.start - a.scope.start)[0];
}

/**
 * The best match, if no other function of other text is as good. One that only a map vouches for must be alone, or alone be
 * handed over there.
 */
function best(matches: readonly Match[]): FoundFunction | undefined {
  const sorted = matches.toSorted((a, b) => compare(a.rank, b.rank));
  const [first] = sorted;
  if (first === undefined) return undefined;
  const parts = first.isSame ? first.rank.length : 1;
  const rivals = sorted.filter(({ rank }) => compare(rank.slice(0, parts), first.rank.slice(0, parts)) === 0);
  return rivals.every((rival) => textOf(rival) === textOf(first)) ? first : undefined;
}

function textOf({ code, fn }: FoundFunction): string {
  return code.file.text.slice(fn.start, fn.end);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((part, at) => part !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

/** The files that the callers' files import: a function may be declared in one and handed over in another. */
function neighbourHints(running: FunctionText, site: CallSite): Hint[] {
  const specifiers = site.frames.flatMap(({ file }) => {
    const onDisk = readGeneratedFile(file)?.onDisk;
    if (onDisk === undefined || onDisk.text.length > largestRead) return [];
    return [...(readOriginalCode(onDisk)?.importedFrom ?? [])].map((specifier) => importedPath(onDisk.path, specifier));
  });
  return [...new Set(specifiers)].flatMap((path) => {
    const generated = path === undefined ? undefined : readGeneratedFile(path);
    if (generated === undefined) return [];
    const hints = textHints(running, generated);
    const files = generated.isMapped ? generated.originals() : [generated.onDisk];
    return hints.length > 0 ? hints : files.flatMap((file) => (file === undefined ? [] : [{ file }]));
  });
}

/** A larger file is a bundle, which has what it imports inside. UTF-16 units. */
const largestRead = 1_000_000;

function importedPath(from: string, specifier: string): string | undefined {
  if (!/^\.{1,2}\//.test(specifier)) return undefined;
  const path = resolve(dirname(from), specifier.replace(/\?.*$/, ""));
  return [path, path.replace(/\.([cm]?)js$/, ".$1ts"), `${path}.ts`, `${path}/index.ts`, `${path}.js`, `${path}/index.js`].find(
    (candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true,
  );
}
