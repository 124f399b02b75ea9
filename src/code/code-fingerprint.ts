/**
 * `codeFingerprint`: a short text for the code of a function, the same however it was compiled, formatted and commented.
 *
 * @module
 */

import type { Session } from "node:inspector";
import { fingerprint } from "../data/fingerprint.ts";
import { treeOf } from "./code-tree.ts";
import { type Bindings, bindingsAround, readSource, type SourceFile } from "./constants-around.ts";
import { nameOf, readExpression, readFunction, walk } from "./syntax.ts";

type AnyFunction = (...args: never[]) => unknown;

/** How the code of functions is put into fingerprints. */
export interface CodeReading {
  /** What a function was made of, when it is one of the program that was wrapped by the library; else itself. */
  readonly unwrapped?: (fn: AnyFunction) => AnyFunction;
}

/** Fingerprints of functions, taken together. */
export type CodeFingerprint = (fn: AnyFunction) => string;

/**
 * The first 16 hexadecimal digits of the SHA-256 of a function's syntax tree, and of those of the functions of the same file,
 * of the texts and of the constants that it uses. Whitespace, comments, ways of writing texts and constants, and what compilers and test runners inject do not
 * count; names do. Of native and bound functions only the name is known.
 */
export function withCodeFingerprints<R>(
  work: (codeFingerprint: CodeFingerprint) => R,
  { unwrapped = itself }: CodeReading = {},
): R {
  return withVariables((variables) => work((fn) => shortFingerprint(treeWithUses(fn, variables, unwrapped))));
}

/** The first digits of a fingerprint: what is kept of it and shown. */
export function shortFingerprint(value: unknown): string {
  return fingerprint(value).slice(0, 16);
}

/** The methods, getters and setters that an object has from its classes, up to but not including the first prototype that `isEnd`. */
export function methodsOf(object: object, isEnd: (prototype: object) => boolean): [name: string, method: AnyFunction][] {
  const methods: [string, AnyFunction][] = [];
  let prototype: object | null = Object.getPrototypeOf(object);
  for (let depth = 0; prototype !== null && prototype !== Object.prototype && !isEnd(prototype); depth++) {
    for (const key of Reflect.ownKeys(prototype)) {
      if (key === "constructor") continue;
      const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor;
      for (const [kind, fn] of Object.entries({ value, get, set })) {
        // One that is overridden may still be called by `super`, so it counts, too.
        if (typeof fn === "function") methods.push([`${depth} ${kind} ${String(key)}`, fn as AnyFunction]);
      }
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return methods.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** More than some come from a bundle, where all is one file. */
const mostFunctions = 200;

function treeWithUses(root: AnyFunction, variables: FunctionVariables, unwrapped: (fn: AnyFunction) => AnyFunction): unknown {
  const numbers = new Map<AnyFunction, number>();
  const visit = (fn: AnyFunction): unknown => {
    const known = numbers.get(fn);
    if (known !== undefined) return known;
    numbers.set(fn, numbers.size);
    const { tree, names } = codeOf(fn);
    if (names.size === 0 || numbers.size > mostFunctions) return tree;
    const used = variables.usesOf(fn, names, (one) => unwrapped(one) !== one);
    const treeOfUse = (one: Use): unknown => {
      if (typeof one === "function") return visit(unwrapped(one));
      return typeof one === "string" ? ["text", one] : ["constant", one.constant];
    };
    return [tree, [...used].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, treeOfUse(one)])];
  };
  return visit(unwrapped(root));
}

interface Code {
  readonly tree: unknown;
  /** All names in it: those of variables are among them. */
  readonly names: ReadonlySet<string>;
}

const known = new WeakMap<AnyFunction, Code>();

function codeOf(fn: AnyFunction): Code {
  const found = known.get(fn) ?? readCode(fn);
  known.set(fn, found);
  return found;
}

function readCode(fn: AnyFunction): Code {
  const names = new Set<string>();
  const text = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) return { tree: ["native", fn.name], names };
  const read = readFunction(text)?.node ?? readExpression(`(${text}\n)`)?.node;
  // Syntax that is newer than the parser.
  if (read === undefined) return { tree: ["text", text.replace(/\s+/g, " ")], names };
  walk(read, (node) => {
    const name = node.type === "Identifier" ? nameOf(node) : undefined;
    if (name !== undefined) names.add(name);
  });
  // Bundlers rename functions.
  return { tree: treeOf({ ...read, id: null }), names };
}

function itself(fn: AnyFunction): AnyFunction {
  return fn;
}

