/**
 * Metrics may have any name, also one that every object has: they get from the guide to the archive, the report, the journal, and the viewer.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { model, parameter, range, train } from "opto";
import { bestOf } from "opto/algorithms";
import type { Archive, SearchPolicy } from "opto/search";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toFeedback } from "../src/data/feedback.ts";
import { PriceList } from "../src/llm/spend/prices.ts";
import { runView } from "../src/viewer/run-view.ts";
import { ViewedRun } from "../src/viewer/viewed-run.ts";

const names = ["__proto__", "constructor", "toString"];
const named = (value: number): Record<string, number> => Object.fromEntries(names.map((name) => [name, value]));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "opto-metrics-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Remembers the archive of the last iteration. */
function watched(seen: Archive[]): SearchPolicy {
  const policy = bestOf({ numProposals: 3 }) as SearchPolicy;
  return {
    ...policy,
    iterate: (step, memo) => {
      seen[0] = step.archive;
      return policy.iterate(step, memo);
    },
  };
}

describe("metrics with the names of what every object has", () => {
  it("are compared by, reported, kept, and shown", async () => {
    const seen: Archive[] = [];
    const agent = model(
      { level: parameter(0, { domain: range(0, 9, { integer: true }) }) },
      ({ level }, _: number) => level.value,
    );
    const examples = Array.from({ length: 12 }, (_, input) => ({ input, info: null }));
    const result = await train({
      agent,
      trainDataset: examples,
      validateDataset: examples,
      guide: (_x, level) => ({ score: 0, feedback: "", scores: named(Number(level)) }),
      objective: "__proto__",
      optimizer: "TPE",
      algorithm: watched(seen),
      numEpochs: 4,
      batchSize: 4,
      run: { dir, id: "named" },
      logger: [],
    });
    const level = Number(agent.parameters()[0]?.value);
    expect(level).toBeGreaterThan(0);
    expect(result.report.gain).toBe(level);
    const [archive] = seen as [Archive];
    const held = archive.find(agent.candidate());
    const means = held === undefined ? null : archive.mean(held);
    expect(Object.keys(means ?? {}).sort()).toEqual([...names, "score"].sort());
    expect(Object.values(means ?? {})).toContain(level);

    const run = new ViewedRun(join(dir, "named"), "named", new PriceList({}, 0));
    await run.refresh();
    const { metrics, bestCandidate } = runView(run);
    expect(metrics.toSorted()).toEqual([...names, "score"].toSorted());
    expect(Object.keys(bestCandidate?.scores ?? {}).sort()).toEqual([...names, "score"].sort());
  });

  it("are kept where several results are joined into one feedback", () => {
    const joined = toFeedback([
      { name: "__proto__", score: 0.25 },
      { name: "constructor", score: 0.75 },
    ]);
    expect(Object.entries(joined.scores ?? {})).toEqual([
      ["__proto__", 0.25],
      ["constructor", 0.75],
    ]);
  });
});
