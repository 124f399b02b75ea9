/**
 * `moduleCode`: fingerprints of the code of an agent, so that it is noticed when it has changed.
 *
 * @module
 */
import { type CodeFingerprint, methodsOf, shortFingerprint, withCodeFingerprints } from "../code/code-fingerprint.ts";
import { isContainer, visitContainer } from "./containers.ts";
import { bundledParts, originalOf } from "./handle.ts";
import { forwardOfModel, isModule, Module } from "./module.ts";

/** Fingerprints by the path of what they are of. */
export type CodeFingerprints = Readonly<Record<string, string>>;

type AnyFunction = (...args: never[]) => unknown;

/** Does `work` with a function that gives the fingerprint of a function's code; of a bundled one that of what it was made of. */
export function readingCode<R>(work: (codeFingerprint: CodeFingerprint) => R): R {
  return withCodeFingerprints((codeFingerprint) => work((fn) => fingerprintOf(fn, codeFingerprint)), { unwrapped });
}

/** What functions of the library itself stand for. */
const standIns = new WeakMap<AnyFunction, AnyFunction>();

/**
 * Declares that a function belongs to the library, so that its own code is no part of the program: it changes with releases only, and
 * what is in the same file, once that is bundled, is all of the library.
 *
 * @param fn the function of the program that it calls, whose code counts instead @default none
 */
export function standsFor<F extends AnyFunction>(own: F, fn: AnyFunction = nothing): F {
  standIns.set(own, fn);
  return own;
}

/** Of a bound function no code is known. */
const nothing: AnyFunction = (() => {}).bind(undefined);

/** The function of the program that was wrapped. */
function unwrapped(fn: AnyFunction): AnyFunction {
  const inner = standIns.get(fn) ?? bundledParts(originalOf(fn))?.fn;
  return inner === undefined ? fn : unwrapped(inner);
}

/**
 * Fingerprints of the methods of an agent and its nested modules, of the functions that `model` was given, and of functions in
 * their fields. Parameters and plain data are no part of it.
 *
 * @param name the path of the agent itself
 */
export function moduleCode(agent: Module, name: string, codeFingerprint: CodeFingerprint): CodeFingerprints {
  const code: Record<string, string> = {};
  const seen = new Set<object>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value === "function") code[path] = codeFingerprint(value as AnyFunction);
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (isModule(value)) code[path] = fingerprintOfMethods(value, codeFingerprint);
    else if (!isContainer(value)) return;
    visitContainer(value, (inner, key) => visit(inner, `${path}.${String(key)}`));
  };
  visit(agent, name);
  return code;
}

function fingerprintOfMethods(module: Module, codeFingerprint: CodeFingerprint): string {
  const forward = forwardOfModel(module);
  if (forward !== undefined) return codeFingerprint(forward);
  const methods = methodsOf(module, (prototype) => prototype === Module.prototype);
  return shortFingerprint(methods.map(([name, method]) => [name, codeFingerprint(method)]));
}

/** The source of a trainable function is a parameter; its tools are code. */
function fingerprintOf(fn: AnyFunction, codeFingerprint: CodeFingerprint): string {
  const tools = bundledParts(originalOf(fn))?.tools;
  if (tools === undefined) return codeFingerprint(fn);
  const lent = Object.entries(tools).map(([name, tool]) => {
    return [name, typeof tool === "function" ? fingerprintOf(tool as AnyFunction, codeFingerprint) : tool];
  });
  return shortFingerprint(lent);
}
