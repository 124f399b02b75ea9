/**
 * Feedback descent: one best candidate, compared pairwise with each new one; why the earlier ones lost is what the next one learns from.
 *
 * @module
 */
import { textOf } from "../data/json.ts";
import { numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, ForwardOutput, SearchPolicy, Step } from "../search/search.ts";
import { chooseBest } from "./best-of.ts";
import { quoted } from "./quoted.ts";
import { orientedScore } from "./standing.ts";

/** Options of `feedbackDescent`. */
export interface FeedbackDescentOptions {
  /** Candidates in each iteration, each compared with the best one, at least 1. @default 1 */
  readonly numProposals?: number | undefined;
  /** Reasons for which candidates lost that the optimizer sees, the latest. @default 10 */
  readonly maxRationales?: number | undefined;
  /** The share of the examples without a tie that a candidate has to win, from 0 to 1: more than this. @default 0.5 */
  readonly leastWins?: number | undefined;
}

const descentTable: OptionTable<FeedbackDescentOptions> = {
  numProposals: wholeFrom(1),
  maxRationales: wholeFrom(0),
  leastWins: numberWithin({ least: 0, most: 1 }),
};

/** Examples of which a rationale shows the feedback. */
const numShown = 2;
const mostCharacters = 400;

/**
 * Proposes from the best candidate and the reasons why others lost to it. Both are run on the batch with feedback, and are compared example by example: the one
 * that wins more of them is preferred. A preferred candidate that is also better on all validation data is the best from then on, and the reasons
 * are emptied; otherwise the feedback on what it lost joins them. After Feedback Descent (Lee et al. 2025), whose evaluator is asked for a preference.
 */
export function feedbackDescent(options: FeedbackDescentOptions = {}): SearchPolicy<readonly string[]> {
  checkTable(options, descentTable, "FeedbackDescent");
  const { numProposals = 1, maxRationales = 10, leastWins = 0.5 } = options;
  return {
    name: "FeedbackDescent",
    settings: { numProposals, maxRationales, leastWins },
    start: [],
    defaults: { batchSize: 4 },
    appetite: () => ({
      forward: numProposals + 1,
      proposals: numProposals,
      scored: [{ candidates: numProposals + 1, on: "validation" }],
    }),
    async iterate(given, rationales) {
      const step = given as Step;
      const { current } = step;
      const proposed = await step.propose([current], { count: numProposals, advice: adviceOf(rationales) });
      const children = [...new Set(proposed)].filter((child) => child !== current);
      const outputs = await step.forward([current, ...children]);
      const duels = children.map((child) => duelOf(step, child, outputs));
      const preferred = children.filter((_, at) => isPreferred(duels[at] as Duel, leastWins));
      // The current one is measured too, so that a run ends with values that were validated.
      const best = await chooseBest(step, current, preferred, { keep: 1 });
      if (best !== current) return { current: best, memo: [] };
      const reasons = children.map((child, at) => rationaleOf(step, child, duels[at] as Duel));
      return { current, memo: maxRationales === 0 ? [] : [...rationales, ...reasons].slice(-maxRationales) };
    },
  };
}

/** On which examples a candidate was better than the current one, and on which worse. */
interface Duel {
  readonly won: number;
  readonly lost: readonly ForwardOutput[];
}

function duelOf({ archive, current, batch }: Step, child: Entry, outputs: readonly ForwardOutput[]): Duel {
  const scoreOf = (entry: Entry, example: number): number | null => {
    const trial = archive.trials(entry, { dataset: "train", examples: [example] })[0]?.at(-1);
    return trial?.failed === true ? Number.NEGATIVE_INFINITY : orientedScore(archive, trial);
  };
  let won = 0;
  const lost: ForwardOutput[] = [];
  for (const example of batch.examples) {
    const [own, other] = [scoreOf(child, example), scoreOf(current, example)];
    if (own === null || other === null) continue;
    if (own > other) won++;
    else if (own < other) lost.push(...outputs.filter((one) => one.entry === child && one.example === example));
  }
  return { won, lost };
}

function isPreferred({ won, lost }: Duel, leastWins: number): boolean {
  return won > 0 && won > leastWins * (won + lost.length);
}

/** Why a candidate lost, with what it changed. */
function rationaleOf({ current }: Step, child: Entry, { won, lost }: Duel): string {
  const changed = Object.keys(child.values).filter((path) => textOf(child.values[path]) !== textOf(current.values[path]));
  const values = changed.map((path) => `${path}: ${quoted(child.values[path], mostCharacters)}`).join("; ");
  const outcome = `better on ${won} and worse on ${lost.length} examples of its batch${won > lost.length ? ", but not on the validation data" : ""}`;
  const feedback = lost.slice(0, numShown).flatMap(({ output }) => {
    const text = typeof output === "object" && output !== null ? (output as { feedback?: unknown }).feedback : undefined;
    return typeof text === "string" && text !== "" ? [`\n  Feedback where it was worse: ${quoted(text, mostCharacters)}`] : [];
  });
  return `${child.reasoning === undefined ? "" : `${quoted(child.reasoning, mostCharacters)} `}${values} (${outcome})${feedback.join("")}`;
}

function adviceOf(rationales: readonly string[]): string | undefined {
  if (rationales.length === 0) return undefined;
  const list = rationales.map((rationale) => `- ${rationale}`).join("\n");
  return `Changes to these values that were tried and were not better. Learn from the reasons, and do not repeat them:\n${list}`;
}
