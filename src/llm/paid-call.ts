/**
 * A call that a provider answers: within the budget, at the pace that the provider takes, recorded before it is used.
 *
 * @module
 */
import { setMaxListeners } from "node:events";
import { after, type MaybePromise } from "../data/maybe-promise.ts";
import { StopError } from "../errors.ts";
import { currentRun, emitEvent } from "../graph/scope.ts";
import {
  type AttemptResult,
  type CallControl,
  callServices,
  type IdentifiedCall,
  insideCall,
  type LiveReply,
  type Reservation,
  type ScheduledCall,
} from "./call-services.ts";
import { directCall } from "./direct-call.ts";
import type { GateRequest, ModelReply } from "./model-request.ts";
import type { CallFailure } from "./pace/call-failure.ts";
import { CallScheduler } from "./pace/call-scheduler.ts";
import { redactError } from "./redact-secrets.ts";
import { resolved } from "./resolve-model.ts";
import { setUpError } from "./set-up-error.ts";
import { settingsCall } from "./settings-call.ts";
import { estimateInputTokens } from "./spend/estimate-tokens.ts";
import type { CallEntry } from "./spend/usage.ts";

/** Which call it is, besides how its use is counted. */
export interface PaidCall {
  /** Logical position. */
  readonly position: string;
  /** How the records of the run know it, when it has records. */
  readonly identified: IdentifiedCall | undefined;
  /** Receives the answer to a direct call as it comes. */
  readonly live?: LiveReply | undefined;
}

/** What a reply is taken to be long, in tokens, when nothing is known. */
const usualOutputTokens = 500;

/**
 * Asks the provider.
 *
 * @throws StopError when the budget or the quota is spent, an answer cannot be kept, or the run was asked to stop
 * @throws the reason of the signal, unchanged, and what the scheduler and the provider throw, without keys
 */
export async function payForCall(
  request: GateRequest,
  entry: CallEntry,
  { position, identified, live }: PaidCall,
): Promise<ModelReply> {
  const maxOutputTokens = request.maxOutputTokens ?? request.direct?.options.maxOutputTokens;
  const { control, ledger, calls, scheduler = sharedScheduler() } = callServices();
  const wait = waitingFor(control, request.signal);
  const answer = live && new OpenReply(live);
  let reservation: Reservation | undefined;
  try {
    control?.throwIfStopped();
    const estimatedInputTokens = estimateInputTokens(request);
    const found = providerCall(request, entry.model, estimatedInputTokens, answer);
    const ask = found instanceof Promise ? await found : found;
    if (ledger !== undefined) {
      reservation = await ledger.reserve({ ...entry, estimatedInputTokens, maxOutputTokens, signal: wait.signal });
    }
    const send = (signal: AbortSignal): Promise<AttemptResult<ModelReply>> => {
      control?.throwIfStopped();
      reservation?.sent();
      if (identified !== undefined) calls?.sent(identified);
      return insideCall(() => ask(signal));
    };
    const reply = await scheduler.run({
      model: entry.model,
      label: position,
      estimatedTokens: estimatedInputTokens + (reservation?.estimated.outputTokens ?? maxOutputTokens ?? usualOutputTokens),
      maxRetries: request.maxRetries,
      signal: wait.signal,
      attempt: control === undefined ? send : (signal) => wait.during(signal, () => send(signal)),
      isFinal: () => answer?.hasParts === true,
      setUpError: (failure, error) => refusedSetUp(failure, error, entry, request),
      ...reportsOf(entry.model, position),
    });
    reservation?.settle(reply.usage);
    if (identified !== undefined) await calls?.answered(identified, reply);
    return reply;
  } catch (error) {
    reservation?.release();
    throw whatEnded(error, control, request.signal);
  } finally {
    wait.end();
  }
}

/** What a call ends with, after it has stopped the run where it has to. @throws the reason of the signal */
function whatEnded(error: unknown, control: CallControl | undefined, signal: AbortSignal | undefined): unknown {
  if (error instanceof StopError) stopRun(error, control);
  signal?.throwIfAborted();
  return redactError(error);
}

function stopRun(error: StopError, control: CallControl | undefined): void {
  control?.stop(error);
  // An agent that continues without the answer must not be scored by what it makes up.
  const { work } = currentRun() ?? {};
  if (work !== undefined) work.outage ??= { error };
}

