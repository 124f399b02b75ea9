/**
 * Results that are at hand or to come: what waits for nothing takes no promise, each of which costs more than most of what is done in one.
 *
 * @module
 */
import { isPromiseLike } from "./shared-work.ts";

/** A result, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** What code of the program returned: anything else that can be awaited becomes a promise. */
export function returned<T>(value: T | PromiseLike<T>): MaybePromise<T> {
  return isPromiseLike(value) ? Promise.resolve(value as PromiseLike<T>) : value;
}

/** `then`: now, when the result is at hand. */
export function after<T, R>(result: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return result instanceof Promise ? result.then(next) : next(result);
}

/** `then` with both of its callbacks; what `work` throws is an error like one that it rejects with. */
export function settled<T, R>(
  work: () => MaybePromise<T>,
  onValue: (value: T) => MaybePromise<R>,
  onError: (error: unknown) => MaybePromise<R>,
): MaybePromise<R> {
  let result: MaybePromise<T>;
  try {
    result = work();
  } catch (error) {
    return onError(error);
  }
  return result instanceof Promise ? result.then(onValue, onError) : onValue(result);
}

/** `catch`; what `work` throws is an error like one that it rejects with. */
export function recovered<T>(work: () => MaybePromise<T>, onError: (error: unknown) => MaybePromise<T>): MaybePromise<T> {
  try {
    const result = work();
    return result instanceof Promise ? result.catch(onError) : result;
  } catch (error) {
    return onError(error);
  }
}

/** The result as a promise, for who awaits it in any case. */
export function promised<T>(work: () => MaybePromise<T>): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}
