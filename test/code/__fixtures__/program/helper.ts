/**
 * A user's own helper around `bundle`.
 *
 * @module
 */
import { type AnyFunction, bundle } from "./bundle.ts";

export function trainable<F extends AnyFunction>(id: string, fn: F): F {
  return bundle(fn, { id });
}
