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
