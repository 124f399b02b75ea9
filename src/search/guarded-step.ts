/**
 * `guardedStep`: a step as its policy gets it. What cannot be meant is refused before anything is run.
 *
 * @module
 */
import { describeValue, isPlainObject, type JsonValue, jsonProblem } from "../data/json.ts";
import { numberWithin, wholeFrom } from "../data/option-table.ts";
import { checkValue } from "../data/options.ts";
import { InvalidArgumentError, StopError } from "../errors.ts";
import type { SearchArchive } from "./archive.ts";
import type { Drop, Entry, Sample, SearchDataset, Step, Verdict } from "./search.ts";

/** What the arguments of a policy are checked against. */
export interface GuardParts {
  /** The name of the policy. */
  readonly policy: string;
  readonly archive: SearchArchive;
  /** How many examples each dataset has. */
  readonly sizes: Readonly<Record<SearchDataset, number>>;
}

/** A step for a policy, and the check of what the policy makes of it. */
export interface GuardedStep<Output> {
  readonly step: Step<Output>;
  /**
   * Ends the step.
   *
   * @throws InvalidArgumentError for a verdict that does not fit, and for a verb that was not awaited
   * @throws StopError when the run was stopped in a verb, whatever the policy made of that: the iteration is not complete
   */
  readonly conclude: <Memo extends JsonValue>(verdict: Verdict<Memo>) => Verdict<Memo>;
}

/** Verbs run one at a time, with arguments that are of this search. */
export function guardedStep<Output>(step: Step<Output>, parts: GuardParts): GuardedStep<Output> {
  const order = new VerbOrder();
  return {
    // Not spread: `history` is read when the policy asks for it.
    step: Object.assign(reading(step, parts), verbs(step, parts, order)),
    conclude: (verdict) => {
      order.end(parts.policy);
      checkVerdict(verdict, parts);
      return verdict;
    },
  };
}

type Verbs = "forward" | "propose" | "add" | "score";

/** What a policy knows of its step. */
function reading<Output>(step: Step<Output>, { sizes }: GuardParts): Omit<Step<Output>, Verbs> {
  const { iteration, archive, current, batch, validation, objective, scoreRange, parameters, random } = step;
  return {
    ...{ iteration, archive, current, batch, validation, objective, scoreRange, parameters, random },
    get history() {
      return step.history;
    },
    data: (on) => {
      checkSample(on, sizes, "data");
      return step.data(on);
    },
    rulesOf: (path) => {
      checkPaths([path], parameters);
      return step.rulesOf(path);
    },
    reached: (outputs) => step.reached(outputs),
    workedExamples: (output, path) => {
      checkPaths([path], parameters);
      return step.workedExamples(output, path);
    },
  };
}

/** What a policy does. */
function verbs<Output>(step: Step<Output>, { archive, sizes }: GuardParts, order: VerbOrder): Pick<Step<Output>, Verbs> {
  const check = (verb: Verbs, entries: readonly Entry[], on?: Sample): void => {
    checkEntries(entries, archive, `The candidates of \`${verb}\``);
    if (on !== undefined) checkSample(on, sizes, verb);
  };
  return {
    forward: (parents, on) =>
      order.run("forward", async () => {
        check("forward", parents, on);
        return step.forward(parents, on);
      }),
    propose: (parents, options = {}) =>
      order.run("propose", async () => {
        check("propose", parents, options.on);
        if (options.count !== undefined) checkValue(options.count, wholeFrom(1), "`count` of propose");
        checkPaths(options.parameters ?? [], step.parameters);
        check("propose", options.others ?? []);
        return step.propose(parents, options);
      }),
    add: (values, parents, origin) => {
      order.refuseOverlap("add");
      check("add", parents);
      return step.add(values, parents, origin);
    },
    score: (entries, on, drop) =>
      order.run("score", async () => {
        check("score", entries, on);
        if (drop !== undefined) checkDrop(drop);
        return step.score(entries, on, drop);
      }),
  };
}

