/**
 * `LanguageModelOptimizer`: what all optimizers share that ask a language model for values.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../data/json.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { emitEvent } from "../graph/scope.ts";
import { type Candidate, currentCandidate } from "../graph/with-values.ts";
import { callModel, type Message } from "../llm/call-model.ts";
import { type Attempt, AttemptMemory, readAttempts } from "./attempt-memory.ts";
import { tooFarFrom } from "./edit-rules/max-change.ts";
import type { LanguageModelOptimizerOptions } from "./language-model-options.ts";
import { Optimizer, type Suggestion, type SuggestionRequest } from "./optimizer.ts";
import { saysSomething, summary } from "./problem/describe-feedback.ts";
import { retryPrompt } from "./prompts/retry-prompt.ts";
import { chooseFormat } from "./reply/choose-format.ts";
import type { Fence } from "./reply/fence.ts";
import type { ReadReply, ReplyFormat, ReplyFormatName } from "./reply/reply-format.ts";
import { taggedFormat } from "./reply/tagged-format.ts";

/** A prompt, and what the reply to it is read by. */
export interface OptimizerPrompt {
  readonly system: string;
  readonly prompt: string;
  readonly fence: Fence;
  /** The format that the prompt asks for. @default tagged text, with the tags of the prompt */
  readonly format?: ReplyFormat | undefined;
}

/** One conversation with the model, for values of some parameters. */
export interface Question {
  /** Tells the conversations of one step apart. @default "" */
  readonly key?: string | undefined;
  /** What is asked at first. Must not change anything: it may be asked for again, shorter. */
  readonly compose: () => OptimizerPrompt;
  /** The parameters whose values may be answered. @default all */
  readonly parameters?: ReadonlyMap<string, Parameter> | undefined;
  /** @default that of the optimizer */
  readonly temperature?: number | undefined;
}

/**
 * Asks a language model for better values, reads its reply (tolerant about the form, strict about the values), and asks
 * once more when something could not be used, quoting what was wrong. A subclass writes the prompt, in `compose`.
 *
 * Remembers what was tried, when `memorySize` says so: values with their scores and what was said of them.
 */
export abstract class LanguageModelOptimizer extends Optimizer {
  protected override readonly maxRerolls: number;
  readonly options: Readonly<LanguageModelOptimizerOptions>;
  protected readonly memory: AttemptMemory;
  /** Whether the model is asked for tagged text, because its provider would not have another form. */
  #keepsToTags = false;
  /** The same for the time to come: all proposals of one step are asked for in one form, however they follow one another. */
  #willKeepToTags = false;

  /** @throws InvalidArgumentError when there is nothing to train; a subclass checks its options before */
  constructor(parameters: ParameterOwner, options: LanguageModelOptimizerOptions) {
    super(parameters);
    this.maxRerolls = options.maxRerolls ?? 1;
    this.options = Object.freeze({ ...options });
    this.memory = new AttemptMemory(options.memorySize ?? 0);
  }

  override zeroFeedback(): void {
    super.zeroFeedback();
    this.#keepsToTags = this.#willKeepToTags;
  }

  /** Applies values; what was said of the values before them is remembered. */
  override update(candidate: Candidate): void {
    this.#keepsToTags = this.#willKeepToTags;
    const judged = this.#judged();
    super.update(candidate);
    if (judged !== undefined) this.memory.record(judged);
  }

  /** Remembers what a candidate scored. */
  override observe(candidate: Candidate, score: number, feedback?: string): void {
    const known = Object.entries(candidate).filter(([name]) => this.parameters.has(name));
    const values: Candidate = { ...currentCandidate(this), ...Object.fromEntries(known) };
    this.memory.record({ values, score, feedback: feedback ?? this.memory.find(values)?.feedback ?? "" });
  }

