/**
 * Stands for `bundle` of opto: tells where the source of each function was found.
 *
 * @module
 */
import { callSite } from "../../../../src/code/call-site.ts";
import { sourceOf } from "../../../../src/code/source.ts";

export type AnyFunction = (...args: never[]) => unknown;

export const sources: Record<string, unknown> = {};

export function bundle<F extends AnyFunction>(fn: F, { id, name = fn.name }: { readonly id: string; readonly name?: string }): F {
  sources[id] = sourceOf(fn, { name, site: callSite(bundle) });
  return fn;
}