/** What the inspector's protocol says of an object, as far as it is read here. */
interface Remote {
  readonly objectId?: string;
  readonly type?: string;
  readonly className?: string;
  readonly description?: string;
  readonly value?: unknown;
}

interface RemoteProperty {
  readonly name: string;
  readonly value?: Remote;
}

/** A function, a text, or a constant that a function uses. */
export type Use = AnyFunction | string | { readonly constant: unknown };

/** A view of the variables of functions, by the engine's own inspector; nothing else in JavaScript tells them. */
export interface FunctionVariables {
  /**
   * The variables of a function that `names` has: functions, where they are of the same file or `isWanted`; texts of several
   * words, such as the criteria of a judge; what the declarations of the same file write out (`const tolerance = 0.1`), whatever has become of it;
   * and of what the function around it was given or has made of that, truth values and the numbers that people write, those in a plain
   * object too. Functions in a plain object count like others. Counters, single
   * words, and numbers of many digits are left out: paths, keys, ports and times differ from process to process.
   */
  usesOf(fn: AnyFunction, names: ReadonlySet<string>, isWanted: (fn: AnyFunction) => boolean): Map<string, Use>;
}

const none: FunctionVariables = { usesOf: () => new Map() };

/** Does `work` with a view of variables; where there is no inspector (another engine, a permission that is missing) it is empty. */
function withVariables<R>(work: (variables: FunctionVariables) => R): R {
  let session: Session | undefined;
  try {
    const inspector = process.getBuiltinModule("node:inspector");
    session = inspector === undefined ? undefined : new inspector.Session();
    session?.connect();
  } catch {
    session = undefined;
  }
  if (session === undefined) return work(none);
  const open = session;
  try {
    const read: ReadFiles = { variables: new Map(), sources: new Map() };
    return work({ usesOf: (...args) => usesOf(open, read, ...args) });
  } finally {
    open.disconnect();
  }
}

/** What was read of files, by the numbers that the engine gives them: of a bundle each part takes a tenth of a second or more. */
interface ReadFiles {
  /** The variables at the top of modules. */
  readonly variables: Map<unknown, readonly RemoteProperty[]>;
  readonly sources: Map<unknown, SourceFile>;
}

function usesOf(
  session: Session,
  read: ReadFiles,
  fn: AnyFunction,
  names: ReadonlySet<string>,
  isWanted: (fn: AnyFunction) => boolean,
): Map<string, Use> {
  const found = new Map<string, Use>();
  try {
    const own = internalsOf(session, remoteOf(session, fn));
    const others = new Map<string, unknown>();
    const addFunction = (name: string, value: Remote): void => {
      const used = localOf(session, value);
      if (used !== fn && (isWanted(used) || internalsOf(session, value).script === own.script)) found.set(name, used);
    };
    for (const [name, value] of variablesAround(session, read, own, names)) {
      if (typeof value.value === "string" && /\S\s+\S/.test(value.value)) found.set(name, value.value);
      if (value.type === "function") addFunction(name, value);
      else if (value.type !== "undefined")
        others.set(name, value.className === "Object" ? fieldsOf(session, value, names) : value.value);
      const fields = others.get(name);
      if (!(fields instanceof Map)) continue;
      for (const [key, field] of fields as Fields) if (field.type === "function") addFunction(`${name}.${key}`, field);
    }
    // Reading the text of the file takes a while.
    if (others.size === 0) return found;
    const file = read.sources.get(own.script) ?? readSource(sourceOf(session, own.script));
    read.sources.set(own.script, file);
    const around = bindingsAround(file, own.location, Function.prototype.toString.call(fn));
    addConstants(found, around, others);
  } catch {
    // What the engine does not tell is not known.
  }
  return found;
}

/** What a plain object has by these names: functions of the program's own (`const scorers = { exact(a, b) { … } }`), options it was given. */
type Fields = ReadonlyMap<string, Remote>;

/** Only what the code names: other fields may have been added by earlier runs, as in a cache. */
function fieldsOf(session: Session, object: Remote, names: ReadonlySet<string>): Fields {
  const fields = propertiesOf(session, object).filter(({ name, value }) => names.has(name) && value !== undefined);
  return new Map(fields.map(({ name, value }) => [name, value as Remote]));
}

