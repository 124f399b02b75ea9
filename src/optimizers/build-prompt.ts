/**
 * From feedback and memory to the prompt of OptoPrime, within its budget.
 *
 * @module
 */
import { type JsonValue, jsonEqual, shorten } from "../data/json.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { TraceGraph } from "../graph/trace-graph.ts";
import type { Attempt } from "./attempt-memory.ts";
import { dropWorst } from "./fit/drop-worst.ts";
import { fitProblem } from "./fit/fit-problem.ts";
import { type PromptBudget, promptTokens } from "./fit/prompt-budget.ts";
import { promptTooLong } from "./fit/too-long.ts";
import type { OptimizerPrompt } from "./language-model-optimizer.ts";
import { describeProblem } from "./problem/describe-problem.ts";
import { describeVariable, variableText } from "./problem/describe-variable.ts";
import type { Problem } from "./problem/problem.ts";
import { type AttemptText, attemptsPrompt } from "./prompts/attempts-prompt.ts";
import { directionPrompt } from "./prompts/direction-prompt.ts";
import { instructions } from "./prompts/instructions.ts";
import { problemPrompt } from "./prompts/problem-prompt.ts";
import { workedExample } from "./prompts/worked-example.ts";
import { offersEdits } from "./reply/edits.ts";
import { Fence } from "./reply/fence.ts";
import type { AskedVariable, ReplyFormatName } from "./reply/reply-format.ts";
import { replyFormats } from "./reply/reply-formats.ts";
import { textsIn } from "./reply/texts-in.ts";

/** What goes into a prompt besides the graph. */
export interface PromptOptions {
  readonly objective: string;
  /** What was tried before, oldest first. */
  readonly attempts: readonly Attempt[];
  /** Which of the proposals of one step this is, counted from 0. */
  readonly proposal: number;
  readonly maxValueLength: number;
  readonly includeExample: boolean;
  /** The largest share of a text's words that may change. @default 1 */
  readonly maxChange?: number | undefined;
  /** What is said after the problem. */
  readonly addition?: Addition | undefined;
  /** @default "tags" */
  readonly replyFormat?: ReplyFormatName;
}

/** Something that a prompt says besides the problem. */
export interface Addition {
  /** All of the program's texts in it, so that tags can be chosen that are in none of them. */
  readonly texts: readonly string[];
  /** The words, with these tags around the program's texts. */
  readonly write: (fence: Fence) => string;
  /** Whether the words ask for something else than values of the variables. @default false */
  readonly asksOtherwise?: boolean | undefined;
}

/**
 * The prompt for what was said about a graph: all of it where there is room, else what there is most to learn from, with
 * a statement of what was left out. The same arguments give the same text, byte for byte; nothing is changed.
 *
 * @throws ConfigurationError when instructions, variables and one output do not fit into the budget
 */
export function buildPrompt(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  options: PromptOptions,
  budget: PromptBudget,
): OptimizerPrompt {
  const { attempts, maxValueLength } = options;
  const tokensOf = (prompt: OptimizerPrompt): number => promptTokens(prompt, budget.count);
  const asked = askedVariables(graph, parameters);
  const problem = describeProblem(graph, parameters, { maxValueLength, budget });
  if (problem !== undefined) {
    const told = attempts.map((attempt) => attemptText(attempt, graph, parameters, maxValueLength));
    const whole = write(problem, asked, told, options);
    if (tokensOf(whole) <= budget.maxTokens) return whole;
  }
  const fitted = (told: readonly AttemptText[]): OptimizerPrompt | undefined =>
    fitProblem(graph, parameters, {
      budget,
      maxValueLength,
      attempts: { all: attempts.length, told: told.length },
      write: (part) => write(part, asked, told, options),
      tokensOf,
    });
  const told = fitAttempts(graph, parameters, options, budget);
  // The attempts go before the last output does.
  const prompt = fitted(told) ?? (told.length > 0 ? fitted([]) : undefined);
  return prompt ?? refuse(asked, options, budget, tokensOf);
}

/** Of the budget that attempts may take when not all fits. */
const shareOfAttempts = 0.2;
/** Characters of what was said of an attempt when not all fits. */
const shortFeedback = 500;

function write(
  problem: Problem,
  asked: readonly AskedVariable[],
  attempts: readonly AttemptText[],
  { objective, proposal, includeExample, maxChange, addition, replyFormat = "tags" }: PromptOptions,
): OptimizerPrompt {
  const fence = Fence.around(textsIn([objective, problem, attempts, addition?.texts]), offersEdits(asked));
  const format = replyFormats[replyFormat](fence, asked);
  const parts = {
    objective,
    attempts: attemptsPrompt(attempts, fence),
    direction: directionPrompt(proposal),
    asks: addition?.asksOtherwise !== true,
  };
  const system = instructions(format, maxChange);
  return {
    system: includeExample ? `${system}\n\n${workedExample(fence, format)}` : system,
    prompt: [problemPrompt(problem, parts, fence), addition?.write(fence) ?? ""].filter((part) => part !== "").join("\n\n"),
    fence,
    format,
    omitted: problem.omitted,
  };
}

function fitAttempts(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  { attempts, maxValueLength }: PromptOptions,
  budget: PromptBudget,
): readonly AttemptText[] {
  const length = Math.min(shortFeedback, maxValueLength);
  const told = attempts.map((attempt) => ({
    score: attempt.score,
    text: attemptText(attempt, graph, parameters, length),
  }));
  const plain = new Fence();
  const { kept } = dropWorst(told, ({ text }) => budget.count(attemptsPrompt([text], plain)), budget.maxTokens * shareOfAttempts);
  return kept.map(({ text }) => text);
}

function refuse(
  asked: readonly AskedVariable[],
  options: PromptOptions,
  budget: PromptBudget,
  tokensOf: (prompt: OptimizerPrompt) => number,
): never {
  const variables = asked.map(({ name, parameter, value }) => describeVariable(name, parameter, value));
  const bare: Problem = {
    omitted: [],
    code: [],
    operations: [],
    variables,
    inputs: [],
    others: [],
    outputs: [],
    feedback: [],
    runs: [],
  };
  throw promptTooLong(budget, tokensOf(write(bare, asked, [], options)), variables);
}

/** The variables that a prompt about the graph shows, with the values that the feedback is about. */
function askedVariables(graph: TraceGraph, parameters: ReadonlyMap<string, Parameter>): readonly AskedVariable[] {
  const reached = new Set(graph.parameters);
  return [...parameters].flatMap(([name, parameter]) =>
    reached.has(parameter) ? [{ name, parameter, value: graph.valueOf(parameter) }] : [],
  );
}

/** An earlier attempt as text: what was different from the values that the graph was made with, and what came of it. */
export function attemptText(
  { values, score, feedback }: Attempt,
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  maxLength: number,
): AttemptText {
  const different = [...parameters].flatMap(([name, parameter]) => {
    const value = values[name];
    const isOther = value !== undefined && !jsonEqual(value, graph.valueOf(parameter) as JsonValue);
    return isOther ? [{ name, value: variableText(value) }] : [];
  });
  return { different, score: score === null ? undefined : String(score), feedback: shorten(feedback, maxLength) };
}
