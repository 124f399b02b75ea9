/**
 * What runs inside the sandbox besides the program: it takes and gives texts, and turns them into values and back.
 *
 * The text below is JavaScript for QuickJS. It keeps what it needs of the built-ins before any program can change them. A
 * program that changes them all the same harms its own result alone: every call begins with a memory of its own, and the host
 * reads nothing but text.
 *
 * The first character of a text says what it is. To the guest: `l` load a program, `c` call it, `s` settle the promise of a
 * tool, `o` give the outcome if there is one. From the guest: `v` a value, `e` an error, `p` nothing yet. Values are written
 * as `crossing.ts` describes.
 *
 * @module
 */
import { guestCrossing } from "./guest-crossing.ts";

/** JavaScript for QuickJS: no code from text, no clock, a silent console. */
const guestSurroundings: string = `function noCode() {
  throw new NativeTypeError("code cannot be created from text in the sandbox");
}
for (const sample of [function () {}, async function () {}, function* () {}, async function* () {}]) {
  defineProperty(getPrototypeOf(sample), "constructor", { value: noCode });
}

// It would be handed the functions of this runtime.
defineProperty(kinds.Error, "prepareStackTrace", { get: () => undefined, set() {} });

function noClock() {
  throw new kinds.Error("there is no clock in the sandbox; take the time as an argument");
}
function SandboxDate(...args) {
  if (new.target === undefined || args.length === 0) noClock();
  return Reflect.construct(NativeDate, args, new.target === SandboxDate ? NativeDate : new.target);
}
defineProperty(SandboxDate, "name", { value: "Date" });
SandboxDate.prototype = NativeDate.prototype;
defineProperty(NativeDate.prototype, "constructor", { value: SandboxDate, writable: true, configurable: true });
SandboxDate.UTC = NativeDate.UTC;
SandboxDate.parse = NativeDate.parse;
SandboxDate.now = noClock;
globalThis.Date = SandboxDate;

const silent = () => undefined;
globalThis.console = { log: silent, info: silent, warn: silent, error: silent, debug: silent };
delete globalThis.eval;
delete globalThis.Function;
delete globalThis.SharedArrayBuffer;
`;

/** The built-ins that a program may use, besides its arguments and tools. */
export const guestGlobals: ReadonlySet<string> = new Set(
  `Object Error EvalError RangeError ReferenceError SyntaxError TypeError URIError AggregateError Iterator Array parseInt
  parseFloat isNaN isFinite queueMicrotask decodeURI decodeURIComponent encodeURI encodeURIComponent Infinity NaN undefined
  Number Boolean String Math Reflect Symbol globalThis BigInt Date RegExp JSON Map Set WeakMap WeakSet ArrayBuffer
  Uint8ClampedArray Int8Array Uint8Array Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array
  Float32Array Float64Array DataView Promise console`.split(/\s+/),
);

