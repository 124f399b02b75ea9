/**
 * Optimizers that learn from what was tried read it from the archive of the search: with any number of slots, after any resume, and
 * without a copy of their own.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BasicSearchAlgorithm,
  bundle,
  type Candidate,
  model,
  OPRO,
  type Optimizer,
  OptoPrime,
  parameter,
  range,
  TPE,
} from "opto";
import { beamSearch, bestOf, PolicySearch, prioritySearch } from "opto/algorithms";
import { runDirectory } from "opto/runs";
import type { SearchPolicy } from "opto/search";
import { type ScriptedModel, scriptedModel } from "opto/testing";
import { describe, expect, it } from "vitest";

const answer = bundle((slope: number, offset: number, x: number) => slope * x + offset, { name: "answer" });

function lineAgent() {
  const domain = range(-9, 9, { integer: true });
  return model({ slope: parameter(0, { domain }), offset: parameter(0, { domain }) }, ({ slope, offset }, x: number) => {
    return answer(slope, offset, x);
  });
}

type Line = ReturnType<typeof lineAgent>;

const data = Array.from({ length: 6 }, (_, x) => ({ input: x, info: 3 * x + 2 }));
const guide = Object.assign(
  (_x: number, y: number, right: number) => ({
    score: 1 / (1 + Math.abs(y - right)),
    feedback: y < right ? "Too low." : "Too high.",
  }),
  { scoreRange: [0, 1] as const },
);
const plan = { batchSize: 2, numEpochs: 99, maxIterations: 8, evalFrequency: 0, seed: 1 };

interface Ran {
  readonly best: Candidate;
  readonly proposed: readonly Candidate[];
  readonly optimizer: Optimizer;
}

type Make = (agent: Line) => Optimizer;
type Options = Record<string, unknown>;

/** A search with a policy, or `undefined` for the seed's. */
async function search(policy: (() => SearchPolicy) | undefined, make: Make, options: Options = {}): Promise<Ran> {
  const agent = lineAgent();
  const optimizer = make(agent);
  const proposed: Candidate[] = [];
  const onEvent = (event: { type: string; values?: Candidate; iteration?: number }): void => {
    if (event.type === "candidate-proposed" && event.values !== undefined) proposed.push(event.values);
  };
  const logger = { order: "logical" as const, onEvent };
  const trainer =
    policy === undefined
      ? new BasicSearchAlgorithm(agent, optimizer, { logger: logger as never })
      : new PolicySearch(agent, optimizer, policy(), { logger: logger as never });
  const { best } = await trainer.train(guide as never, data, { ...plan, validateDataset: data, ...options } as never);
  return { best: best.parameters, proposed, optimizer };
}

const policies: Record<string, (() => SearchPolicy) | undefined> = {
  bestOf: () => bestOf({ numProposals: 3 }),
  beamSearch: () => beamSearch({ beamWidth: 2, numProposals: 2, validationSize: 4 }),
  prioritySearch: () => prioritySearch({ numCandidates: 2, numProposals: 2 }),
  BasicSearchAlgorithm: undefined,
};

describe.each(Object.entries(policies))("%s", (_name, policy) => {
  const tpe: Make = (agent) => new TPE(agent, { seed: 4, startupTrials: 4 });

  it("makes the same of TPE with 1 and with 16 slots, and TPE keeps no trial of its own", async () => {
    const one = await search(policy, tpe, { numThreads: 1 });
    const many = await search(policy, tpe, { numThreads: 16 });
    expect(many.proposed).toEqual(one.proposed);
    expect(one.proposed.length).toBeGreaterThan(10);
    expect(one.optimizer.state()).toMatchObject({ told: [] });
  });

  it("makes the same of TPE after a resume", async () => {
    const whole = await search(policy, tpe, { numThreads: 4 });
    const runDir = await mkdtemp(join(tmpdir(), "opto-history-"));
    try {
      const run = () => runDirectory({ runDir, run: "resumed" });
      const first = await search(policy, tpe, { numThreads: 4, run: run(), maxIterations: 3 });
      const second = await search(policy, tpe, { numThreads: 1, run: run() });
      expect([...first.proposed, ...second.proposed]).toEqual(whole.proposed);
      expect(second.best).toEqual(whole.best);
    } finally {
      await rm(runDir, { recursive: true, force: true });
    }
  });
});

describe("prompts of a search", () => {
  const oneMore = (): ScriptedModel => scriptedModel(({ index }) => `<variable name="slope">\n${(index % 7) + 1}\n</variable>`);
  const scoresIn = (prompt: string): string[] => Array.from(prompt.matchAll(/<attempt([^>]*)>/g), ([, head]) => head as string);

  it.each(["bestOf", "BasicSearchAlgorithm"])("tell of attempts with scores on the same validation data (%s)", async (name) => {
    for (const make of [OptoPrime, OPRO]) {
      const llm = oneMore();
      await search(policies[name], (agent) => new make(agent, { model: llm, memorySize: 3 }), {
        maxIterations: 3,
        numThreads: 1,
      });
      const last = llm.calls.at(-1)?.prompt ?? "";
      expect(last).toContain("Every score is the mean over the same 6 examples, which need not be those of the feedback.");
      const heads = scoresIn(last);
      expect(heads.length).toBeGreaterThan(2);
      for (const head of heads)
        expect(head).toMatch(/^ score="[\d.]+"( current="yes")?$|^ estimate="-?[\d.]+" examples="[1-5] of 6"$/);
    }
  });

  it("a user's optimizer hears what candidates scored, as before", async () => {
    const heard: [Candidate, number][] = [];
    class Listening extends TPE {
      override observe(candidate: Candidate, score: number): void {
        heard.push([candidate, score]);
        super.observe(candidate, score);
      }
    }
    const { optimizer } = await search(policies.bestOf, (agent) => new Listening(agent, { seed: 4 }), { maxIterations: 2 });
    expect(heard.length).toBeGreaterThan(3);
    expect(optimizer.state()).toMatchObject({ told: [] });
  });
});
