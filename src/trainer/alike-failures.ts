/**
 * Failures that are all alike, and whether a run has scored anything: what shows that its set-up does not work.
 *
 * @module
 */
import { errorChain } from "../data/error-shape.ts";
import { withoutNumbers } from "../data/without-numbers.ts";
import { ConfigurationError, NothingScoredError, OptoError } from "../errors.ts";
import { callFailure } from "../llm/pace/call-failure.ts";
import { redactText } from "../llm/redact-secrets.ts";
import { type Outcomes, runServices } from "./run-services.ts";

/** Follows failures as they come, in any order. */
export class AlikeFailures {
  #count = 0;
  #kind: string | undefined;
  #isAlike = true;
  #isLasting = true;
  #isSetUp = true;
  #error = "";
  #cause: unknown;

  /**
   * @param error its text, without keys
   * @param cause what was thrown, where it is known: a rollout of an earlier process has only its text
   */
  add(error: string, cause: unknown): void {
    this.#count++;
    const kind = withoutNumbers(error);
    this.#kind ??= kind;
    this.#isAlike &&= this.#kind === kind;
    this.#isLasting &&= isLastingFailure(cause);
    this.#isSetUp &&= callFailure(cause, 0).problem !== undefined;
    // Of several the first in the alphabet, so that the message does not depend on timing.
    if (this.#count > 1 && error >= this.#error) return;
    this.#error = error;
    this.#cause = cause;
  }

  /** Whether there is more than chance in it, all are the same, and no training will change them. */
  get areHopeless(): boolean {
    return this.#count >= fewest && this.#isAlike && this.#isLasting;
  }

  /** Whether all are the same and point at a wrong set-up: a key, an address, a model. */
  get areSetUp(): boolean {
    return this.#count >= fewest && this.#isAlike && this.#isSetUp;
  }

  /** What to end with when nothing else has come of the rollouts. @param what they were, for people */
  toError(what: string): OptoError {
    // A guide that returns `null` has thrown nothing.
    const error = this.#error || "the guide returned no score (null)";
    const { problem, setting } = callFailure(this.#cause, 0);
    if (this.#isAlike && problem !== undefined) {
      const change = setting === undefined ? setUpParts : `\`${setting}\``;
      const how = `every rollout failed in the same way: ${error}${rootOf(this.#cause)}`;
      return new ConfigurationError(`${what}: ${how}. Check ${change} of the call`, { cause: this.#cause });
    }
    const how = this.#isAlike ? "every rollout failed in the same way" : `all ${this.#count} rollouts failed; the first error`;
    return new NothingScoredError(`${what}: ${how}: ${error}`, { cause: this.#cause });
  }
}

/** Fewer may be chance: the first rows of a dataset are often of one kind. */
const fewest = 3;
const setUpParts = "the key, the address, and the model";

/** What the error was caused by in the end, where that says more: `fetch failed (connect ECONNREFUSED 127.0.0.1:80)`. */
function rootOf(cause: unknown): string {
  const messages = errorChain(cause).flatMap(({ message }) => (message === "" ? [] : [message]));
  const [first = "", root = first] = [messages[0], messages.at(-1)];
  return first.includes(root) ? "" : ` (${redactText(root)})`;
}

/**
 * Whether a failure is one that other values of the parameters do not mend: a request that the provider refuses as invalid, a name that the
 * program does not have, an option that opto does not have. What runs in the sandbox is learned, so never.
 */
export function isLastingFailure(cause: unknown): boolean {
  const chain = errorChain(cause);
  const codes = chain.map(({ error }) => (OptoError.isInstance(error) ? error.code : undefined));
  // Neither does what a guide's model refuses: the next answer of the agent may be judged.
  if (codes.includes("code") || codes.includes("unusable-answer")) return false;
  if (codes.includes("invalid-argument") || chain.some(({ names }) => names.includes("ReferenceError"))) return true;
  const { kind, problem } = callFailure(cause, 0);
  if (problem !== undefined && kind !== "transient") return true;
  return kind === "refused" && chain.some(({ status }) => status === 400 || status === 413 || status === 422);
}

/** How many of the first rollouts have to fail alike. */
const enough = 5;

/**
 * Follows the first rollouts of a task, by their position and not by the time at which they end, so that the verdict is the same whatever
 * runs beside them. In a run that has scored anything the set-up works.
 */
export class FirstRollouts {
  readonly #failures = new AlikeFailures();
  #ended = 0;
  #isOver = runServices().outcomes?.hasScored === true;

  /** @throws ConfigurationError when all of the first rollouts have failed by the same wrong set-up */
  add(index: number, { status, error = "", cause }: Parameters<Outcomes["add"]>[0], description: string): void {
    if (this.#isOver || index >= enough) return;
    if (status === "scored") {
      this.#isOver = true;
      return;
    }
    this.#failures.add(error, cause);
    this.#ended++;
    if (this.#ended < enough) return;
    this.#isOver = true;
    if (this.#failures.areSetUp) throw this.#failures.toError(`${description}, after ${enough} rollouts`);
  }
}

/** A guide may have nothing to say of some answers, but one that has scored none of so many will score none. */
const manyWithoutScore = 20;

/** Counts over all processes of the run; a checkpoint keeps `hasScored`. */
export class RunOutcomes implements Outcomes {
  /** Whether the guide has judged an answer of the agent: the set-up works. */
  hasScored = false;
  probe: Outcomes["probe"];
  /** Whether one guide judges all answers: another may give the scores that one for training does not. */
  hasOneGuide = false;
  /** Whether it has given a number as the score of one. A guide that judges without one decides nothing. */
  hasScore = false;
  #hasFailed = false;
  /** Answers that the guide has judged without giving a score, while it has given none. */
  #withoutScore = 0;
  #failures: AlikeFailures | undefined;

  /** Whether the guide has judged answers, in this or an earlier process, and given none a score. */
  get isWithoutScore(): boolean {
    return this.hasScored && !this.hasScore;
  }

  add({ status, score, error, cause }: Parameters<Outcomes["add"]>[0]): void {
    if (status === "scored") {
      this.hasScored = true;
      if (score !== null) this.hasScore = true;
      else this.#withoutScore++;
    } else if (status === "failed") this.#hasFailed = true;
    if (this.hasScore) {
      this.#failures = undefined;
      return;
    }
    this.#failures ??= new AlikeFailures();
    this.#failures.add(error ?? "", cause);
  }

  refuseWithoutScore(description: string): void {
    if (!this.hasOneGuide || this.hasScore || this.#hasFailed || this.#withoutScore < manyWithoutScore) return;
    throw new NothingScoredError(
      `${description}: the guide returned no score (null) for any of the first ${manyWithoutScore} answers. Expected a number, or an object with \`score\`, for at least some of them`,
    );
  }

  /**
   * @param failuresCount whether a failure has a score that the user has set
   * @throws NothingScoredError when there were rollouts and none has a score; ConfigurationError when all show one and the same wrong set-up
   */
  refuseNothingScored({ failuresCount }: { readonly failuresCount: boolean }): void {
    if (this.hasScore || (failuresCount && this.#hasFailed)) return;
    const what = "Nothing could be scored in this run";
    if (this.#failures !== undefined) throw this.#failures.toError(what);
    if (this.isWithoutScore) throw new NothingScoredError(`${what}: the guide gave no answer a score`);
  }
}
