/**
 * What a search policy can get wrong, and what the engine makes of it: refused with the remedy, and nothing of the iteration is left.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { model, parameter, type RunEvent, train } from "opto";
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
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import type { SearchPolicy, Step, Verdict } from "opto/search";
import { httpError } from "opto/testing";
import { describe, expect, it } from "vitest";
import { distance, line, points, proposing, ScriptedOptimizer, setting } from "./support/line-fitting.ts";

type Iterate = (step: Step, memo: never) => Promise<unknown>;

function own(iterate: Iterate, start: unknown = null): SearchPolicy {
  return {
    name: "Own",
    settings: {},
    start,
    appetite: () => ({ forward: 1, proposals: 1, scored: [{ candidates: 2, on: "validation" }] }),
    iterate: iterate as SearchPolicy["iterate"],
  } as SearchPolicy;
}

const data = { trainDataset: points(4), validateDataset: points(5), guide: distance, logger: [], run: null };

describe("is refused, with what to do instead", () => {
  const kept = (step: Step): Verdict => ({ current: step.current, memo: null });

  it.each<{ name: string; iterate: Iterate; message: RegExp }>([
    {
      name: "a current candidate of another archive",
      iterate: async (step) => ({ current: { ...step.current }, memo: null }),
      message: /The `current` that Own returned must be from the archive of this search, got \{"id":"start"/,
    },
    {
      name: "no current candidate",
      iterate: async () => ({ memo: null }),
      message: /The `current` that Own returned must be from the archive of this search, got undefined/,
    },
    {
      name: "no verdict",
      iterate: async () => undefined,
      message: /Expected `iterate` of Own to return \{ current, memo \}, got undefined/,
    },
    {
      name: "a memo that is not plain data",
      iterate: async (step) => ({ current: step.current, memo: { seen: new Map() } }),
      message: /The memo of Own must be plain JSON: memo\.seen is an instance of Map/,
    },
    {
      name: "a verb that is not awaited",
      iterate: async (step) => {
        void step.score([step.current], step.validation);
        return kept(step);
      },
      message: /`iterate` of Own returned while `score` was still running\. Await each verb of a step/,
    },
    {
      name: "two verbs at a time",
      iterate: async (step) => {
        await Promise.all([step.propose([step.current]), step.score([step.current], step.validation)]);
        return kept(step);
      },
      message: /`score` was called while `propose` was still running\. Await each verb of a step before the next/,
    },
    {
      name: "two verbs at a time, whatever the policy makes of it",
      iterate: async (step) => {
        await Promise.allSettled([step.forward([step.current]), step.forward([step.current])]);
        return kept(step);
      },
      message: /`forward` was called while `forward` was still running/,
    },
    {
      name: "a parent of another archive",
      iterate: async (step) => {
        await step.propose([{ ...step.current }]);
        return kept(step);
      },
      message: /The candidates of `propose` must be from the archive of this search/,
    },
    {
      name: "a parameter that there is not",
      iterate: async (step) => {
        await step.propose([step.current], { parameters: ["slope"] });
        return kept(step);
      },
      message: /There is no trainable parameter "slope"\. There are: a/,
    },
    {
      name: "a further parent of another archive",
      iterate: async (step) => {
        await step.propose([step.current], { others: [{ ...step.current }] });
        return kept(step);
      },
      message: /The candidates of `propose` must be from the archive of this search/,
    },
    {
      name: "the rules of a parameter that there is not",
      iterate: async (step) => {
        step.rulesOf("slope");
        return kept(step);
      },
      message: /There is no trainable parameter "slope"\. There are: a/,
    },
    {
      name: "worked examples of a parameter that there is not",
      iterate: async (step) => {
        const [output] = await step.forward([step.current]);
        if (output !== undefined) step.workedExamples(output, "slope");
        return kept(step);
      },
      message: /There is no trainable parameter "slope"\. There are: a/,
    },
    {
      name: "the data of an example that there is not",
      iterate: async (step) => {
        step.data({ ...step.validation, examples: [5] });
        return kept(step);
      },
      message: /Expected `examples` of `data` to be indices of the 5 examples of "validate", got 5/,
    },
    {
      name: "no proposals",
      iterate: async (step) => {
        await step.propose([step.current], { count: 0 });
        return kept(step);
      },
      message: /Expected `count` of propose to be a whole number of at least 1, got 0/,
    },
    {
      name: "an example that there is not",
      iterate: async (step) => {
        await step.score([step.current], { ...step.validation, examples: [0, 5] });
        return kept(step);
      },
      message: /Expected `examples` of `score` to be indices of the 5 examples of "validate", got 5/,
    },
    {
      name: "the test dataset",
      iterate: async (step) => {
        await step.score([step.current], { dataset: "test" as "train", examples: [0] });
        return kept(step);
      },
      message: /Expected `dataset` of a sample to be "train" or "validate", got "test"/,
    },
    {
      name: "keeping none",
      iterate: async (step) => {
        await step.score([step.current], step.validation, { keep: 0 });
        return kept(step);
      },
      message: /Expected `keep` of score to be a whole number of at least 1, got 0/,
    },
    {
      name: "a certain error",
      iterate: async (step) => {
        await step.score([step.current], step.validation, { keep: 1, errorProbability: 1 });
        return kept(step);
      },
      message: /Expected `errorProbability` of score to be a number above 0 and below 1, got 1/,
    },
  ])("$name", async ({ iterate, message }) => {
    const { agent } = line();
    const run = train({ ...data, agent, optimizer: setting(agent, 1), algorithm: own(iterate) });
    await expect(run).rejects.toThrow(message);
    expect(agent.candidate()).toEqual({ a: 0 });
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "beamSearch",
      () => beamSearch({ beamwidth: 4 } as object),
      /Unknown option `beamwidth` of BeamSearch; did you mean `beamWidth`\?/,
    ],
    ["bestOf", () => bestOf({ numProposals: 0 }), /Expected `numProposals` of BestOf to be a whole number of at least 1, got 0/],
    [
      "bestOf, racing",
      () => bestOf({ errorProbability: 5 }),
      /Expected `errorProbability` of BestOf to be a number above 0 and below 1/,
    ],
    ["bestOfN", () => bestOfN({ n: 4 } as object), /Unknown option `n` of BestOfN/],
    ["ucbSearch", () => ucbSearch({ evalsize: 4 } as object), /Unknown option `evalsize` of UCBSearch/],
    [
      "prioritySearch",
      () => prioritySearch({ exploration: -1 }),
      /Expected `exploration` of PrioritySearch to be a number of at least 0/,
    ],
    ["paretoSearch", () => paretoSearch({ priority: "ucb" } as object), /Unknown option `priority` of ParetoSearch/],
    ["sequentialSearch", () => sequentialSearch({ memorySize: 2 } as object), /Unknown option `memorySize` of SequentialSearch/],
    [
      "streamingSearch",
      () => streamingSearch({ ratio: 2 }),
      /Expected `ratio` of StreamingSearch to be a number above 0 and of at most 1/,
    ],
    [
      "an appetite",
      () =>
        train({
          ...data,
          agent: line().agent,
          algorithm: {
            ...own(async () => undefined),
            appetite: () => ({ forward: 1, proposals: 1, scored: [{ candidates: 1, on: "validate" as "batch" }] }),
          },
          optimizer: setting(line().agent, 1),
        }),
      /Expected `on` in the appetite of Own to be "batch", "validation", or a number of examples, got "validate"/,
    ],
  ])("%s with an option that cannot be meant", async (_name, make, message) => {
    await expect(async () => make()).rejects.toThrow(message);
  });
});

describe("a policy that catches everything", () => {
  it("does not hide that the run was stopped: the iteration is made again when it continues", async () => {
    const folder = await mkdtemp(join(tmpdir(), "opto-caught-"));
    const careless = () =>
      own(async (step) => {
        const [child = step.current] = await step.propose([step.current]);
        await step.score([step.current, child], step.validation).catch(() => undefined);
        return { current: step.archive.top([step.current, child], 1, step.validation)[0] ?? step.current, memo: null };
      });
    const run = (options: object) => {
      const { agent } = line();
      return train({ ...data, agent, optimizer: setting(agent, 1, 2), algorithm: careless(), batchSize: 2, ...options });
    };
    try {
      const undisturbed = await run({});
      const kept = { run: { dir: folder, id: "caught" } };
      const stopped = await run({ ...kept, budget: { rollouts: 5 } });
      expect(stopped).toMatchObject({ stopReason: "budget", iterations: 0 });
      const { best, parameters, iterations } = await run(kept);
      expect({ best, parameters, iterations }).toEqual({
        best: undisturbed.best,
        parameters: undisturbed.parameters,
        iterations: undisturbed.iterations,
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("what a policy is given", () => {
  it("cannot be changed, from the first iteration on", async () => {
    const start: string[] = [];
    const policy = own(async (step, memo: string[]) => {
      memo.push(step.current.id);
      return { current: step.current, memo };
    }, start);
    const { agent } = line();
    await expect(train({ ...data, agent, optimizer: setting(agent, 1), algorithm: policy })).rejects.toThrow(TypeError);
    expect(start).toEqual([]);
  });

  it("is what there was when it asked: candidates that are added do not change the list", async () => {
    const seen: number[] = [];
    const policy = own(async (step) => {
      for (const entry of step.archive.entries) await step.propose([entry]);
      seen.push(step.archive.entries.length);
      return { current: step.current, memo: null };
    });
    const { agent } = line();
    const optimizer = new ScriptedOptimizer(agent, () => ({ a: Math.round(agent.a.value) + 1 }));
    await train({ ...data, agent, optimizer, algorithm: policy, stop: { maxIterations: 2 }, keep: "last" });
    expect(seen).toEqual([2, 3]);
  });

  it("is as many rollouts with feedback as its sample says", async () => {
    const counts: number[] = [];
    const policy = own(async (step) => {
      const outputs = await step.forward([step.current], { ...step.batch, samples: 3 });
      counts.push(outputs.length, step.archive.trials(step.current, step.batch).flat().length);
      return { current: step.current, memo: null };
    });
    const { agent } = line();
    await train({
      ...data,
      agent,
      optimizer: setting(agent, 1),
      algorithm: policy,
      batchSize: 2,
      stop: { maxIterations: 1 },
      keep: "last",
    });
    expect(counts).toEqual([6, 6]);
  });
});

const searches: Readonly<Record<string, () => SearchPolicy>> = {
  bestOf: () => bestOf({ numProposals: 1 }),
  bestOfN: () => bestOfN({ numProposals: 1 }),
  sequentialRefinement,
  beamSearch: () => beamSearch({ beamWidth: 1, numProposals: 1 }),
  beamSearchWithHistory: () => beamSearchWithHistory({ beamWidth: 1 }),
  ucbSearch: () => ucbSearch({ evalSize: 2 }),
  prioritySearch: () => prioritySearch({ numCandidates: 1 }),
  sequentialUpdate,
  sequentialSearch: () => sequentialSearch({ numProposals: 1 }),
  streamingSearch: () => streamingSearch({ numCandidates: 1 }),
  paretoSearch: () => paretoSearch({ numCandidates: 1 }),
  gepa: () => gepa({ maxMerges: 1 }),
  copro: () => copro({ breadth: 1 }),
  mipro: () => mipro({ numCandidates: 1, extendEvery: 1 }),
  racingSearch: () => racingSearch({ numLeaders: 1, specialist: false }),
  simba: () => simba({ numPrograms: 1, numCandidates: 1 }),
  proTeGi: () => proTeGi({ beamWidth: 1, numEdits: 1, numParaphrases: 0 }),
  feedbackDescent,
  polca: () => polca({ numCandidates: 1 }),
  mapElites: () => mapElites({ numProposals: 1 }),
  skillPatches: () => skillPatches({ numPatches: 1 }),
};

describe.each(Object.entries(searches))("%s", (_name, make) => {
  /** Its model refuses prompts in these iterations. */
  class Refusing extends Optimizer {
    readonly #in: (iteration: number) => boolean;
    constructor(agent: ReturnType<typeof line>["agent"], isRefused: (iteration: number) => boolean) {
      super(agent);
      this.#in = isRefused;
    }
    protected suggest({ position }: SuggestionRequest): Suggestion {
      const iteration = Number(/^iteration\/(\d+)/.exec(position)?.[1]);
      if (this.#in(iteration)) throw httpError(400, "The prompt triggered the content filter");
      return { values: new Map([["a", iteration]]) };
    }
  }

  it("loses one step when the optimizer's model refuses one prompt, and stops when it refuses every prompt", async () => {
    const run = (isRefused: (iteration: number) => boolean) => {
      const { agent } = line();
      return train({ ...data, agent, optimizer: new Refusing(agent, isRefused), algorithm: make(), batchSize: 1 });
    };
    await expect(run((iteration) => iteration === 2)).resolves.toMatchObject({ stopReason: "completed", iterations: 4 });
    await expect(run(() => true)).rejects.toThrow(/In 2 steps in a row.*content filter/s);
  });

  it("never prefers a candidate that only fails, where scores are negative and no range is declared", async () => {
    const { agent } = line();
    const optimizer = proposing(agent, -1, -2, -3, -4);
    const all = { ...data, trainDataset: points(8), agent, optimizer, algorithm: make(), keep: "last" } as const;
    const { parameters } = await train(all);
    expect(parameters).toEqual({ a: 0 });
  });

  it.each(["accuracy", { mode: "pareto", paretoMetrics: ["accuracy", "size"], minimize: ["size"] } as const])(
    "goes on when a guide has no metrics for some answers, with the objective %j",
    async (objective) => {
      const { agent } = line();
      const guide = (_x: number, y: number, right: number) => {
        // Such as an answer that cannot be parsed.
        if (y > 2 * right) return { score: 0, feedback: "unreadable" };
        return { score: 1, feedback: "", scores: { accuracy: 1 / (1 + Math.abs(y - right)), size: y } };
      };
      const optimizer = setting(agent, 100, 1, 200, 2);
      const { best, stopReason } = await train({ ...data, guide, agent, optimizer, algorithm: make(), objective });
      expect(stopReason).toBe("completed");
      expect(best.parameters.a).toBeLessThan(100);
    },
  );
});

