/**
 * `ExampleSet`: which examples there were, a bit for each: ten thousand candidates have millions of them.
 *
 * @module
 */

/** A set of examples by their number. */
export class ExampleSet {
  #bits = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(example: number): void {
    const [place, bit] = [example >> 3, 1 << (example & 7)];
    if (place >= this.#bits.length) {
      const wider = new Uint8Array(Math.max(place + 1, Math.min(2 * this.#bits.length, place + 1_024)));
      wider.set(this.#bits);
      this.#bits = wider;
    }
    const byte = this.#bits[place] as number;
    if ((byte & bit) !== 0) return;
    this.#bits[place] = byte | bit;
    this.#size++;
  }
}
