/**
 * Runs as people make them first, without validation data or with few options: the viewer says of them what `opto show` says.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { choices } from "../graph/domain.ts";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { generate } from "../llm/generate.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { train } from "../train.ts";
import type { TrainOptions } from "../train-options.ts";
import { ask, serve } from "./__fixtures__/trained-run.ts";
import type { HeatWindow } from "./api.ts";
import type { ViewerServer } from "./serve-runs.ts";

let folder: string;
let server: ViewerServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-viewer-"));
  server = await serve(folder);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const data = Array.from({ length: 20 }, (_, input) => ({ input, info: input }));
const others = data.slice(0, 10).map(({ info }) => ({ input: info + 100, info }));

/** Later examples are easier, and the answer "yes" is worth a little. */
function trainWord(id: string, options: Partial<TrainOptions<number, string, number>> = {}) {
  const agent = model({ word: parameter("no", { domain: choices(["no", "yes", "maybe"]) }) }, ({ word }) => word.value);
  return train({
    agent,
    trainDataset: data,
    guide: (_question: number, answer: string, info: number) => ({
      score: Math.min(1, info / 20 + (answer === "yes" ? 0.1 : 0)),
      feedback: "f",
      scores: { tokens: 100 + 10 * info },
    }),
    optimizer: "TPE",
    logger: [],
    batchSize: 2,
    numEpochs: 1,
    ...options,
    run: { dir: folder, id },
  });
}

// biome-ignore lint/suspicious/noExplicitAny: what comes is what is tested
async function get<Answer = any>(path: string): Promise<Answer> {
  const { status, json } = await ask(server, path);
  expect(status, JSON.stringify(json)?.slice(0, 500)).toBe(200);
  return json;
}

describe("the examples", () => {
  it("are those of the data that candidates were measured on, first what the best values are chosen on", async () => {
    await trainWord("plain");
    const { measuredDatasets, datasets } = await get("/api/runs/plain");
    expect(Object.keys(datasets).sort()).toEqual(["test", "train", "validate"]);
    expect(measuredDatasets).toEqual(["test", "train"]);
    expect(await get("/api/runs/plain/heat")).toMatchObject({ dataset: "test", totalColumns: 20 });
  });

  it("are shown and sorted by the metric that is asked for", async () => {
    await trainWord("metrics", { testDataset: others });
    const heat: HeatWindow = await get("/api/runs/metrics/heat?dataset=validate&metric=tokens&sort=difficulty");
    expect(heat.range).toEqual([100, 290]);
    expect(heat.columns.map(({ mean }) => mean)).toEqual(data.map(({ info }) => 100 + 10 * info));
  });
});

describe("the cost", () => {
  const prices = { "scripted/model": { inputPerMillion: 10, outputPerMillion: 100 } };
  /** Asks the same of every example, and of a cache where one is given. */
  const trainAsker = (id: string, run: object, calls: object) => {
    const llm = scriptedModel(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { text: "yes", usage: { inputTokens: 1000, outputTokens: 100 } };
    });
    const agent = model({ word: parameter("no", { domain: choices(["no", "yes", "maybe"]) }) }, ({ word }) =>
      generate({ model: llm, system: word.value, prompt: "same" }),
    );
    return train({
      agent,
      trainDataset: data.map(({ input, info }) => ({ input, info: String(info) })),
      guide: () => ({ score: 0.5, feedback: "f" }),
      optimizer: "TPE",
      logger: [],
      batchSize: 5,
      numEpochs: 1,
      run: { dir: folder, id, ...run },
      calls: { prices, ...calls },
    });
  };

  it.each([
    ["paid", {}, {}],
    ["cached", { cacheFrom: "paid" }, {}],
    ["merged", {}, { merge: true }],
  ])("of the run %s is what was paid", async (id, run, calls) => {
    const { usage } = await trainAsker(id, run, calls);
    const priced = await serve(folder, { prices });
    const { json } = await ask(priced, `/api/runs/${id}`);
    const spend = await ask(priced, `/api/runs/${id}/download/spend.json`);
    await priced.close();
    const paid = usage.usd as number;
    expect([json.usd, json.spend.total.usd]).toEqual([expect.closeTo(paid, 10), expect.closeTo(paid, 10)]);
    expect(json.spend.total.calls).toBe(usage.calls);
    const sum = (lines: readonly { readonly usd: number }[]): number => lines.reduce((all, { usd }) => all + usd, 0);
    expect(sum(json.spend.byRole)).toBeCloseTo(paid, 10);
    expect(sum(spend.json)).toBeCloseTo(paid, 10);
    expect(paid === 0).toBe(id === "cached");
  });
});
