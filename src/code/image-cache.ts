/**
 * Programs that were loaded before, as states of a machine's memory: the ones used last, up to so many bytes.
 *
 * @module
 */
import type { MachineImage } from "./machine.ts";

/** Least recently used goes first. */
export class ImageCache {
  readonly #mostBytes: number;
  readonly #images = new Map<string, MachineImage>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get count(): number {
    return this.#images.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): MachineImage | undefined {
    const image = this.#images.get(key);
    if (image !== undefined) {
      this.#images.delete(key);
      this.#images.set(key, image);
    }
    return image;
  }

  /** Takes in the image of a key that is not there, and lets go of others to make room for it. */
  set(key: string, image: MachineImage): void {
    this.#images.set(key, image);
    this.#bytes += image.size;
    for (const [oldest, { size }] of this.#images) {
      if (this.#bytes <= this.#mostBytes || oldest === key) break;
      this.#images.delete(oldest);
      this.#bytes -= size;
    }
  }
}
