/**
 * The engine of searches: the loop that every algorithm runs in. It owns batches, overlap, brakes, checkpoints and the end of a run.
 *
 * @module
 */
import type { Batch } from "../data/data-loader.ts";
import { frozenCopy, type JsonValue, jsonEqual } from "../data/json.ts";
import { StopError } from "../errors.ts";
import { currentRun } from "../graph/scope.ts";
import { bindValues } from "../graph/with-values.ts";
import { notRead } from "../optimizers/optimizer.ts";
import type { RunEvent, StopReason } from "../trainer/events.ts";
import { waitedFor } from "../trainer/limited-work.ts";
import { type IterationTally, newTally } from "../trainer/run-services.ts";
import { startId } from "./archive.ts";
import { BudgetShares } from "./budget-shares.ts";
import { IterationConclusion } from "./conclude-iteration.ts";
import { guardedStep } from "./guarded-step.ts";
import { iterationServices } from "./iteration-services.ts";
import { IterationTails, type IterationTurn } from "./iteration-tails.ts";
import { endUnjudged, isJudgedLast, judgeLast } from "./judge-last.ts";
import { measureBestAgain } from "./measure-best-again.ts";
import { probeOf } from "./probe.ts";
import { chosenOn, codeWarningOf, endOf, restoreCandidates, resumptionOf, startOf } from "./run-events.ts";
import { reportOf } from "./run-report.ts";
import { warnOfSharedData, warnOfUncountedCalls } from "./run-warnings.ts";
import type { Entry, Step } from "./search.ts";
import { learnsFromStart, noteStartTrials } from "./start-trials.ts";
import { SearchStep } from "./step.ts";
import { type EngineParts, type StepParts, stepPartsOf } from "./step-parts.ts";
import { type Tail, type Trained, tailOf } from "./tail.ts";
import { testForReport } from "./test-for-report.ts";
import { resultOf, type TrainResult } from "./train-result.ts";
import type { LoopState, RunEnd, SafeState } from "./training-run.ts";
import { ValidatedCandidates } from "./validated-candidates.ts";

/** One search from its start, or from where it was left, to its end. */
export class SearchEngine<X, Y, Info, Output, Memo extends JsonValue> {
  readonly #parts: EngineParts<X, Y, Info, Output, Memo>;
  readonly #stepParts: Omit<StepParts<X, Y, Info, Output>, "pool">;
  readonly #validated: ValidatedCandidates | undefined;
  #begun: Entry | undefined;
  #memo: Memo;
  readonly #shares: BudgetShares;

  constructor(parts: EngineParts<X, Y, Info, Output, Memo>) {
    const { policy, validated, archive } = parts;
    this.#parts = parts;
    this.#stepParts = stepPartsOf(parts);
    this.#validated = validated && new ValidatedCandidates(validated, archive);
    this.#memo = frozenCopy(policy.start);
    this.#shares = new BudgetShares(parts.run.settings.budget, isJudgedLast(parts));
  }

