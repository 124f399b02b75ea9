/**
 * `Voids`: which events of a journal do not count, because a resumed process has done again what followed its checkpoint.
 *
 * @module
 */

/** From event number `after` on what stands before a place in the file is void. */
interface Void {
  readonly offset: number;
  readonly after: number;
}

/** Collects what resumed processes have said. */
export class Voids {
  #all: Void[] = [];

  /** A process that has resumed said so at a place of the file; it may be read again. */
  add(offset: number, after: number): void {
    if (!this.#all.some((known) => known.offset === offset)) this.#all.push({ offset, after });
  }

  clear(): void {
    this.#all = [];
  }

  has(seq: number, offset: number): boolean {
    return seq > this.lastValid(offset);
  }

  /** Up to which number events count that stand at a place of the file. */
  lastValid(offset: number): number {
    let last = Number.POSITIVE_INFINITY;
    for (const { offset: until, after } of this.#all) if (until > offset && after < last) last = after;
    return last;
  }
}
