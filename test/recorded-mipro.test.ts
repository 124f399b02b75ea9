/**
 * `mipro()` decides as MIPROv2 of dspy 3.4.1 did in recorded runs (`bench/originals/record_mipro.py`), trial by trial: the same candidates for each
 * parameter, the same scores, and the same best combination after every trial, of equals the earlier.
 *
 * The combinations of the record are handed to the policy: they are drawn by Optuna there. In these runs every trial is scored on all validation data.
 * Where trials are scored on some of it, the two differ on purpose: here all trials are scored on examples in one order, and are compared by estimates
 * that leave out how hard these were, where dspy draws other examples for each and compares the means.
 */
import { readFileSync } from "node:fs";
import { mipro, PolicySearch } from "opto/algorithms";
import type { JsonValue } from "opto/data";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import type { SearchPolicy } from "opto/search";
import { describe, expect, it, vi } from "vitest";

type ScriptedExample = readonly (readonly number[])[];

interface Recorded {
  readonly seed: number;
  readonly components: readonly string[];
  /** The candidates for each component; the first is what the program had. */
  readonly instructions: readonly (readonly string[])[];
  readonly validate: readonly ScriptedExample[];
  /** Scores in percent, rounded to two digits. */
  readonly trials: readonly { readonly picks: readonly number[]; readonly score: number }[];
  readonly best: readonly string[];
}

const drawn = vi.hoisted(() => ({ picks: [] as (readonly number[])[] }));
vi.mock("../src/algorithms/categorical-tpe.ts", () => ({ nextChoices: () => drawn.picks.shift() }));

const recorded = JSON.parse(readFileSync(new URL("./records/mipro-full.json", import.meta.url), "utf8")) as readonly Recorded[];

describe("MIPROv2 of dspy 3.4.1", () => {
  it.each(recorded.map((run) => [run.seed, run] as const))("decides as in the run of seed %i", async (_seed, run) => {
    const { scores, current, best } = await replay(run);
    expect(scores).toEqual(run.trials.map(({ score }) => score));
    expect(current).toEqual(bestSoFar(run));
    expect(run.components.map((name) => best[name])).toEqual(run.best);
  });
});

/** What the trials of the record came to here, and what was current after each. */
async function replay(run: Recorded) {
  const { components, instructions, trials, validate } = run;
  drawn.picks = trials.map(({ picks }) => picks);
  const policy = mipro({ numCandidates: (instructions[0] as readonly string[]).length - 1, extendEvery: 0 });
  const scores: number[] = [];
  const current: string[][] = [];
  const replayed: SearchPolicy = {
    ...policy,
    start: policy.start as JsonValue,
    iterate: async (step, memo) => {
      const verdict = await policy.iterate(step, memo as typeof policy.start);
      expect(components.map((name) => verdict.memo.choices[name])).toEqual(instructions);
      const latest = step.archive.get(verdict.memo.trials.at(-1)?.id as string);
      scores.push(Math.round(10_000 * (step.archive.mean(latest, step.validation)?.score as number)) / 100);
      current.push(components.map((name) => verdict.current.values[name] as string));
      return verdict as typeof verdict & { memo: JsonValue };
    },
  };
  const agent = model(
    Object.fromEntries(components.map((name) => [name, parameter("0")])),
    (values, example: ScriptedExample) => {
      const right = components.filter((name, at) => example[at]?.includes(Number(values[name]?.value)));
      return right.length / components.length;
    },
  );
  const data = validate.map((input) => ({ input, info: null }));
  const guide = Object.assign((_: ScriptedExample, right: number) => right, { scoreRange: [0, 1] as const });
  const search = new PolicySearch(agent, new ScriptedOptimizer(agent, run), replayed);
  const settings = { validateDataset: data, batchSize: 4, numEpochs: 99, evalFrequency: 0 };
  const { parameters } = await search.train(guide, data, { ...settings, stop: { maxIterations: trials.length } });
  return { scores, current, best: parameters };
}

/** The combination with the highest score after each trial; the first one of equals, and what the program had before all. */
function bestSoFar({ components, instructions, trials, validate }: Recorded): string[][] {
  const textsOf = (picks: readonly number[]): string[] => picks.map((pick, at) => instructions[at]?.[pick] as string);
  const start = components.map(() => 0);
  const rightOf = (example: ScriptedExample): number =>
    textsOf(start).filter((text, at) => example[at]?.includes(Number(text))).length;
  let best = {
    picks: start as readonly number[],
    score: (100 * validate.reduce((sum, one) => sum + rightOf(one), 0)) / validate.length / 2,
  };
  return trials.map((trial) => {
    if (trial.score > best.score) best = trial;
    return textsOf(best.picks);
  });
}

/** Proposes the candidates of the record. */
class ScriptedOptimizer extends Optimizer {
  readonly #run: Recorded;

  constructor(agent: ConstructorParameters<typeof Optimizer>[0], run: Recorded) {
    super(agent);
    this.#run = run;
  }

  protected suggest({ position }: SuggestionRequest): Suggestion {
    const number = Number(/proposal\/(\d+)$/.exec(position)?.[1]);
    const { components, instructions } = this.#run;
    return { values: new Map(components.map((name, at) => [name, instructions[at]?.[number + 1]])) };
  }
}
