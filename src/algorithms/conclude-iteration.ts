/**
 * What follows when an iteration has been trained: its test, what is logged of it, its files.
 *
 * @module
 */
import { fingerprint } from "../data/fingerprint.ts";
import type { Module } from "../graph/module.ts";
import type { EvaluateInPoolOptions, KnownScore } from "../trainer/evaluate.ts";
import type { Evaluation } from "../trainer/evaluation.ts";
import type { EventStream } from "../trainer/event-stream.ts";
import { type Examples, listed } from "../trainer/example-source.ts";
import { mean } from "../trainer/rollout.ts";
import type { TrainerEvaluateOptions } from "../trainer/trainer.ts";
import type { MeasuredScores } from "./minibatch-options.ts";
import type { SafeState, TrainingRun } from "./training-run.ts";

/** What the training of an iteration has come to. */
export interface Trained {
  /** The average score of its batch. */
  readonly score: number | null;
  /** Rollouts that could not be scored for reasons outside the agent. */
  readonly unscored: number;
}

/** What the tail of an iteration works on: all as it was when the iteration had been trained. */
export interface Tail<X, Y, Info> {
  readonly state: SafeState;
  readonly agent: Module<X, Y>;
  /** Fingerprint of the parameters, of an agent that is deterministic. */
  readonly values: string | undefined;
  /** Of an agent that is deterministic. */
  readonly measured: MeasuredScores<X, Y, Info> | undefined;
  /** Resolves when all earlier iterations are over. */
  readonly isFirst: Promise<void>;
}

/** The trainer, as far as it is needed here. */
export interface TailHost<X, Y, Info> {
  readonly events: EventStream;
  readonly evaluate: (
    agent: Module<X, Y>,
    examples: Examples<X, Info>,
    options: TrainerEvaluateOptions & Pick<EvaluateInPoolOptions, "label" | "known" | "isBackground">,
  ) => Promise<Evaluation>;
  readonly saveAgent: (path: string, iteration: number) => Promise<unknown>;
}

/** Concludes the iterations of one run. */
export class IterationConclusion<X, Y, Info> {
  readonly #run: TrainingRun<X, Y, Info>;
  readonly #host: TailHost<X, Y, Info>;
  /** Fingerprint of the values that were tested last, also when that is still under way. */
  #lastTested: string | undefined;

  constructor(run: TrainingRun<X, Y, Info>, host: TailHost<X, Y, Info>) {
    this.#run = run;
    this.#host = host;
    this.#lastTested = run.progress.lastTest?.values;
  }

  /** What comes before the first iteration. */
  async begin(tail: Tail<X, Y, Info>): Promise<void> {
    const { settings, progress } = this.#run;
    await this.#testAndSave(tail, settings.evalFrequency > 0, settings.saveFrequency > 0);
    progress.isBegun = true;
  }

  /** What follows an iteration. */
  async conclude(tail: Tail<X, Y, Info>, { score, unscored, epoch }: Trained & { readonly epoch: number }): Promise<void> {
    const { settings, progress } = this.#run;
    const { iteration } = tail.state.loop;
    const isDue = (frequency: number): boolean => frequency > 0 && iteration % frequency === 0;
    await this.#testAndSave(tail, isDue(settings.evalFrequency), isDue(settings.saveFrequency));
    progress.iterations++;
    progress.unscored += unscored;
    if (settings.evalFrequency === 0) progress.untested(iteration, tail.state.parameters);
    if (score !== null) progress.trainScores.push(score);
    if (isDue(settings.logFrequency)) this.#log(tail, score);
    this.#host.events.emit({ type: "iteration-end", iteration, epoch, score });
  }

  /** Evaluates and saves the parameters of an iteration; after it, all earlier iterations are over. */
  async #testAndSave(tail: Tail<X, Y, Info>, tests: boolean, saves: boolean): Promise<void> {
    const { settings, progress } = this.#run;
    const { events } = this.#host;
    const { state, values, isFirst } = tail;
    const { iteration } = state.loop;
    const isKnown = tests && values !== undefined && values === this.#lastTested;
    if (tests) this.#lastTested = values;
    const evaluation = tests && !isKnown ? await this.#test(tail) : undefined;
    await isFirst;
    const test = evaluation ?? (isKnown ? progress.lastTest : undefined);
    if (test !== undefined) {
      if (values !== undefined) progress.lastTest = { values, mean: test.mean, failed: test.failed };
      if (test.mean === null) events.emit({ type: "warning", message: noTestScore(iteration, test.failed) });
      progress.tested(test.mean, iteration, state.parameters);
      events.log("Average test score", test.mean, iteration);
    }
    if (saves) await this.#host.saveAgent(settings.savePath, iteration);
  }

  #test({ agent, measured, state }: Tail<X, Y, Info>): Promise<Evaluation> {
    const { settings, testSet, guide, overlaps } = this.#run;
    const isSame = measured?.dataset === testSet && measured.guide === guide;
    return this.#host.evaluate(agent, listed(testSet), {
      minScore: settings.minScore,
      numSamples: settings.numEvalSamples,
      description: `Evaluating agent (iteration ${state.loop.iteration})`,
      label: "test",
      isBackground: overlaps,
      known: isSame ? (example) => knownAt(measured.scores, example) : undefined,
    });
  }

  #log({ state }: Tail<X, Y, Info>, score: number | null): void {
    const { events } = this.#host;
    const { iteration } = state.loop;
    events.log("Instantaneous train score", score, iteration);
    events.log("Average train score", mean(this.#run.progress.trainScores), iteration);
    for (const [path, value] of Object.entries(state.parameters)) events.log(`Parameter: ${path}`, value, iteration);
  }
}

/** The fingerprint of parameters for `Tail.values`. */
export function valuesOf({ parameters }: SafeState): string {
  return fingerprint(parameters);
}

/** What an algorithm has measured of new values on examples of a batch by the very guide that checks for improvement. */
export function knownOfBatch<X, Y, Info>(
  { agent, guide, loader, settings }: TrainingRun<X, Y, Info>,
  measured: MeasuredScores<X, Y, Info> | undefined,
  examples: readonly number[],
): readonly (number | null)[] | undefined {
  if (measured === undefined || measured.dataset !== loader.dataset || measured.guide !== guide) return undefined;
  // One sample of chance does not stand for several.
  if (settings.numEvalSamples > 1 && !agent.deterministic) return undefined;
  return examples.map((example) => measured.scores[example] ?? null);
}

/** A score by its place in a list, as what is known of a rollout that has not failed. */
export function knownAt(scores: readonly (number | null)[], example: number): KnownScore | undefined {
  const score = scores[example] ?? null;
  return score === null ? undefined : { score, failed: false };
}

function noTestScore(iteration: number, failed: number): string {
  return `No test score at iteration ${iteration}: ${failed} rollouts failed and \`minScore\` is null. Set \`minScore\` to count them.`;
}
