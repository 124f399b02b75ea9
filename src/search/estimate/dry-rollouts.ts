/**
 * `dryRollouts`: runs agent and guide on a few examples without any model, to see what they would ask.
 *
 * @module
 */
import type { Dataset, Example } from "../../data/dataset.ts";
import { textOf } from "../../data/json.ts";
import { ConfigurationError, errorText } from "../../errors.ts";
import { backward } from "../../graph/backward.ts";
import type { Module } from "../../graph/module.ts";
import { atPosition, noTrace } from "../../graph/scope.ts";
import { TraceGraph } from "../../graph/trace-graph.ts";
import type { Guide } from "../../guides/guide.ts";
import { type DryCall, DryRunRecorder, placeholderReply, withDryRun } from "../../llm/dry-run.ts";
import type { SampleCalls } from "../../llm/spend/call-profile.ts";
import { withoutRequests } from "../../llm/without-requests.ts";
import { dependentOperations } from "../../optimizers/gradients/dependent-operations.ts";
import { scoreHere } from "../../trainer/rollout-work.ts";
import { askGuide, standardOptimizationStep } from "../../trainer/standard-optimization-step.ts";

/** What is run. */
export interface DryRolloutOptions<X, Y, Info> {
  readonly agent: Module<X, Y>;
  readonly guide: Guide<X, Y, Info>;
  readonly dataset: Dataset<X, Info>;
  /** With feedback, as for a batch, or for the score alone. */
  readonly mode: "feedback" | "score";
  /** How many examples. */
  readonly numSamples: number;
  /** Whether agent and guide may make requests of their own. */
  readonly allowRequests: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What the samples would have asked. */
export interface DryRollouts {
  readonly samples: readonly SampleRollout[];
  /** Why samples ended before their time. */
  readonly failures: readonly SampleFailure[];
  /** Where agent or guide would have connected by themselves. */
  readonly refused: ReadonlySet<string>;
}

/** Why a sample ended before its time. */
export interface SampleFailure {
  readonly reason: string;
  /** Whether a model was answered for before that, so that the placeholder may be the cause. */
  readonly isAnswered: boolean;
}

/** One sample. */
export interface SampleRollout extends SampleCalls {
  /** Operations that depend on trainable parameters; 0 when only the score was asked for. */
  readonly operations: number;
}

/** @throws ConfigurationError when no model is named; the reason of the signal, unchanged */
export async function dryRollouts<X, Y, Info>(options: DryRolloutOptions<X, Y, Info>): Promise<DryRollouts> {
  const { dataset, numSamples, signal } = options;
  const outcomes: Outcome[] = [];
  const refused = new Set<string>();
  for (const example of bySize(dataset, numSamples)) {
    signal?.throwIfAborted();
    outcomes.push(await atPosition("dry-run", () => runSample(options, example, refused), { signal }));
  }
  const failures = outcomes.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  return { samples: outcomes, failures, refused };
}

interface Outcome extends SampleRollout {
  readonly failure: SampleFailure | undefined;
}

async function runSample<X, Y, Info>(
  { agent, guide, mode, allowRequests, signal }: DryRolloutOptions<X, Y, Info>,
  { input, info }: Example<X, Info>,
  allRefused: Set<string>,
): Promise<Outcome> {
  const recorder = new DryRunRecorder();
  const refused = new Set<string>();
  const guarded = <R>(work: () => Promise<R>): Promise<R> => (allowRequests ? work() : withoutRequests(refused, work));
  let operations = 0;
  const failure = await failureOf(signal, () =>
    withDryRun(recorder, () =>
      guarded(async () => {
        if (mode === "score") return (await scoreHere({ agent, guide, x: input, info, failureScore: null })).error;
        const { target } = await standardOptimizationStep(agent.clone(), input, guide.clone(), info);
        operations = dependentOperations(TraceGraph.merge(backward(target, "").values())).length;
        return target.kind === "exception" ? target.peek() : undefined;
      }),
    ),
  );
  const { calls } = recorder;
  const certain = calls.filter(({ isCorrection }) => !isCorrection);
  const corrections = calls.filter(({ isCorrection }) => isCorrection);
  if (failure === undefined) return { certain, possible: corrections, failure, operations };
  // An agent that could do nothing with a placeholder will get further with a model, as far as the guide.
  const missed = calls.some(({ role }) => role === "judge") ? [] : await guarded(() => guideCalls(guide, input, info, signal));
  for (const address of refused) allRefused.add(address);
  // Of that there is a note of its own.
  const told = refused.size > 0 ? undefined : { reason: failure, isAnswered: calls.length > 0 };
  return { certain, possible: [...corrections, ...missed], failure: told, operations };
}

/** What the guide would ask about an answer that nobody knows. */
async function guideCalls<X, Y, Info>(
  guide: Guide<X, Y, Info>,
  input: X,
  info: Info,
  signal: AbortSignal | undefined,
): Promise<readonly DryCall[]> {
  const recorder = new DryRunRecorder();
  const ask = async (): Promise<unknown> => noTrace(() => askGuide(guide.clone(), input, placeholderReply as Y, info));
  await failureOf(signal, async () => {
    await withDryRun(recorder, ask);
  });
  return recorder.calls.filter(({ isCorrection }) => !isCorrection);
}

/** Why a sample has failed; a run that could not even begin is another matter. */
async function failureOf(signal: AbortSignal | undefined, run: () => Promise<unknown>): Promise<string | undefined> {
  try {
    const error = await run();
    return error === undefined ? undefined : String(error);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ConfigurationError) throw error;
    return errorText(error);
  }
}

/** Examples from the shortest input to the longest, evenly spaced between; a single one is the longest. */
function bySize<X, Info>(dataset: Dataset<X, Info>, count: number): Example<X, Info>[] {
  const sorted = dataset.map((example) => ({ example, size: textOf(example.input).length })).sort((a, b) => a.size - b.size);
  if (sorted.length <= count) return sorted.map(({ example }) => example);
  const last = sorted.length - 1;
  const places = count === 1 ? [last] : Array.from({ length: count }, (_, index) => Math.round((last * index) / (count - 1)));
  return places.map((place) => (sorted[place] as (typeof sorted)[number]).example);
}
