/**
 * `train` with search policies: by name, made with options, and of your own.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AlgorithmName, model, parameter, type RunEvent, range, type SearchPolicy, TPE, train } from "opto";
import { beamSearch, estimateRun, PolicySearch, prioritySearch, ucbSearch } from "opto/algorithms";
import { type Feedback, Random } from "opto/data";
import type { Module } from "opto/graph";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { algorithmNames } from "../src/algorithms/to-algorithm.ts";
import { distance, line, points, ScriptedOptimizer } from "./support/line-fitting.ts";

type Kind = "forward" | "test" | "improvement" | "validation";

const kinds: Readonly<Record<string, Kind>> = {
  forward: "forward",
  test: "test",
  improvement: "improvement",
  score: "improvement",
  validate: "validation",
  validation: "validation",
};

function kindOf(position: string): Kind {
  const [, kind = ""] = /^iteration\/\d+\/([a-z]+)/.exec(position) ?? [];
  return kinds[kind] as Kind;
}

/** Proposals that depend on nothing but their position: with few values some repeat, and some make the agent throw. */
function walking(agent: Module<number, number>, highest = 9, isList = false): ScriptedOptimizer {
  return new ScriptedOptimizer(agent, (position) => {
    const a = new Random("walk").fork(position).integer(-1, highest);
    return isList ? { items: [String(a)] } : { a };
  });
}

/** The same as `line`, but `a` is the text of the last item of a playbook. */
function listed(): { agent: Module<number, number> } {
  const items = parameter([] as readonly { readonly id: string; readonly text: string }[]);
  const agent = model({ items }, ({ items }, x: number) => {
    const a = Number(items.value.at(-1)?.text ?? 0);
    if (a < 0) throw new RangeError(`a is ${a}`);
    return a * x;
  });
  return { agent: agent as unknown as Module<number, number> };
}

describe("every algorithm by its name", () => {
  // This one needs a parameter that holds a list of demonstrations.
  const names = algorithmNames.filter((name) => name !== "bootstrapFewShot") as AlgorithmName[];
  const data = { trainDataset: points(6), validateDataset: points(5), testDataset: points(3), guide: distance };

  it.each(
    names.flatMap((name) => [
      [name, 9, {}] as const,
      [name, 1e9, {}] as const,
      [name, 9, { numEpochs: 2, batchSize: 4, evalFrequency: 2 }] as const,
    ]),
  )("%s with proposals up to %d and %j does as much as its estimate says", async (algorithm, highest, options) => {
    const validate = algorithm === "MinibatchAlgorithm" ? { testDataset: points(5), validateDataset: points(2) } : {};
    const isList = algorithm === "acePlaybook";
    const makeAgent = (): Module<number, number> => (isList ? listed() : line()).agent;
    const estimated = makeAgent();
    const all = { ...data, ...validate, ...options, algorithm };
    const { work } = await estimateRun({ ...all, agent: estimated, optimizer: walking(estimated, highest, isList) });

    const counts = { iterations: 0, forward: 0, test: 0, improvement: 0, validation: 0, rollouts: 0, proposals: 0 };
    let planned: { readonly min: number; readonly max: number } | undefined;
    const onEvent = (event: RunEvent): void => {
      if (event.type === "run-start") planned = event.rollouts?.all;
      if (event.type === "iteration-end") counts.iterations++;
      if (event.type !== "rollout-end") return;
      counts.rollouts++;
      counts[kindOf(event.position)]++;
    };
    const agent = makeAgent();
    const optimizer = walking(agent, highest, isList);
    await train({ ...all, agent, optimizer, logger: { onEvent }, run: null });
    counts.proposals = optimizer.asked.length;

    expect(planned).toEqual(work.rollouts);
    for (const [kind, { min, max }] of Object.entries(work) as [keyof typeof counts, typeof work.rollouts][]) {
      expect(counts[kind], kind).toBeGreaterThanOrEqual(min);
      expect(counts[kind], kind).toBeLessThanOrEqual(max);
    }
  });
});