/** Gives, when evaluated, a function that takes the function `host(request)` and gives the entry for all texts. */
export const guestRuntime: string = `(function (host) {
"use strict";
const { parse, stringify } = JSON;
const { isArray } = Array;
const { create, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, is, keys, setPrototypeOf, prototype: plain } = Object;
const { apply } = Reflect;
const { slice, indexOf } = String.prototype;
const { get: mapGet, set: mapSet, delete: mapDelete } = Map.prototype;
const { get: weakGet, set: weakSet } = WeakMap.prototype;
const { asyncIterator, iterator } = Symbol;
const evaluate = eval;
const kinds = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const { Promise: NativePromise, String: NativeString, TypeError: NativeTypeError, Date: NativeDate } = globalThis;

let program;
let isAsync = false;
let loading = true;
let outcome = "p";
const waiting = new Map();
const fromHost = new WeakMap();
const calledFrom = new WeakMap();

${guestCrossing}
// ---- errors as text

function cut(value, length) {
  const text = NativeString(value);
  return text.length > length ? apply(slice, text, [0, length]) + "…" : text;
}

function failure(error) {
  const shown = { __proto__: null, name: "Error", message: "an error that cannot be shown", stack: "" };
  try {
    if (typeof error === "object" && error !== null) {
      const id = apply(weakGet, fromHost, [error]);
      if (id !== undefined) shown.host = id;
    }
    if (error instanceof kinds.Error) {
      shown.stack = cut(error.stack, 4000) + "\\n" + cut(apply(weakGet, calledFrom, [error]), 4000);
      shown.message = cut(error.message, 2000);
      shown.name = cut(error.name, 100);
      shown.maker = cut(error.constructor.name, 100);
    } else {
      shown.name = typeof error;
      shown.message = cut(typeof error === "object" ? stringify(error) : error, 2000);
    }
  } catch {
    // What could be read is reported.
  }
  return "e" + stringify(shown);
}

function errorFrom({ name, message, id }) {
  const Kind = kinds[name];
  const error = new (Kind === undefined ? kinds.Error : Kind)(message);
  if (Kind === undefined) defineProperty(error, "name", { value: name, writable: true, configurable: true });
  apply(weakSet, fromHost, [error, id]);
  return error;
}

// ---- calls

function success(value) {
  try {
    return "v" + encode(value, "the result");
  } catch (error) {
    return failure(error);
  }
}

function isIterator(value, key) {
  return typeof value === "object" && value !== null && key in value && typeof value.next === "function";
}

function collected(value) {
  if (!isIterator(value, iterator)) return value;
  const list = [];
  for (const element of value) list[list.length] = element;
  return list;
}

async function finish(result) {
  try {
    if (isIterator(result, asyncIterator)) {
      const list = [];
      for await (const element of result) list[list.length] = element;
      outcome = success(list);
    } else {
      outcome = success(collected(await result));
    }
  } catch (error) {
    outcome = failure(error);
  }
}

function call(args) {
  try {
    const result = apply(program, undefined, args);
    const pending = typeof result === "object" && result !== null
      && (typeof result.then === "function" || isIterator(result, asyncIterator));
    if (isAsync || pending) {
      if (!isAsync) throw new NativeTypeError("the function must stay synchronous, but it returned a promise");
      finish(result);
      return "p";
    }
    return outcome = success(collected(result));
  } catch (error) {
    return outcome = failure(error);
  }
}

function toolOf({ name, value }, index) {
  if (value !== undefined) return decode(value);
  const tool = function (...args) {
    if (loading) throw new NativeTypeError(name + " can only be called while the function runs, not at the top level");
    const reply = host(index + ":" + encode(args, "what " + name + " was given"));
    const text = apply(slice, reply, [1]);
    if (reply[0] === "v") return decode(text);
    if (reply[0] === "e") throw errorFrom(parse(text));
    const { stack } = new kinds.Error();
    return new NativePromise((resolve, reject) => {
      apply(mapSet, waiting, [text, { resolve, reject, stack }]);
    });
  };
  defineProperty(tool, "name", { value: name });
  return tool;
}

function load({ code, tools, async }) {
  try {
    isAsync = async;
    const values = [];
    for (let index = 0; index < tools.length; index++) values[index] = toolOf(tools[index], index);
    program = apply(apply(evaluate(code), undefined, values), undefined, []);
    if (typeof program !== "function") throw new NativeTypeError("the program does not declare the function");
    loading = false;
    return "v";
  } catch (error) {
    return failure(error);
  }
}

function settle({ id, value, error }) {
  const { resolve, reject, stack } = apply(mapGet, waiting, [id]);
  apply(mapDelete, waiting, [id]);
  if (error === undefined) {
    resolve(decode(value));
  } else {
    const failed = errorFrom(error);
    apply(weakSet, calledFrom, [failed, stack]);
    reject(failed);
  }
  return "v";
}

${guestSurroundings}
return function (request) {
  const text = apply(slice, request, [1]);
  switch (request[0]) {
    case "c": return call(decode(text));
    case "o": return outcome;
    case "s": return settle(parse(text));
    default: return load(parse(text));
  }
};
})`;
