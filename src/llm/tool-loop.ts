/**
 * `toolLoop`: a request that may take several calls of the model: with tools, or with an output that the AI SDK reads.
 *
 * @module
 */

import { describeValue } from "../data/json.ts";
import { counted } from "../data/number-text.ts";
import { InvalidArgumentError, OutputParseError } from "../errors.ts";
import { atPosition, currentRun } from "../graph/scope.ts";
import { loadAi } from "./load-ai.ts";
import type { ModelReply, ModelRequest } from "./model-request.ts";
import { requestedModel } from "./resolve-model.ts";
import { type Tools, type ToolWatch, tracedTools } from "./traced-tools.ts";
import { gatedModel } from "./tracked.ts";

/** What `generateText` takes besides the settings of one call. */
export interface LoopOptions {
  /** Tools by name, as the AI SDK has them (`tool({ … })`). Descriptions may be nodes, and `execute` a `bundle`. */
  readonly tools?: Tools | undefined;
  /** Whether the model has to call a tool, and which. @default "auto" */
  readonly toolChoice?: "auto" | "none" | "required" | { readonly type: "tool"; readonly toolName: string } | undefined;
  /** Names of the tools that may be called. @default all */
  readonly activeTools?: readonly string[] | undefined;
  /** The most calls of the model, at least 1. @default 20, where `stopWhen` is not set */
  readonly maxSteps?: number | undefined;
  /** One condition, or several, of the AI SDK: when to end after a step with calls of tools. */
  readonly stopWhen?: unknown;
  /** Changes settings from step to step, as in the AI SDK. A model that it returns passes the gate if it is `tracked`. */
  readonly prepareStep?: unknown;
  /** What the text is read as: `Output.object({ schema })` and others of the AI SDK. */
  readonly output?: OutputLike<unknown> | undefined;
  readonly onStepFinish?: unknown;
  readonly repairToolCall?: unknown;
  readonly experimental_repairToolCall?: unknown;
  readonly experimental_context?: unknown;
  readonly experimental_download?: unknown;
  readonly runtimeContext?: unknown;
  readonly toolsContext?: unknown;
}

/** `Output` of the AI SDK: from version 6 on, and of version 5. */
export type OutputLike<T> =
  | { parseCompleteOutput(options: never, context: never): PromiseLike<T> }
  | { parseOutput(options: never, context: never): PromiseLike<T> };

/** The names of these options. */
export const loopOptions: readonly (keyof LoopOptions)[] = [
  "tools",
  "toolChoice",
  "activeTools",
  "maxSteps",
  "stopWhen",
  "prepareStep",
  "output",
  "onStepFinish",
  "repairToolCall",
  "experimental_repairToolCall",
  "experimental_context",
  "experimental_download",
  "runtimeContext",
  "toolsContext",
];

/** What a loop comes to: its last reply, and its output where one is asked for. */
export interface LoopReply extends ModelReply {
  readonly output?: unknown;
}

/** As many as an agent of the AI SDK takes. */
const usualSteps = 20;

/**
 * Asks until the model calls no more tools. Each step is a call of its own: it has its position, is paid for, recorded, and repeated by
 * itself.
 *
 * @throws OutputParseError when the steps are used up and the model has said nothing
 * @throws what `callModel` throws, and what the AI SDK throws for an output that cannot be read
 */
export async function toolLoop(request: ModelRequest, loop: LoopOptions): Promise<LoopReply> {
  const { model: given, role, signal, maxRetries, responseFormat, system, ...settings } = request;
  const { tools, output, maxSteps = usualSteps, stopWhen, ...options } = loop;
  if (responseFormat !== undefined) {
    throw new InvalidArgumentError("`responseFormat` cannot be combined with `tools`; set `output` or `schema` instead");
  }
  if (!Number.isInteger(maxSteps) || maxSteps < 1) {
    throw new InvalidArgumentError(`Expected \`maxSteps\` to be a whole number of at least 1, got ${describeValue(maxSteps)}`);
  }
  const name = requestedModel(given);
  const { generateText } = await loadAi("Calling a language model");
  const watch: ToolWatch = { ending: undefined };
  const asked = {
    ...settings,
    ...options,
    system: system || undefined,
    allowSystemInMessages: true,
    maxRetries: 0,
    abortSignal: signal,
    model: gatedModel(given ?? name, { role, maxRetries }),
    ...(tools === undefined ? {} : { tools: tracedTools(tools, watch) }),
    stopWhen: stopWhen ?? (({ steps }: { readonly steps: readonly unknown[] }) => steps.length >= maxSteps),
    ...(output === undefined ? {} : { ["parseCompleteOutput" in output ? "output" : "experimental_output"]: output }),
  };
  const result = await inOwnPosition(() => generateText(asked as unknown as Parameters<typeof generateText>[0]));
  // The model may have made something of it all the same.
  if (watch.ending !== undefined) throw watch.ending.error;
  const { text, finishReason, steps } = result;
  const usage = { inputTokens: result.totalUsage.inputTokens ?? null, outputTokens: result.totalUsage.outputTokens ?? null };
  const reply = { text, finishReason, usage, model: name };
  if (output === undefined) {
    if (text.trim() !== "" || finishReason !== "tool-calls") return reply;
    throw new OutputParseError(
      `Expected a reply from ${name}, got only calls of tools in ${counted(steps.length, "step")}. ` +
        "Raise `maxSteps`, or change `stopWhen`",
      text,
    );
  }
  return { ...reply, output: "parseCompleteOutput" in output ? result.output : result.experimental_output };
}

/** Loops that are made concurrently number their calls each for itself. */
function inOwnPosition<R>(work: () => R): R {
  const run = currentRun();
  return run === undefined ? work() : atPosition(`loop/${run.calls++}`, work);
}
