/**
 * Generated files of code: written for people to read, and read back.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { findSourceMap } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { TraceMap } from "@jridgewell/trace-mapping";
import { loadOnDemand } from "../data/load-on-demand.ts";
import { InvalidArgumentError } from "../errors.ts";
import { isNode, nameOf, type Program, readProgram, type SyntaxNode, walk } from "./syntax.ts";
import { type LineStarts, lineStarts, offsetAt, positionAt, withIndentation } from "./text-lines.ts";

/** A file as its author wrote it. */
export interface OriginalFile {
  /** Path on this machine, or what the source map calls it. */
  readonly path: string;
  readonly text: string;
  /** Whether this is surely the text that was compiled: it came with the map, or the file is not younger than what was made of it. */
  readonly isAsCompiled: boolean;
}

/** A place in an original file: an offset into its text. */
export interface OriginalPlace {
  readonly file: OriginalFile;
  readonly offset: number;
}

/** A file that runs. */
export interface GeneratedFile {
  /** What stands on disk under its name; with loaders that compile on the way this is the original. */
  readonly onDisk: OriginalFile | undefined;
  /** Whether there is a source map. */
  readonly isMapped: boolean;
  /** The files it was made from. */
  originals(): OriginalFile[];
  /** Where something in the running code comes from. Counted from 0. */
  original(line: number, column: number): OriginalPlace | undefined;
  /** Where the code at an offset of `onDisk` comes from. */
  originalAt(offset: number): OriginalPlace | undefined;
  /** The places that a piece of `onDisk` comes from: all that the map tells of it. */
  originalsOf(start: number, end: number): OriginalPlace[];
}

type TraceMapping = typeof import("@jridgewell/trace-mapping");

/** Reads a file that the engine names by path or URL; `undefined` when it stands for no file. */
export function readGeneratedFile(name: string): GeneratedFile | undefined {
  const path = pathOf(name);
  if (path === undefined) return undefined;
  const text = readText(path);
  const mapping = loadOnDemand<TraceMapping>("@jridgewell/trace-mapping");
  const map = mapping === undefined ? undefined : mapOf(mapping, name, path, text);
  const onDisk = text === undefined ? undefined : { path, text, isAsCompiled: false };
  if (mapping === undefined || map === undefined) {
    const nowhere = (): undefined => undefined;
    const none = (): [] => [];
    return { onDisk, isMapped: false, originals: none, original: nowhere, originalAt: nowhere, originalsOf: none };
  }
  return { onDisk, isMapped: true, ...mappedPlaces(mapping, map, path, lineStarts(text ?? "")) };
}

/** Where the code of a file with a source map comes from. */
function mappedPlaces(
  mapping: TraceMapping,
  map: TraceMap,
  path: string,
  starts: LineStarts,
): Omit<GeneratedFile, "onDisk" | "isMapped"> {
  const place = originalPlaces(map, path);
  const original = (line: number, column: number): OriginalPlace | undefined => {
    const segment = mapping.traceSegment(map, line, column);
    return segment === null || segment.length === 1 ? undefined : place(segment[1], segment[2], segment[3]);
  };
  return {
    originals: () => map.sources.flatMap((_, source) => place(source, 0, 0)?.file ?? []),
    original,
    originalAt(offset) {
      const { line, column } = positionAt(starts, offset);
      return original(line, column);
    },
    originalsOf(start, end) {
      const first = positionAt(starts, start);
      const last = positionAt(starts, end);
      const lines = mapping.decodedMappings(map).slice(first.line, last.line + 1);
      return lines.flatMap((segments, index) =>
        segments.flatMap((segment) => {
          const line = first.line + index;
          const isBefore = line === first.line && segment[0] < first.column;
          const isAfter = line === last.line && segment[0] >= last.column;
          if (isBefore || isAfter || segment.length === 1) return [];
          return place(segment[1], segment[2], segment[3]) ?? [];
        }),
      );
    },
  };
}

