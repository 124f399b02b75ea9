/**
 * `callModel`: the one gate that every call of a language model passes through.
 *
 * @module
 */

import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { currentScope, forkEvents, noteRemark, runInScope } from "../graph/scope.ts";
import { callServices, type EndCallTrace, type GatedCall, type LiveReply, type ModelGate, placeOf } from "./call-services.ts";
import { currentDryRun } from "./dry-run.ts";
import { type GateRequest, isTokenCount, type ModelReply, type ModelRequest, modelRequestOptions } from "./model-request.ts";
import { payForCall } from "./paid-call.ts";
import { requestedModel } from "./resolve-model.ts";
import { estimateInputTokens, estimateTokens } from "./spend/estimate-tokens.ts";
import { usageOf } from "./spend/reply-usage.ts";
import type { CallEntry } from "./spend/usage.ts";

/**
 * Asks a model once and reports the call to the listeners of the run. Not traced; `generate` is.
 *
 * Rate limits, server errors and network failures are tried again by the scheduler. Inside a run the call is counted in its
 * ledger, its answer is kept in its records before it is used, and an answer that was kept by an earlier process is given in
 * place of a new call.
 *
 * @throws ConfigurationError when no model is named, or the installed `ai` cannot use it
 * @throws MissingPackageError when `ai` or the provider's package is not installed
 * @throws StopError when the budget of the run or the quota of the account is spent, or the run was asked to stop
 * @throws RolloutTimeoutError in a rollout whose time is up
 * @throws the reason of the signal, unchanged, when it is aborted, and the provider's own error (without keys) when it fails
 * @example
 * const { text } = await callModel({ model: "openai/gpt-5-mini", prompt: "Name a colour." });
 */
export async function callModel(request: ModelRequest): Promise<ModelReply> {
  checkOptions(request, modelRequestOptions, "a call of a language model");
  return callChecked(request);
}

/** The same for a request whose options are known to be options. */
export function callChecked(request: ModelRequest): Promise<ModelReply> {
  refuseUnclear(request);
  return passGate(request);
}

/**
 * Makes a call, whatever it asks.
 *
 * @param live receives the answer to a direct call as it comes
 * @throws what `callModel` throws
 */
export async function passGate(request: GateRequest, live?: LiveReply): Promise<ModelReply> {
  const { role = "agent" } = request;
  const { context: run, frame } = currentScope();
  const dryRun = currentDryRun();
  if (dryRun !== undefined) return dryRun.answer(request);
  // For what has been abandoned nothing more is paid.
  const endCall = run?.work?.beginCall();
  // Taken before anything is awaited, so that calls are numbered, and told of, in the order in which they were made.
  const position = run === undefined ? "call" : `${run.position}/call/${run.calls++}`;
  const [events] = forkEvents(1) ?? [];
  const signal = anyOf(anyOf(request.signal, run?.signal), run?.work?.signal);
  const { meter, gate } = callServices(run);
  let endMeasured = role === "agent" ? meter?.beginCall() : undefined;
  try {
    const call = { position, signal, role, live };
    const reply = await (gate === undefined ? answerTo(request, call) : gate.answer(request, call));
    endMeasured?.(reply);
    endMeasured = undefined;
    // A listener that comes after the abort hears nothing.
    signal?.throwIfAborted();
    const { finishReason, usage } = reply;
    const ending = unfinished[finishReason];
    if (ending !== undefined) noteRemark(frame, `The reply of ${reply.model} ${ending}.`);
    events?.emit({ type: "model-call", position, model: reply.model, role, finishReason, ...usage });
    return reply;
  } finally {
    endMeasured?.();
    endCall?.();
    events?.close();
  }
}

/** What an optimizer is to know of a reply that is not whole, by the reason for its end. */
const unfinished: Readonly<Record<string, string>> = {
  length: "was cut off at the token limit",
  "content-filter": "was stopped by a content filter",
};

/** The gate of the code that is running now, for calls that come from elsewhere: they are answered as if they were made here. */
export function gateHere(): ModelGate {
  const scope = currentScope();
  const { gate } = callServices(scope.context);
  return gate ?? { answer: async (request, call) => runInScope(scope, () => answerTo(request, call)) };
}

/** The answer of an earlier process, of an identical call in flight, or of the provider. */
function answerTo(request: GateRequest, call: GatedCall): Promise<ModelReply> {
  const { position, signal, role, live } = call;
  const { calls, inFlight, measures, tally, traces } = callServices();
  if (tally !== undefined && role === "agent") tally.agentCalls++;
  const model = requestedModel(request.model);
  const entry: CallEntry = { model, role, ...placeOf(position) };
  if ((calls ?? inFlight ?? measures ?? traces) !== undefined) return recordedAnswer(request, call, entry);
  signal?.throwIfAborted();
  return payForCall({ ...request, signal }, entry, { position, identified: undefined, live });
}

/** The same where answers are kept, shared, measured, or shown. */
async function recordedAnswer(request: GateRequest, { position, signal, role, live }: GatedCall, entry: CallEntry) {
  const { calls, inFlight, ledger, measures, traces } = callServices();
  const { model } = entry;
  const identified = calls?.identify(position.replace(/\/call\/\d+$/, ""), request, entry);
  signal?.throwIfAborted();
  const found = identified && (await calls?.find(identified));
  const recorded = found && countedAnew(found, request);
  signal?.throwIfAborted();
  const endTrace = traces?.beginCall(request, { position, role }, model);
  const asked = { ...request, signal };
  const pay = (): Promise<ModelReply> => payForCall(asked, entry, { position, identified, live });
  const keep = async (reply: ModelReply): Promise<void> => identified && (await calls?.joined(identified, reply));
  const obtain = async (): Promise<ModelReply> =>
    recorded ?? (inFlight === undefined ? pay() : inFlight.join(model, asked, pay, keep));
  const reply = await (endTrace === undefined ? obtain() : untilEnd(obtain(), endTrace));
  return measures === undefined ? reply : { ...reply, costUsd: ledger?.costOf(reply.model, reply.usage) ?? null };
}

async function untilEnd(work: Promise<ModelReply>, endTrace: EndCallTrace): Promise<ModelReply> {
  try {
    const reply = await work;
    endTrace(reply);
    return reply;
  } catch (error) {
    endTrace(undefined, error);
    throw error;
  }
}

/** Earlier versions recorded what the provider reported, whatever that was. */
function countedAnew(reply: ModelReply, request: GateRequest): ModelReply {
  const { inputTokens, outputTokens } = reply.usage;
  if (isTokenCount(inputTokens) && isTokenCount(outputTokens)) return reply;
  const estimates = { inputTokens: estimateInputTokens(request), outputTokens: estimateTokens(reply.text) };
  return { ...reply, usage: usageOf({ usage: reply.usage }, reply.model, estimates) };
}

/** A signal that is aborted with the reason of whichever is first. */
function anyOf(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  return AbortSignal.any([one, other]);
}

function refuseUnclear({ prompt, messages }: ModelRequest): void {
  if (typeof prompt === "string" && messages === undefined) return;
  if (Array.isArray(messages) && messages.length > 0 && prompt === undefined) return;
  throw new InvalidArgumentError(
    "Expected either `prompt`, a string, or `messages`, a list with at least one message, " +
      `got prompt ${describeValue(prompt)} and messages ${describeValue(messages)}`,
  );
}
