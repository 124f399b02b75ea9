/**
 * What surrounds a program in the sandbox: the built-ins that are there, and what was taken away. Part of `guest-runtime.ts`.
 *
 * @module
 */

/** JavaScript for QuickJS: no code from text, no clock, a silent console. */
export const guestSurroundings: string = `function noCode() {
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
