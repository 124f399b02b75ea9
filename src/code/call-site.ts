/**
 * Where a function was called from: the frames of the program above it, remembered cheaply and looked at only when needed.
 *
 * @module
 */

/** A place in a file as the engine reports it: of the code that runs, before any source map. */
export interface CodePosition {
  /** Path or URL, as the module loader named it. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** In UTF-16 units, counted from 1. */
  readonly column: number;
}

/** Where a function was called. */
export interface CallSite {
  /** The callers of the program, the nearest first; without those of Node and, but for the nearest, of packages. */
  readonly frames: readonly CodePosition[];
  /**
   * The same frames as the program's own stack traces show them, where something in it maps them to the original files
   * (test runners, `source-map-support`); else empty.
   */
  shownFrames(): readonly CodePosition[];
}

/** Enough for a user's own helpers around the call and for what their loader puts between. */
const frameLimit = 12;

/**
 * Where the function `above` was called; `undefined` where the engine does not tell.
 *
 * Takes some microseconds. `Error.prepareStackTrace` and `Error.stackTraceLimit` are as before afterwards, whoever has set them.
 *
 * @param above - the innermost function that is left out, such as the one that calls this
 */
export function callSite(above: (...args: never[]) => unknown): CallSite | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  let calls: unknown;
  try {
    Error.stackTraceLimit = frameLimit;
    Error.prepareStackTrace = (_, structured) => structured;
    Error.captureStackTrace(holder, above);
    calls = holder.stack;
  } catch {
    // Frozen by the program (`Object.freeze(Error)`, a hardened realm), or an engine without stack traces of this kind.
    return undefined;
  } finally {
    restore("prepareStackTrace", prepareStackTrace);
    restore("stackTraceLimit", stackTraceLimit);
  }
  if (!Array.isArray(calls)) return undefined;
  const structured = calls as readonly NodeJS.CallSite[];
  const frames = ownFrames(structured.map(positionOf));
  if (frames.length === 0) return undefined;
  // The engine's own frames hold functions and objects alive: they are kept only for what can print them.
  return { frames, shownFrames: typeof prepareStackTrace === "function" ? () => shown(prepareStackTrace, structured) : () => [] };
}

function restore<K extends "prepareStackTrace" | "stackTraceLimit">(key: K, value: (typeof Error)[K]): void {
  try {
    Error[key] = value;
  } catch {
    // It could not be changed either.
  }
}

function positionOf(call: NodeJS.CallSite): CodePosition | undefined {
  const file = call.getFileName() ?? call.getScriptNameOrSourceURL();
  const line = call.getLineNumber();
  const column = call.getColumnNumber();
  return !file || line === null || column === null ? undefined : { file, line, column };
}

function ownFrames(positions: readonly (CodePosition | undefined)[]): CodePosition[] {
  const frames = positions.filter((position) => position !== undefined && !position.file.startsWith("node:")) as CodePosition[];
  return frames.filter(({ file }, index) => index === 0 || !/[\\/]node_modules[\\/]/.test(file));
}

/** Has the frames printed by what the program has set for it, and reads them back. */
function shown(prepare: unknown, calls: readonly NodeJS.CallSite[]): readonly CodePosition[] {
  if (typeof prepare !== "function") return [];
  let text: unknown;
  try {
    text = prepare(new Error("call site"), [...calls]);
  } catch {
    return [];
  }
  if (typeof text !== "string") return [];
  return ownFrames(text.split("\n").map(readFrame));
}

function readFrame(line: string): CodePosition | undefined {
  const [, file, row, column] = /^\s+at (?:.*\()?(?:async )?((?:[a-z-]+:\/\/)?[^()]+):(\d+):(\d+)\)?$/.exec(line) ?? [];
  return file === undefined ? undefined : { file, line: Number(row), column: Number(column) };
}
