/**
 * A call that a provider answers: within the budget, at the pace that the provider takes, recorded before it is used.
 *
 * @module
 */
import { ConfigurationError, InfrastructureError, StopError } from "../errors.ts";
import { currentRun, emitEvent } from "../graph/scope.ts";
import type { ModelReply, ModelRequest } from "./call-model.ts";
import type { IdentifiedCall } from "./call-records.ts";
import { type AttemptResult, CallScheduler } from "./call-scheduler.ts";
import type { CallControl } from "./call-services.ts";
import { estimateInputTokens } from "./estimate-tokens.ts";
import type { LanguageModel } from "./language-model.ts";
import type { Reservation } from "./ledger.ts";
import { loadPackage } from "./load-package.ts";
import { redactError, redactKnownKeys } from "./redact-secrets.ts";
import { resolveModel } from "./resolve-model.ts";
import { askInFormat } from "./response-format.ts";
import type { CallEntry } from "./usage.ts";

/** Which call it is. */
export interface PaidCall extends CallEntry {
  /** Logical position. */
  readonly position: string;
  /** How the records of the run know it, when it has records. */
  readonly identified: IdentifiedCall | undefined;
}

/** What a reply is taken to be long, in tokens, when nothing is known. */
const usualOutputTokens = 500;

/**
 * Asks the provider.
 *
 * @throws StopError when the budget or the quota is spent, an answer cannot be kept, or the run was asked to stop
 * @throws the reason of the signal, unchanged, and what the scheduler and the provider throw, without keys
 */
export async function payForCall(request: ModelRequest, { position, identified, ...entry }: PaidCall): Promise<ModelReply> {
  const { maxOutputTokens, maxRetries } = request;
  const { control, ledger, calls, scheduler = sharedScheduler() } = currentRun()?.services ?? {};
  const wait = waitingFor(control, request.signal);
  let reservation: Reservation | undefined;
  try {
    control?.throwIfStopped();
    const ask = await providerCall(request, entry.model);
    const estimatedInputTokens = estimateInputTokens(request);
    reservation = await ledger?.reserve({ ...entry, estimatedInputTokens, maxOutputTokens, signal: wait.signal });
    const expected = reservation?.estimated.outputTokens ?? maxOutputTokens ?? usualOutputTokens;
    const reply = await scheduler.run({
      model: entry.model,
      label: position,
      estimatedTokens: estimatedInputTokens + expected,
      maxRetries,
      signal: wait.signal,
      attempt: (signal) =>
        wait.during(signal, async () => {
          control?.throwIfStopped();
          reservation?.sent();
          if (identified !== undefined) calls?.sent(identified);
          return ask(signal);
        }),
      onRetry: (retry) => emitEvent({ type: "model-retry", position, model: entry.model, ...retry }),
    });
    reservation?.settle(reply.usage);
    if (identified !== undefined) await calls?.answered(identified, reply);
    return reply;
  } catch (error) {
    reservation?.release();
    if (error instanceof StopError) control?.stop(error);
    request.signal?.throwIfAborted();
    throw redactError(error);
  } finally {
    wait.end();
  }
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
  const stopped = new AbortController();
  let asking: AbortSignal | undefined;
  const stop = (): void => {
    if (control.stopped !== undefined && asking === undefined) stopped.abort(control.stopped);
  };
  return {
    signal: signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal]),
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
    end: control.onStop(stop),
  };
}

/** One request to the provider, as a function of the signal that ends it. */
async function providerCall(
  request: ModelRequest,
  name: string,
): Promise<(signal: AbortSignal) => Promise<AttemptResult<ModelReply>>> {
  const { model: given, role: _role, signal: _signal, maxRetries: _retries, responseFormat, system, ...settings } = request;
  const model = await resolveModel(given);
  const { generateText } = (await loadPackage("ai", "Calling a language model")) as unknown as typeof import("ai");
  return async (abortSignal) => {
    const options = { ...settings, system: system || undefined, abortSignal, maxRetries: 0, allowSystemInMessages: true };
    const ask = (asked: LanguageModel): ReturnType<typeof generateText> =>
      generateText({ ...options, model: asked } as unknown as Parameters<typeof generateText>[0]);
    try {
      const { result, isIgnored } =
        responseFormat === undefined
          ? { result: await ask(model), isIgnored: false }
          : await askInFormat(model, given, responseFormat, ask);
      const { text, finishReason, usage, response } = result;
      refuseBroken(finishReason, name);
      const tokens = { inputTokens: usage.inputTokens ?? null, outputTokens: usage.outputTokens ?? null };
      const ignored = isIgnored ? { isFormatIgnored: true } : {};
      const value: ModelReply = { text: redactKnownKeys(text), finishReason, usage: tokens, model: name, ...ignored };
      return { value, headers: response.headers ?? {}, tokens: (tokens.inputTokens ?? 0) + (tokens.outputTokens ?? 0) };
    } catch (error) {
      throw isUnsupported(error) ? new ConfigurationError(mismatch(model, name), { cause: error }) : error;
    }
  };
}

let sharedOutsideOfRuns: CallScheduler | undefined;

/** Calls outside of any run share one scheduler. */
function sharedScheduler(): CallScheduler {
  sharedOutsideOfRuns ??= new CallScheduler();
  return sharedOutsideOfRuns;
}

function isUnsupported(error: unknown): boolean {
  return error instanceof Error && error.name === "AI_UnsupportedModelVersionError";
}

/** The newest package of a provider may be too new for the installed `ai`, whose own message does not say so. */
function mismatch({ specificationVersion }: LanguageModel, name: string): string {
  return (
    `The installed package "ai" cannot use ${name}, which follows the specification ${specificationVersion}. ` +
    "Update ai, or install a release of the provider's package that was made for it"
  );
}

/** A provider that fails in the middle of a reply says so in the reason for its end. */
function refuseBroken(finishReason: string, model: string): void {
  if (finishReason === "error" || finishReason === "interrupted") {
    throw new InfrastructureError(
      `Expected a whole reply from ${model}, got one that its provider broke off ("${finishReason}")`,
    );
  }
}
