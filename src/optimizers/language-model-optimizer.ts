/**
 * `LanguageModelOptimizer`: what all optimizers share that ask a language model for values.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../data/json.ts";
import { isByOwnScore, type ObjectiveConfig, standingScore } from "../data/objectives.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { currentRun, emitEvent } from "../graph/scope.ts";
import type { TraceGraph } from "../graph/trace-graph.ts";
import { type Candidate, currentCandidate } from "../graph/with-values.ts";
import { callModel } from "../llm/call-model.ts";
import { type ModelLike, modelName } from "../llm/language-model.ts";
import type { ModelReply } from "../llm/model-request.ts";
import { askAtChosen } from "./ask-at-chosen.ts";
import { AttemptMemory, readAttempts } from "./attempt-memory.ts";
import { appliedIn, type Conversation, formatOf, type OptimizerPrompt, retryText, said } from "./conversation.ts";
import { editProblems } from "./edit-rules/edit-problems.ts";
import { AcceptedLengths } from "./fit/accepted-lengths.ts";
import type { PromptBudget } from "./fit/prompt-budget.ts";
import { fitConversation, promptLimit, shrinking } from "./fit/shrinking.ts";
import type { LanguageModelOptimizerOptions } from "./language-model-options.ts";
import {
  type HistoryView,
  notRead,
  Optimizer,
  type PastAttempt,
  type StepCalls,
  type StepSubject,
  type Suggestion,
  type SuggestionRequest,
} from "./optimizer.ts";
import { saysSomething, summary } from "./problem/describe-variable.ts";
import { telling } from "./problem/outcomes.ts";
import { proposalProfile } from "./proposal-profile.ts";
import { chooseFormat } from "./reply/choose-format.ts";
import type { Fence } from "./reply/fence.ts";
import type { ReplyFormatName } from "./reply/reply-format.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";

/** One conversation with the model, for values of some parameters. */
export interface Question {
  /** Tells the conversations of one step apart. @default "" */
  readonly key?: string | undefined;
  /** What is asked at first, within the budget. Must not change anything: it may be asked for again, shorter. */
  readonly compose: (budget: PromptBudget) => OptimizerPrompt;
  /** The parameters whose values may be answered. @default all that may change */
  readonly parameters?: ReadonlyMap<string, Parameter> | undefined;
  /** @default that of the optimizer */
  readonly temperature?: number | undefined;
  /** @default that of the optimizer */
  readonly model?: ModelLike | undefined;
}

/** What the model said, and the tags by which it is read. */
export interface Turn {
  readonly reply: ModelReply;
  readonly fence: Fence;
}

/**
 * Asks a language model for better values, reads its reply (tolerant about the form, strict about the values), and asks
 * again when something could not be used, quoting what was wrong. A subclass says what is asked, in `answer`.
 *
 * Remembers what was tried, when `memorySize` says so: values with their scores and the feedback on them.
 */
export abstract class LanguageModelOptimizer extends Optimizer {
  override readonly learnsFromFeedback: boolean = true;
  protected override readonly maxRerolls: number;
  readonly options: Readonly<LanguageModelOptimizerOptions>;
  protected readonly memory: AttemptMemory;
  /** Whether the model is asked for tagged text, because its provider would not have another form. */
  #keepsToTags = false;
  /** The same for the time to come: all proposals of one step are asked for in one form, however they follow one another. */
  #willKeepToTags = false;
  /** What models have answered: as of the step before, and for the time to come. */
  #accepted: AcceptedLengths = new AcceptedLengths();
  #willAccept: AcceptedLengths = new AcceptedLengths();
  /** Whether the last proposal was made from a history, so that what its search reports is known from there. */
  #readsHistory = false;
  /** How the search of the last proposal compares. */
  #comparedBy: ObjectiveConfig | undefined;

  /**
   * @param memory @default one of the last attempts, as many as the options say
   * @throws InvalidArgumentError when there is nothing to train; a subclass checks its options before
   */
  constructor(parameters: ParameterOwner, options: LanguageModelOptimizerOptions, memory?: AttemptMemory) {
    super(parameters);
    this.maxRerolls = options.maxRerolls ?? 1;
    this.options = Object.freeze({ ...options });
    this.memory = memory ?? new AttemptMemory(options.memorySize ?? 0);
  }

  override zeroFeedback(): void {
    super.zeroFeedback();
    this.#beginStep();
  }

  /** Applies values; the feedback on the previous values is remembered. */
  override update(candidate: Candidate): void {
    this.#beginStep();
    const { graph } = this;
    const judged = this.memory.size > 0 && saysSomething(graph) ? this.judged(graph) : undefined;
    super.update(candidate);
    if (judged !== undefined) this.memory.record(judged);
  }

