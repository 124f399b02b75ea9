/**
 * What a prompt tells besides the problem itself: earlier attempts, further candidates, and advice.
 *
 * @module
 */
import { canonicalJson, type JsonValue, jsonEqual, ownValue, shorten } from "../data/json.ts";
import { numberText } from "../data/number-text.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { TraceGraph } from "../graph/trace-graph.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { AttemptMemory } from "./attempt-memory.ts";
import { dropWorst, type PromptBudget } from "./fit/prompt-budget.ts";
import type { Evidence, HistoryView, PairedOutcome, PastAttempt, SuggestionRequest } from "./optimizer.ts";
import { variableText } from "./problem/describe-variable.ts";
import { ValueText } from "./problem/show-value.ts";
import { type AttemptText, attemptsPrompt, type IdeaText } from "./prompts/attempts-prompt.ts";
import type { EvidenceText } from "./prompts/evidence-prompt.ts";
import { Fence } from "./reply/fence.ts";
import { digitsOf, type ScoreScale, scoreText } from "./score-text.ts";

/** What there is to tell. */
export interface Surroundings extends ScoreScale {
  /** In the order in which they are told. */
  readonly attempts: readonly PastAttempt[];
  /** Further attempts, of which only the reasons are told. @default none */
  readonly ideas?: readonly PastAttempt[] | undefined;
  /** Further candidates, with what is known of them. */
  readonly others: readonly PastAttempt[];
  /** What else was measured. @default nothing */
  readonly evidence?: Evidence | undefined;
  /** How attempts and candidates did against the current values. @default unknown */
  readonly against?: ((values: Candidate) => PairedOutcome | undefined) | undefined;
  /** How often they had which score. @default unknown */
  readonly spread?: HistoryView["spread"] | undefined;
  /** Empty for none. */
  readonly advice: string;
}

/** The same as text. */
export interface SurroundingTexts {
  readonly attempts: readonly AttemptText[];
  readonly scoredOn: number | undefined;
  readonly ideas?: readonly IdeaText[] | undefined;
  readonly others: readonly AttemptText[];
  readonly evidence?: EvidenceText | undefined;
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
  { history, others = [], advice = "", comparedBy, evidence }: Pick<SuggestionRequest, AboutProposal>,
  current: Candidate,
  memory: AttemptMemory,
): Surroundings {
  const known = history ?? memory;
  const candidates = others.map((other): PastAttempt => {
    const values = { ...current, ...other };
    return { ...(known.find(values) ?? { score: null, feedback: "" }), values };
  });
  if (history === undefined)
    return { attempts: memory.latest(memory.size), scoredOn: undefined, comparedBy, others: candidates, evidence, advice };
  // An archive does not have what was said of the outputs; the optimizer has, where it was given to it.
  const chosen = chosenAttempts(history, memory.size, current);
  const attempts = chosen.map((attempt): PastAttempt => {
    return attempt.feedback === "" ? { ...attempt, feedback: memory.find(attempt.values)?.feedback ?? "" } : attempt;
  });
  const against = (values: Candidate): PairedOutcome | undefined => history.against?.(values, current);
  const ideas = memory.size === 0 ? [] : furtherIdeas(history, chosen, current);
  const { examples: scoredOn } = history;
  const spread = (values: Candidate) => history.spread?.(values);
  return { attempts, ideas, scoredOn, comparedBy, others: candidates, evidence, against, spread, advice };
}

type AboutProposal = "history" | "others" | "advice" | "comparedBy" | "evidence";

/** Most attempts of which only the reason is told. */
const mostIdeas = 8;

/** The latest attempts that are not told in full, and say why they were made. */
function furtherIdeas(history: HistoryView, told: readonly PastAttempt[], current: Candidate): readonly PastAttempt[] {
  const known = new Set([current, ...told.map(({ values }) => values)].map((values) => canonicalJson(values)));
  const further = history.latest(mostIdeas + known.size).filter(({ values, reasoning = "" }) => {
    return reasoning !== "" && !known.has(canonicalJson(values));
  });
  return further.slice(-mostIdeas);
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
  { attempts, ideas = [], others, advice, evidence, against, spread, ...told }: Surroundings,
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  maxLength: number,
): SurroundingTexts {
  const scale: ScoreScale = { ...told, digits: digitsOf([...attempts, ...ideas, ...others]) };
  const textOf = (attempt: PastAttempt): AttemptText => {
    const known = { against: againstText(against?.(attempt.values)), spread: spreadText(spread?.(attempt.values)) };
    return { ...attemptText(attempt, graph, parameters, maxLength, scale), ...known };
  };
  const ideaOf = ({ reasoning = "", values, ...known }: PastAttempt): IdeaText => {
    return { ...scoreText(known, scale), against: againstText(against?.(values)), text: shorten(reasoning, longestIdea) };
  };
  const evidenceLength = Math.min(maxLength, longestEvidence);
  return {
    attempts: attempts.map(textOf),
    ideas: ideas.map(ideaOf),
    scoredOn: scale.scoredOn,
    others: others.map(textOf),
    evidence: evidence && evidenceText(evidence, evidenceLength),
    advice,
  };
}

/** Characters of the reason of an attempt that is not told in full, and of a value in evidence. */
const [longestIdea, longestEvidence] = [160, 300];

function evidenceText({ failures, unstable }: Evidence, maxLength: number): EvidenceText {
  const shown = (value: unknown): string => new ValueText(value, maxLength).shown(maxLength);
  const scoreOf = (score: number | null): string => (score === null ? "failed" : numberText(score));
  return {
    failures: failures.map(({ input, info, score, failed }) => ({
      input: shown(input),
      expected: info === null || info === undefined ? undefined : shown(info),
      score: failed || score !== null ? scoreOf(score) : undefined,
    })),
    unstable: unstable.map(({ input, better, worse }) => ({
      input: shown(input),
      better: { answer: shown(better.answer), score: scoreOf(better.score) },
      worse: { answer: shown(worse.answer), score: scoreOf(worse.score) },
    })),
  };
}

/** `"1 on 706, 0 on 68, -1 on 26"`. */
function spreadText(spread: ReturnType<NonNullable<HistoryView["spread"]>>): string | undefined {
  return spread?.map(([score, examples]) => `${numberText(score)} on ${examples}`).join(", ");
}

/** How values did against the current ones; `undefined` for these themselves. */
function againstText(outcome: PairedOutcome | undefined): string | undefined {
  if (outcome === undefined || outcome.better + outcome.worse === 0) return undefined;
  return `better on ${outcome.better}, worse on ${outcome.worse} of ${outcome.examples}`;
}

/** What of it fits into a share of the budget: evidence and the worst attempts and candidates are left out, the middle of long advice is cut. */
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
    ideas: [],
    evidence: undefined,
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
    const value = ownValue(values, name);
    const isOther = value !== undefined && !jsonEqual(value, graph.valueOf(parameter) as JsonValue);
    return isOther ? [{ name, value: variableText(value) }] : [];
  });
  const told = { feedback: shorten(feedback, maxLength), reasoning: shorten(reasoning, maxLength) };
  return { different, ...scoreText(known, scale), ...told };
}
