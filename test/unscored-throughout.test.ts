/**
 * A task of which nothing could be scored: by a candidate or an example of its own doing it costs a warning; by a server that is gone it ends the run.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LLMJudge, type TrainOptions, train } from "opto";
import * as searches from "opto/algorithms";
import { model, parameter } from "opto/graph";
import { scriptedModel } from "opto/testing";
import type { RunEvent } from "opto/trainer";
import { describe, expect, it } from "vitest";
import { setting } from "./support/line-fitting.ts";

const timeout = (): Error => Object.assign(new Error("client timed out"), { code: "ETIMEDOUT" });
const examplesOf = (size: number) => Array.from({ length: size }, (_, input) => ({ input, info: null }));
type Options = Partial<TrainOptions<number, number, null>>;

/** Trains `a`, which answers itself; `isLost` says of which rollouts nothing comes. */
async function trained(isLost: (a: number, x: number) => boolean, size: number, options: Options = {}) {
  const agent = model({ a: parameter(0) }, ({ a }, x: number): number => {
    if (isLost(a.value, x)) throw timeout();
    return Math.min(0.9, 0.3 + a.value / 100);
  });
  const guide = Object.assign((_x: number, y: number) => ({ score: y, feedback: "higher" }), { scoreRange: [0, 1] as const });
  const events: RunEvent[] = [];
  const logger = { log() {}, onEvent: (event: RunEvent) => void events.push(event) };
  const optimizer = setting(agent, ...Array.from({ length: 40 }, (_, index) => index + 1));
  const result = await train({ agent, guide, optimizer, trainDataset: examplesOf(size), run: null, logger, ...options } as never);
  return { result, warnings: events.flatMap((event) => (event.type === "warning" ? [event.message] : [])) };
}

describe("an example that always times out", () => {
  const rows: Record<string, Options & { readonly size: number; readonly lost: number }> = {
    "batches of one, with all defaults": { size: 8, lost: 3, numEpochs: 2 },
    "the first example of the run": { size: 8, lost: 0, shuffle: false },
    "a short last batch": { size: 9, lost: 8, batchSize: 4, shuffle: false },
    "a search on batches of one": { size: 8, lost: 3, algorithm: "BasicSearchAlgorithm", validateDataset: examplesOf(8) },
    "gepa on batches of one": { size: 8, lost: 3, algorithm: searches.gepa(), validateDataset: examplesOf(8), batchSize: 1 },
    "prioritySearch on batches of one": {
      size: 8,
      lost: 3,
      algorithm: searches.prioritySearch(),
      validateDataset: examplesOf(8),
      batchSize: 1,
    },
    "racing in blocks of one": {
      size: 8,
      lost: 3,
      algorithm: searches.racingSearch({ blockSize: 1, preflight: 1, feedbackSize: 1 }),
      validateDataset: examplesOf(8),
      batchSize: 1,
    },
  };
  it.each(Object.entries(rows))("does not end a run: %s", async (_name, { size, lost, ...options }) => {
    const { result, warnings } = await trained((_a, x) => x === lost, size, options);
    expect(result.stopReason).toBe("completed");
    expect(warnings).toContainEqual(expect.stringMatching(/none of \d+ rollouts could be scored.*Other rollouts can be scored/));
  });

  it("does not end a run when it is the judge that refuses it", async () => {
    const refused = {
      statusCode: 400,
      responseBody: '{"error":{"code":"content_filter","message":"filtered by content policy"}}',
    };
    const judge = new LLMJudge<number, string>({
      model: scriptedModel((call) => {
        if (JSON.stringify(call).includes("answer to 3")) throw Object.assign(new Error("filtered by content policy"), refused);
        return '{"feedback":"fine","score":0.5}';
      }),
    });
    const agent = model({ a: parameter(0) }, ({ a }, x: number) => `${a.value} is the answer to ${x}`);
    const optimizer = setting(agent, ...Array.from({ length: 8 }, (_, index) => index + 1));
    const { stopReason } = await train({ agent, guide: judge, optimizer, trainDataset: examplesOf(8), run: null, logger: [] });
    expect(stopReason).toBe("completed");
  });
});

describe("a candidate that always times out", () => {
  const policies: Record<string, () => Options["algorithm"]> = {
    minibatch: () => undefined,
    prioritySearch: searches.prioritySearch,
    ucbSearch: searches.ucbSearch,
    streamingSearch: searches.streamingSearch,
    gepa: searches.gepa,
    simba: searches.simba,
    proTeGi: searches.proTeGi,
    feedbackDescent: searches.feedbackDescent,
  };
  it.each(Object.entries(policies))("does not end a run, nor win: %s", async (_name, make) => {
    const algorithm = make();
    const options = { ...(algorithm && { algorithm }), validateDataset: examplesOf(12), batchSize: 6, numEpochs: 2 };
    const { result } = await trained((a) => a === 2, 12, options as Options);
    expect(result.stopReason).toBe("completed");
    expect(result.best.parameters.a).not.toBe(2);
  });
});

describe("a server that is gone", () => {
  it.each([1, 4])("ends the run with batches of %i, and the same command resumes", async (batchSize) => {
    const dir = await mkdtemp(join(tmpdir(), "opto-gone-"));
    try {
      let calls = 0;
      const options = (isGone: boolean): [(a: number, x: number) => boolean, number, Options] => [
        () => isGone && ++calls > 16,
        8,
        { run: { dir, id: "r" }, batchSize, shuffle: false, numEpochs: 2 },
      ];
      await expect(trained(...options(true))).rejects.toThrow(/none of \d+ rollouts could be scored.*Fix that/);
      const resumed = (await trained(...options(false))).result;
      const undisturbed = (await trained(() => false, 8, { batchSize, shuffle: false, numEpochs: 2 })).result;
      expect(resumed.best).toEqual(undisturbed.best);
      expect(resumed.iterations).toBe(undisturbed.iterations);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
