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
  OptoPrimeMulti,
  parameter,
  range,
  TextGrad,
  TPE,
} from "opto";
import {
  beamSearch,
  beamSearchWithHistory,
  bestOf,
  bestOfN,
  copro,
  feedbackDescent,
  gepa,
  mapElites,
  mipro,
  PolicySearch,
  paretoSearch,
  polca,
  prioritySearch,
  proTeGi,
  racingSearch,
  sequentialRefinement,
  sequentialSearch,
  sequentialUpdate,
  simba,
  skillPatches,
  streamingSearch,
  ucbSearch,
} from "opto/algorithms";
import { Random } from "opto/data";
import { runDirectory } from "opto/runs";
import type { SearchPolicy } from "opto/search";
import { type ScriptedModel, scriptedModel } from "opto/testing";
import { describe, expect, it } from "vitest";
import * as searches from "../src/algorithms/searches.ts";
import { playing, valuesFor } from "./support/every-optimizer.ts";

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
const plan = { batchSize: 2, numEpochs: 99, stop: { maxIterations: 8 }, evalFrequency: 0, seed: 1 };

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
  bestOfN: () => bestOfN({ numProposals: 2 }),
  sequentialRefinement,
  beamSearch: () => beamSearch({ beamWidth: 2, numProposals: 2, validationSize: 4 }),
  beamSearchWithHistory: () => beamSearchWithHistory({ beamWidth: 2, validationSize: 4 }),
  ucbSearch: () => ucbSearch({ evalSize: 2 }),
  prioritySearch: () => prioritySearch({ numCandidates: 2, numProposals: 2 }),
  sequentialUpdate,
  sequentialSearch: () => sequentialSearch({ numProposals: 2 }),
  streamingSearch,
  paretoSearch: () => paretoSearch({ numCandidates: 2, numProposals: 2 }),
  copro: () => copro({ breadth: 2 }),
  gepa: () => gepa({ maxMerges: 1 }),
  mipro: () => mipro({ numCandidates: 2, minibatchSize: 3, fullEvery: 2, extendEvery: 2 }),
  racingSearch: () => racingSearch({ blockSize: 2, preflight: 2 }),
  simba: () => simba({ numPrograms: 2, numCandidates: 2 }),
  proTeGi: () => proTeGi({ beamWidth: 2, numEdits: 1, numParaphrases: 1, budget: 12, blockSize: 2 }),
  feedbackDescent,
  polca: () => polca({ numCandidates: 2 }),
  mapElites: () => mapElites({ numProposals: 2, stages: [2] }),
  skillPatches: () => skillPatches({ numPatches: 2 }),
  BasicSearchAlgorithm: undefined,
};

/** Answers by what it is asked, so that runs are alike only if their prompts are. */
const byPrompt = (): ScriptedModel =>
  playing((call) => {
    const random = new Random(call.system + JSON.stringify(call.messages));
    return valuesFor(call, { slope: String(random.integer(-9, 9)), offset: String(random.integer(-9, 9)) });
  });

const asking: readonly [name: string, make: (agent: Line, model: ScriptedModel) => Optimizer][] = [
  ["OptoPrime", (agent, llm) => new OptoPrime(agent, { model: llm, memorySize: 3 })],
  ["OptoPrimeMulti", (agent, llm) => new OptoPrimeMulti(agent, { model: llm, memorySize: 3, numResponses: 2 })],
  ["OPRO", (agent, llm) => new OPRO(agent, { model: llm })],
  ["TextGrad", (agent, llm) => new TextGrad(agent, { model: llm, memorySize: 2, momentum: 2 })],
];

/**
 * Two of them for each search, so that each is asked in every other one: what they read of a search is the archive, which is the same for all.
 */
const askingIn = (number: number): typeof asking => asking.filter((_, index) => index % 2 === number % 2);

it("every search is among them", () => {
  // One asks no optimizer, and one needs a list of items.
  const asking = Object.keys(searches).filter((name) => name !== "bootstrapFewShot" && name !== "acePlaybook");
  expect(Object.keys(policies)).toEqual(expect.arrayContaining(asking));
});

