/**
 * The two prompts of TextGrad, within a budget: what should be different about an operation's inputs, and a better value of a variable.
 *
 * @module
 */

import { shorten } from "../../data/json.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import type { OptimizerPrompt } from "../conversation.ts";
import { filledSlots } from "../edit-rules/filled-slots.ts";
import { firstThatFits, halves } from "../fit/first-that-fits.ts";
import type { PromptBudget } from "../fit/prompt-budget.ts";
import { describeVariable, variableText } from "../problem/describe-variable.ts";
import type { ProblemOperation } from "../problem/problem.ts";
import { attemptsPrompt, othersPrompt } from "../prompts/attempts-prompt.ts";
import { evidenceSections } from "../prompts/evidence-prompt.ts";
import { gradientInstructions, gradientPrompt } from "../prompts/gradient-prompt.ts";
import { rewriteInstructions, rewritePrompt } from "../prompts/rewrite-prompt.ts";
import { replyFormats } from "../reply/choose-format.ts";
import { offersEdits, textsIn } from "../reply/edits.ts";
import { Fence } from "../reply/fence.ts";
import type { ReplyFormatName } from "../reply/reply-format.ts";
import { digitsOf, scoreText } from "../score-text.ts";
import { fitAdvice, type Surroundings, type SurroundingTexts, surroundingTexts } from "../surroundings.ts";
import type { OperationText } from "./describe-operation.ts";
import type { PastValue } from "./past-values.ts";
import type { TextGradient } from "./text-gradient.ts";

/** Asks what should be different about the inputs of an operation. Long values are shortened further until it fits. */
export function composeGradient(
  objective: string,
  describe: (maxLength: number) => OperationText,
  maxValueLength: number,
  budget: PromptBudget,
): OptimizerPrompt {
  const compose = (length: number): OptimizerPrompt => {
    const { asked, ...texts } = describe(length);
    const fence = Fence.around(textsIn([objective, texts, asked.map(({ name, notes }) => [name, notes])]));
    return { system: gradientInstructions(fence), prompt: gradientPrompt(objective, { ...texts, asked }, fence), fence };
  };
  return firstThatFits(halves(maxValueLength, shortest), compose, budget);
}

/** What a rewriting starts from. */
export interface Rewriting {
  readonly graph: TraceGraph;
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Of the variable. */
  readonly name: string;
  readonly told: {
    readonly objective: string;
    readonly operations: readonly ProblemOperation[];
    readonly gradients: readonly TextGradient[];
    /** Oldest first. */
    readonly past: readonly PastValue[];
    readonly surroundings: Surroundings;
    readonly direction: string;
  };
  readonly maxValueLength: number;
  /** The largest share of a text's words that may change. @default 1 */
  readonly maxChange: number | undefined;
  readonly replyFormat: ReplyFormatName;
}

/** Asks for a better value. Attempts and earlier values go first, then pieces of feedback, and long ones are shortened. */
export function composeRewriting(rewriting: Rewriting, budget: PromptBudget): OptimizerPrompt {
  const { told, maxValueLength } = rewriting;
  const { gradients, past, surroundings } = told;
  const advice = fitAdvice(surroundings.advice, budget);
  const sizes = rewritingSizes(maxValueLength, gradients.length, past.length, mostTold(surroundings));
  return firstThatFits(sizes, (size) => rewritingOf(rewriting, advice, size), budget);
}

/** The prompt of one size. */
function rewritingOf(rewriting: Rewriting, advice: string, size: RewritingSize): OptimizerPrompt {
  const { graph, parameters, name, told, maxChange, replyFormat } = rewriting;
  const { length, numPieces } = size;
  const { objective, operations, gradients, direction } = told;
  const parameter = parameters.get(name) as Parameter;
  const asked = [{ name, parameter, value: graph.valueOf(parameter) }];
  const variable = describeVariable(name, parameter, graph.valueOf(parameter), filledSlots(parameter, graph));
  const pieces = gradients.slice(0, numPieces).map((gradient) => ({ ...gradient, text: shorten(gradient.text, length) }));
  const tried = triedTexts(rewriting, advice, size);
  const earlier = earlierTexts(told, size);
  const used = operations.map((operation) => ({ ...operation, source: shorten(operation.source, length) }));
  const fence = Fence.around(textsIn([objective, variable, pieces, tried, earlier, used]), offersEdits(asked));
  const format = replyFormats[replyFormat](fence, asked);
  const problem = {
    objective,
    variable,
    operations: used,
    gradients: pieces,
    leftOut: gradients.length - pieces.length,
    past: earlier,
    attempts: attemptsPrompt(tried.attempts, fence, tried.scoredOn, tried.ideas),
    evidence: evidenceSections(tried.evidence, fence),
    others: othersPrompt(tried.others, fence, tried.attempts.length > 0 ? undefined : tried.scoredOn),
    advice,
    direction,
  };
  return { system: rewriteInstructions(format, maxChange, tried), prompt: rewritePrompt(problem, fence), fence, format };
}

/** How many attempts or other candidates there are to tell of. */
function mostTold({ attempts, others }: Surroundings): number {
  return Math.max(attempts.length, others.length);
}

function triedTexts(
  { graph, parameters, told }: Rewriting,
  advice: string,
  { length, numAttempts }: RewritingSize,
): SurroundingTexts {
  const { surroundings } = told;
  const { attempts, scoredOn, others } = surroundings;
  // Where scores can be compared the current values and the best come first.
  const mostTelling = scoredOn === undefined ? last : first;
  const some = {
    ...surroundings,
    attempts: mostTelling(attempts, numAttempts),
    others: others.slice(0, numAttempts),
    advice,
    ...(numAttempts < mostTold(surroundings) && { ideas: [], evidence: undefined }),
  };
  return surroundingTexts(some, graph, parameters, length);
}

/** Earlier values of the variable, shortened. */
function earlierTexts({ past, surroundings }: Rewriting["told"], { length, numPast }: RewritingSize) {
  const recent = last(past, numPast);
  const digits = digitsOf(recent.map(({ score = null, ...measured }) => ({ score, ...measured })));
  return recent.map(({ value, feedback, score = null, ...measured }) => ({
    ...scoreText({ score, ...measured }, { ...surroundings, digits }),
    value: shorten(variableText(value), length),
    feedback: shorten(feedback, length),
  }));
}

/** A piece of criticism of fewer characters says nothing. */
const shortest = 60;

interface RewritingSize {
  /** Most characters of a piece of feedback. */
  readonly length: number;
  readonly numPieces: number;
  readonly numPast: number;
  readonly numAttempts: number;
}

function* rewritingSizes(length: number, numPieces: number, past: number, attempts: number): Generator<RewritingSize> {
  for (const numAttempts of halves(attempts, 0)) yield { length, numPieces, numPast: past, numAttempts };
  for (const numPast of halves(past, 0)) yield { length, numPieces, numPast, numAttempts: 0 };
  for (const shorter of halves(length, Math.min(length, 500))) yield { length: shorter, numPieces, numPast: 0, numAttempts: 0 };
  for (const fewer of halves(numPieces, 1)) yield { length: Math.min(length, 500), numPieces: fewer, numPast: 0, numAttempts: 0 };
  for (const shorter of halves(Math.min(length, 500), shortest))
    yield { length: shorter, numPieces: 1, numPast: 0, numAttempts: 0 };
}

function first<T>(list: readonly T[], count: number): readonly T[] {
  return list.slice(0, count);
}

function last<T>(list: readonly T[], count: number): readonly T[] {
  return count === 0 ? [] : list.slice(-count);
}
