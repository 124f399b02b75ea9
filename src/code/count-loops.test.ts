/**
 * Loops of WebAssembly that count, in a module small enough to be read.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { countLoops } from "./count-loops.ts";

/** `(func (export "run") (param i32) (loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0))`, with one import and one global. */
const module = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 9, 2, 0x60, 0, 1, 0x7f, 0x60, 1, 0x7f, 0],
  ...[2, 7, 1, 1, 0x61, 1, 0x62, 0, 0],
  ...[3, 2, 1, 1],
  ...[6, 6, 1, 0x7f, 1, 0x41, 7, 0x0b],
  ...[7, 7, 1, 3, 0x72, 0x75, 0x6e, 0, 1],
  ...[10, 16, 1, 14, 0, 0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x0b],
]);

interface Wasm {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, never> };
}
const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;

describe("countLoops", () => {
  it("counts every turn, and calls when the count is 0", () => {
    const seen: number[] = [];
    const counted = countLoops(module, { counter: "left", onZero: 0 });
    const { exports } = new Instance(new Module(counted), {
      a: {
        b: () => {
          seen.push(left.value);
          left.value = 10;
          return 0;
        },
      },
    });
    const left = exports.left as unknown as { value: number };
    const run = exports.run as unknown as (turns: number) => void;
    left.value = 10;
    run(25);
    expect(seen).toEqual([0, 0]);
    expect(left.value).toBe(5);
  });

  it("what it throws ends the loop", () => {
    const stop = (): never => {
      throw new Error("enough");
    };
    const { exports } = new Instance(new Module(countLoops(module, { counter: "left", onZero: 0 })), { a: { b: stop } });
    (exports.left as unknown as { value: number }).value = 1_000;
    // Zero turns are four billion.
    expect(() => (exports.run as unknown as (turns: number) => void)(0)).toThrow("enough");
  });

  it("refuses what it cannot read", () => {
    const unknown = module.with(module.length - 7, 0xfd);
    expect(() => countLoops(unknown, { counter: "left", onZero: 0 })).toThrow("Unknown instruction 0xfd");
  });
});
