/**
 * `tracked`: a model of the AI SDK whose calls pass through opto's gate, for agents that call `generateText` themselves.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError, isInfrastructureError } from "../errors.ts";
import { currentRun } from "../graph/scope.ts";
import { passGate } from "./call-model.ts";
import { isInsideCall, type LiveReply } from "./call-services.ts";
import { readParts, readResult } from "./direct-result.ts";
import { currentDryRun } from "./dry-run.ts";
import {
  type LanguageModel,
  type ModelLike,
  modelName,
  modelProblem,
  type NamedLanguageModel,
  originalModel,
  standsFor,
} from "./language-model.ts";
import { LiveStream } from "./live-stream.ts";
import type { DirectCall, DirectOptions, ModelReply, ModelRole } from "./model-request.ts";
import { resolveModelNow } from "./resolve-model.ts";
import { swapTexts } from "./text-swap.ts";
import { tracedCall } from "./traced-call.ts";

/** How calls are counted. */
export interface TrackedOptions {
  /** @default "agent" */
  readonly role?: ModelRole | undefined;
}

/**
 * Wraps a model so that its calls belong to the run in which they are made: they count in the budget, are limited and retried, are recorded so
 * that a resumed run finds them, are reported as events, and appear in the graph like calls of `generate`. Streams are passed on as they arrive.
 *
 * Outside a run, calls go straight to the model. `generate`, guides, and optimizers accept it like the model itself, and count each call once.
 *
 * @param model a model of the AI SDK, or `"provider/model"`
 * @throws InvalidArgumentError for something that is not a model, or an unknown option
 * @example
 * const model = tracked(openai("gpt-5-mini"));
 * const { text } = await generateText({ model, tools, stopWhen: stepCountIs(8), system: this.prompt.value, prompt: question });
 */
export function tracked(model: string, options?: TrackedOptions): NamedLanguageModel;
export function tracked<M extends LanguageModel>(model: M, options?: TrackedOptions): M;
export function tracked(model: ModelLike, options: TrackedOptions = {}): unknown {
  checkOptions(options, ["role"], "tracked");
  const { role = "agent" } = options;
  if (!["agent", "judge", "optimizer"].includes(role)) {
    throw new InvalidArgumentError(`Expected \`role\` to be "agent", "judge" or "optimizer", got ${describeValue(role)}`);
  }
  const problem = modelProblem(model);
  if (problem !== undefined) throw new InvalidArgumentError(`Expected the model to be ${problem}`);
  return new TrackedModel(originalModel(model), { role, isAlways: false });
}

/** A model all of whose calls pass the gate, also where there is no run. @param settings.maxRetries @default that of the scheduler */
export function gatedModel(
  model: ModelLike,
  settings: { readonly role?: ModelRole | undefined; readonly maxRetries?: number | undefined },
): LanguageModel {
  return new TrackedModel(originalModel(model), { ...settings, isAlways: true });
}

interface GateSettings {
  readonly role?: ModelRole | undefined;
  readonly maxRetries?: number | undefined;
  /** Whether also where there is no run. */
  readonly isAlways: boolean;
}

/** A class, so that copies of an agent share the model. */
class TrackedModel implements LanguageModel {
  readonly #given: ModelLike;
  readonly #settings: GateSettings;
  #resolved: StreamingModel | undefined;

  constructor(given: ModelLike, settings: GateSettings) {
    this.#given = given;
    this.#settings = settings;
    standsFor(this, given);
  }

  get specificationVersion(): LanguageModel["specificationVersion"] {
    return this.#model.specificationVersion;
  }

  get provider(): string {
    return typeof this.#given === "string" ? (this.#given.split("/")[0] as string) : this.#given.provider;
  }

  get modelId(): string {
    return typeof this.#given === "string" ? this.#given.slice(this.provider.length + 1) : this.#given.modelId;
  }

  get supportedUrls(): unknown {
    return this.#model.supportedUrls;
  }

  get supportsStructuredOutputs(): unknown {
    return this.#model.supportsStructuredOutputs;
  }

  /** Called by the AI SDK: the whole answer. */
  async doGenerate(given: CallOptions): Promise<object> {
    const options = swapTexts(given);
    if (this.#isPlain) return this.#model.doGenerate(options as never) as PromiseLike<object>;
    let whole: object | undefined;
    const live: LiveReply = {
      begin: () => {},
      part: () => {},
      result: (result) => {
        whole = result;
      },
    };
    const reply = await this.#ask("generate", options, live);
    return whole ?? readResult(reply, this.specificationVersion);
  }

  /** Called by the AI SDK: the answer in parts. */
  async doStream(given: CallOptions): Promise<object> {
    const options = swapTexts(given);
    if (this.#isPlain) return this.#model.doStream(options);
    const live = new LiveStream();
    const { work } = currentRun() ?? {};
    const failed = (error: unknown): void => {
      // Who reads a stream of the AI SDK may not hear that it has failed, and take what there is for the answer.
      const isOwnAbort = options.abortSignal?.aborted === true;
      if (work !== undefined && isInfrastructureError(error) && !isOwnAbort) work.outage = { error };
      live.fail(error, this.specificationVersion === "v2");
    };
    this.#ask("stream", options, live).then((reply) => live.end(readParts(reply, this.specificationVersion)), failed);
    return { ...(await live.begun), stream: live.stream };
  }

  async #ask(kind: DirectCall["kind"], { abortSignal, ...options }: CallOptions, live: LiveReply): Promise<ModelReply> {
    const direct: DirectCall = { kind, options };
    const { role, maxRetries } = this.#settings;
    const request = { model: this.#given, direct, role, maxRetries, signal: abortSignal };
    try {
      return await tracedCall(modelName(this), direct, () => passGate(request, live));
    } catch (error) {
      // The gate has made all the attempts there are.
      if (error instanceof Error && "isRetryable" in error) Reflect.set(error, "isRetryable", false);
      throw error;
    }
  }

  /** Where there is no run, and where the call that this is a part of has passed the gate. */
  get #isPlain(): boolean {
    if (isInsideCall()) return true;
    return !this.#settings.isAlways && currentRun() === undefined && currentDryRun() === undefined;
  }

  get #model(): StreamingModel {
    this.#resolved ??= resolveModelNow(this.#given) as StreamingModel;
    return this.#resolved;
  }
}

type CallOptions = DirectOptions & { readonly abortSignal?: AbortSignal | undefined };

interface StreamingModel extends LanguageModel {
  readonly supportedUrls?: unknown;
  readonly supportsStructuredOutputs?: unknown;
  doStream(options: object): PromiseLike<object>;
}