it("drops candidates in the middle of their samples, and knows what it has measured of them", async () => {
  const agent = model({ a: parameter(0) }, ({ a }, x: number) => a.value + 0 * x);
  const guide = Object.assign((_x: number, y: number) => (y === 0 ? 1 : 0), { scoreRange: [0, 1] as const });
  const examples = Array.from({ length: 60 }, (_, input) => ({ input, info: null }));
  const optimizer = proposing(agent as never, 1, 2, 3);
  const counts: number[] = [];
  const policy = own(async (step) => {
    const children = await step.propose([step.current], { count: 3 });
    const on = { ...step.validation, samples: 3 };
    const all = [step.current, ...children];
    await step.score(all, on, { keep: 1, errorProbability: 0.3 });
    counts.push(...all.map((entry) => step.archive.trials(entry, on).flat().length));
    await step.score(all, on);
    counts.push(...all.map((entry) => step.archive.trials(entry, on).flat().length));
    return { current: step.archive.top(all, 1, on)[0] ?? step.current, memo: null };
  });
  const dropped: RunEvent[] = [];
  const onEvent = (event: RunEvent): void => void (event.type === "candidate-dropped" && dropped.push(event));
  const search = new PolicySearch(agent, optimizer, policy, { logger: { onEvent } });
  await search.train(guide, examples.slice(0, 2), { validateDataset: examples, batchSize: 2 });
  expect(dropped.length).toBeGreaterThan(0);
  expect(counts.slice(1, 4).every((count) => count < 180)).toBe(true);
  expect(counts.slice(4)).toEqual([180, 180, 180, 180]);
});
