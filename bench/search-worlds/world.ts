/**
 * A toy world for searches: skills, noisy scores, and proposals that sometimes repair a failure. Only the search differs from run to run.
 *
 * A candidate is a level for each of 6 skills. An example needs one of them, and is right with the probability of its level and its own
 * difficulty. A proposal lets all levels drift a little downwards, and improves the skill of a failure that it was shown with a probability,
 * else it makes that skill a little worse; what it was shown it remembers, so that scores on shown examples flatter it. Where proposals only
 * reword, that is all they do: whatever a search finds there is chance.
 *
 * @module
 */
import { type JsonValue, Random } from "opto/data";
import { type Module, model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";

const numSkills = 6;
const numExamples = 100;
const numHeldOut = 300;
/** By how much remembering raises the log-odds of an example that was shown. */
const leak = 1.5;

/** What a world is like. */
export interface WorldOptions {
  readonly seed: number;
  /** The probability that a proposal repairs a failure, from 0 to 1; `null`: a proposal only rewords, and all candidates are equally good. */
  readonly repair: number | null;
}

/** A candidate. What it was reworded to changes nothing. */
type Levels = { readonly levels: readonly number[]; readonly shown: readonly number[]; readonly wording?: number };

/** One example: which skill it needs, how easy it is, and its number where it is a train example. */
interface WorldExample {
  readonly skill: number;
  readonly ease: number;
  readonly shownAs: number | null;
}

/** A world, and what was spent in it. */
export interface World {
  readonly agent: Module<WorldExample, number>;
  readonly optimizer: Optimizer;
  readonly guide: (example: WorldExample, right: number) => { readonly score: number; readonly feedback: string };
  readonly train: readonly { readonly input: WorldExample; readonly info: null }[];
  readonly validate: readonly { readonly input: WorldExample; readonly info: null }[];
  readonly spent: { tasks: number; proposals: number };
  /** The probability that a candidate is right on a new example, from 0 to 1. */
  readonly truth: (candidate: JsonValue) => number;
  /** What a candidate scores on further examples, the same for all candidates; costs nothing. @param run which of the runs on them it is */
  readonly heldOut: (candidate: JsonValue, run: string) => readonly number[];
}

/** Makes a world anew. With one slot its runs are the same every time. */
export function worldOf({ seed, repair }: WorldOptions): World {
  const random = new Random(seed, "world");
  const spent = { tasks: 0, proposals: 0 };
  const examplesOf = (isTrain: boolean): World["train"] => {
    return Array.from({ length: numExamples }, (_, at) => {
      return {
        input: { skill: random.integer(0, numSkills - 1), ease: random.normal(), shownAs: isTrain ? at : null },
        info: null,
      };
    });
  };
  const [train, validate] = [examplesOf(true), examplesOf(false)];
  const start: Levels = { levels: Array.from({ length: numSkills }, () => rounded(random.normal(-0.5, 0.7))), shown: [] };
  const eases = Array.from({ length: 300 }, () => random.normal());
  const noise = random.fork("scores");
  const agent = model({ prompt: parameter(start as JsonValue) }, async ({ prompt }, { skill, ease, shownAs }: WorldExample) => {
    const { levels, shown } = prompt.value as Levels;
    spent.tasks++;
    const bonus = shownAs !== null && shown.includes(shownAs) ? leak : 0;
    return Number(noise.next() < logistic((levels[skill] as number) + ease + bonus));
  });
  const guide = Object.assign(
    ({ skill, shownAs }: WorldExample, right: number) => ({
      score: right,
      feedback: `example ${shownAs} skill ${skill} score ${right}.`,
    }),
    { scoreRange: [0, 1] as const },
  );
  const optimizer = new WorldOptimizer(agent, { seed, repair }, spent);
  const truth = (candidate: JsonValue): number => {
    const rates = (candidate as Levels).levels.flatMap((level) => eases.map((ease) => logistic(level + ease)));
    return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  };
  const further = new Random(seed, "held out");
  const sealed = Array.from({ length: numHeldOut }, () => ({ skill: further.integer(0, numSkills - 1), ease: further.normal() }));
  const heldOut = (candidate: JsonValue, run: string): readonly number[] => {
    const outcomes = further.fork(run);
    return sealed.map(({ skill, ease }) => {
      return Number(outcomes.next() < logistic(((candidate as Levels).levels[skill] as number) + ease));
    });
  };
  return { agent, optimizer, guide, train, validate, spent, truth, heldOut };
}

/** Proposes as the world says; each proposal by its position alone. */
class WorldOptimizer extends Optimizer {
  override readonly learnsFromFeedback = true;
  readonly #options: WorldOptions;
  readonly #spent: World["spent"];

  constructor(agent: Module<WorldExample, number>, options: WorldOptions, spent: World["spent"]) {
    super(agent);
    this.#options = options;
    this.#spent = spent;
  }

  protected suggest({ from = {}, others = [], graph, position }: SuggestionRequest): Suggestion {
    const random = new Random(this.#options.seed, "proposals").fork(position);
    this.#spent.proposals++;
    // What follows the optimizer step by step names no values to start from.
    const own = (from.prompt ?? this.parameters.get("prompt")?.peek()) as Levels;
    const [other] = others.map(({ prompt }) => prompt as Levels);
    const seen = graph.targets.flatMap(({ feedback }) => [
      ...feedback.feedback.matchAll(/example (\d+) skill (\d+) score (\d)/g),
    ]);
    const shown = new Set([...own.shown, ...(other?.shown ?? []), ...seen.map(([, example]) => Number(example))]);
    const shownAll = [...shown].sort((a, b) => a - b);
    if (this.#options.repair === null) {
      return { values: new Map([["prompt", { levels: own.levels, shown: shownAll, wording: random.integer(1, 1e6) }]]) };
    }
    const levels = other === undefined ? this.#changed(own.levels, seen, random) : merged(own.levels, other.levels, random);
    const value: Levels = { levels: levels.map(rounded), shown: shownAll };
    return { values: new Map([["prompt", value]]) };
  }

  #changed(levels: readonly number[], seen: readonly RegExpMatchArray[], random: Random): number[] {
    const changed = levels.map((level) => level + random.normal(-0.06, 0.18));
    const failed = seen.filter(([, , , score]) => score === "0").map(([, , skill]) => Number(skill));
    if (failed.length === 0) return changed;
    const skill = random.choice(failed);
    const change = random.next() < (this.#options.repair ?? 0) ? random.normal(0.8, 0.4) : random.normal(-0.15, 0.4);
    changed[skill] = (changed[skill] as number) + change;
    return changed;
  }
}

/** The better of two levels more often than their mean. */
function merged(levels: readonly number[], others: readonly number[], random: Random): number[] {
  return levels.map((level, skill) => {
    const other = others[skill] as number;
    return (random.next() < 0.6 ? Math.max(level, other) : (level + other) / 2) + random.normal(-0.05, 0.15);
  });
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function rounded(level: number): number {
  return Math.round(level * 1e4) / 1e4;
}
