/**
 * Planned work against real runs.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distance, line, points, ScriptedOptimizer } from "../../../test/support/line-fitting.ts";
import { BasicSearchAlgorithm } from "../../algorithms/basic-search-algorithm.ts";
import { MinibatchAlgorithm } from "../../algorithms/minibatch-algorithm.ts";
import { DataLoader } from "../../data/data-loader.ts";
import type { Range } from "../../data/range.ts";
import type { RunEvent } from "../../trainer/events.ts";
import { planWork, type Work, type WorkSettings } from "./plan-work.ts";

/** The settings of a run of one of the seed's classes. */
interface Given extends Omit<WorkSettings, "appetite" | "numEvaluatedExamples"> {
  readonly algorithm: "MinibatchAlgorithm" | "BasicSearchAlgorithm";
  readonly ensureImprovement?: boolean;
  /** Of `BasicSearchAlgorithm`. */
  readonly numProposals?: number;
}

/** The work of such a run, by the appetite of its search. */
function workOf({ algorithm, ensureImprovement, numProposals, numValidationExamples, ...settings }: Given): Work {
  const { agent } = line();
  const options = { ensureImprovement, numEvalSamples: settings.numEvalSamples };
  const isSearch = algorithm === "BasicSearchAlgorithm";
  const optimizer = new ScriptedOptimizer(agent, () => ({}));
  const plan = isSearch
    ? new BasicSearchAlgorithm(agent, optimizer).plan(distance, points(1), { ...options, numProposals })
    : new MinibatchAlgorithm(agent, optimizer).plan(distance, points(1), options);
  const validation = isSearch ? { numValidationExamples } : { numEvaluatedExamples: numValidationExamples };
  const numReportTests = reportTests({ algorithm, numValidationExamples, ...settings });
  return planWork({
    ...settings,
    ...validation,
    numReportTests,
    isJudgedByEvaluation: !isSearch,
    appetite: plan.policy.appetite(),
  });
}

/** How often the best values may be evaluated for the report. */
function reportTests({ algorithm, numTestExamples, numValidationExamples, evalFrequency = 1 }: Given): number {
  const hasOwnTest = algorithm === "BasicSearchAlgorithm" || numValidationExamples !== undefined;
  return hasOwnTest && numTestExamples !== undefined && evalFrequency > 1 ? 1 : 0;
}

type Counts = { -readonly [Kind in keyof Work]: number };

/** A run by these settings, with an optimizer that proposes what `propose` says; what it has done, counted by its events. */
async function run(
  settings: Given,
  propose: (position: string) => number | undefined,
  minScore: number | null = null,
): Promise<Counts> {
  const { algorithm, numExamples, batchSize = 1, dropLast = false, maxIterations = null, ...rest } = settings;
  const { numTestExamples, numValidationExamples, numProposals, deterministic = false, ...options } = rest;
  const counts: Counts = { iterations: 0, forward: 0, test: 0, improvement: 0, validation: 0, rollouts: 0, proposals: 0 };
  const onEvent = (event: RunEvent): void => {
    if (event.type === "rollout-end") {
      counts.rollouts++;
      counts[kindOf(event.position)]++;
    }
    if (event.type === "iteration-end") counts.iterations++;
  };
  const agent = Object.assign(line().agent, { deterministic });
  const optimizer = new ScriptedOptimizer(agent, (position): Record<string, number> => {
    const a = propose(position);
    return a === undefined ? {} : { a };
  });
  const loader = new DataLoader(points(numExamples), { batchSize, dropLast });
  const common = {
    ...options,
    minScore,
    stop: { maxIterations: maxIterations ?? undefined },
    testDataset: numTestExamples === undefined ? null : points(numTestExamples),
  };
  const validateDataset = numValidationExamples === undefined ? null : points(numValidationExamples);
  const trained =
    algorithm === "MinibatchAlgorithm"
      ? new MinibatchAlgorithm(agent, optimizer, { logger: { onEvent } }).train(distance, loader, { ...common, validateDataset })
      : new BasicSearchAlgorithm(agent, optimizer, { logger: { onEvent } }).train(distance, loader, {
          ...common,
          validateDataset,
          numProposals,
        });
  await trained;
  return { ...counts, proposals: optimizer.asked.length };
}

function kindOf(position: string): "forward" | "test" | "improvement" | "validation" {
  if (position.startsWith("report/")) return "test";
  const [, kind] = /^iteration\/\d+\/(forward|test|improvement|validate|validation)\//.exec(position) ?? [];
  return (kind === "validate" ? "validation" : kind) as "forward" | "test" | "improvement" | "validation";
}

