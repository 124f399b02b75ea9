/**
 * Names for one prompt: each given once, the same for the same graph.
 *
 * @module
 */

/** Hands out names that were not taken before. */
export class UniqueNames {
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** `wanted` as an identifier, with a number when that name is taken: `mail`, `mail_2`, `mail_3`. */
  take(wanted: string): string {
    const base = identifier(wanted);
    return this.#taken.has(base) ? this.#numbered(base, 2) : this.#given(base);
  }

  /** The same with a number from the start: `add_1`, `add_2`. */
  takeNumbered(wanted: string): string {
    return this.#numbered(identifier(wanted), 1);
  }

  #numbered(base: string, from: number): string {
    let number = this.#next.get(base) ?? from;
    while (this.#taken.has(`${base}_${number}`)) number++;
    this.#next.set(base, number + 1);
    return this.#given(`${base}_${number}`);
  }

  #given(name: string): string {
    this.#taken.add(name);
    return name;
  }
}

/** A name as it stands in a line of code: as it is when it reads as a dotted path, else quoted. */
export function nameInCode(name: string): string {
  return /^[\p{L}\p{N}_$.[\]]+$/u.test(name) ? name : JSON.stringify(name);
}

function identifier(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}_$.]+/gu, "_");
  return /^[\p{L}_$]/u.test(plain) ? plain : `_${plain}`;
}