  override settings(): Readonly<Record<string, JsonValue>> {
    const { model: _model, leakGuard, ...settings } = this.options;
    const guarded = leakGuard === undefined ? {} : { leakGuard: leakGuard.words };
    return Object.fromEntries(
      Object.entries({ ...settings, ...guarded }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  }

  override state(): JsonValue {
    const state = { ...(super.state() as { readonly [key: string]: JsonValue }), memory: this.memory.state() };
    return this.#willKeepToTags ? { ...state, keepsToTags: true } : state;
  }

  override restore(state: JsonValue): void {
    const attempts = readAttempts(isPlainObject(state) ? (state.memory ?? []) : []);
    super.restore(state);
    this.memory.replace(attempts);
    this.#willKeepToTags = isPlainObject(state) && state.keepsToTags === true;
    this.#keepsToTags = this.#willKeepToTags;
  }

  /** The format in which `compose` is to ask for the reply. */
  protected get replyFormat(): ReplyFormatName {
    const { model, replyFormat = "auto" } = this.options;
    const wanted = this.#keepsToTags && replyFormat === "auto" ? "tags" : replyFormat;
    return chooseFormat(wanted, model, this.parameters.keys());
  }

  /** The prompt for what was said. The same request gives the same text, byte for byte; nothing is changed. */
  protected abstract compose(request: SuggestionRequest): OptimizerPrompt;

  protected override async suggest(request: SuggestionRequest): Promise<Suggestion> {
    if (!this.hasToLearn(request)) return { values: new Map() };
    return this.ask(request, { compose: () => this.compose(request) });
  }

  /** Whether there is anything to ask about; tells the listeners when there is not. */
  protected hasToLearn({ graph }: SuggestionRequest): boolean {
    if (saysSomething(graph)) return true;
    emitEvent({
      type: "warning",
      message: "Nothing was said about any output that depends on the variables, so none is changed",
    });
    return false;
  }

  /** Asks the model, or goes on with the conversation of the attempt before, and reads its reply. */
  protected async ask(request: SuggestionRequest, question: Question): Promise<Suggestion> {
    const { position, verbose, signal, scratch } = request;
    const { key = "", parameters = this.parameters } = question;
    const conversation = continued(request, key, question.compose);
    const { system, messages, format } = conversation;
    const asked = messages.at(-1)?.content as string;
    const text = messages.length === 1 ? `${system}\n\n${asked}` : asked;
    if (verbose === true) emitEvent({ type: "prompt", position, role: "optimizer", text });
    const { model, temperature = question.temperature, maxOutputTokens } = this.options;
    const { responseFormat } = format;
    const how = { temperature, maxOutputTokens, ...(responseFormat === undefined ? {} : { responseFormat }) };
    const reply = await callModel({ model, system, messages, ...how, signal, role: "optimizer" });
    if (reply.isFormatIgnored) this.#willKeepToTags = true;
    if (verbose) emitEvent({ type: "reply", position, role: "optimizer", text: reply.text });
    const suggestion = format.read(reply, parameters);
    // Providers refuse messages without content.
    const said: Message = { role: "assistant", content: reply.text.trim() === "" ? "(empty)" : reply.text };
    const { quotes, isMalformed } = suggestion;
    scratch.set(`conversation/${key}`, {
      ...conversation,
      messages: [...messages, said],
      quotes,
      isMalformed,
    } satisfies Conversation);
    for (const name of suggestion.salvaged) {
      emitEvent({
        type: "warning",
        message: `The reply left the block of ${name} open; its value was taken up to where the text ended`,
      });
    }
    return suggestion;
  }

  /** Besides the rules of the parameter: how far a text may move, and what it may not quote. */
  protected override problemsWith(parameter: Parameter, value: unknown): string[] {
    const problems = super.problemsWith(parameter, value);
    const current = parameter.peek();
    if (problems.length > 0 || typeof value !== "string" || typeof current !== "string" || parameter.domain) return problems;
    const { maxChange = 1, leakGuard } = this.options;
    return [tooFarFrom(current, value, maxChange), leakGuard?.problem(value, current)].filter((problem) => problem !== undefined);
  }

  /** The values that the feedback is about, with what was said; `undefined` when nothing was, or nothing is remembered. */
  #judged(): Attempt | undefined {
    if (this.memory.size === 0) return undefined;
    const { graph } = this;
    if (!saysSomething(graph)) return undefined;
    const values: Candidate = {};
    for (const [name, parameter] of this.parameters) values[name] = graph.valueOf(parameter) as JsonValue;
    const { score, feedback } = summary(graph);
    // A score that an algorithm reported was measured for comparing; that of a batch was not.
    return { values, score: this.memory.find(values)?.score ?? score, feedback };
  }
}

/** What has been said in one step. */
interface Conversation extends Pick<ReadReply, "quotes" | "isMalformed"> {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly format: ReplyFormat;
}

/** The conversation up to the question to be asked now: at first the problem, later what was wrong with the reply. */
function continued({ scratch, rejections }: SuggestionRequest, key: string, compose: () => OptimizerPrompt): Conversation {
  const before = scratch.get(`conversation/${key}`) as Conversation | undefined;
  if (before !== undefined) {
    const { messages, quotes, isMalformed, format } = before;
    const form = isMalformed ? format.form : undefined;
    const content = retryPrompt({ refusals: rejections, quotes, form });
    return { ...before, messages: [...messages, { role: "user", content }] };
  }
  const { system, prompt, fence, format = taggedFormat(fence, []) } = compose();
  return { system, messages: [{ role: "user", content: prompt }], format, quotes: new Map(), isMalformed: false };
}
