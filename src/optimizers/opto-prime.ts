/**
 * OptoPrime: an optimizer that shows a language model the graph and the feedback, and reads better values from its reply.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../data/json.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { emitEvent } from "../graph/scope.ts";
import { type Candidate, currentCandidate } from "../graph/with-values.ts";
import { callModel, type Message } from "../llm/call-model.ts";
import { type Attempt, AttemptMemory, readAttempts } from "./attempt-memory.ts";
import { buildPrompt } from "./build-prompt.ts";
import { Optimizer, type Suggestion, type SuggestionRequest } from "./optimizer.ts";
import { checkOptoPrimeOptions, type OptoPrimeOptions } from "./opto-prime-options.ts";
import { saysSomething, summary } from "./problem/describe-feedback.ts";
import { defaultObjective } from "./prompts/instructions.ts";
import { retryPrompt } from "./prompts/retry-prompt.ts";
import type { Fence } from "./reply/fence.ts";
import { readReply } from "./reply/read-reply.ts";

/**
 * Writes down the part of the graph between parameters and outputs with what was said of the outputs, asks a language
 * model for better values, and reads its reply: tolerant about the form, strict about the values.
 *
 * The prompt depends on the graph, the feedback and the memory alone, so equal runs ask equal questions. Proposals of
 * one step (labels `proposal/0`, `proposal/1`, …) are told to go different ways. Follows OptoPrime of
 * Cheng, Nie, Swaminathan 2024 ("Trace is the next AutoDiff").
 *
 * @example
 * const optimizer = new OptoPrime(agent, { model: "openai/gpt-5-mini", memorySize: 3 });
 * optimizer.zeroFeedback();
 * optimizer.backward(output, { score: 0.2, feedback: "Too long: one sentence would do." });
 * await optimizer.step();
 */
export class OptoPrime extends Optimizer {
  protected override readonly maxRerolls: number;
  readonly options: Readonly<OptoPrimeOptions>;
  readonly #memory: AttemptMemory;

  /** @throws InvalidArgumentError for an unknown option, a value out of range, or when there is nothing to train */
  constructor(parameters: ParameterOwner, options: OptoPrimeOptions = {}) {
    super(parameters);
    checkOptoPrimeOptions(options);
    this.maxRerolls = options.maxRerolls ?? 2;
    this.options = Object.freeze({ ...options });
    this.#memory = new AttemptMemory(options.memorySize ?? 0);
  }

  /** Applies values; what was said of the values before them is remembered. */
  override update(candidate: Candidate): void {
    const judged = this.#judged();
    super.update(candidate);
    if (judged !== undefined) this.#memory.record(judged);
  }

  /** Remembers what a candidate scored. */
  override observe(candidate: Candidate, score: number, feedback?: string): void {
    const known = Object.entries(candidate).filter(([name]) => this.parameters.has(name));
    const values: Candidate = { ...currentCandidate(this), ...Object.fromEntries(known) };
    this.#memory.record({ values, score, feedback: feedback ?? this.#memory.find(values)?.feedback ?? "" });
  }

  override settings(): Readonly<Record<string, JsonValue>> {
    const { model: _model, ...settings } = this.options;
    return Object.fromEntries(Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  }

  override state(): JsonValue {
    return { ...(super.state() as { readonly [key: string]: JsonValue }), memory: this.#memory.state() };
  }

  override restore(state: JsonValue): void {
    const attempts = readAttempts(isPlainObject(state) ? (state.memory ?? []) : []);
    super.restore(state);
    this.#memory.replace(attempts);
  }

  protected override async suggest(request: SuggestionRequest): Promise<Suggestion> {
    const { graph, position, verbose, signal, scratch } = request;
    if (!saysSomething(graph)) {
      emitEvent({
        type: "warning",
        message: "Nothing was said about any output that depends on the variables, so none is changed",
      });
      return { values: new Map() };
    }
    const conversation = this.#continued(request);
    const { system, messages, fence } = conversation;
    const asked = messages.at(-1)?.content as string;
    const text = request.attempt === 0 ? `${system}\n\n${asked}` : asked;
    if (verbose === true) emitEvent({ type: "prompt", position, role: "optimizer", text });
    const { model, temperature, maxOutputTokens } = this.options;
    const reply = await callModel({ model, system, messages, temperature, maxOutputTokens, signal, role: "optimizer" });
    if (verbose) emitEvent({ type: "reply", position, role: "optimizer", text: reply.text });
    // Providers refuse messages without content.
    const said: Message = { role: "assistant", content: reply.text.trim() === "" ? "(empty)" : reply.text };
    scratch.set("conversation", { ...conversation, messages: [...messages, said] } satisfies Conversation);
    const suggestion = readReply(reply, fence, this.parameters);
    for (const name of suggestion.salvaged) {
      emitEvent({
        type: "warning",
        message: `The reply left the block of ${name} open; its value was taken up to where the text ended`,
      });
    }
    return suggestion;
  }

  /** The values that the feedback is about, with what was said; `undefined` when nothing was, or nothing is remembered. */
  #judged(): Attempt | undefined {
    if (this.#memory.size === 0) return undefined;
    const { graph } = this;
    if (!saysSomething(graph)) return undefined;
    const values: Candidate = {};
    for (const [name, parameter] of this.parameters) values[name] = graph.valueOf(parameter) as JsonValue;
    const { score, feedback } = summary(graph);
    // A score that an algorithm reported was measured for comparing; that of a batch was not.
    return { values, score: this.#memory.find(values)?.score ?? score, feedback };
  }

  /** The conversation up to the question to be asked now: at first the problem, later what was wrong with the reply. */
  #continued({ graph, position, scratch, rejections }: SuggestionRequest): Conversation {
    const before = scratch.get("conversation") as Conversation | undefined;
    if (before !== undefined) {
      return { ...before, messages: [...before.messages, { role: "user", content: retryPrompt(rejections) }] };
    }
    const { objective = defaultObjective, maxValueLength = 2000, includeExample = false } = this.options;
    const { attempts } = this.#memory;
    const proposal = Number(/(?:^|\/)proposal\/(\d+)$/.exec(position)?.[1] ?? 0);
    const options = { objective, attempts, proposal, maxValueLength, includeExample };
    const { system, prompt, fence } = buildPrompt(graph, this.parameters, options);
    return { system, messages: [{ role: "user", content: prompt }], fence };
  }
}

/** What has been said in one step. */
interface Conversation {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly fence: Fence;
}
