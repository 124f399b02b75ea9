/**
 * One forward pass with feedback: what every training algorithm does with one example.
 *
 * @module
 */

import { type Feedback, toFeedback } from "../data/feedback.ts";
import { describeValue } from "../data/json.ts";
import { GuideError, InvalidArgumentError, isInfrastructureError } from "../errors.ts";
import { copyData } from "../graph/clone.ts";
import { ExecutionError } from "../graph/execution-error.ts";
import type { Module } from "../graph/module.ts";
import type { Node } from "../graph/node.ts";
import { currentRun } from "../graph/scope.ts";
import { type Guide, type GuideLike, toGuide } from "../guides/guide.ts";

/** An output with what the guide said of it. */
export interface StepOutput<Y = unknown> {
  /** The agent's output; when the agent threw, the exception node. */
  readonly target: Node<Y> | Node<string>;
  /** `null` when the guide could not score the answer. */
  readonly score: number | null;
  readonly feedback: string;
}

/**
 * Runs the agent on `x` and asks the guide about its answer.
 *
 * When the agent throws, the target is its exception node, the score is `minScore` and the feedback is the error.
 *
 * @param minScore what a failing run scores
 * @throws GuideError when the guide throws; infrastructure errors and aborts pass unchanged
 */
export async function standardOptimizationStep<X, Y, Info>(
  agent: Module<X, Y>,
  x: X,
  guide: GuideLike<X, Y, Info>,
  info: Info,
  minScore = 0,
): Promise<StepOutput<Y>> {
  let target: Node<Y>;
  try {
    // What is plain data in the dataset is handed out as copies: an agent or a guide that changes it changes no later rollout.
    target = await agent.call(copyData(x));
  } catch (error) {
    if (!(error instanceof ExecutionError)) throw error;
    return { target: error.exceptionNode, score: minScore, feedback: error.createFeedback() };
  }
  const { score, feedback } = await askGuide(toGuide(guide), x, target.peek(), info);
  return { target, score, feedback };
}

/** Feedback of the guide, checked. */
export async function askGuide<X, Y, Info>(guide: Guide<X, Y, Info>, x: X, answer: Y, info: Info): Promise<Feedback> {
  return guarded(x, async () =>
    inRange(guide, toFeedback(await guide.getFeedback(copyData(x), answer, copyData(info), guideContext()))),
  );
}

/** Score of the guide alone, checked. */
export async function askScore<X, Y, Info>(guide: Guide<X, Y, Info>, x: X, answer: Y, info: Info): Promise<number | null> {
  return guarded(
    x,
    async () =>
      inRange(guide, toFeedback({ score: await guide.metric(copyData(x), answer, copyData(info), guideContext()) })).score,
  );
}

/** A guide that breaks its own promise would have the wrong candidate win. */
function inRange({ scoreRange }: Guide<never, never, never>, feedback: Feedback): Feedback {
  const { score } = feedback;
  if (scoreRange === undefined || score === null || (score >= scoreRange[0] && score <= scoreRange[1])) return feedback;
  throw new InvalidArgumentError(
    `Expected a score from ${scoreRange[0]} to ${scoreRange[1]}, as its \`scoreRange\` says, got ${score}`,
  );
}

function guideContext(): { signal?: AbortSignal | undefined } {
  return { signal: currentRun()?.signal };
}

/** A guide that throws is a bug to be told at once, with the example it threw on. */
async function guarded<R>(x: unknown, ask: () => Promise<R>): Promise<R> {
  try {
    return await ask();
  } catch (cause) {
    if (isInfrastructureError(cause)) throw cause;
    const position = currentRun()?.position;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new GuideError(`The guide failed on the input ${describeValue(x)}${position ? ` (${position})` : ""}: ${message}`, {
      cause,
    });
  }
}