/** What to throw when a failure points at a wrong set-up; `undefined` when it does not. */
function refusedSetUp(failure: CallFailure, error: unknown, { model, role }: CallEntry, request: GateRequest): Error | undefined {
  // A run that has scored something has a set-up that works: a setting that is refused is then one that a candidate has chosen.
  if (failure.kind === "setting" && role === "agent" && callServices().outcomes?.hasScored) return undefined;
  return setUpError(failure, error, { name: model, given: request.model });
}

/** Reports waits and retries as events. */
function reportsOf(model: string, position: string): Required<Pick<ScheduledCall<unknown>, "onWait" | "onWaitEnd" | "onRetry">> {
  const { events } = currentRun() ?? {};
  return {
    // The report may come while another call is served: it goes where this one is.
    onWait: (report) => events?.emit({ type: "model-waiting", model, ...report }),
    onWaitEnd: (waitedMs, isAnswered) => events?.emit({ type: "model-wait-end", model, waitedMs, isAnswered }),
    onRetry: (retry) => emitEvent({ type: "model-retry", position, model, ...retry }),
  };
}

/** A signal that ends with that of the call, and, when the run is asked to stop, between two attempts but not within one. */
interface Wait {
  readonly signal: AbortSignal | undefined;
  /** @param given the signal of the attempt: once it is aborted nobody waits for the attempt, which may hang all the same */
  during<T>(given: AbortSignal, attempt: () => Promise<T>): Promise<T>;
  end(): void;
}

function waitingFor(control: CallControl | undefined, signal: AbortSignal | undefined): Wait {
  if (control === undefined) return { signal, during: (_given, attempt) => attempt(), end: () => {} };
  // One controller for both ends: every call has one, and `AbortSignal.any` costs several.
  const ended = new AbortController();
  let asking: AbortSignal | undefined;
  const stop = (): void => {
    if (control.stopped !== undefined && asking === undefined) ended.abort(control.stopped);
  };
  const listenNoMore = [control.onStop(stop), onAbort(signal, (reason) => ended.abort(reason))];
  return {
    signal: ended.signal,
    async during(given, attempt) {
      const onFailure = (): void => {
        if (asking !== given) return;
        asking = undefined;
        stop();
      };
      asking = given;
      given.addEventListener("abort", onFailure, { once: true });
      try {
        return await attempt();
      } catch (error) {
        onFailure();
        throw error;
      }
    },
    end: () => {
      for (const end of listenNoMore) end();
    },
  };
}

/** Hears of an abort, also of one that has been. @returns a function that listens no more */
function onAbort(signal: AbortSignal | undefined, listener: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => {};
  const heard = (): void => listener(signal.reason);
  if (signal.aborted) heard();
  // Hundreds of calls listen to the signal of their run, each for as long as it is under way: no leak, no warning.
  setMaxListeners(0, signal);
  signal.addEventListener("abort", heard, { once: true });
  return () => signal.removeEventListener("abort", heard);
}

/** An answer on its way, and whether some of it has been given away. */
class OpenReply implements LiveReply {
  readonly #live: LiveReply;
  hasParts = false;

  constructor(live: LiveReply) {
    this.#live = live;
  }

  begin(about: object): void {
    this.#live.begin(about);
  }

  part(part: object): void {
    this.hasParts = true;
    this.#live.part(part);
  }

  result(result: object): void {
    this.#live.result(result);
  }
}

type Ask = (signal: AbortSignal) => Promise<AttemptResult<ModelReply>>;

/** One request to the provider, as a function of the signal that ends it. */
function providerCall(
  request: GateRequest,
  name: string,
  estimatedInputTokens: number,
  live: LiveReply | undefined,
): MaybePromise<Ask> {
  return after(resolved(request.model), (model): MaybePromise<Ask> => {
    const { direct } = request;
    const attempt = { model, name, estimatedInputTokens };
    return direct === undefined ? settingsCall(request, attempt) : directCall(direct, { ...attempt, live });
  });
}

let sharedOutsideOfRuns: CallScheduler | undefined;

/** Calls outside any run share one scheduler. */
function sharedScheduler(): CallScheduler {
  sharedOutsideOfRuns ??= new CallScheduler();
  return sharedOutsideOfRuns;
}
