/**
 * One call of `train`: its parts, how far it has come, its brakes and budget, and what keeps it.
 *
 * @module
 */
import { type Clock, systemClock } from "../data/clock.ts";
import type { DataLoader } from "../data/data-loader.ts";
import type { Dataset } from "../data/dataset.ts";
import type { JsonValue } from "../data/json.ts";
import { errorText, StopError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import { CallScheduler } from "../llm/call-scheduler.ts";
import { CallsInFlight } from "../llm/calls-in-flight.ts";
import { Ledger } from "../llm/ledger.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { canGoOn, type StopReason } from "../trainer/events.ts";
import { RunControl } from "../trainer/run-control.ts";
import type { RunCheckpoint, RunIdentity, RunKeeper, RunStatus } from "../trainer/run-keeper.ts";
import type { RunServices } from "../trainer/run-services.ts";
import { RunProgress } from "./run-progress.ts";
import { stopOnSignals } from "./stop-signals.ts";
import type { TrainSettings } from "./train-options.ts";

/** What a run is made of. */
export interface TrainingParts<X, Y, Info> {
  readonly agent: Module<X, Y>;
  readonly optimizer: Optimizer;
  readonly guide: Guide<X, Y, Info>;
  readonly loader: DataLoader<X, Info>;
  readonly testSet: Dataset<X, Info>;
  readonly settings: TrainSettings<X, Info>;
}

/** What the loop adds to a checkpoint. */
export interface LoopState {
  readonly iteration: number;
  readonly algorithm: JsonValue;
}

/** All that decides how a run goes on after an iteration, as it was when the iteration had been trained. */
export interface SafeState {
  readonly parameters: Candidate;
  readonly loop: LoopState;
  readonly optimizer: JsonValue;
  readonly loader: JsonValue;
}

/** How a run may end besides an error. */
export type RunEnd = StopReason | "aborted" | "failed";

/** How long nobody looks at the clock for a deadline, in milliseconds: it may be set, or the machine may sleep. */
const longestUnwatched = 30_000;

/** A run while it lasts. */
export class TrainingRun<X, Y, Info> {
  readonly agent: Module<X, Y>;
  readonly optimizer: Optimizer;
  readonly guide: Guide<X, Y, Info>;
  readonly loader: DataLoader<X, Info>;
  readonly testSet: Dataset<X, Info>;
  readonly settings: TrainSettings<X, Info>;
  readonly progress: RunProgress;
  readonly ledger: Ledger;
  readonly control: RunControl = new RunControl();
  readonly #clock: Clock;
  #keeper: RunKeeper | undefined;
  readonly #scheduler: CallScheduler;
  readonly #inFlight: CallsInFlight | undefined;
  /** The parameters at the last safe point, and after which iteration that was. */
  #safe: Candidate;
  #safeIteration: number | undefined;
  /** Rollouts up to the last safe point. */
  #rollouts = 0;
  #cleanUps: (() => void)[] = [];

  constructor({ agent, optimizer, guide, loader, testSet, settings }: TrainingParts<X, Y, Info>, clock: Clock = systemClock) {
    this.agent = agent;
    this.optimizer = optimizer;
    this.guide = guide;
    this.loader = loader;
    this.testSet = testSet;
    this.settings = settings;
    this.#clock = clock;
    this.#safe = agent.candidate();
    this.progress = new RunProgress(loader.epoch, this.#safe);
    this.ledger = new Ledger({ budget: settings.budget, prices: settings.prices, clock });
    this.#scheduler = new CallScheduler({ seed: loader.seed, clock, ...settings.calls });
    this.#inFlight = settings.mergeCalls ? new CallsInFlight() : undefined;
  }

  /** The keeper of the run, when it is kept. */
  get keeper(): RunKeeper | undefined {
    return this.#keeper;
  }

  /** What the rollouts and calls of the run find in their scope. */
  get services(): RunServices {
    const { control, ledger } = this;
    const { calls, rollouts } = this.#keeper ?? {};
    return { control, ledger, scheduler: this.#scheduler, inFlight: this.#inFlight, calls, rollouts };
  }

  /** Opens the keeper; of a run that goes on everything is taken up where it was left, what the loop has to know by `takeUp`. */
  async open(identity: RunIdentity, takeUp: (loop: LoopState) => void): Promise<void> {
    this.#keeper = await this.settings.run?.open(identity, this.#safe, this.control);
    try {
      const loop = this.#takeUp(identity);
      if (loop !== undefined) takeUp(loop);
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
    const { progress, algorithm } = restored.trainer as { readonly progress: JsonValue; readonly algorithm: JsonValue };
    this.progress.restore(progress, restored.best);
    this.ledger.restore(restored.spent);
    this.#rollouts = restored.spent.rollouts;
    this.#safe = restored.parameters;
    return { iteration: restored.iteration, algorithm };
  }

  /** Begins to listen to what may stop the run from outside. */
  watch(onSignal: (signal: NodeJS.Signals) => void): void {
    const { handleSignals, deadline } = this.settings;
    if (handleSignals) this.#cleanUps.push(stopOnSignals(this.control, onSignal));
    if (deadline !== undefined) this.#cleanUps.push(this.#watchDeadline(deadline));
  }

  #watchDeadline(deadline: number): () => void {
    let timer: NodeJS.Timeout | undefined;
    const look = (): void => {
      this.#checkDeadline();
      if (this.control.stopped !== undefined) return;
      timer = setTimeout(look, Math.min(longestUnwatched, Math.max(1, deadline - this.#clock.now()))).unref();
    };
    // At once, too: of one that has passed already, the first iteration would have begun before a timer.
    look();
    return () => clearTimeout(timer);
  }

  /**
   * Why there is nothing more to do, or `undefined` while there is.
   *
   * @param iterations how many have been trained; not all of them need be over
   */
  reached(iterations: number): StopReason | undefined {
    const { progress, loader, settings } = this;
    const hasEpochs = loader.epoch - progress.firstEpoch < settings.numEpochs;
    return progress.metCondition(settings, iterations) ?? (hasEpochs ? undefined : "completed");
  }

  /**
   * Whether an iteration is tested while the next one is trained. Not where the score may end the run, nor where a budget may:
   * what is trained ahead would use what the test needs.
   */
  get overlaps(): boolean {
    const { overlapEvaluation, targetScore, patience, budget } = this.settings;
    return overlapEvaluation && targetScore === undefined && patience === undefined && budget === undefined;
  }

  /** @throws StopError when the run is to stop */
  checkBrakes(): void {
    this.#checkDeadline();
    this.ledger.checkTime();
    this.control.throwIfStopped();
  }

  /** The state of now, to be kept when all that comes before it is over. */
  capture(loop: LoopState): SafeState {
    const { agent, optimizer, loader } = this;
    const state = { parameters: agent.candidate(), loop, optimizer: optimizer.state(), loader: loader.state() };
    // An optimizer may give what it goes on changing, while this waits for the test of its iteration.
    return this.#keeper !== undefined && this.overlaps ? structuredClone(state) : state;
  }

  /**
   * Makes a state the one from which the run goes on. All before it is over, and has been told of; nothing after it has.
   *
   * @param rollouts how many it took since the last one
   * @param options.isWritten whether it is also written now, and not only at the end
   */
  keep(state: SafeState, rollouts: number, { isWritten = true }: { readonly isWritten?: boolean } = {}): void {
    this.#rollouts += rollouts;
    this.#safe = state.parameters;
    this.#safeIteration = state.loop.iteration;
    const checkpoint = this.#checkpoint(state);
    if (isWritten) this.#keeper?.save(checkpoint);
    else this.#keeper?.hold(checkpoint);
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

  /** Stops listening, writes the last checkpoint, closes all files. */
  async close(end: RunEnd, error: unknown): Promise<void> {
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp();
    const status: RunStatus = {
      state: end === "aborted" || end === "failed" || canGoOn(end) ? "unfinished" : "finished",
      reason: end,
    };
    await this.#keeper?.close(
      error === undefined ? status : { ...status, error: errorText(error) },
      this.ledger.spent().elapsedMs,
    );
  }

  #checkDeadline(): void {
    const { deadline } = this.settings;
    if (deadline !== undefined && this.#clock.now() >= deadline) {
      this.control.stop(new StopError("deadline", `The deadline ${new Date(deadline).toISOString()} has come`));
    }
  }

  #checkpoint({ parameters, loop, optimizer, loader }: SafeState): RunCheckpoint {
    return {
      iteration: loop.iteration,
      status: { state: "unfinished", reason: null },
      parameters,
      best: this.progress.best,
      spent: { ...this.ledger.spent(), rollouts: this.#rollouts },
      trainer: { progress: this.progress.state(), algorithm: loop.algorithm },
      optimizer,
      loader,
    };
  }
}
