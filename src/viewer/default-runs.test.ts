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
import { readRunFiles } from "../runs/read-run-files.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { train } from "../train.ts";
import type { TrainOptions } from "../train-options.ts";
import { ask, serve } from "./__fixtures__/trained-run.ts";
import type { CandidateView, HeatWindow, Lineage, RunView, ScoreSeries } from "./api.ts";
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

const validation = data.slice(4, 10);

describe("scores", () => {
  it.each<[string, Partial<TrainOptions<number, string, number>>]>([
    ["nothing but data", {}],
    ["a test dataset", { testDataset: others }],
    ["validation data", { validateDataset: validation }],
    ["a test, and updates that are checked", { testDataset: others, ensureImprovement: true }],
    ["no logs of values", { testDataset: others, logFrequency: 0 }],
    ["several samples", { testDataset: others, numEvalSamples: 3 }],
    ["BasicSearchAlgorithm", { algorithm: "BasicSearchAlgorithm" }],
    ["BasicSearchAlgorithm, and a test", { algorithm: "BasicSearchAlgorithm", testDataset: others }],
    ...(["beamSearch", "bestOfN", "gepa", "prioritySearch", "racingSearch", "ucbSearch"] as const).flatMap(
      (algorithm): [string, Partial<TrainOptions<number, string, number>>][] => [
        [algorithm, { algorithm }],
        [`${algorithm}, and a test`, { algorithm, testDataset: others }],
        [`${algorithm}, and validation data`, { algorithm, validateDataset: validation }],
      ],
    ),
  ])("of a run with %s are those of its files", async (name, options) => {
    const id = name.toLowerCase().replaceAll(/\W+/g, "-");
    await trainWord(id, options);
    const { best } = await readRunFiles(join(folder, id), id);
    const run: RunView = await get(`/api/runs/${id}`);
    expect(best?.score).toBeTypeOf("number");
    expect([run.best, run.bestCandidate?.score]).toEqual([best?.score, best?.score]);
    expect(run.start).toBeCloseTo(options.validateDataset === undefined ? 0.475 : 0.325, 10);
    const lineage: Lineage = await get(`/api/runs/${id}/lineage`);
    const size = run.chosenOn?.examples;
    for (const { isBest, score, n } of lineage.nodes) if (isBest) expect({ score, n }).toEqual({ score: best?.score, n: size });
    // Every mean of a whole dataset lies within its interval.
    for (const { dataset, score, low, high } of run.series) {
      if (dataset === "train") continue;
      for (const [at, mean] of score.entries()) {
        expect(low[at] ?? mean).toBeLessThanOrEqual(mean as number);
        expect(high[at] ?? mean).toBeGreaterThanOrEqual(mean as number);
      }
    }
  });

  it.each([1, 0])(
    "are those of the candidates that an agent held which follows its updates, with logs every %d iterations",
    async (every) => {
      const id = `held-${every}`;
      await trainWord(id, { testDataset: others, logFrequency: every });
      const run: RunView = await get(`/api/runs/${id}`);
      const lineage: Lineage = await get(`/api/runs/${id}/lineage`);
      const values = new Map<string | null, unknown>();
      for (const { id: candidate } of lineage.nodes) {
        values.set(candidate, (await get(`/api/runs/${id}/candidates/${encodeURIComponent(candidate)}`)).values.word);
      }
      const points = run.series.find(({ dataset }) => dataset === "validate") as ScoreSeries;
      const known = points.candidate.flatMap((candidate, at) =>
        candidate === null ? [] : [[values.get(candidate), points.score[at]]],
      );
      expect(known.length).toBeGreaterThanOrEqual(points.score.length - 1);
      for (const [word, score] of known) expect(score).toBeCloseTo(word === "yes" ? 0.5725 : 0.475, 10);
      expect(points.best).toBe(points.score.indexOf(0.5725));
      expect(new Set(points.candidate).size).toBeGreaterThan(2);
      const statuses = lineage.nodes.map(({ status }) => status);
      expect(statuses).toContain("current");
      expect(statuses).not.toContain("rejected");
      expect(run.counts.rejected).toBe(0);
      expect(lineage.nodes.map(({ id: candidate, score, n }) => [candidate, score, n])).toEqual(
        lineage.nodes.map(({ id: candidate }) => [
          candidate,
          values.get(candidate) === "yes" ? 0.5725 : expect.closeTo(0.475),
          20,
        ]),
      );
    },
  );

  it("are no more certain with more samples of the same examples", async () => {
    for (const numEvalSamples of [1, 25]) await trainWord(`samples-${numEvalSamples}`, { testDataset: others, numEvalSamples });
    const [once, often] = await Promise.all(
      ["samples-1", "samples-25"].map(async (id) => {
        const { series }: RunView = await get(`/api/runs/${id}`);
        const { results, n }: CandidateView = await get(`/api/runs/${id}/candidates/start`);
        const intervals = series.filter(({ dataset }) => dataset !== "train").map(({ low, high }) => [low[0], high[0]]);
        const whole = results.filter(({ dataset }) => dataset !== "train");
        return [
          intervals,
          whole.map(({ dataset, metric, mean, interval, examples }) => [dataset, metric, mean, interval, examples]),
          n,
        ];
      }),
    );
    expect(rounded(often)).toEqual(rounded(once));
    expect(rounded(once)[0]).not.toContain(null);
  });
});

/** Sums of other samples are rounded otherwise. */
function rounded(value: unknown): unknown[] {
  return JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "number" ? Number(part.toPrecision(9)) : part));
}
