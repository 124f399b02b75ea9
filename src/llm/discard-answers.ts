/**
 * `discardingUnusable`: answers of models that turn out to be of no use are not used again by a later process.
 *
 * @module
 */
import { currentScope, type RunContext, runInScope } from "../graph/scope.ts";
import type { CallRecords, IdentifiedCall } from "./call-records.ts";
import { callServices } from "./call-services.ts";
import { spoilsAnswers } from "./unusable-answer.ts";

/**
 * Does work that asks models. When it ends with an error that shows the answers to be unusable, or with a result that is of
 * no use, the answers recorded for this position and those below it are discarded: they stay paid for, but a process
 * that resumes the run asks again.
 *
 * @param isUsable whether something could be made of the answers
 */
export function discardingUnusable<R>(work: () => Promise<R>, isUsable: (result: R) => boolean): Promise<R> {
  const { context } = currentScope();
  const { calls } = callServices(context);
  return context === undefined || calls === undefined ? work() : collecting(calls, context, work, isUsable);
}

async function collecting<R>(
  calls: CallRecords,
  context: RunContext,
  work: () => Promise<R>,
  isUsable: (result: R) => boolean,
): Promise<R> {
  const scope = currentScope();
  const services = callServices(context);
  const used = new CollectedCalls(calls, context.position);
  const own = { ...context, services: { ...services, calls: used } };
  try {
    const result = await runInScope({ ...scope, context: own }, work);
    if (!isUsable(result)) used.discard();
    return result;
  } catch (error) {
    if (!isDiscarded(error) && context.signal?.aborted !== true && spoilsAnswers(error)) {
      used.discard();
      markDiscarded(error);
    }
    throw error;
  } finally {
    // Calls are numbered by their position, whoever makes them.
    context.calls = own.calls;
  }
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
