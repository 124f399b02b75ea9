/**
 * Finds the function that runs among those of its author's files.
 *
 * @module
 */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { CallSite, CodePosition } from "./call-site.ts";
import {
  type GeneratedFile,
  type OriginalFile,
  type OriginalPlace,
  pathOf,
  readGeneratedFile,
  readText,
} from "./generated-file.ts";
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
  /** Whether `calledAt` is exact to the column. */
  readonly isExact?: boolean;
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
  const hints = hintsOf(running, site);
  const matches = matchesOf(running, name, hints);
  return best(matches) ?? best(matchesOf(running, name, neighboursOf(hints)).filter(({ isSame }) => isSame));
}

function hintsOf(running: FunctionText, site: CallSite): Hint[] {
  const shown = site.shownFrames();
  return site.frames.flatMap((frame) => {
    const generated = readGeneratedFile(frame.file);
    if (generated === undefined) return [];
    return generated.isMapped ? mappedHints(running, generated, frame) : plainHints(running, generated, frame, shown);
  });
}

function mappedHints({ text }: FunctionText, generated: GeneratedFile, frame: CodePosition): Hint[] {
  const called = generated.original(frame.line - 1, frame.column - 1);
  const calledHints = called === undefined ? [] : [{ file: called.file, calledAt: called.offset, isExact: true }];
  const textHints = occurrences(generated.onDisk?.text ?? "", text).flatMap((at) => {
    const place = generated.originalAt(at);
    if (place === undefined) return [];
    const all = generated.originalsOf(at, at + text.length).filter(({ file }) => file === place.file);
    return [{ file: place.file, text: { start: place.offset, all } }];
  });
  return [...calledHints, ...textHints];
}

/** No map: the file is its own original, or the loader that compiled it keeps the map to itself. */
function plainHints(
  { text }: FunctionText,
  { onDisk }: GeneratedFile,
  frame: CodePosition,
  shown: readonly CodePosition[],
): Hint[] {
  if (onDisk === undefined) return [];
  const { path, text: whole } = onDisk;
  const seen = shown.filter(({ file }) => pathOf(file) === path);
  const starts = lineStarts(whole);
  const called = (seen.length > 0 ? seen : [frame]).flatMap(({ line, column }) => offsetAt(starts, line - 1, column - 1) ?? []);
  const isExact = seen.length > 0;
  return [
    ...called.map((calledAt) => ({ file: onDisk, calledAt, isExact })),
    ...occurrences(whole, text).map((at) => ({ file: onDisk, text: { start: at, all: [] } })),
  ];
}

/** More than some are of no help. */
function occurrences(whole: string, part: string): number[] {
  const found: number[] = [];
  for (let at = whole.indexOf(part); at >= 0 && found.length < 100; at = whole.indexOf(part, at + 1)) found.push(at);
  return found;
}

function matchesOf(running: FunctionText, name: string, hints: readonly Hint[]): Match[] {
  return hints.flatMap((hint, order) => {
    const code = readOriginalCode(hint.file);
    return code?.functions.flatMap((fn) => matchOf(running, name, { code, fn }, hint, order) ?? []) ?? [];
  });
}

function matchOf(running: FunctionText, name: string, found: FoundFunction, hint: Hint, order: number): Match | undefined {
  const { code, fn } = found;
  const { calledAt, text } = hint;
  const renames = countRenames(running.node, fn.node, code.imports);
  const isThere = text !== undefined && fn.head <= text.start && text.start <= fn.bodyStart;
  const isArgument = calledAt !== undefined && isArgumentAt(calledAt, found);
  if (renames === undefined) {
    const isMapped = isThere && text.all.length > 0 && text.all.every(({ offset }) => fn.head <= offset && offset < fn.end);
    if (!isMapped && !(isArgument && hint.isExact === true)) return undefined;
    if (!couldBeSame(running.node, fn.node)) return undefined;
  }
  const isNamed = name !== "" && (fn.givenName === name || fn.ownName === name);
  const distance = Math.abs((text?.start ?? calledAt ?? 0) - fn.head);
  const flags = [isArgument, isThere, renames !== undefined, isNamed].map((flag) => (flag ? 0 : 1));
  return { ...found, isSame: renames !== undefined, rank: [...flags, renames ?? 0, order, distance] };
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

/** Functions that only a map vouches for must be alone, or alone be handed over there: there is no second proof. */
function best(matches: readonly Match[]): FoundFunction | undefined {
  const sorted = matches.toSorted((a, b) => compare(a.rank, b.rank));
  const [first] = sorted;
  if (first === undefined || first.isSame) return first;
  return sorted.every(({ fn, rank }) => fn === first.fn || rank[0] !== first.rank[0]) ? first : undefined;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((part, at) => part !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

/** The files that the callers' files import: a function may be declared in one and handed over in another. */
function neighboursOf(hints: readonly Hint[]): Hint[] {
  const files = new Map(hints.map(({ file }) => [file.path, file]));
  return [...files.values()].flatMap((file) => {
    const specifiers = readOriginalCode(file)?.importedFrom ?? [];
    return [...specifiers].flatMap((specifier) => {
      const path = importedPath(file.path, specifier);
      const text = path === undefined ? undefined : readText(path);
      return path === undefined || text === undefined ? [] : [{ file: { path, text } }];
    });
  });
}

function importedPath(from: string, specifier: string): string | undefined {
  if (!/^\.{1,2}\//.test(specifier)) return undefined;
  const path = resolve(dirname(from), specifier.replace(/\?.*$/, ""));
  const typescript = path.replace(/\.([cm]?)js$/, ".$1ts");
  return [typescript, path, `${path}.ts`, `${path}/index.ts`, `${path}.js`].find(
    (candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true,
  );
}
