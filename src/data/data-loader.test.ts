import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { DataLoader, type DataLoaderOptions } from "./data-loader.ts";
import type { JsonValue } from "./json.ts";

function letters(count: number): { input: number; info: string }[] {
  return Array.from({ length: count }, (_, input) => ({ input, info: `info ${input}` }));
}

function epochs(loader: DataLoader<number, string>, count: number): number[][][] {
  return Array.from({ length: count }, () => [...loader].map((batch) => [...batch.inputs]));
}

const shapes = fc.record({
  size: fc.integer({ min: 1, max: 30 }),
  batchSize: fc.integer({ min: 1, max: 35 }),
  shuffle: fc.boolean(),
  seed: fc.oneof(fc.integer(), fc.string()),
});

describe("DataLoader", () => {
  it("hands out inputs, infos and where they come from", () => {
    const loader = new DataLoader({ inputs: ["a", "b", "c"], infos: [1, 2, 3] }, { batchSize: 2, shuffle: false });
    expect([...loader, ...loader]).toEqual([
      { inputs: ["a", "b"], infos: [1, 2], indices: [0, 1], epoch: 0, position: 0 },
      { inputs: ["c"], infos: [3], indices: [2], epoch: 0, position: 1 },
      { inputs: ["a", "b"], infos: [1, 2], indices: [0, 1], epoch: 1, position: 0 },
      { inputs: ["c"], infos: [3], indices: [2], epoch: 1, position: 1 },
    ]);
  });

  it("takes one example at a time and shuffles by seed 0 unless told otherwise", () => {
    const loader = new DataLoader(letters(6));
    expect(loader).toMatchObject({
      batchSize: 1,
      shuffle: true,
      seed: 0,
      dropLast: false,
      replacement: false,
      batchesPerEpoch: 6,
    });
    expect(epochs(loader, 2)).toEqual(epochs(new DataLoader(letters(6), { seed: 0 }), 2));
  });

  it("draws the same orders in every version", () => {
    expect(epochs(new DataLoader(letters(8), { batchSize: 8, seed: 7 }), 2)).toEqual([
      [[4, 5, 1, 6, 0, 2, 3, 7]],
      [[2, 4, 5, 7, 1, 3, 6, 0]],
    ]);
  });

  it("visits every example exactly once an epoch, in batches of the asked size but for the last", () => {
    fc.assert(
      fc.property(shapes, ({ size, ...options }) => {
        const loader = new DataLoader(letters(size), options);
        for (let epoch = 0; epoch < 3; epoch += 1) {
          const batches = [...loader];
          expect(batches).toHaveLength(loader.batchesPerEpoch);
          expect(batches.flatMap(({ indices }) => indices).sort((a, b) => a - b)).toEqual([...Array(size).keys()]);
          for (const [position, batch] of batches.entries()) {
            const isLast = position === batches.length - 1;
            expect(batch.inputs).toHaveLength(isLast ? size - position * options.batchSize : options.batchSize);
            expect(batch.inputs).toEqual(batch.indices);
            expect(batch.infos).toEqual(batch.indices.map((index) => `info ${index}`));
            expect(batch).toMatchObject({ epoch, position });
          }
        }
      }),
    );
  });

  it("orders an epoch by seed and number alone: not by batch size, nor by what was drawn before", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 35 }), fc.nat(5), ({ size, ...options }, batchSize, epoch) => {
        const walked = new DataLoader(letters(size), options);
        const jumped = new DataLoader(letters(size), { ...options, batchSize });
        jumped.restore({ ...(jumped.state() as object), epoch });
        const expected = epochs(walked, epoch + 1)[epoch]!.flat();
        expect(epochs(jumped, 1)[0]!.flat()).toEqual(expected);
      }),
    );
  });

  it("gives every epoch and every seed its own order", () => {
    const orders = [1, 2, "x"].flatMap((seed) => epochs(new DataLoader(letters(12), { batchSize: 12, seed }), 4));
    expect(new Set(orders.map(String)).size).toBe(12);
  });

  it.each<[string, number, DataLoaderOptions, number[]]>([
    ["the last batch smaller", 5, { batchSize: 2 }, [2, 2, 1]],
    ["the last batch dropped", 5, { batchSize: 2, dropLast: true }, [2, 2]],
    ["nothing to drop", 4, { batchSize: 2, dropLast: true }, [2, 2]],
    ["a batch larger than the dataset", 3, { batchSize: 10 }, [3]],
    ["a batch as large as the dataset", 3, { batchSize: 3, dropLast: true }, [3]],
    ["replacement", 5, { batchSize: 2, replacement: true }, [2, 2, 1]],
  ])("has %s", (_, size, options, expected) => {
    const loader = new DataLoader(letters(size), options);
    expect(loader.batchesPerEpoch).toBe(expected.length);
    for (const epoch of epochs(loader, 2)) expect(epoch.map((batch) => batch.length)).toEqual(expected);
  });

  it("draws with replacement on demand, so that some examples repeat", () => {
    const drawn = epochs(new DataLoader(letters(50), { batchSize: 50, replacement: true, seed: 1 }), 2);
    for (const [epoch] of drawn) expect(new Set(epoch).size).toBeLessThan(50);
    expect(drawn[0]).not.toEqual(drawn[1]);
  });

  describe("sample", () => {
    it("goes on for ever without mixing epochs", () => {
      const loader = new DataLoader(letters(5), { batchSize: 2, shuffle: false });
      expect(Array.from({ length: 7 }, () => loader.sample().inputs)).toEqual([[0, 1], [2, 3], [4], [0, 1], [2, 3], [4], [0, 1]]);
      expect(loader).toMatchObject({ epoch: 2, position: 1 });
    });

    it("shares its place with loops: a loop gives the rest of the epoch", () => {
      const loader = new DataLoader(letters(4), { shuffle: false });
      expect(loader.sample().inputs).toEqual([0]);
      expect(epochs(loader, 2)).toEqual([
        [[1], [2], [3]],
        [[0], [1], [2], [3]],
      ]);
      for (const { inputs } of loader) if (inputs[0] === 1) break;
      expect(loader.sample().inputs).toEqual([2]);
    });
  });

  describe("state and restore", () => {
    it("continue exactly after the last batch taken, anywhere, through JSON text", () => {
      fc.assert(
        fc.property(shapes, fc.boolean(), fc.nat(80), ({ size, ...shape }, replacement, taken) => {
          const options = replacement ? { ...shape, replacement, shuffle: true } : shape;
          const loader = new DataLoader(letters(size), options);
          for (let count = 0; count < taken; count += 1) loader.sample();
          const saved = JSON.stringify(loader.state());
          const resumed = new DataLoader(letters(size), options);
          resumed.restore(JSON.parse(saved));
          expect([...resumed, ...resumed]).toEqual([...loader, ...loader]);
        }),
      );
    });

    it("resume a loop from a state taken inside it", () => {
      const loader = new DataLoader(letters(6), { batchSize: 2, seed: 3 });
      const whole = epochs(new DataLoader(letters(6), { batchSize: 2, seed: 3 }), 2);
      let saved: JsonValue = null;
      for (const { position } of loader) {
        if (position === 1) saved = loader.state();
      }
      const resumed = new DataLoader(letters(6), { batchSize: 2, seed: 3 });
      resumed.restore(saved);
      expect(epochs(resumed, 2)).toEqual([[whole[0]![2]], whole[1]]);
    });

    it.each<[string, number, DataLoaderOptions, string | RegExp]>([
      ["another dataset size", 7, {}, "datasetSize 7 (number) of this loader, got one with 6 (number)"],
      ["another batch size", 6, { batchSize: 3 }, "batchSize 3 (number) of this loader, got one with 2 (number)"],
      ["another seed", 6, { seed: 4 }, /seed "?4"? \(string\) of this loader, got one with "?3"? \(string\)/],
      ["another order", 6, { shuffle: false }, "shuffle false (boolean) of this loader, got one with true (boolean)"],
      ["another end", 6, { dropLast: true }, "dropLast true"],
      ["another way of drawing", 6, { replacement: true }, "replacement true"],
    ])("refuse a state with %s, saying both, and stay where they are", (_, size, options, message) => {
      const state = new DataLoader(letters(6), { batchSize: 2, seed: 3 }).state();
      const other = new DataLoader(letters(size), { batchSize: 2, seed: 3, ...options });
      other.sample();
      expect(() => other.restore(state)).toThrow(message);
      expect(other).toMatchObject({ epoch: 0, position: 1 });
    });

    it.each<[string, object | null]>([
      ["nothing", null],
      ["no epoch", { epoch: undefined }],
      ["a negative epoch", { epoch: -1 }],
      ["half a position", { position: 0.5 }],
      ["a position past the end", { position: 3 }],
    ])("refuse a state with %s", (_, change) => {
      const loader = new DataLoader(letters(6), { batchSize: 2 });
      const state = change && { ...(loader.state() as object), ...change };
      expect(() => loader.restore(state as JsonValue)).toThrow(InvalidArgumentError);
    });
  });

  it.each<[string, unknown, string]>([
    ["an unknown option", { batchsize: 2 }, "Unknown option `batchsize` of DataLoader; did you mean `batchSize`?"],
    ["no batch size", { batchSize: 0 }, "`batchSize` to be a whole number of at least 1, got 0 (number)"],
    ["half a batch", { batchSize: 1.5 }, "got 1.5 (number)"],
    ["a batch size as text", { batchSize: "2" }, "whole number of at least 1, got "],
    ["a seed that is none", { seed: Number.NaN }, "Expected `seed` to be a finite number or a string"],
    ["a shuffle that is neither", { shuffle: "no" }, "`shuffle` to be true or false, got "],
    ["replacement without shuffle", { shuffle: false, replacement: true }, "`shuffle` to be true with `replacement`"],
    ["dropping everything", { batchSize: 4, dropLast: true }, "`batchSize` to be at most 3"],
  ])("refuses %s", (_, options, message) => {
    expect(() => new DataLoader(letters(3), options as never)).toThrow(InvalidArgumentError);
    expect(() => new DataLoader(letters(3), options as never)).toThrow(message);
  });

  it("refuses an empty dataset", () => {
    expect(() => new DataLoader([])).toThrow("at least one example");
  });
});