  /** The candidate that the agent holds. */
  get #current(): Entry {
    const { run, archive } = this.#parts;
    this.#begun ??= archive.add({ id: startId, values: run.agent.candidate(), parents: [], origin: startId });
    return this.#begun;
  }

  /** Continues from a checkpoint. @param events those of candidates, up to it */
  resume({ iteration, current, memo, shares }: LoopState, events: Iterable<RunEvent>): void {
    const { run, archive } = this.#parts;
    restoreCandidates(events, { archive, progress: run.progress, validated: this.#validated, isOfOtherCode: run.isOfOtherCode });
    this.#parts.host.nIters = iteration;
    this.#begun = this.#parts.archive.get(current);
    this.#memo = frozenCopy(memo) as Memo;
    this.#shares.restore(shares);
  }

  /** Runs to the end. @throws what ended it, unless that is a stop with a result */
  async run(): Promise<TrainResult> {
    const { run, host, validated } = this.#parts;
    const { signal } = run.settings;
    run.progress.outcomes.probe = probeOf(this.#parts);
    let [end, failure, untested]: [end: RunEnd, failure?: unknown, untested?: string] = ["failed"];
    try {
      run.watch((what, by) => {
        const again = by === undefined ? "" : ". Interrupt again to exit immediately";
        host.events.emit({ type: "run-stopping", reason: `${what}: finishing work in flight, then saving the run${again}` });
      });
      signal?.throwIfAborted();
      end = await this.#loop();
      run.progress.outcomes.refuseNothingScored({ failuresCount: run.settings.minScore !== null });
      const state = run.capture(this.#loopState());
      run.keep(state, 0, { isWritten: false });
      await judgeLast(this.#parts, this.#known(state));
      untested = await testForReport(this.#parts, host, (rollouts) => run.keep(state, rollouts, { isWritten: false }));
      run.applyBest();
      if (run.settings.saveFrequency > 0) await host.saveAgent(run.settings.savePath);
    } catch (error) {
      end = signal?.aborted ? "aborted" : "failed";
      failure = error;
      if (error instanceof StopError && error.reason !== "storage" && !signal?.aborted) end = error.reason;
    }
    const isResult = end !== "aborted" && end !== "failed";
    // Also after an abort or an error: a run that is kept continues from what was kept, in this very process, too.
    if (failure !== undefined && (isResult || run.keeper !== undefined)) host.nIters = run.rewind() ?? host.nIters;
    if (failure !== undefined && isResult) endUnjudged(this.#parts);
    const report = isResult ? reportOf({ ...this.#parts, last: this.#begun }, end as StopReason, untested) : undefined;
    const result = report && resultOf(run, end as StopReason, { chosenOn: chosenOn(run, validated), report });
    try {
      host.events.emit(endOf(run, end, failure, { validated, report }));
    } finally {
      await run.close(end, failure);
    }
    if (result !== undefined) return result;
    throw failure;
  }

  /** The iterations. @returns why they ended */
  async #loop(): Promise<StopReason> {
    const { run, host, policy, validated } = this.#parts;
    const { settings, progress, keeper } = run;
    if (keeper?.restored === undefined) {
      host.events.emit(startOf(run, policy, validated));
      warnOfSharedData({ train: run.loader.dataset, validate: validated?.dataset ?? run.validationSet, test: run.testSet });
    }
    if (keeper?.isContinued) host.events.emit(resumptionOf(run, keeper, host.nIters));
    else for (const message of keeper?.warnings ?? []) host.events.emit({ type: "warning", message });
    if (keeper !== undefined && run.isOfOtherCode) {
      host.events.emit(codeWarningOf(keeper));
      host.events.emit({ type: "scores-forgotten" });
    }
    const tails = new IterationTails(run.control, settings.signal);
    const conclusion = new IterationConclusion<X, Y, Info>(run, host);
    try {
      if (!progress.isBegun) await this.#start(tails, conclusion);
      if (progress.owesTest) {
        run.checkBrakes();
        this.#addTail(tails, tails.begin(), newTally(), (tail) => conclusion.catchUp(tail));
        await tails.all();
      }
      const end = await this.#iterations(tails, conclusion);
      await tails.all();
      const unread = run.optimizer.unreadParameters;
      if (unread.length > 0) host.events.emit({ type: "warning", message: notRead(unread) });
      return end;
    } catch (error) {
      settings.signal?.throwIfAborted();
      // Before this went wrong the earlier iterations would have come to their end, or gone wrong themselves.
      await tails.all();
      throw error;
    } finally {
      tails.abandon();
      await tails.idle(host.pool());
    }
  }

  /** The evaluation before the first iteration. */
  async #start(tails: IterationTails, conclusion: IterationConclusion<X, Y, Info>): Promise<void> {
    const { run } = this.#parts;
    const state = run.capture(this.#loopState());
    run.keep(state, 0, { isWritten: false });
    run.checkBrakes();
    run.keep(state, 0);
    const tally = newTally();
    this.#shares.begin(run.ledger);
    await measureBestAgain(this.#parts, tally, conclusion);
    this.#addTail(tails, tails.begin(), tally, async (tail) => {
      const cut = await conclusion.begin(tail, (evaluated) => noteStartTrials(this.#parts, tail, evaluated));
      warnOfUncountedCalls(tally, run.settings.budget);
      return cut;
    });
    if (!run.overlaps || learnsFromStart(this.#parts)) await tails.all();
    this.#shares.evaluated(run.ledger);
    run.checkBrakes();
  }

  async #iterations(tails: IterationTails, conclusion: IterationConclusion<X, Y, Info>): Promise<StopReason> {
    const { run, host, archive, scoring } = this.#parts;
    const { loader, progress } = run;
    let iterations = progress.iterations;
    let end = run.reached(iterations) ?? this.#shares.end(run.ledger);
    while (end === undefined) {
      const epoch = loader.epoch - progress.firstEpoch;
      const batch = loader.sample();
      const turn = tails.begin();
      const tally = newTally();
      const step = this.#step(batch);
      const iteration = iterationServices(step as Step, { archive, scoring, settings: run.settings });
      const options = { events: turn.events, services: { ...run.services, tally, iteration } };
      const iterate = async (): Promise<Trained> => {
        const trained = await this.#iterate(step, batch, epoch);
        // Where the evaluation before it has not shown it.
        if (step.iteration === 1 && run.settings.evalFrequency === 0) warnOfUncountedCalls(tally, run.settings.budget);
        return trained;
      };
      this.#shares.begin(run.ledger);
      const trained = await waitedFor(iterate, `iteration/${step.iteration}`, options);
      this.#shares.trained(run.ledger);
      host.nIters++;
      this.#addTail(tails, turn, tally, (tail) => conclusion.conclude(tail, { epoch, ...trained }));
      if (run.overlaps) await tails.room();
      else await tails.all();
      this.#shares.evaluated(run.ledger);
      end = run.reached(++iterations) ?? this.#shares.end(run.ledger);
      // When all is done there is nothing left to stop.
      if (end === undefined) run.checkBrakes();
    }
    return end;
  }

  /** The iteration to come. What something else has set since the last one is a candidate of its own. */
  #step({ indices }: Batch<X, Info>): SearchStep<X, Y, Info, Output> {
    const { run, host, archive } = this.#parts;
    const iteration = host.nIters + 1;
    const values = run.agent.candidate();
    if (!jsonEqual(values, this.#current.values)) {
      const parents = [this.#current.id];
      this.#begun = archive.find(values) ?? archive.add({ id: `iteration/${iteration}/set`, values, parents, origin: "set" });
    }
    return new SearchStep<X, Y, Info, Output>(
      { ...this.#stepParts, pool: host.pool() },
      { iteration, current: this.#current, batch: { dataset: "train", examples: indices } },
    );
  }

  /** One iteration: the policy decides, the agent holds what it chose. One that fails leaves nothing behind. */
  async #iterate(step: SearchStep<X, Y, Info, Output>, { indices }: Batch<X, Info>, epoch: number): Promise<Trained> {
    const { run, host, policy, archive, scoring } = this.#parts;
    const { iteration } = step;
    currentRun()?.signal?.throwIfAborted();
    host.events.emit({ type: "iteration-start", iteration, epoch, batchSize: indices.length, examples: indices });
    const { id, parents, origin, values } = step.current;
    if (id === `iteration/${iteration}/set`)
      host.events.emit({ type: "candidate-proposed", position: id, candidate: id, parents, origin, values });
    try {
      const sizes = { train: scoring.train.dataset.length, validate: scoring.validate.dataset.length };
      const guarded = guardedStep(step, { policy: policy.name, archive, sizes });
      const verdict = await policy.iterate(guarded.step, this.#memo);
      run.settings.signal?.throwIfAborted();
      const { current, memo, score = step.batchScore } = guarded.conclude(verdict);
      step.select(current);
      this.#hold(current);
      this.#memo = frozenCopy(memo) as Memo;
      return { score, unscored: step.unscored };
    } catch (error) {
      // Not where the run has ended without it: the agent may have other values by now.
      if (currentRun()?.work?.isIgnored !== true) run.agent.apply(this.#current.values);
      throw error;
    }
  }

  #hold(entry: Entry): void {
    const { agent } = this.#parts.run;
    if (!jsonEqual(agent.candidate(), entry.values)) agent.apply(entry.values);
    this.#begun = entry;
  }

  /** Begins the tail of the iteration that has just been trained; in the end its state is what the run can continue from. */
  #addTail(
    tails: IterationTails,
    { events, isFirst }: IterationTurn,
    tally: IterationTally,
    work: (tail: Tail<X, Y, Info>) => Promise<StopError | undefined>,
  ): void {
    const { run } = this.#parts;
    const { agent } = run;
    const state = run.capture(this.#loopState());
    const tail: Tail<X, Y, Info> = { ...this.#known(state), agent: run.overlaps ? agent.clone() : agent, isFirst };
    const whole = async (): Promise<void> => {
      const cut = await work(tail);
      run.keep(state, tally.rollouts);
      if (cut !== undefined) throw cut;
    };
    const bind = run.overlaps ? bindValues(agent, state.parameters) : undefined;
    const position = `iteration/${state.loop.iteration}`;
    const options = { events, services: { ...run.services, tally } };
    const bound = bind === undefined ? whole : () => bind(whole);
    tails.add(() => waitedFor(bound, position, options));
  }

  #known(state: SafeState): ReturnType<typeof tailOf<X, Y, Info>> {
    return tailOf(this.#parts, state, { current: this.#current, validated: this.#validated });
  }

  #loopState(): LoopState {
    return { iteration: this.#parts.host.nIters, current: this.#current.id, memo: this.#memo, shares: this.#shares.largest() };
  }
}
