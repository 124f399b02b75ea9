/**
 * What follows when an iteration has been trained: its test, what is logged of it, its files.
 *
 * @module
 */
import { countCells, isCovered } from "../data/comparison.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { jsonEqual } from "../data/json.ts";
import { isByScore } from "../data/objectives.ts";
import { mean } from "../data/scores.ts";
import { type StopCause, StopError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { BestSoFar } from "../trainer/run-keeper.ts";
import type { TrainerHost } from "../trainer/trainer.ts";
import { startId } from "./archive.ts";
import { describeCoverage } from "./compare.ts";
import { type Evaluated, evaluatedAs, evaluateIn, type Tested } from "./run-evaluations.ts";
import { type Judged, type LastEvaluation, type Measurement, severalOf } from "./run-progress.ts";
import type { Entry } from "./search.ts";
import type { Tail, Trained } from "./tail.ts";
import { type TestedDataset, testedEvent } from "./tested-candidates.ts";
import type { LoopState, SafeState, TrainingRun } from "./training-run.ts";
import type { Validated } from "./validated-candidates.ts";

/** What the agent has after an iteration. */
interface Held {
  readonly state: Pick<SafeState, "parameters"> & { readonly loop: Pick<LoopState, "iteration" | "current"> };
  /** Their fingerprint, of an agent that is deterministic. */
  readonly values: string | undefined;
}

/** Receives what was evaluated. */
type Take = (evaluated: readonly Evaluated[]) => void;

/** What ends a run in a test on which nothing depends, and leaves the iteration as it is. */
const cuttingTests: readonly StopCause[] = ["budget", "quota", "deadline"];

/** Concludes the iterations of one run. */
export class IterationConclusion<X, Y, Info> {
  readonly #run: TrainingRun<X, Y, Info>;
  readonly #host: TrainerHost<X, Y>;
  /** Fingerprint of the values that were tested last, also when that is still under way. */
  #lastTested: string | undefined;

  constructor(run: TrainingRun<X, Y, Info>, host: TrainerHost<X, Y>) {
    this.#run = run;
    this.#host = host;
    this.#lastTested = run.progress.lastTest?.values;
  }

  /** What comes before the first iteration. @param take receives what was evaluated @returns what has cut off its test */
  async begin(tail: Tail<X, Y, Info>, take: Take): Promise<StopError | undefined> {
    const { settings, progress } = this.#run;
    const cut = await this.#testAndSave(tail, settings.evalFrequency > 0, settings.saveFrequency > 0, take);
    progress.isBegun = true;
    return cut;
  }

  /** Tests what an earlier process had trained when its test was cut off. @returns what has cut it off again */
  async catchUp(tail: Tail<X, Y, Info>): Promise<StopError | undefined> {
    const { iteration } = tail.state.loop;
    this.#lastTested = tail.values;
    const { evaluated, cut } = await this.#test({ ...tail, iteration }, false);
    await tail.isFirst;
    this.#takeTest(evaluated?.measurement(), tail);
    this.#noteTail(tail, { test: evaluated });
    return cut;
  }

  /** Measures again what was the best, by the guide and code of now. @param candidate its id */
  async measureAgain(agent: Module<X, Y>, { iteration, parameters }: BestSoFar, candidate: string): Promise<void> {
    const isValidation = this.#run.validationSet !== undefined;
    const evaluated = await this.#evaluate({ agent, iteration }, "test", isValidation);
    const measurement = evaluated.measurement();
    this.#judge([{ candidate, iteration, parameters, measurement }]);
    this.#logTest(measurement.mean, iteration);
    const isOwn = isValidation && this.#run.hasOwnValidation;
    this.#noteTested(candidate, iteration, isOwn ? "validate" : "test", evaluated);
  }

  /** Evaluates what the agent has after the last iteration, where no evaluation was due: only what the best values are chosen on. */
  async last(tail: Tail<X, Y, Info>): Promise<void> {
    const { progress, hasOwnValidation: isSeparate } = this.#run;
    const { iteration, current: candidate } = tail.state.loop;
    const evaluated = await this.#evaluate({ ...tail, iteration }, isSeparate ? "validation" : "test", isSeparate);
    const { mean, cells, metrics } = evaluated.evaluation;
    progress.lastEvaluation = { iteration, candidate, evaluation: { mean, cells, metrics } };
    this.#takeLast(evaluated, tail);
  }

  /** The same where an earlier process has evaluated them. */
  lastAgain({ iteration, candidate: current, evaluation }: LastEvaluation, { values: parameters }: Entry): void {
    const { agent, hasOwnValidation: isSeparate } = this.#run;
    const values = agent.deterministic ? fingerprint(parameters) : undefined;
    this.#takeLast(evaluatedAs(this.#run, evaluation, isSeparate), {
      state: { parameters, loop: { iteration, current } },
      values,
    });
  }

  #takeLast(evaluated: Evaluated, tail: Held): void {
    const { hasOwnValidation: isSeparate } = this.#run;
    const measurement = evaluated.measurement();
    if (isSeparate) this.#takeValidation(measurement, tail.state);
    else {
      this.#takeTest(measurement, tail);
      this.#judgeState(measurement, tail.state);
    }
    this.#noteTail(tail, isSeparate ? { validate: evaluated } : { test: evaluated });
  }

  /** Evaluates a candidate on the test dataset for the report of the run. */
  async test(agent: Module<X, Y>, { id }: Entry, iteration: number): Promise<void> {
    this.#noteTested(id, iteration, "test", await this.#evaluate({ agent, iteration }, "test", false));
  }

  /** What follows an iteration. @returns what has cut off its test, on which nothing else depends */
  async conclude(
    tail: Tail<X, Y, Info>,
    { score, unscored, epoch }: Trained & { readonly epoch: number },
  ): Promise<StopError | undefined> {
    const { settings, progress } = this.#run;
    const { iteration } = tail.state.loop;
    const isDue = (frequency: number): boolean => frequency > 0 && iteration % frequency === 0;
    const cut = await this.#testAndSave(tail, isDue(settings.evalFrequency), isDue(settings.saveFrequency));
    progress.iterations++;
    progress.lastEvaluation = undefined;
    progress.unscored += unscored;
    if (settings.evalFrequency === 0) progress.untested(iteration, tail.state.parameters, tail.estimate);
    if (score !== null) progress.trainScores.push(score);
    if (isDue(settings.logFrequency)) this.#log(tail, score);
    this.#host.events.emit({ type: "iteration-end", iteration, epoch, score });
    return cut;
  }

  /** Evaluates and saves the parameters of an iteration; after it, all earlier iterations are over. */
  async #testAndSave(tail: Tail<X, Y, Info>, tests: boolean, saves: boolean, take?: Take): Promise<StopError | undefined> {
    const { settings, progress, hasOwnValidation: isSeparate } = this.#run;
    const { state, values, isFirst, validated } = tail;
    const { iteration } = state.loop;
    const isDue = tests && validated?.isTest !== true;
    const isKnown = isDue && values !== undefined && values === this.#lastTested;
    if (isDue) this.#lastTested = values;
    const measures = isDue && !isKnown;
    const tested = { ...tail, iteration };
    const onValidation = measures && isSeparate ? await this.#evaluate(tested, "validation", true) : undefined;
    const decides = validated === undefined && !isSeparate;
    const { evaluated: onTest, cut } = measures ? await this.#test(tested, decides) : {};
    await isFirst;
    const [validation, test] = [onValidation?.measurement(), onTest?.measurement()];
    if (isKnown && validated === undefined) progress.judgedAgain();
    if (isKnown) this.#logTest(progress.lastTest?.mean ?? null, iteration);
    if (measures) this.#takeTest(test, tail);
    if (validated !== undefined) this.#takeValidated(validated, state, tests);
    else if (isSeparate) this.#takeValidation(validation, state);
    else if (test !== undefined) this.#judgeState(test, state);
    this.#noteTail(tail, { validate: onValidation, test: onTest });
    take?.([onValidation, onTest].filter((one) => one !== undefined));
    if (saves) await this.#host.saveAgent(settings.savePath, iteration);
    return cut;
  }

  /**
   * Evaluates on the test dataset. What ends the run in it is returned: the iteration is over without it, as it would be without a test dataset.
   *
   * @param decides whether the best values are chosen by it, so that nothing is over without it
   */
  async #test(
    tested: Tested<X, Y, Info>,
    decides: boolean,
  ): Promise<{ readonly evaluated?: Evaluated; readonly cut?: StopError }> {
    try {
      return { evaluated: await this.#evaluate(tested, "test", false) };
    } catch (error) {
      if (decides || !(error instanceof StopError) || !cuttingTests.includes(error.reason)) throw error;
      return { cut: error };
    }
  }

  /** The scores on the test dataset; without them they are still to come. */
  #takeTest(test: Measurement | undefined, { state, values }: Held): void {
    const { settings, progress, hasOwnValidation: isSeparate } = this.#run;
    const { iteration } = state.loop;
    progress.owesTest = test === undefined;
    if (test === undefined) return;
    if (values !== undefined) progress.lastTest = { values, mean: test.mean };
    progress.tested(test);
    if (test.mean === null) this.#warn(iteration, noTestScore(test));
    else if (!isSeparate || settings.stop.targetScore !== undefined) this.#warnOfHoles(iteration, test);
    this.#logTest(test.mean, iteration);
  }

  /** Keeps how the values of an iteration did, where the report may be about them. */
  #noteTail({ state }: Pick<Held, "state">, on: Partial<Record<TestedDataset, Evaluated | undefined>>): void {
    const { current, iteration } = state.loop;
    if (current !== startId && !jsonEqual(this.#run.progress.best.parameters, state.parameters)) return;
    this.#noteTested(current, iteration, "validate", on.validate);
    this.#noteTested(current, iteration, "test", on.test);
  }

  /** Keeps how a candidate did, for the report of the run. */
  #noteTested(candidate: string, iteration: number, dataset: TestedDataset, evaluated: Evaluated | undefined): void {
    const { progress, settings } = this.#run;
    if (evaluated === undefined || progress.testedCandidates.has(candidate, dataset)) return;
    const event = testedEvent({ iteration, candidate, dataset }, evaluated.evaluation, settings.numEvalSamples);
    progress.testedCandidates.add(event);
    this.#host.events.emit(event);
  }

  /** The scores of a separate validation dataset. */
  #takeValidation(validation: Measurement | undefined, state: Held["state"]): void {
    if (validation === undefined) return;
    const { loop } = state;
    this.#host.events.log("Validation score", validation.mean, loop.iteration);
    this.#warnOfHoles(loop.iteration, validation);
    this.#judgeState(validation, state);
  }

  /** The scores by which a search has chosen; with the first ones come those of the values that it began with. */
  #takeValidated({ judged, isTest }: Validated, { loop, parameters }: SafeState, tests: boolean): void {
    const { progress } = this.#run;
    const { best } = progress;
    const take = (all: readonly Judged[], held: Judged | undefined): void => {
      this.#judge(all);
      if (!isTest || held === undefined) return;
      progress.tested(held.measurement);
      if (tests || held.iteration === 0) this.#logTest(held.measurement.mean, held.iteration);
    };
    const heldIn = (all: readonly Judged[], values: Candidate): Judged | undefined => {
      return all.find((one) => jsonEqual(one.parameters, values));
    };
    const isFirst = best.score === null && best.iteration < loop.iteration;
    const first = isFirst ? heldIn(judged(best.iteration), best.parameters) : undefined;
    take(first === undefined ? [] : [first], first);
    const all = judged(loop.iteration).map((one) => (one.candidate === first?.candidate ? { ...one, isKnown: true } : one));
    const held = heldIn(all, parameters);
    const isFront = this.#run.settings.objective.mode === "pareto";
    take(isFront ? all : all.filter((one) => one === held), held);
  }

  #judgeState(measurement: Measurement, { loop, parameters }: Held["state"]): void {
    this.#judge([{ candidate: loop.current, iteration: loop.iteration, parameters, measurement }]);
  }

  /** Chooses by candidates that were measured, and reports their metrics where there are several. */
  #judge(all: readonly Judged[]): void {
    const { progress, settings } = this.#run;
    progress.judged(all);
    for (const { candidate, iteration, measurement, isKnown } of all) {
      if (settings.evalFrequency > 1) progress.evaluated.add(candidate);
      const { scores, ranges } = measurement;
      if (isKnown || scores === null || (isByScore(settings.objective) && severalOf(scores).scores === undefined)) continue;
      this.#host.events.emit({ type: "candidate-evaluated", iteration, candidate, scores, ranges });
    }
  }

  #evaluate(tested: Tested<X, Y, Info>, label: "test" | "validation", isValidation: boolean): Promise<Evaluated> {
    return evaluateIn(this.#run, this.#host, tested, { label, isValidation });
  }

  #logTest(score: number | null, iteration: number): void {
    this.#host.events.log("Average test score", score, iteration);
  }

  #warn(iteration: number, message: string): void {
    this.#host.events.emit({ type: "warning", message: `Iteration ${iteration}: ${message}` });
  }

  #warnOfHoles(iteration: number, { cells }: Measurement): void {
    const counts = countCells(cells);
    if (!isCovered(counts)) this.#warn(iteration, `this evaluation decides nothing: ${describeCoverage(counts)}`);
  }

  #log({ state }: Tail<X, Y, Info>, score: number | null): void {
    const { events } = this.#host;
    const { iteration } = state.loop;
    events.log("Instantaneous train score", score, iteration);
    events.log("Average train score", mean(this.#run.progress.trainScores), iteration);
    for (const [path, value] of Object.entries(state.parameters)) events.log(`Parameter: ${path}`, value, iteration);
  }
}

function noTestScore({ cells }: Measurement): string {
  const { failed, unscored, total } = countCells(cells);
  return `no test score, because none of ${total} rollouts was scored (${failed} failed, ${unscored} unscored)`;
}