/** Holds verbs to their order: one at a time, and none after the end. */
class VerbOrder {
  #running: Verbs | undefined;
  #isOver = false;
  /** What ends the iteration, also where the policy has caught it. */
  #failure: { readonly error: unknown } | undefined;

  /** Runs a verb. One that the policy does not await must not end the process; `end` reports it. */
  run<R>(verb: Verbs, work: () => Promise<R>): Promise<R> {
    const done = this.#perform(verb, work);
    done.catch(() => undefined);
    return done;
  }

  refuseOverlap(verb: Verbs): void {
    if (this.#running === undefined && !this.#isOver) return;
    const when = this.#isOver ? "after its iteration had ended" : `while \`${this.#running}\` was still running`;
    const error = new InvalidArgumentError(`\`${verb}\` was called ${when}. Await each verb of a step before the next`);
    this.#failure ??= { error };
    throw error;
  }

  end(policy: string): void {
    this.#isOver = true;
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#running === undefined) return;
    throw new InvalidArgumentError(
      `\`iterate\` of ${policy} returned while \`${this.#running}\` was still running. Await each verb of a step`,
    );
  }

  async #perform<R>(verb: Verbs, work: () => Promise<R>): Promise<R> {
    this.refuseOverlap(verb);
    this.#running = verb;
    try {
      return await work();
    } catch (error) {
      if (error instanceof StopError) this.#failure ??= { error };
      throw error;
    } finally {
      this.#running = undefined;
    }
  }
}

function checkVerdict(verdict: Verdict, { policy, archive }: GuardParts): void {
  if (!isPlainObject(verdict)) {
    throw new InvalidArgumentError(
      `Expected \`iterate\` of ${policy} to return { current, memo }, got ${describeValue(verdict)}`,
    );
  }
  const { current, memo } = verdict as Partial<Verdict>;
  checkEntries([current], archive, `The \`current\` that ${policy} returned`);
  const problem = jsonProblem(memo, "memo");
  if (problem !== undefined) throw new InvalidArgumentError(`The memo of ${policy} must be plain JSON: ${problem}`);
}

function checkEntries(entries: readonly (Entry | undefined)[], archive: SearchArchive, what: string): void {
  const foreign = entries.findIndex((entry) => !archive.has(entry));
  if (foreign === -1) return;
  throw new InvalidArgumentError(`${what} must be from the archive of this search, got ${describeValue(entries[foreign])}`);
}

function checkSample({ dataset, examples, samples }: Sample, sizes: GuardParts["sizes"], verb: string): void {
  if (!Object.hasOwn(sizes, dataset)) {
    throw new InvalidArgumentError(`Expected \`dataset\` of a sample to be "train" or "validate", got ${describeValue(dataset)}`);
  }
  if (samples !== undefined) checkValue(samples, wholeFrom(1), `\`samples\` of ${verb}`);
  const size = sizes[dataset];
  const unknown = examples.find((example) => !(Number.isSafeInteger(example) && example >= 0 && example < size));
  if (unknown === undefined) return;
  throw new InvalidArgumentError(
    `Expected \`examples\` of \`${verb}\` to be indices of the ${size} examples of "${dataset}", got ${describeValue(unknown)}`,
  );
}

function checkPaths(paths: readonly string[], parameters: readonly string[]): void {
  const unknown = paths.find((path) => !parameters.includes(path));
  if (unknown === undefined) return;
  throw new InvalidArgumentError(`There is no trainable parameter "${unknown}". There are: ${parameters.join(", ")}`);
}

function checkDrop({ keep, errorProbability }: Drop): void {
  checkValue(keep, wholeFrom(1), "`keep` of score");
  if (errorProbability !== undefined)
    checkValue(errorProbability, numberWithin({ above: 0, below: 1 }), "`errorProbability` of score");
}