/** Simulated annealing: a worse child may become the current candidate, ever less probably. */
function annealing({ cooling = 0.7 }: { readonly cooling?: number } = {}): SearchPolicy<{ readonly temperature: number }> {
  return {
    name: "Annealing",
    settings: { cooling },
    start: { temperature: 1 },
    appetite: () => ({ forward: 1, proposals: 1, scored: [{ candidates: 2, on: "validation" }] }),
    async iterate(step, { temperature }) {
      const { archive, current, validation, random } = step;
      const [child = current] = await step.propose([current]);
      await step.score([current, child], validation);
      const [before = null, after = null] = archive.compare([current, child], validation);
      const gain = (after ?? Number.NEGATIVE_INFINITY) - (before ?? Number.NEGATIVE_INFINITY);
      const isTaken = gain > 0 || random.next() < Math.exp(gain / temperature);
      return { current: isTaken ? child : current, memo: { temperature: temperature * cooling } };
    },
  };
}

describe("a run that is kept", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "opto-policy-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = (algorithm: SearchPolicy | AlgorithmName, options: object) => {
    const integer = () => parameter(0, { domain: range(-9, 9, { integer: true }) });
    const agent = model(
      { slope: integer(), offset: integer() },
      ({ slope, offset }, x: number) => slope.value * x + offset.value,
    );
    return train({
      agent,
      trainDataset: Array.from({ length: 40 }, (_, x) => ({ input: x % 7, info: 3 * (x % 7) - 2 })),
      guide: (_x, y, right): Feedback => ({ score: -Math.abs(y - right), feedback: "" }),
      optimizer: new TPE(agent, { seed: 3 }),
      algorithm,
      batchSize: 5,
      numEpochs: 2,
      logger: [],
      run: null,
      ...options,
    });
  };

  it.each<[string, () => SearchPolicy | AlgorithmName]>([
    ["a policy of your own", () => annealing({ cooling: 0.5 })],
    ["a policy with options", () => prioritySearch({ numCandidates: 2, numProposals: 2 })],
    ["a policy that validates on samples", () => ucbSearch({ evalSize: 4 })],
    ["a name", () => "beamSearch"],
  ])("with %s, stopped by its budget at any time, continues to the same result", async (name, make) => {
    const undisturbed = await run(make(), {});
    expect(undisturbed).toMatchObject({ stopReason: "completed", iterations: 12, chosenOn: { dataset: "split", examples: 10 } });
    for (const share of [0.1, 0.4, 0.8]) {
      const kept = { run: { dir: folder, id: `${name.replaceAll(" ", "-")}-${share}` } };
      const rollouts = Math.ceil(undisturbed.usage.rollouts * share);
      const stopped = await run(make(), { ...kept, budget: { rollouts } });
      expect(stopped.stopReason).toBe("budget");
      const { best, parameters, iterations, testScore } = await run(make(), kept);
      expect({ best, parameters, iterations, testScore }).toEqual({
        best: undisturbed.best,
        parameters: undisturbed.parameters,
        iterations: undisturbed.iterations,
        testScore: undisturbed.testScore,
      });
    }
  });

  it("is not continued by a policy with other settings", async () => {
    const kept = { run: { dir: folder, id: "other-settings" } };
    await run(annealing({ cooling: 0.5 }), { ...kept, budget: { rollouts: 20 } });
    await expect(run(annealing({ cooling: 0.9 }), kept)).rejects.toThrow(/option cooling: 0\.5 → 0\.9/);
  });
});

describe("the best values of a search", () => {
  it.each<[string, () => SearchPolicy]>([
    ["all of the validation data", () => beamSearch({ beamWidth: 2 })],
    ["samples of them", () => ucbSearch({ evalSize: 2 })],
    ["batches alone", () => prioritySearch({ numCandidates: 2 })],
  ])("never depend on the test dataset, when it scores on %s", async (_on, make) => {
    const bestWith = async (factor: number) => {
      const { agent } = line();
      const testDataset = points(4).map(({ input }) => ({ input, info: factor * input }));
      const data = { trainDataset: points(6), validateDataset: points(5), testDataset, guide: distance };
      const result = await train({ agent, ...data, optimizer: walking(agent), algorithm: make(), logger: [], run: null });
      expect(result.chosenOn).toEqual({ dataset: "validation", examples: 5 });
      return result.best;
    };
    expect(await bestWith(2)).toEqual(await bestWith(7));
  });

  it("are scored by the guide of the validation", async () => {
    const { agent } = line();
    const validateGuide = (_x: number, y: number, right: number): number => -100 - Math.abs(y - right);
    const data = { trainDataset: points(6), validateDataset: points(5), guide: distance, validateGuide };
    const { best } = await train({ agent, ...data, optimizer: walking(agent), algorithm: ucbSearch(), logger: [], run: null });
    expect(best.score).toBeLessThanOrEqual(-100);
  });
});