describe.each(Object.entries(policies).map(([name, policy], number) => ({ name, policy, number })))(
  "$name",
  ({ name, policy, number }) => {
    it.each(askingIn(number))("asks the same with 1 slot as with 16 and a resume at every iteration (%s)", async (_, make) => {
      const asked = (llm: ScriptedModel): string[] => llm.calls.map(({ prompt }) => prompt).sort();
      const one = byPrompt();
      const whole = await search(policy, (agent) => make(agent, one), { numThreads: 1, stop: { maxIterations: 4 } });
      const many = byPrompt();
      const runDir = await mkdtemp(join(tmpdir(), "opto-history-"));
      try {
        const proposed: Candidate[] = [];
        for (const maxIterations of [1, 2, 3, 4]) {
          const options = { numThreads: 16, stop: { maxIterations }, keeper: runDirectory({ dir: runDir, id: "resumed" }) };
          proposed.push(...(await search(policy, (agent) => make(agent, many), options)).proposed);
        }
        expect(proposed).toEqual(whole.proposed);
        expect(asked(many)).toEqual(asked(one));
      } finally {
        await rm(runDir, { recursive: true, force: true });
      }
      // What was tried is told in the end, in all searches.
      const last = asked(one).filter((prompt) => prompt.includes("<attempt"));
      expect(last.length, name).toBeGreaterThan(0);
      expect(last.some((prompt) => /<attempt (score|estimate)="/.test(prompt))).toBe(true);
    });

    const tpe: Make = (agent) => new TPE(agent, { seed: 4, startupTrials: 4 });

    it("makes the same of TPE with 1 and with 16 slots, and TPE keeps no trial of its own", async () => {
      const one = await search(policy, tpe, { numThreads: 1 });
      const many = await search(policy, tpe, { numThreads: 16 });
      expect(many.proposed).toEqual(one.proposed);
      expect(one.proposed.length).toBeGreaterThanOrEqual(plan.stop.maxIterations);
      expect(one.optimizer.state()).toMatchObject({ told: [] });
    });

    it("makes the same of TPE after several resumes", async () => {
      const whole = await search(policy, tpe, { numThreads: 4 });
      const runDir = await mkdtemp(join(tmpdir(), "opto-history-"));
      try {
        const parts: Ran[] = [];
        for (const maxIterations of [3, 4, 5, plan.stop.maxIterations]) {
          const keeper = runDirectory({ dir: runDir, id: "resumed" });
          parts.push(await search(policy, tpe, { numThreads: 1, keeper, stop: { maxIterations } }));
        }
        expect(parts.flatMap(({ proposed }) => proposed)).toEqual(whole.proposed);
        expect(parts.at(-1)?.best).toEqual(whole.best);
      } finally {
        await rm(runDir, { recursive: true, force: true });
      }
    });
  },
);

describe("reasons of proposals", () => {
  const explained = (index: number): string => `Idea ${index}: steeper.${" Really.".repeat(index === 0 ? 200 : 0)}`;
  const inTags = (index: number): string =>
    `<reasoning>\n${explained(index)}\n</reasoning>\n<variable name="slope">\n${index + 1}\n</variable>`;
  const inJson = (index: number): string => JSON.stringify({ reasoning: explained(index), values: { slope: index + 1 } });

  it.each([
    ["tags", inTags],
    ["json", inJson],
  ] as const)("are kept with their candidates, and shown with what came of them (%s)", async (replyFormat, reply) => {
    const llm = scriptedModel(({ index }) => reply(index));
    const reasons: unknown[] = [];
    const onEvent = (event: { type: string; reasoning?: string }): void => {
      if (event.type === "candidate-proposed") reasons.push(event.reasoning);
    };
    const agent = lineAgent();
    const optimizer = new OptoPrime(agent, { model: llm, memorySize: 3, replyFormat });
    const trainer = new PolicySearch(agent, optimizer, bestOf({ numProposals: 1 }), { logger: { onEvent } as never });
    await trainer.train(guide as never, data, { ...plan, validateDataset: data, stop: { maxIterations: 3 } } as never);
    expect(reasons[1]).toBe("Idea 1: steeper.");
    expect(reasons[0]).toMatch(/^Idea 0: steeper\. Really\./);
    expect((reasons[0] as string).length).toBeLessThanOrEqual(500);
    const last = llm.calls.at(-1)?.prompt ?? "";
    // The slope of 2 is the current one; that of 1 was worse.
    expect(last).toMatch(
      /<attempt score="[\d.]+" against="better on 0, worse on \d of 6">\n<reasoning>(.|\n)*Idea 0: steeper\.(.|\n)*<variable name="slope">\n1\n/,
    );
  });

  it("are not asked of optimizers that give none", async () => {
    const proposals: object[] = [];
    const onEvent = (event: { type: string }): void => {
      if (event.type === "candidate-proposed") proposals.push(event);
    };
    const agent = lineAgent();
    const tpe = new TPE(agent, { seed: 1 });
    const trainer = new PolicySearch(agent, tpe, bestOf({ numProposals: 1 }), { logger: { onEvent } as never });
    await trainer.train(guide as never, data, { ...plan, validateDataset: data, stop: { maxIterations: 2 } } as never);
    expect(proposals.length).toBeGreaterThan(0);
    for (const event of proposals) expect(Object.keys(event)).not.toContain("reasoning");
  });
});

describe("prompts of a search", () => {
  const oneMore = (): ScriptedModel => scriptedModel(({ index }) => `<variable name="slope">\n${(index % 7) + 1}\n</variable>`);
  const scoresIn = (prompt: string): string[] => Array.from(prompt.matchAll(/<attempt([^>]*)>/g), ([, head]) => head as string);

  it.each(["bestOf", "BasicSearchAlgorithm"])("tell of attempts with scores on the same validation data (%s)", async (name) => {
    for (const make of [OptoPrime, OPRO]) {
      const llm = oneMore();
      await search(policies[name], (agent) => new make(agent, { model: llm, memorySize: 3 }), {
        stop: { maxIterations: 3 },
        numThreads: 1,
      });
      const last = llm.calls.at(-1)?.prompt ?? "";
      expect(last).toContain("Every score is the mean over the same 6 examples, which may differ from those in the feedback.");
      const heads = scoresIn(last);
      expect(heads.length).toBeGreaterThan(2);
      const known =
        /^ (?:score="[\d.]+"|estimate="-?[\d.]+" examples="([1-5]) of 6")(?: current="yes")?( spread="[^"]+")?( against="better on \d, worse on \d of (\d)")?$/;
      for (const head of heads) {
        expect(head).toMatch(known);
        const [, examples = "6", spread = "", , compared = examples] = known.exec(head) ?? [];
        expect(compared).toBe(examples);
        // Every example that it was scored on has one of these scores.
        const counts = Array.from(spread.matchAll(/ on (\d)/g), ([, count]) => Number(count));
        if (counts.length > 0) expect(counts.reduce((sum, count) => sum + count)).toBe(Number(examples));
      }
    }
  });

  it.each([undefined, 4])(
    "beam search with history tells the best candidates so far (validationSize %s)",
    async (validationSize) => {
      const llm = byPrompt();
      const make: Make = (agent) => new OptoPrime(agent, { model: llm });
      const policy = () => beamSearchWithHistory({ beamWidth: 2, maxHistory: 3, validationSize });
      await search(policy, make, { stop: { maxIterations: 4 }, numThreads: 1 });
      const table = /# Advice\nCandidates tried so far, [^\n]*\n([\s\S]*?)\n\n/.exec(llm.calls.at(-1)?.prompt ?? "")?.[1] ?? "";
      const lines = table.split("\n");
      expect(lines).toHaveLength(3);
      const score = validationSize === undefined ? "[\\d.]+" : "-?[\\d.]+(, estimated from \\d of [456] examples)?";
      for (const line of lines) expect(line).toMatch(new RegExp(`^Score ${score}: \\{"slope":-?\\d,"offset":-?\\d\\}$`));
      expect(llm.calls[0]?.prompt).not.toContain("# Advice");
    },
  );

  it("a user's optimizer hears what candidates scored, as before", async () => {
    const heard: [Candidate, number][] = [];
    class Listening extends TPE {
      override observe(candidate: Candidate, score: number): void {
        heard.push([candidate, score]);
        super.observe(candidate, score);
      }
    }
    const { optimizer } = await search(policies.bestOf, (agent) => new Listening(agent, { seed: 4 }), {
      stop: { maxIterations: 2 },
    });
    expect(heard.length).toBeGreaterThan(3);
    expect(optimizer.state()).toMatchObject({ told: [] });
  });
});