const settings: fc.Arbitrary<Given> = fc
  .record({
    algorithm: fc.constantFrom("MinibatchAlgorithm" as const, "BasicSearchAlgorithm" as const),
    numExamples: fc.integer({ min: 1, max: 9 }),
    batchSize: fc.integer({ min: 1, max: 10 }),
    numEpochs: fc.integer({ min: 1, max: 3 }),
    dropLast: fc.boolean(),
    maxIterations: fc.option(fc.integer({ min: 1, max: 6 })),
    deterministic: fc.boolean(),
    evalFrequency: fc.integer({ min: 0, max: 3 }),
    numTestExamples: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    numEvalSamples: fc.integer({ min: 1, max: 2 }),
    ensureImprovement: fc.boolean(),
    numProposals: fc.integer({ min: 1, max: 4 }),
    numValidationExamples: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  })
  // A loader refuses to leave out its only batch.
  .filter(({ dropLast, batchSize, numExamples }) => !dropLast || batchSize <= numExamples);

describe("planWork", () => {
  it("holds what a real run does, and tells exactly what is certain", async () => {
    // 2 is right, -1 makes the agent throw, 0 is where it starts.
    const values = fc.infiniteStream(fc.constantFrom(undefined, 0, 1, 2, 3, -1));
    const property = fc.asyncProperty(settings, values, fc.constantFrom(null, -9), async (given, proposals, minScore) => {
      const planned = workOf(given);
      const counted = await run(given, () => proposals.next().value, minScore);
      for (const [kind, { min, max }] of Object.entries(planned) as [keyof Work, Range][]) {
        expect(counted[kind], kind).toBeGreaterThanOrEqual(min);
        expect(counted[kind], kind).toBeLessThanOrEqual(max);
      }
      for (const kind of ["iterations", "forward", "test", "proposals"] as const) {
        // Whether the best values are evaluated for the report is not certain: an iteration may have done so.
        if (kind === "test" && (given.deterministic || reportTests(given) > 0)) continue;
        // Nor whether the last values are evaluated in the end: they may have been before.
        if (kind === "test" && given.algorithm === "MinibatchAlgorithm" && (given.evalFrequency ?? 1) > 1) continue;
        expect(planned[kind], kind).toEqual({ min: counted[kind], max: counted[kind] });
      }
    });
    await fc.assert(property, { numRuns: 150 });
  });

  const search: Given = { algorithm: "BasicSearchAlgorithm", numExamples: 4, batchSize: 2, numEpochs: 2, numProposals: 3 };

  it.each<{ name: string; given: Given; propose: (call: number) => number | undefined; bound: "min" | "max" }>([
    { name: "least: nothing is proposed", given: search, propose: () => undefined, bound: "min" },
    { name: "most: everything is new, and worse", given: search, propose: (call) => 10 + call, bound: "max" },
    {
      name: "least: nothing is proposed, nor checked",
      given: { algorithm: "MinibatchAlgorithm", numExamples: 3, ensureImprovement: true },
      propose: () => undefined,
      bound: "min",
    },
    {
      name: "most: every proposal is checked",
      given: { algorithm: "MinibatchAlgorithm", numExamples: 3, ensureImprovement: true, numEvalSamples: 2 },
      propose: (call) => 10 + call,
      bound: "max",
    },
  ])("$name", async ({ given, propose, bound }) => {
    let calls = 0;
    const counted = await run(given, () => propose(calls++));
    const planned = Object.entries(workOf(given)).map(([kind, range]: [string, Range]) => [kind, range[bound]]);
    expect(counted).toEqual(Object.fromEntries(planned));
  });

  it("knows what comes before the earliest end", () => {
    const given: Given = { ...search, mayStopEarly: true, numTestExamples: 5 };
    expect(workOf(given)).toEqual({
      iterations: { min: 0, max: 4 },
      forward: { min: 0, max: 8 },
      test: { min: 5, max: 25 },
      improvement: { min: 0, max: 0 },
      validation: { min: 0, max: 52 },
      rollouts: { min: 5, max: 85 },
      proposals: { min: 0, max: 12 },
    });
    expect(workOf({ ...given, maxIterations: 0, evalFrequency: 0 }).rollouts).toEqual({ min: 0, max: 0 });
  });

  it.each<[Partial<Given>, string]>([
    [{ numExamples: 0 }, "Expected `numExamples` to be a whole number of at least 1, got 0"],
    [{ batchSize: 1.5 }, "Expected `batchSize` to be a whole number of at least 1, got 1.5"],
    [{ evalFrequency: -1 }, "Expected `evalFrequency` to be a whole number of at least 0, got -1"],
    [{ maxIterations: Number.NaN }, "Expected `maxIterations` to be a whole number of at least 0, got NaN"],
  ])("refuses %j", (change, message) => {
    expect(() => workOf({ ...search, ...change })).toThrow(message);
  });
});
