/**
 * One call of `train`: its parts, how far it has come, its brakes and budget, and what keeps it.
 *
 * @module
 */
import { type Clock, systemClock } from "../data/clock.ts";
import type { DataLoader } from "../data/data-loader.ts";
import type { Dataset } from "../data/dataset.ts";
import type { JsonValue } from "../data/json.ts";
import { namedMetrics } from "../data/objectives.ts";
import { errorText, isSetUpError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { currentRun, type RunContext } from "../graph/scope.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import { CallsInFlight } from "../llm/calls-in-flight.ts";
import { CallScheduler } from "../llm/pace/call-scheduler.ts";
import { Ledger } from "../llm/spend/ledger.ts";
import { type MeasuredMetric, measuredMetrics } from "../llm/spend/rollout-meter.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { canGoOn, type RunEvent, type StopReason } from "../trainer/events.ts";
import type { Executor, RolloutDataset } from "../trainer/executor.ts";
import { RunControl } from "../trainer/run-control.ts";
import type { BestSoFar, RunCheckpoint, RunIdentity, RunKeeper, RunStatus } from "../trainer/run-keeper.ts";
import type { RunServices } from "../trainer/run-services.ts";
import type { LargestShares } from "./budget-shares.ts";
import { RunProgress } from "./run-progress.ts";
import { RunTime } from "./run-time.ts";
import { stopFromOutside } from "./stop-signals.ts";
import type { TrainSettings } from "./train-settings.ts";

/** What a run is made of. */
export interface TrainingParts<X, Y, Info> {
  readonly agent: Module<X, Y>;
  readonly optimizer: Optimizer;
  readonly guide: Guide<X, Y, Info>;
  readonly loader: DataLoader<X, Info>;
  readonly testSet: Dataset<X, Info>;
  /** What the best values are chosen on; `undefined`: the test dataset, or what the algorithm measures itself. */
  readonly validationSet?: Dataset<X, Info> | undefined;
  /** Scores the answers on it. @default the training guide */
  readonly validationGuide?: Guide<X, Y, Info> | undefined;
  readonly settings: TrainSettings<X, Info>;
  /** Where rollouts run. @default here */
  readonly executor?: Executor | undefined;
}

/** What the loop adds to a checkpoint. */
export interface LoopState {
  readonly iteration: number;
  /** The id of the candidate that the agent holds. */
  readonly current: string;
  /** What the policy remembers. */
  readonly memo: JsonValue;
  /** The most of the budget that one iteration and one evaluation have taken; `null` in checkpoints of an earlier version. */
  readonly shares: LargestShares | null;
}

/** All that decides how a run continues after an iteration, as it was when the iteration had been trained. */
export interface SafeState {
  readonly parameters: Candidate;
  readonly loop: LoopState;
  readonly optimizer: JsonValue;
  readonly loader: JsonValue;
}

/** How a run may end besides an error. */
export type RunEnd = StopReason | "aborted" | "failed";

/** Whether the best values are chosen by an evaluation of their own, besides that on the test dataset. */
export function isOwnValidation<X, Y, Info>({
  guide,
  testSet,
  validationSet,
  validationGuide,
}: Pick<TrainingParts<X, Y, Info>, "guide" | "testSet" | "validationSet" | "validationGuide">): boolean {
  return validationSet !== undefined && (validationSet !== testSet || validationGuide !== guide);
}

/** A run while it lasts. */
export class TrainingRun<X, Y, Info> {
  readonly agent: Module<X, Y>;
  readonly optimizer: Optimizer;
  readonly guide: Guide<X, Y, Info>;
  readonly loader: DataLoader<X, Info>;
  readonly testSet: Dataset<X, Info>;
  readonly validationSet: Dataset<X, Info> | undefined;
  readonly validationGuide: Guide<X, Y, Info>;
  readonly settings: TrainSettings<X, Info>;
  readonly progress: RunProgress;
  readonly ledger: Ledger;
  readonly control: RunControl = new RunControl();
  readonly #executor: Executor | undefined;
  readonly #time: RunTime;
  #keeper: RunKeeper | undefined;
  readonly #scheduler: CallScheduler;
  readonly #inFlight: CallsInFlight | undefined;
  /** The parameters at the last safe point, and after which iteration that was. */
  #safe: Candidate;
  #safeIteration: number | undefined;
  /** What was kept of it. */
  #kept: RunCheckpoint | undefined;
  /** Rollouts up to the last safe point. */
  #rollouts = 0;
  #cleanUps: (() => void)[] = [];
  /** What the objective wants measured of every rollout. */
  readonly #measures: readonly MeasuredMetric[] | undefined;
  /** The run of which this one is a part, if any. */
  readonly #begunIn: RunContext | undefined = currentRun();

  constructor(parts: TrainingParts<X, Y, Info>, clock: Clock = systemClock) {
    const { agent, optimizer, guide, loader, testSet, validationSet, validationGuide = guide, settings } = parts;
    this.agent = agent;
    this.optimizer = optimizer;
    this.guide = guide;
    this.loader = loader;
    this.testSet = testSet;
    this.validationSet = validationSet;
    this.validationGuide = validationGuide;
    this.settings = settings;
    this.#executor = parts.executor;
    this.#safe = agent.candidate();
    this.progress = new RunProgress(loader.epoch, this.#safe, settings.objective);
    this.progress.outcomes.hasOneGuide = guide === validationGuide;
    const { merge, prices, ...calls } = settings.calls;
    this.ledger = new Ledger({ budget: settings.budget, prices, clock });
    this.#time = new RunTime({ control: this.control, ledger: this.ledger, clock, deadline: settings.stop.deadline });
    this.#scheduler = new CallScheduler({ seed: loader.seed, clock, ...calls });
    const named = new Set(namedMetrics(settings.objective));
    const measures = measuredMetrics.filter((metric) => named.has(metric));
    this.#measures = measures.length === 0 ? undefined : measures;
    this.#inFlight = merge ? new CallsInFlight() : undefined;
  }

  /** Whether the best values are chosen by an evaluation of their own, besides that on the test dataset. */
  get hasOwnValidation(): boolean {
    return isOwnValidation(this);
  }

  /** What an executor knows the test dataset as. */
  get testSource(): RolloutDataset {
    return this.testSet === this.loader.dataset ? "train" : "test";
  }

  /** The keeper of the run, when it is kept. */
  get keeper(): RunKeeper | undefined {
    return this.#keeper;
  }

  /** Whether the guide or the code of the agent has changed since the scores of the run were measured. */
  get isOfOtherCode(): boolean {
    return (this.#keeper?.codeChanges.length ?? 0) > 0;
  }

  /** What the rollouts and calls of the run find in their scope. */
  get services(): RunServices {
    const { control, ledger, settings } = this;
    const { calls, rollouts, traces } = this.#keeper ?? {};
    const { timeoutMs: rolloutTimeoutMs } = settings.rollouts;
    const { outcomes } = this.progress;
    const [scheduler, inFlight, executor, measures] = [this.#scheduler, this.#inFlight, this.#executor, this.#measures];
    return { control, outcomes, ledger, scheduler, inFlight, calls, rollouts, traces, executor, rolloutTimeoutMs, measures };
  }

  /** Opens the keeper. A run that continues is restored from where it was left; `takeUp` receives what the loop needs. */
  async open(identity: RunIdentity, takeUp: (loop: LoopState, events: Iterable<RunEvent>) => void): Promise<void> {
    const { keeper: run, signal } = this.settings;
    this.#keeper = await run?.open(identity, this.#safe, this.control, signal);
    try {
      const loop = this.#takeUp(identity);
      if (loop !== undefined) takeUp(loop, this.#keeper?.history() ?? []);
    } catch (error) {
      await this.#keeper?.close({ state: "unfinished", reason: "failed", error: errorText(error) });
      throw error;
    }
  }

  #takeUp(identity: RunIdentity): LoopState | undefined {
    this.#keeper?.restoreUse(this.ledger);
    const restored = this.#keeper?.restored;
    if (restored === undefined) {
      // Also of a run whose checkpoints were lost: it begins again, with all calls that were paid for.
      if (this.#keeper !== undefined) this.agent.apply(identity.parameters);
      return undefined;
    }
    this.agent.apply(restored.parameters);
    this.optimizer.restore(restored.optimizer);
    this.loader.restore(restored.loader);
    const { progress, ...loop } = restored.trainer as { readonly progress: JsonValue } & Omit<LoopState, "iteration">;
    this.progress.restore(progress, (progress as { readonly settledBest?: BestSoFar }).settledBest ?? restored.best);
    if (this.isOfOtherCode) {
      this.progress.forgetScores();
      this.optimizer.forgetScores?.();
    }
    this.ledger.restore(restored.spent);
    this.#rollouts = restored.spent.rollouts;
    [this.#safe, this.#safeIteration] = [restored.parameters, restored.iteration];
    return { ...loop, iteration: restored.iteration, shares: loop.shares ?? null };
  }

  /** Begins to listen to what may stop the run from outside. @param onAsked hears what a person has done to stop it */
  watch(onAsked: (what: string, signal?: NodeJS.Signals) => void): void {
    const fromOutside = stopFromOutside(this.control, this.settings.stop, this.#begunIn, onAsked);
    this.#cleanUps.push(...fromOutside, this.#time.watch());
  }

  /**
   * Why there is nothing more to do, or `undefined` while there is.
   *
   * @param iterations how many have been trained; not all of them need be over
   */
  reached(iterations: number): StopReason | undefined {
    const { progress, loader, settings } = this;
    const hasEpochs = loader.epoch - progress.firstEpoch < settings.numEpochs;
    return progress.metCondition(settings.stop, iterations) ?? (hasEpochs ? undefined : "completed");
  }

  /**
   * Whether an iteration is tested while the next one is trained. Not where the score may end the run, nor where a budget may:
   * what is trained ahead would use what the test needs.
   */
  get overlaps(): boolean {
    const { stop, rollouts, budget } = this.settings;
    return rollouts.overlapEvaluation && [stop.targetScore, stop.patience, budget].every((limit) => limit === undefined);
  }

  /** @throws StopError when the run is to stop */
  checkBrakes(): void {
    this.#time.checkDeadline();
    this.ledger.checkTime();
    this.control.throwIfStopped();
  }

  /** The state of now, to be kept when all that comes before it is over. */
  capture(loop: LoopState): SafeState {
    const { agent, optimizer, loader } = this;
    const state = { parameters: agent.candidate(), loop, optimizer: optimizer.state(), loader: loader.state() };
    // An optimizer may return an object that it still changes, while this waits for the test of its iteration.
    return this.#keeper !== undefined && this.overlaps ? structuredClone(state) : state;
  }

  /**
   * Makes a state the one that the run continues from. Everything before it is over and reported; nothing after it is.
   *
   * @param rollouts how many it took since the last one
   * @param options.isWritten whether it is also written now, and not only at the end
   */
  keep(state: SafeState, rollouts: number, { isWritten = true }: { readonly isWritten?: boolean } = {}): void {
    this.#rollouts += rollouts;
    this.#safe = state.parameters;
    this.#safeIteration = state.loop.iteration;
    const checkpoint = this.#checkpoint(state);
    this.#kept = checkpoint;
    if (isWritten) this.#keeper?.save(checkpoint);
    else this.#keeper?.hold(checkpoint, { isEnd: this.progress.isSettled });
  }

  /** Keeps the best values of the end as those of the run, at the last safe point: one that continues after all has the earlier ones. */
  keepBest(): void {
    if (this.#kept === undefined) return;
    const { best: settledBest, trainer, ...checkpoint } = this.#kept;
    const { progress, ...loop } = trainer as { readonly progress: object };
    const kept = { progress: { settledBest, ...progress }, ...loop } as unknown as JsonValue;
    this.#keeper?.hold({ ...checkpoint, best: this.progress.best, trainer: kept }, { isEnd: true });
  }

  /**
   * Gives the agent the parameters of the last safe point: an iteration that was cut short leaves nothing behind.
   *
   * @returns after which iteration that was, when there was one
   */
  rewind(): number | undefined {
    this.agent.apply(this.#safe);
    return this.#safeIteration;
  }

  /** Sets the agent to the best values of the run, where they are to be kept. */
  applyBest(): void {
    if (this.settings.keep === "best") this.agent.apply(this.progress.best.parameters);
  }

  /** Stops listening, writes the last checkpoint, closes all files. Of a run that a wrong set-up has kept from beginning nothing is kept. */
  async close(end: RunEnd, error: unknown): Promise<void> {
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp();
    if (end === "failed" && isSetUpError(error) && this.#isEmpty()) return this.#keeper?.discard();
    const status: RunStatus = {
      state: end === "aborted" || end === "failed" || canGoOn(end) ? "unfinished" : "finished",
      reason: end,
    };
    await this.#keeper?.close(
      error === undefined ? status : { ...status, error: errorText(error) },
      this.ledger.spent().elapsedMs,
    );
  }

  /** Whether there is nothing to continue from: no iteration, no reply of a model, no recorded rollout. */
  #isEmpty(): boolean {
    const keeper = this.#keeper;
    if (keeper === undefined || keeper.isContinued || keeper.rollouts !== undefined) return false;
    return this.progress.iterations === 0 && this.ledger.usage().calls === 0;
  }

  #checkpoint({ loop: { iteration, ...loop }, ...state }: SafeState): RunCheckpoint {
    return {
      iteration,
      status: { state: "unfinished", reason: null },
      best: this.progress.best,
      spent: { ...this.ledger.spent(), rollouts: this.#rollouts },
      trainer: { progress: this.progress.state(), ...loop },
      ...state,
    };
  }
}
