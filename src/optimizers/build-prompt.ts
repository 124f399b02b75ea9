/**
 * From feedback and memory to the prompt of OptoPrime.
 *
 * @module
 */
import { type JsonValue, jsonEqual, shorten } from "../data/json.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { TraceGraph } from "../graph/trace-graph.ts";
import type { Attempt } from "./attempt-memory.ts";
import type { OptimizerPrompt } from "./language-model-optimizer.ts";
import { describeProblem } from "./problem/describe-problem.ts";
import { variableText } from "./problem/describe-variable.ts";
import { type AttemptText, attemptsPrompt } from "./prompts/attempts-prompt.ts";
import { directionPrompt } from "./prompts/direction-prompt.ts";
import { instructions } from "./prompts/instructions.ts";
import { problemPrompt } from "./prompts/problem-prompt.ts";
import { workedExample } from "./prompts/worked-example.ts";
import { offersEdits } from "./reply/edits.ts";
import { Fence } from "./reply/fence.ts";
import type { AskedVariable, ReplyFormatName } from "./reply/reply-format.ts";
import { replyFormats } from "./reply/reply-formats.ts";

/** What goes into a prompt besides the graph. */
export interface PromptOptions {
  readonly objective: string;
  /** What was tried before, oldest first. */
  readonly attempts: readonly Attempt[];
  /** Which of the proposals of one step this is, counted from 0. */
  readonly proposal: number;
  readonly maxValueLength: number;
  readonly includeExample: boolean;
  /** @default "tags" */
  readonly replyFormat?: ReplyFormatName;
}

/** The prompt for what was said about a graph. The same arguments give the same text, byte for byte; nothing is changed. */
export function buildPrompt(
  graph: TraceGraph,
  parameters: ReadonlyMap<string, Parameter>,
  options: PromptOptions,
): OptimizerPrompt {
  const { objective, proposal, maxValueLength, includeExample } = options;
  const problem = describeProblem(graph, parameters, { maxValueLength });
  const attempts = options.attempts.map((attempt) => attemptText(attempt, graph, parameters, maxValueLength));
  const asked = askedVariables(graph, parameters);
  const fence = Fence.around(textsIn([objective, problem, attempts]), offersEdits(asked));
  const format = replyFormats[options.replyFormat ?? "tags"](fence, asked);
  const parts = { objective, attempts: attemptsPrompt(attempts, fence), direction: directionPrompt(proposal) };
  return {
    system: includeExample ? `${instructions(format)}\n\n${workedExample(fence, format)}` : instructions(format),
    prompt: problemPrompt(problem, parts, fence),
    fence,
    format,
  };
}

/** The variables that a prompt about the graph shows, with the values that the feedback is about. */
function askedVariables(graph: TraceGraph, parameters: ReadonlyMap<string, Parameter>): readonly AskedVariable[] {
  const reached = new Set(graph.parameters);
  return [...parameters].flatMap(([name, parameter]) =>
    reached.has(parameter) ? [{ name, parameter, value: graph.valueOf(parameter) }] : [],
  );
}

function attemptText(
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

/** Every text in plain data, however deep. */
function* textsIn(data: unknown): Generator<string> {
  if (typeof data === "string") yield data;
  else if (typeof data === "object" && data !== null) for (const inner of Object.values(data)) yield* textsIn(inner);
}