  /** Remembers what a candidate scored, unless it is reported by a search that gives its history to proposals. */
  override observe(candidate: Candidate, score: number, feedback?: string): void {
    if (this.#readsHistory && currentRun() !== undefined) return;
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

  override expectedCalls(subject: StepSubject): StepCalls {
    return { proposal: [proposalProfile(subject, this.options)] };
  }

  override state(): JsonValue {
    const own = { memory: this.memory.state(), ...this.#willAccept.state() };
    const state = { ...(super.state() as { readonly [key: string]: JsonValue }), ...own };
    const learned = this.#readsHistory ? { ...state, readsHistory: true } : state;
    return this.#willKeepToTags ? { ...learned, keepsToTags: true } : learned;
  }

  override restore(state: JsonValue): void {
    const attempts = readAttempts(isPlainObject(state) ? (state.memory ?? []) : []);
    super.restore(state);
    this.memory.replace(attempts);
    this.#readsHistory = isPlainObject(state) && state.readsHistory === true;
    this.#willKeepToTags = isPlainObject(state) && state.keepsToTags === true;
    this.#willAccept = AcceptedLengths.in(state);
    this.#beginStep();
  }

  /** What was learned of the models counts from the next step on: all proposals of one step are made alike, whatever their timing. */
  #beginStep(): void {
    this.#keepsToTags = this.#willKeepToTags;
    this.#accepted = this.#willAccept.copy();
  }

  override forgetScores(): void {
    this.memory.replace([]);
  }

  /** The format in which a prompt is to ask for the reply. */
  protected get replyFormat(): ReplyFormatName {
    return this.replyFormatOf(this.options.model);
  }

  /** The same for another model than that of the optimizer. */
  protected replyFormatOf(model: ModelLike | undefined): ReplyFormatName {
    const { replyFormat = "auto" } = this.options;
    const wanted = this.#keepsToTags && replyFormat === "auto" ? "tags" : replyFormat;
    return chooseFormat(wanted, model, this.parameters.keys());
  }

  /** Asks the model, by `ask`, once or several times. Only called when there is feedback. */
  protected abstract answer(request: SuggestionRequest): Promise<Suggestion>;

  protected override async suggest(request: SuggestionRequest): Promise<Suggestion> {
    const { graph, parameters, history, comparedBy } = request;
    this.#readsHistory = history !== undefined;
    this.#comparedBy = comparedBy;
    const isReached = [...parameters.values()].some((parameter) => graph.parameters.includes(parameter));
    if (isReached && saysSomething(graph)) return this.answer(request);
    emitEvent({ type: "warning", message: this.#whyNothing(request) });
    return { values: new Map() };
  }

  #whyNothing({ graph: { targets, parameters }, parameters: asked }: SuggestionRequest): string {
    if (asked.size < this.parameters.size && parameters.length > 0) return notRead([...asked.keys()]);
    const names = this.unreadParameters;
    const isRead = targets.length > 0 || names.length < this.parameters.size;
    return isRead ? "No feedback reached the trainable parameters, so they are unchanged" : notRead(names);
  }

  /** Asks the model, or continues the conversation of the previous attempt, and reads values from its reply. */
  protected async ask(request: SuggestionRequest, question: Question): Promise<Suggestion> {
    const { parameters = request.parameters } = question;
    const { reply, prompt, conversation } = await this.#turn(request, question);
    const suggestion = formatOf(prompt).read(reply, parameters);
    const { quotes, isMalformed } = suggestion;
    const answered = [...suggestion.values.keys()].filter((name) => parameters.has(name));
    request.scratch.set(keyOf(question), { ...conversation, quotes, answered, isMalformed } satisfies Conversation);
    for (const name of suggestion.salvaged) {
      emitEvent({
        type: "warning",
        message: `The reply did not close the block of ${name}, so everything up to the end of the reply was used as its value`,
      });
    }
    return parameters === request.parameters ? suggestion : withOnly(parameters, suggestion);
  }

  /** One turn of a conversation, for replies that are no values: what `ask` does before it reads the reply. */
  protected async converse(request: SuggestionRequest, question: Question): Promise<Turn> {
    const { reply, prompt, conversation } = await this.#turn(request, question);
    request.scratch.set(keyOf(question), conversation);
    return { reply, fence: prompt.fence };
  }

  async #turn(request: SuggestionRequest, question: Question) {
    const { position, verbose, signal, scratch, rejections } = request;
    const { model = this.options.model, temperature = this.options.temperature } = question;
    const { maxOutputTokens } = this.options;
    const before = scratch.get(keyOf(question)) as Conversation | undefined;
    const since = before === undefined ? [] : [...before.since, said("user", retryText(before, rejections))];
    const { sent, reply, maxTokens } = await shrinking({
      maxTokens: before?.maxTokens ?? promptLimit({ ...this.options, model }),
      maxOutputTokens,
      make: (limit) => fitConversation(question.compose, before?.prompt, since, limit),
      send: ({ prompt, messages }): Promise<ModelReply> => {
        const { system } = prompt;
        const { responseFormat } = formatOf(prompt);
        const asked = messages.at(-1)?.content as string;
        const text = messages.length === 1 ? `${system}\n\n${asked}` : asked;
        if (verbose === true) emitEvent({ type: "prompt", position, role: "optimizer", text });
        const how = { maxOutputTokens, ...(responseFormat === undefined ? {} : { responseFormat }) };
        const ask = (temperature: number | undefined): Promise<ModelReply> =>
          callModel({ model, system, messages, temperature, ...how, signal, role: "optimizer" });
        return question.temperature === undefined ? ask(temperature) : askAtChosen(question.temperature, ask);
      },
      accepted: this.#accepted.of(nameOf(model)),
      tokensOf: ({ tokens }) => tokens,
      omittedFrom: ({ prompt }) => prompt.omitted ?? [],
    });
    if (reply.isFormatIgnored) this.#willKeepToTags = true;
    this.#willAccept.note(nameOf(model), sent.tokens);
    if (verbose) emitEvent({ type: "reply", position, role: "optimizer", text: reply.text });
    const { prompt, messages } = sent;
    const spoken = [...messages.slice(1), said("assistant", reply.text)];
    const applied = before === undefined ? [] : appliedIn(before, rejections);
    const unread = { quotes: new Map(), answered: [], applied, isMalformed: false };
    const conversation: Conversation = { prompt, since: spoken, maxTokens, ...unread };
    return { reply, prompt, conversation };
  }

  /** Besides the rules of the parameter: how far a text may move, and what it may not quote. */
  protected override problemsWith(parameter: Parameter, value: unknown, graph: TraceGraph): string[] {
    const problems = super.problemsWith(parameter, value, graph);
    return [...problems, ...editProblems(parameter, value, graph, { ...this.options, isValid: problems.length === 0 })];
  }

  /** The values that the feedback is about, with the feedback on them. @param history @default what was observed */
  protected judged(graph: TraceGraph, history?: HistoryView): PastAttempt {
    const values: Candidate = {};
    for (const [name, parameter] of this.parameters) values[name] = graph.valueOf(parameter) as JsonValue;
    const { score } = summary(graph);
    const feedback = telling(graph, this.#comparedBy);
    if (history !== undefined) return { ...(history.find(values) ?? { score: null }), values, feedback };
    // A score that an algorithm reported was measured for comparing; that of a batch was not.
    return { values, score: this.memory.find(values)?.score ?? this.#oriented(score), feedback };
  }

  /** The score of a batch, more being better; `null` where it is not what the search compares by. */
  #oriented(score: number | null): number | null {
    const by = this.#comparedBy;
    if (score === null || by === undefined) return score;
    return isByOwnScore(by) ? standingScore({ score }, by) : null;
  }

  /** What a prompt tells besides the problem: what was tried before, further candidates, and advice. */
  protected surroundingsOf(request: SuggestionRequest): Surroundings {
    return surroundingsOf(request, this.judged(request.graph).values, this.memory);
  }
}

/** A suggestion for a question about some of the parameters, without the others that the reply speaks of. */
function withOnly(parameters: ReadonlyMap<string, Parameter>, { values, rejections = [], reasoning }: Suggestion): Suggestion {
  const others = [...values.keys()].filter((name) => !parameters.has(name));
  const asked = [...parameters.keys()].join(", ");
  return {
    reasoning,
    values: new Map([...values].filter(([name]) => parameters.has(name))),
    // Not by name: that would be taken for the answer to another question.
    rejections: [...rejections, ...others.map((name) => ({ name: null, reason: `${name} was not asked for, only: ${asked}` }))],
  };
}

/** What the models are told apart by; `""` for that of the environment. */
function nameOf(model: ModelLike | undefined): string {
  return model === undefined ? "" : modelName(model);
}

function keyOf({ key = "" }: Question): string {
  return `conversation/${key}`;
}

/** A position below that of the proposal, for the turn that this attempt is: each turn has a position of its own. */
export function positionOf(conversation: string, { attempt }: Pick<SuggestionRequest, "attempt">): string {
  return attempt === 0 ? conversation : `${conversation}/attempt/${attempt}`;
}
