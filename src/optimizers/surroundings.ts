/**
 * What a prompt tells besides the problem itself: earlier attempts, further candidates, and advice.
 *
 * @module
 */
import { canonicalJson, type JsonValue, jsonEqual, shorten } from "../data/json.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { TraceGraph } from "../graph/trace-graph.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { AttemptMemory } from "./attempt-memory.ts";
import { dropWorst, type PromptBudget } from "./fit/prompt-budget.ts";
import type { HistoryView, PastAttempt, SuggestionRequest } from "./optimizer.ts";
import { variableText } from "./problem/describe-variable.ts";
import { type AttemptText, attemptsPrompt } from "./prompts/attempts-prompt.ts";
import { Fence } from "./reply/fence.ts";
import { type ScoreScale, scoreText } from "./score-text.ts";

/** What there is to tell. */
export interface Surroundings extends ScoreScale {
  /** In the order in which they are told. */
  readonly attempts: readonly PastAttempt[];
  /** Further candidates, with what is known of them. */
  readonly others: readonly PastAttempt[];
  /** Empty for none. */
  readonly advice: string;
}

/** The same as text. */
export interface SurroundingTexts {
  readonly attempts: readonly AttemptText[];
  readonly scoredOn: number | undefined;
  readonly others: readonly AttemptText[];
  readonly advice: string;
}

/** Nothing besides the problem. */
export const noSurroundings: SurroundingTexts = { attempts: [], scoredOn: undefined, others: [], advice: "" };

/**
 * What there is to tell for one proposal.
 *
 * @param current the values that the feedback is about
 * @param memory what was observed; its size is how many attempts are told, whatever history they are from
 */
export function surroundingsOf(
  { history, others = [], advice = "", comparedBy }: Pick<SuggestionRequest, "history" | "others" | "advice" | "comparedBy">,
  current: Candidate,
  memory: AttemptMemory,
): Surroundings {
  const known = history ?? memory;
  const candidates = others.map((other): PastAttempt => {
    const values = { ...current, ...other };
    return { ...(known.find(values) ?? { score: null, feedback: "" }), values };
  });
  if (history === undefined)
    return { attempts: memory.latest(memory.size), scoredOn: undefined, comparedBy, others: candidates, advice };
  // An archive does not have what was said of the outputs; the optimizer has, where it was given to it.
  const attempts = chosenAttempts(history, memory.size, current).map((attempt): PastAttempt => {
    return attempt.feedback === "" ? { ...attempt, feedback: memory.find(attempt.values)?.feedback ?? "" } : attempt;
  });
  return { attempts, scoredOn: history.examples, comparedBy, others: candidates, advice };
}

/**
 * The attempts that a prompt tells of: the current values, then the best, then the latest ones, oldest first.
 *
 * @param count how many besides the current values; half of them are the best
 */
function chosenAttempts(history: HistoryView, count: number, current: Candidate): readonly PastAttempt[] {
  if (count === 0) return [];
  const seen = new Set([canonicalJson(current)]);
  const take = (attempts: readonly PastAttempt[], most: number): PastAttempt[] => {
    const fresh = attempts.filter(({ values }) => !seen.has(canonicalJson(values))).slice(0, most);
    for (const { values } of fresh) seen.add(canonicalJson(values));
    return fresh;
  };
  const best = take(history.best(count + 1), Math.ceil(count / 2));
  const latest = take(history.latest(2 * count + 1).toReversed(), count - best.length).reverse();
  if (best.length + latest.length === 0) return [];
  return [history.find(current) ?? { values: current, score: null, feedback: "" }, ...best, ...latest];
}

/** Everything as text. @param maxLength most characters of what was said of an attempt */
export function surroundingTexts(
  { attempts, others, advice, ...scale }: Surroundings,
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  maxLength: number,
): SurroundingTexts {
  const textOf = (attempt: PastAttempt): AttemptText => attemptText(attempt, graph, parameters, maxLength, scale);
  return { attempts: attempts.map(textOf), scoredOn: scale.scoredOn, others: others.map(textOf), advice };
}

/** What of it fits into a share of the budget: the worst attempts and candidates are left out, the middle of long advice is cut. */
export function fitSurroundings(
  surroundings: Surroundings,
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  maxLength: number,
  budget: PromptBudget,
): SurroundingTexts {
  const most = budget.maxTokens * shareOfEach;
  const whole = surroundingTexts(surroundings, graph, parameters, maxLength);
  const plain = new Fence();
  const fitted = (attempts: readonly PastAttempt[], texts: readonly AttemptText[]): readonly AttemptText[] => {
    const told = attempts.map(({ score }, index) => ({ score, text: texts[index] as AttemptText }));
    const { kept } = dropWorst(told, ({ text }) => budget.count(attemptsPrompt([text], plain)), most);
    return kept.map(({ text }) => text);
  };
  return {
    ...whole,
    attempts: fitted(surroundings.attempts, whole.attempts),
    others: fitted(surroundings.others, whole.others),
    advice: fitAdvice(whole.advice, budget),
  };
}

/** Advice, cut in the middle where it takes more than its share of the budget. */
export function fitAdvice(advice: string, { count, maxTokens }: PromptBudget): string {
  let text = advice;
  for (let length = advice.length; length > shortestAdvice && count(text) > maxTokens * shareOfEach; ) {
    length = Math.floor(length / 2);
    text = shorten(advice, length);
  }
  return text;
}

/** Of the budget that attempts, other candidates and advice may each take when not all fits. */
const shareOfEach = 0.2;
const shortestAdvice = 100;

/** Values that were tried as text: what is different from the values that the graph was made with, and what came of it. */
function attemptText(
  { values, feedback, reasoning = "", ...known }: PastAttempt,
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  maxLength: number,
  scale: ScoreScale,
): AttemptText {
  const different = [...parameters].flatMap(([name, parameter]) => {
    const value = values[name];
    const isOther = value !== undefined && !jsonEqual(value, graph.valueOf(parameter) as JsonValue);
    return isOther ? [{ name, value: variableText(value) }] : [];
  });
  const told = { feedback: shorten(feedback, maxLength), reasoning: shorten(reasoning, maxLength) };
  return { different, ...scoreText(known, scale), ...told };
}