/** The innermost variable of each name: that is the one that is meant. */
function variablesAround(
  session: Session,
  { variables: ofModules }: ReadFiles,
  own: Internals,
  names: ReadonlySet<string>,
): Map<string, Remote> {
  const around = new Map<string, Remote>();
  for (const scope of propertiesOf(session, own.scopes)) {
    if (scope.value === undefined || /^(?:Global|Script)\b/.test(scope.value.description ?? "")) continue;
    const isModule = scope.value.description === "Module";
    const variables = (isModule ? ofModules.get(own.script) : undefined) ?? propertiesOf(session, scope.value);
    if (isModule) ofModules.set(own.script, variables);
    for (const { name, value = {} } of variables) if (names.has(name) && !around.has(name)) around.set(name, value);
  }
  return around;
}

function addConstants(found: Map<string, Use>, { constants, fixed }: Bindings, values: ReadonlyMap<string, unknown>): void {
  for (const [name, constant] of constants) if (!found.has(name)) found.set(name, { constant });
  const add = (name: string, value: unknown): void => {
    const isPlain = typeof value === "boolean" || (typeof value === "number" && mostDigits.test(value.toExponential()));
    if (isPlain && !found.has(name)) found.set(name, { constant: value });
  };
  for (const [name, value] of values) {
    if (!fixed.has(name)) continue;
    if (value instanceof Map) for (const [key, field] of value as Fields) add(`${name}.${key}`, field.value);
    else add(name, value);
  }
}

/** Numbers that people write have up to three digits that count: 0.05, 1e-6, 250. Those of ports, times and seeds have more. */
const mostDigits = /^-?\d(?:\.\d{1,2})?e/;
/** Longer files are bundles, which take long to read, and change as a whole. */
const longestFile = 400_000;
/** The texts of files that were read before, by the numbers that the engine gives them: asking it has to go through all files. */
const sources = new Map<unknown, string>();

function sourceOf(session: Session, script: unknown): string {
  const known = sources.get(script);
  if (known !== undefined) return known;
  post(session, "Debugger.enable", {});
  const { scriptSource } = post(session, "Debugger.getScriptSource", { scriptId: script });
  const source = typeof scriptSource === "string" && scriptSource.length <= longestFile ? scriptSource : "";
  sources.set(script, source);
  return source;
}

interface Internals {
  readonly script: unknown;
  /** Line and column, from 0. */
  readonly location: { readonly line: number; readonly column: number };
  readonly scopes: Remote | undefined;
}

interface Location {
  readonly scriptId?: unknown;
  readonly lineNumber?: number;
  readonly columnNumber?: number;
}

/** The file that a function is in, as the engine numbers it, and its scopes. */
function internalsOf(session: Session, fn: Remote): Internals {
  const internals = (post(session, "Runtime.getProperties", { objectId: fn.objectId, ownProperties: true }).internalProperties ??
    []) as readonly RemoteProperty[];
  const internal = (name: string): Remote | undefined => internals.find((property) => property.name === name)?.value;
  const { scriptId, lineNumber = 0, columnNumber = 0 } = (internal("[[FunctionLocation]]")?.value ?? {}) as Location;
  return { script: scriptId, location: { line: lineNumber, column: columnNumber }, scopes: internal("[[Scopes]]") };
}

function propertiesOf(session: Session, { objectId }: Remote = {}): readonly RemoteProperty[] {
  if (objectId === undefined) return [];
  return post(session, "Runtime.getProperties", { objectId, ownProperties: true }).result as readonly RemoteProperty[];
}

/** Functions cross between the program and the inspector through this variable, which is there for that moment only. */
const crossing: unique symbol = Symbol.for("opto.crossing") as never;
const globals = globalThis as { [crossing]?: unknown };

function remoteOf(session: Session, fn: AnyFunction): Remote {
  globals[crossing] = fn;
  try {
    return post(session, "Runtime.evaluate", { expression: 'globalThis[Symbol.for("opto.crossing")]' }).result as Remote;
  } finally {
    delete globals[crossing];
  }
}

function localOf(session: Session, { objectId }: Remote): AnyFunction {
  const functionDeclaration = 'function () { globalThis[Symbol.for("opto.crossing")] = this; }';
  try {
    post(session, "Runtime.callFunctionOn", { objectId, functionDeclaration });
    return globals[crossing] as AnyFunction;
  } finally {
    delete globals[crossing];
  }
}

/** A session of the own thread answers at once. */
function post(session: Session, method: string, parameters: object): Readonly<Record<string, unknown>> {
  let answer: Readonly<Record<string, unknown>> | undefined;
  session.post(method, parameters, (error, result) => {
    if (error === null) answer = result as Readonly<Record<string, unknown>>;
  });
  if (answer === undefined) throw new Error(`The inspector did not answer ${method}`);
  return answer;
}
