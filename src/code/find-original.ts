/**
 * Finds the function that runs among those of its author's files.
 *
 * @module
 */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { CallSite, CodePosition } from "./call-site.ts";
import { cleanSource } from "./clean-source.ts";
import { type GeneratedFile, type OriginalFile, type OriginalPlace, pathOf, readGeneratedFile } from "./generated-file.ts";
import { type OriginalCode, type OriginalFunction, readOriginalCode } from "./original-code.ts";
import { couldBeSame, countRenames } from "./same-code.ts";
import { type FunctionText, isFunction, keyOf, nameOf } from "./syntax.ts";
import { lineStarts, offsetAt } from "./text-lines.ts";

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
export function findOriginal(running: FunctionText, name: string, site: CallSite): FoundFunction | undefined {
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
