/**
 * `inTurn`: work that reads, changes, and writes one thing, one piece after the other.
 *
 * @module
 */

/** Does work once all that was given before has ended, however that went. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** A queue of its own. */
export function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}
