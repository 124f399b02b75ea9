/**
 * The world in which policies are checked: a line to be fitted, without a language model.
 *
 * @module
 */
import type { Example } from "../data/dataset.ts";
import { canonicalJson } from "../data/json.ts";
import { Random } from "../data/random.ts";
import { mean } from "../data/scores.ts";
import { type Module, model } from "../graph/module.ts";
import { type Parameter, parameter } from "../graph/parameter.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { GuideFunction } from "../guides/guide.ts";
import { Optimizer, type Suggestion, type SuggestionRequest } from "../optimizers/optimizer.ts";

/** How a run is set up. */
export interface Trouble extends ConformanceOptions {
  /** The share of rollouts that fail, in the agent. */
  readonly failures?: number;
  /** The share of rollouts that time out. */
  readonly outages?: number;
  /** The share of candidates that time out on all examples but one, which they answer best. The starting values are none of them. */
  readonly faulty?: number;
}

/** What the agent of the cases is like. */
export interface ConformanceOptions {
  /** Whether it also has a parameter that holds demonstrations, a list of `{ input, output }`. @default false */
  readonly hasDemonstrations?: boolean;
}

const numExamples = 8;

/** Draws values near those it improves, by its position alone. */
export class WalkOptimizer extends Optimizer {
  protected suggest({ position, parameters }: SuggestionRequest): Suggestion {
    const random = new Random("walk").fork(position);
    const numbers = [...parameters].filter(([, { value }]) => typeof value === "number");
    return { values: new Map(numbers.map(([name, { value }]) => [name, Number(value) + random.integer(-1, 2)])) };
  }
}

/** Whether values are a candidate that times out by its own doing. */
export function isFaulty(values: Candidate, share: number): boolean {
  const { slope = 0, offset = 0 } = values;
  return (slope !== 0 || offset !== 0) && new Random("faulty").fork(canonicalJson([slope, offset])).next() < share;
}

/** A line, which is as far off as its demonstrations show. */
export function lineAgent({ failures = 0, outages = 0, faulty = 0, hasDemonstrations = false }: Trouble): Module<number, number> {
  const shots = hasDemonstrations ? { shots: parameter([] as readonly { input: number; output: number }[]) } : {};
  const parts: { readonly shots?: Parameter<readonly { input: number; output: number }[]> } = shots;
  return model({ ...parts, slope: parameter(0), offset: parameter(0) }, async ({ shots, slope, offset }, x: number) => {
    const shown = shots?.value ?? [];
    // By what is run alone, never by when.
    const chance = new Random("trouble").fork(canonicalJson([slope.value, offset.value, x, ...shown])).next();
    await new Promise((resolve) => setTimeout(resolve, (x * 7) % 3));
    if (isFaulty({ slope: slope.value, offset: offset.value }, faulty)) {
      if (x === 0) return rightAnswer(x);
      throw new DOMException("The request timed out", "TimeoutError");
    }
    if (chance < failures) throw new RangeError(`no answer for ${x}`);
    if (chance > 1 - outages) throw new DOMException("The request timed out", "TimeoutError");
    // Those that it is shown show how far off it is.
    const off = shown.map(({ input, output }) => output - slope.value * input - offset.value);
    return slope.value * x + offset.value + (mean(off) ?? 0);
  });
}

/** The nearer the better. */
export const closeness: GuideFunction<number, number, number> = Object.assign(
  (_x: number, y: number, right: number) => {
    const score = 1 / (1 + Math.abs(y - right));
    return { score, feedback: y < right ? "too low" : "too high", scores: { size: Math.abs(y) } };
  },
  { scoreRange: [0, 1] as const },
);

function rightAnswer(x: number): number {
  return 3 * x + 2;
}

/** Points of the right line. */
export const examples: readonly Example<number, number>[] = Array.from({ length: numExamples }, (_, x) => ({
  input: x,
  info: rightAnswer(x),
}));
