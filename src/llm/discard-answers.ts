/**
 * `discardingUnusable`: answers of models that turn out to be of no use are not used again by a later process.
 *
 * @module
 */

import { refusesContent } from "../data/account-refusal.ts";
import { type ErrorShape, errorChain } from "../data/error-shape.ts";
import { type MaybePromise, settled } from "../data/maybe-promise.ts";
import { isInfrastructureError, isSetUpError, OptoError } from "../errors.ts";
import { currentScope, type RunContext, runInScope } from "../graph/scope.ts";
import { type CallRecords, callServices, type IdentifiedCall } from "./call-services.ts";
import { callFailure } from "./pace/call-failure.ts";

/**
 * Does work that asks models. When it ends with an error that shows the answers to be unusable, or with a result that is of
 * no use, the answers recorded for this position and those below it are discarded: they stay paid for, but a process
 * that resumes the run asks again.
 *
 * @param isUsable whether something could be made of the answers
 */
export function discardingUnusable<R>(work: () => Promise<R>, isUsable: (result: R) => boolean): Promise<R>;
export function discardingUnusable<R>(work: () => MaybePromise<R>, isUsable: (result: R) => boolean): MaybePromise<R>;
export function discardingUnusable<R>(work: () => MaybePromise<R>, isUsable: (result: R) => boolean): MaybePromise<R> {
  const { context } = currentScope();
  const { calls } = callServices(context);
  return context === undefined || calls === undefined ? work() : collecting(calls, context, work, isUsable);
}

function collecting<R>(
  calls: CallRecords,
  context: RunContext,
  work: () => MaybePromise<R>,
  isUsable: (result: R) => boolean,
): MaybePromise<R> {
  const scope = currentScope();
  const services = callServices(context);
  const used = new CollectedCalls(calls, context.position);
  const own = { ...context, services: { ...services, calls: used } };
  return settled(
    () => runInScope({ ...scope, context: own }, work),
    (result) => {
      // Calls are numbered by their position, whoever makes them.
      context.calls = own.calls;
      if (!isUsable(result)) used.discard();
      return result;
    },
    (error) => {
      context.calls = own.calls;
      if (!isDiscarded(error) && context.signal?.aborted !== true && spoilsAnswers(error)) {
        used.discard();
        markDiscarded(error);
      }
      throw error;
    },
  );
}

/** Errors for which the answers that led to them are discarded: those of the work around it may be good. */
const discarded = new WeakSet<object>();

function isDiscarded(error: unknown): boolean {
  return typeof error === "object" && error !== null && discarded.has(error);
}

function markDiscarded(error: unknown): void {
  if (typeof error === "object" && error !== null) discarded.add(error);
}

/** The records of the run, remembering which answers were used. */
class CollectedCalls implements CallRecords {
  readonly #records: CallRecords;
  readonly #position: string;
  readonly #used: IdentifiedCall[] = [];

  constructor(records: CallRecords, position: string) {
    this.#records = records;
    this.#position = position;
  }

  identify(...call: Parameters<CallRecords["identify"]>): IdentifiedCall {
    const identified = this.#records.identify(...call);
    const { position } = identified;
    // What several pieces of work share, such as the gradients of a step, is at a position above.
    if (position === this.#position || position.startsWith(`${this.#position}/`)) this.#used.push(identified);
    return identified;
  }

  find(call: IdentifiedCall): ReturnType<CallRecords["find"]> {
    return this.#records.find(call);
  }

  sent(call: IdentifiedCall): void {
    this.#records.sent(call);
  }

  answered(...answer: Parameters<CallRecords["answered"]>): Promise<void> {
    return this.#records.answered(...answer);
  }

  joined(...answer: Parameters<CallRecords["joined"]>): Promise<void> {
    return this.#records.joined(...answer);
  }

  discard(calls: readonly IdentifiedCall[] = this.#used): void {
    this.#records.discard(calls);
  }
}

/**
 * Why there is no usable answer: the provider refused this very prompt (filtered, too long, invalid), or the reply could not be
 * read. `undefined` for every other error: outages, a wrong set-up, a bug of the program. Another prompt may well be answered.
 */
export function unusableAnswer(error: unknown): string | undefined {
  if (isSetUpError(error)) return undefined;
  const chain = errorChain(error);
  // A body that cannot be read is the server's, a text that cannot be read the model's.
  const unread = chain.some(({ names }) => names.includes("AI_APICallError")) ? undefined : chain.find(isUnreadable);
  if (unread !== undefined) return unread.message;
  const { kind, reason } = callFailure(error, 0);
  return kind === "refused" && chain.some(isRefusedPrompt) ? reason : undefined;
}

/**
 * Whether an error shows that the answers on the way to it are of no use: another process had better ask again. Not so for
 * what ends a run from outside, and where something else than an answer was missing.
 */
function spoilsAnswers(error: unknown): boolean {
  if (unusableAnswer(error) !== undefined) return true;
  if (isSetUpError(error)) return false;
  return errorChain(error).every(({ error: link, codes }) => {
    if (OptoError.isInstance(link)) return !codes.includes("stopped");
    return !isInfrastructureError(link);
  });
}

/** Errors of opto and of the AI SDK about the text of a reply. */
function isUnreadable({ codes, names }: ErrorShape): boolean {
  return codes.includes("output-parse") || names.some((name) => unreadableNames.test(name));
}

const unreadableNames = /^AI_(NoObjectGenerated|NoOutputGenerated|NoContentGenerated|JSONParse|TypeValidation)Error$/;

/** With the status of a request that is refused for what it says. */
function isRefusedPrompt(shape: ErrorShape): boolean {
  const { status } = shape;
  // Limits for the size of one request have the status of rate limits.
  return status !== undefined && (refusals.has(status) || refusesContent(shape));
}

const refusals: ReadonlySet<number> = new Set([400, 413, 414, 422, 429]);
