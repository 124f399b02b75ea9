import { describe, expectTypeOf, it } from "vitest";
import { DataLoader } from "./data-loader.ts";
import { type Dataset, toDataset } from "./dataset.ts";
import type { JsonValue } from "./json.ts";
import { loadDataset } from "./load-dataset.ts";
import { objective } from "./objectives.ts";
import { splitDataset } from "./split-dataset.ts";

const examples = [{ input: "a", info: { answer: 1 } }];

describe("the types of data", () => {
  it("follow the examples, in either form", () => {
    expectTypeOf(toDataset(examples)).toEqualTypeOf<Dataset<string, { answer: number }>>();
    expectTypeOf(toDataset({ inputs: [1], infos: ["x"] })).toEqualTypeOf<Dataset<number, string>>();
    for (const batch of new DataLoader(examples)) {
      expectTypeOf(batch.inputs).toEqualTypeOf<readonly string[]>();
      expectTypeOf(batch.infos).toEqualTypeOf<readonly { answer: number }[]>();
    }
  });

  it("name the parts of a split", () => {
    const named = splitDataset(examples, { train: 0.8, test: 0.2 });
    expectTypeOf(named).toEqualTypeOf<{
      train: Dataset<string, { answer: number }>;
      test: Dataset<string, { answer: number }>;
    }>();
    const [train, test] = splitDataset(examples, [0.8, 0.2]);
    expectTypeOf(train).toEqualTypeOf(test);
    expectTypeOf(train).toEqualTypeOf<Dataset<string, { answer: number }>>();
    // @ts-expect-error there is no third part
    splitDataset(examples, [0.8, 0.2])[2];
  });

  it("are JSON when loaded, unless functions or the caller say otherwise", async () => {
    expectTypeOf(await loadDataset("x.jsonl")).toEqualTypeOf<Dataset<JsonValue, JsonValue>>();
    expectTypeOf(await loadDataset("x.csv", { info: (row) => row.label === "spam" })).toEqualTypeOf<
      Dataset<JsonValue, boolean>
    >();
    expectTypeOf(await loadDataset<string, number>("x.jsonl")).toEqualTypeOf<Dataset<string, number>>();
  });

  it("refuse what is misspelt or out of place", () => {
    // @ts-expect-error misspelt
    new DataLoader(examples, { batchsize: 2 });
    // @ts-expect-error no info
    new DataLoader([{ input: 1 }]);
    // @ts-expect-error no such mode
    objective({ mode: "vector" });
  });
});
