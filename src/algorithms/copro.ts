/**
 * COPRO: one parameter after the other, many proposals for it at once, and for the next ones the best that were tried.
 *
 * @module
 */
import { jsonEqual } from "../data/json.ts";
import { numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
import { chooseBest } from "./best-of.ts";
import { parameterInTurn } from "./parameter-in-turn.ts";
import { jsonLine } from "./quoted.ts";
import { shownScores } from "./shown-score.ts";

/** Options of `copro`. */
export interface CoproOptions {
  /** Proposals for a parameter in each iteration, at least 1. @default 9 */
  readonly breadth?: number | undefined;
  /** Iterations that a parameter has before the next one's turn, at least 1. @default 1 */
  readonly depth?: number | undefined;
  /** How many of the best values of the parameter so far the optimizer sees, with their scores. @default 10 */
  readonly maxAttempts?: number | undefined;
  /** Drops candidates that are probably not the best, for guides that declare a `scoreRange`. @default none */
  readonly errorProbability?: number | undefined;
}

const coproTable: OptionTable<CoproOptions> = {
  breadth: wholeFrom(1),
  depth: wholeFrom(1),
  maxAttempts: wholeFrom(0),
  errorProbability: numberWithin({ above: 0, below: 1 }),
};

/**
 * Coordinate ascent: in each iteration `breadth` proposals change one parameter of the current candidate, the best on all validation data is kept, and
 * after `depth` iterations it is the turn of the next parameter. The optimizer sees the best values of the parameter so far, the best last. After
 * COPRO of DSPy; there nothing is held out, and earlier candidates are scored again.
 */
export function copro(options: CoproOptions = {}): SearchPolicy<null> {
  checkTable(options, coproTable, "COPRO");
  const { breadth = 9, depth = 1, maxAttempts = 10, errorProbability } = options;
  return {
    name: "COPRO",
    settings: { breadth, depth, maxAttempts, ...(errorProbability === undefined ? {} : { errorProbability }) },
    start: null,
    defaults: { batchSize: 4 },
    appetite: () => ({ forward: 1, proposals: breadth, scored: [{ candidates: breadth + 1, on: "validation" }] }),
    async iterate(given) {
      const step = given as Step;
      const { current, iteration, parameters } = step;
      const turn = Math.floor((iteration - 1) / depth);
      const path = parameters[await parameterInTurn(step, current, turn)] as string;
      const advice = attemptsAt(step, path, maxAttempts);
      const children = await step.propose([current], { count: breadth, parameters: [path], advice });
      return { current: await chooseBest(step, current, children, { keep: 1, errorProbability }), memo: null };
    },
  };
}

/** The best values of a parameter that were tried with the other values as they are, worst first; nothing while there is but one. */
function attemptsAt({ archive, current, validation, parameters }: Step, path: string, count: number): string | undefined {
  const others = parameters.filter((other) => other !== path);
  const isAlike = ({ values }: Entry): boolean => {
    return others.every((other) => jsonEqual(values[other] ?? null, current.values[other] ?? null));
  };
  const alike = [current, ...archive.entries.filter((entry) => entry !== current && isAlike(entry))];
  const best = archive.top(alike, count, validation).toReversed();
  if (best.length < 2) return undefined;
  const scores = shownScores(archive, archive.compare([current, ...best], validation).slice(1));
  const lines = best.map(({ values }, index) => `Score ${scores[index]}: ${jsonLine(values[path] ?? null)}`);
  return `Values of ${path} that were tried, with their scores on the same examples, best last:\n${lines.join("\n")}`;
}
