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
import { Fence } from "./reply/fence.ts";
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
  /** What is said after the problem. */
  readonly addition?: Addition | undefined;
}

/** Something that a prompt says besides the problem. */
export interface Addition {
  /** All of the program's texts in it, so that tags can be chosen that are in none of them. */
  readonly texts: readonly string[];
  readonly write: (fence: Fence) => string;
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
  const fence = Fence.around(textsIn([objective, problem, attempts, options.addition?.texts]));
  const parts = { objective, attempts: attemptsPrompt(attempts, fence), direction: directionPrompt(proposal) };
  return {
    system: includeExample ? `${instructions(fence)}\n\n${workedExample(fence)}` : instructions(fence),
    prompt: [problemPrompt(problem, parts, fence), options.addition?.write(fence) ?? ""]
      .filter((part) => part !== "")
      .join("\n\n"),
    fence,
  };
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