/** The path of a file on this machine; `undefined` for what is none, such as `node:fs` or `evalmachine`. */
export function pathOf(name: string): string | undefined {
  const plain = name.replace(/[?#].*$/, "");
  if (plain.startsWith("file:")) {
    try {
      return fileURLToPath(plain);
    } catch {
      return undefined;
    }
  }
  return /^(?:[/\\]|[A-Za-z]:[/\\])/.test(plain) ? plain : undefined;
}

/** `undefined` when it cannot be read. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function originalPlaces(
  map: TraceMap,
  generated: string,
): (source: number, line: number, column: number) => OriginalPlace | undefined {
  const files = new Map<number, { readonly file: OriginalFile; readonly starts: LineStarts } | undefined>();
  return (source, line, column) => {
    if (!files.has(source)) {
      const file = originalFile(map, source, generated);
      files.set(source, file === undefined ? undefined : { file, starts: lineStarts(file.text) });
    }
    const known = files.get(source);
    const offset = known === undefined ? undefined : offsetAt(known.starts, line, column);
    return known === undefined || offset === undefined ? undefined : { file: known.file, offset };
  };
}

/** The text in the map is the one that was compiled; the file on disk may have changed since. */
function originalFile(map: TraceMap, source: number, generated: string): OriginalFile | undefined {
  const name = map.resolvedSources[source] || map.sources[source];
  if (!name) return undefined;
  const path = pathOf(name) ?? name;
  const content = map.sourcesContent?.[source];
  if (typeof content === "string") return { path, text: content, isAsCompiled: true };
  const text = readText(path);
  return text === undefined
    ? undefined
    : { path, text, isAsCompiled: path !== generated && changedAt(path) <= changedAt(generated) };
}

/** Milliseconds of the file's clock. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
}

/** Node's own record first: it has the maps of loaders that compile on the way. */
function mapOf(mapping: TraceMapping, name: string, path: string, text: string | undefined): TraceMap | undefined {
  const url = pathToFileURL(path).href;
  try {
    const known = (findSourceMap(name) ?? findSourceMap(path) ?? findSourceMap(url))?.payload;
    if (known !== undefined) return new mapping.AnyMap(known as never, url);
    const link = /\/\/[#@] *sourceMappingURL=(\S+)\s*$/.exec(text?.slice(text.lastIndexOf("\n//")) ?? "")?.[1];
    return link === undefined ? undefined : linkedMap(mapping, link, url);
  } catch {
    // A damaged map is as good as none.
    return undefined;
  }
}

function linkedMap(mapping: TraceMapping, link: string, url: string): TraceMap | undefined {
  const [, base64, data] = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(link) ?? [];
  if (data !== undefined) {
    return new mapping.AnyMap(base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, "base64").toString(), url);
  }
  const mapUrl = new URL(link, url);
  const json = mapUrl.protocol === "file:" ? readText(fileURLToPath(mapUrl)) : undefined;
  return json === undefined ? undefined : new mapping.AnyMap(json, mapUrl.href);
}

/** A function to write: a parameter whose value is a program. */
export interface CodeToWrite {
  /** Dotted path of the parameter in its agent. */
  readonly path: string;
  /** The name by which `text` declares the function. */
  readonly name: string;
  /** A program in TypeScript: the function, and helpers of its own. */
  readonly text: string;
  readonly description?: string | undefined;
}

/** A program, read. */
interface Piece extends CodeToWrite {
  readonly program: Program;
  readonly declaration: SyntaxNode;
  /** What stands at the top level of the program. */
  readonly declared: ReadonlySet<string>;
  /** Every name in it. */
  readonly used: ReadonlySet<string>;
}

/**
 * Writes a module that exports each function. A program is written as it is where its names are its own; one whose helpers
 * or whose function share a name with another program is closed up in a function that returns it. Functions of the same name
 * are exported by names made of their paths.
 *
 * What the programs use from outside, their tools, is not part of the file.
 *
 * @throws InvalidArgumentError when a text is no TypeScript, or does not declare its function
 */
export function writeCodeFile(functions: readonly CodeToWrite[]): string {
  const pieces = functions.map(readPiece);
  const taken = new Set(pieces.flatMap(({ used }) => [...used]));
  const exported = new Set<string>();
  const parts = pieces.map((piece, index) => {
    const others = pieces.filter((_, other) => other !== index);
    const isShared = (name: string): boolean => others.some(({ used }) => used.has(name));
    const isOwn = !isShared(piece.name);
    const name = isOwn ? piece.name : freeName(piece, new Set([...taken, ...exported]));
    exported.add(name);
    const code = isOwn && ![...piece.declared].some(isShared) ? exportedAsIs(piece) : closedUp(piece, name);
    return `${titleOf(piece, name)}\n${code}\n`;
  });
  return [header, ...(parts.length > 0 ? parts : ["export {};\n"])].join("\n");
}

const header = `/**
 * Functions that an optimizer has learned, written by opto. Each is exported; the line above it names its parameter.
 */
`;

function readPiece(code: CodeToWrite): Piece {
  const { path, name, text } = code;
  const program = readProgram(text, { typescript: true });
  const declarations = program?.body ?? [];
  const declaration = declarations.find((statement) => namesOf(statement).includes(name));
  if (program === undefined || declaration === undefined) {
    const problem = program === undefined ? "no TypeScript" : "a program without it";
    throw new InvalidArgumentError(
      `Expected the text of ${JSON.stringify(path)} to declare ${name} in TypeScript, got ${problem}`,
    );
  }
  const used = new Set<string>();
  walk(program, (node, above) => {
    const found = node.type === "Identifier" ? nameOf(node) : undefined;
    if (found !== undefined && !isKey(node, above.at(-1))) used.add(found);
  });
  return { ...code, program, declaration, declared: new Set(declarations.flatMap(namesOf)), used };
}

/** `sort` in `items.sort` or `{ sort: 1 }` names nothing that is in scope. */
function isKey(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined || parent.computed === true || parent.shorthand === true) return false;
  return parent.property === node || parent.key === node;
}

function namesOf(statement: SyntaxNode): string[] {
  const own = nameOf(statement.id);
  if (own !== undefined) return [own];
  const names: string[] = [];
  for (const declarator of (statement.declarations ?? []) as readonly SyntaxNode[]) {
    // All names of a pattern, its default values too: one name too many is told apart for nothing.
    walk(declarator.id as SyntaxNode, (node) => {
      if (node.type === "Identifier") names.push(nameOf(node) ?? "");
    });
  }
  return names;
}

function exportedAsIs({ text, declaration }: Piece): string {
  return `${text.slice(0, declaration.start)}export ${text.slice(declaration.start)}`.trim();
}

function closedUp({ text, name, program }: Piece, exportedName: string): string {
  const body = withIndentation(text, (line) => program.fixedLines.has(line));
  return `export const ${exportedName} = (() => {\n${body.trimEnd()}\n  return ${name};\n})();`;
}

/** `triage.sort` becomes `triageSort`. */
function freeName({ path, name }: Piece, taken: ReadonlySet<string>): string {
  const words = path.split(/[^\p{ID_Continue}$]+/u).filter((word) => word !== "");
  const joined = words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join("");
  const stem = isName(joined) ? joined : `${name}Of${joined}`;
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? stem : `${stem}${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}

function isName(text: string): boolean {
  return (
    /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text) && isNode(readProgram(`export const ${text} = 0;`, { typescript: true }))
  );
}

/** One line: whatever a description holds, it stays a comment. */
function titleOf({ path, description }: Piece, name: string): string {
  const words = description === undefined || description.trim() === "" ? "" : `: ${description}`;
  return `// ${path}${path === name ? "" : ` (${name})`}${words}`.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trimEnd();
}
