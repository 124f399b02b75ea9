/**
 * That tables of options have a row for every option of their type, and no other.
 *
 * @module
 */
import type { RolloutSettings, RunOptions, StopOptions, TrainOptions } from "opto";
import type { CallOptions } from "opto/llm";
import { describe, expectTypeOf, it } from "vitest";
import type { BasicSearchTrainOptions } from "../../src/algorithms/basic-search-algorithm.ts";
import { anything, type OptionTable } from "../../src/data/option-table.ts";
import { stopTable } from "../../src/search/algorithm-table.ts";
import { trainTable } from "../../src/train-options.ts";

describe("a table of options", () => {
  it("has exactly the options of its type", () => {
    expectTypeOf(trainTable).toEqualTypeOf<OptionTable<TrainOptions<unknown, unknown, unknown>>>();
    expectTypeOf(stopTable).toEqualTypeOf<OptionTable<StopOptions>>();
    expectTypeOf<keyof OptionTable<StopOptions>>().toEqualTypeOf<keyof StopOptions>();
  });

  it("cannot lack one, nor have another", () => {
    const { patience: _, ...others } = stopTable;
    // @ts-expect-error: `patience` has no row
    const short: OptionTable<StopOptions> = others;
    // @ts-expect-error: `luck` is no option
    const long: OptionTable<StopOptions> = { ...stopTable, luck: anything };
    void [short, long];
  });
});

describe("the groups of train()", () => {
  it("are those of the types", () => {
    type Options = TrainOptions<string, string, null>;
    expectTypeOf<Options["stop"]>().toEqualTypeOf<StopOptions | undefined>();
    expectTypeOf<Options["run"]>().toEqualTypeOf<RunOptions | null | undefined>();
    expectTypeOf<Options["calls"]>().toEqualTypeOf<CallOptions | undefined>();
    expectTypeOf<Options["rollouts"]>().toEqualTypeOf<RolloutSettings | undefined>();
    expectTypeOf<keyof RunOptions>().toEqualTypeOf<
      "dir" | "id" | "resume" | "cache" | "cacheFrom" | "cacheRollouts" | "traces"
    >();
    // What one of the ancestor's classes takes, train() takes too, but for who keeps the run.
    expectTypeOf<Exclude<keyof BasicSearchTrainOptions, keyof Options>>().toEqualTypeOf<"keeper">();
  });
});