describe("a second train", () => {
  it("on a running search is refused, and changes nothing in the first", async () => {
    const make = () => {
      const { agent } = line();
      return new PolicySearch(agent, walking(agent), beamSearch({ beamWidth: 2 }));
    };
    const alone = await make().train(distance, points(6), { validateDataset: points(4) });
    const search = make();
    const first = search.train(distance, points(6), { validateDataset: points(4) });
    const second = search.train(distance, points(2), { validateDataset: points(1), numThreads: 1, keep: "best" });
    await expect(second).rejects.toThrow("This trainer is already training");
    const { best, parameters, iterations } = await first;
    expect({ best, parameters, iterations }).toEqual({
      best: alone.best,
      parameters: alone.parameters,
      iterations: alone.iterations,
    });
  });
});

describe("what is refused before the agent runs", () => {
  const policy = beamSearch();

  it.each<{ name: string; options: object; message: RegExp }>([
    {
      name: "proposals of BasicSearchAlgorithm",
      options: { algorithm: policy, numProposals: 8 },
      message:
        /^`numProposals` is an option of BasicSearchAlgorithm, not of a search policy\. Pass it to the policy, as in bestOf\(/,
    },
    {
      name: "racing",
      options: { algorithm: "ucbSearch", racing: { errorProbability: 0.1 } },
      message: /`racing` is an option of BasicSearchAlgorithm.*bestOf\(\{ errorProbability: 0\.05 \}\)/,
    },
    {
      name: "a check for improvement",
      options: { algorithm: policy, ensureImprovement: true },
      message: /`ensureImprovement` is an option of MinibatchAlgorithm, not of a search policy\. Leave it out/,
    },
    {
      name: "a threshold of improvement",
      options: { algorithm: policy, improvementThreshold: 1 },
      message: /`improvementThreshold` is an option of MinibatchAlgorithm/,
    },
    {
      name: "a misspelt option",
      options: { algorithm: policy, batchsize: 2 },
      message: /Unknown option `batchsize` of train; did you mean `batchSize`\?/,
    },
    {
      name: "a misspelt name",
      options: { algorithm: "beamsearch" },
      message: new RegExp(`one of ${algorithmNames.join(", ")}, got "beamsearch"; did you mean "beamSearch"\\?`),
    },
    {
      name: "a policy that was not made",
      options: { algorithm: beamSearch },
      message: /Call it to get a policy: beamSearch\(\)/,
    },
    {
      name: "a policy without a name",
      options: { algorithm: { ...policy, name: undefined } },
      message: /Expected `name` of a search policy to be a string, got undefined/,
    },
    {
      name: "a policy without an appetite",
      options: { algorithm: { ...policy, appetite: undefined } },
      message: /Expected `appetite` of BeamSearch to be a method, got undefined/,
    },
    {
      name: "settings that are not plain data",
      options: { algorithm: { ...policy, settings: { width: () => 2 } } },
      message: /The settings of BeamSearch must be plain JSON: /,
    },
    {
      name: "an appetite below 0",
      options: { algorithm: { ...policy, appetite: () => ({ forward: -1, proposals: 1, scored: [] }) } },
      message: /Expected `appetite` of BeamSearch to be a whole number of at least 0, got -1/,
    },
  ])("$name", async ({ options, message }) => {
    const { agent, calls } = line();
    const parts = { agent, trainDataset: points(4), guide: distance, optimizer: walking(agent), logger: [], run: null };
    await expect(train({ ...parts, ...options })).rejects.toThrow(message);
    expect(calls).toEqual([]);
  });
});
