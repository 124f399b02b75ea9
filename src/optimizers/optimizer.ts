/**
 * The contract of optimizers: collect feedback, propose values for parameters, apply them.
 *
 * @module
 */

import type { Feedback } from "../data/feedback.ts";
import { frozenCopy, isJsonValue, type JsonValue } from "../data/json.ts";
import type { ObjectiveConfig } from "../data/objectives.ts";
import type { Range } from "../data/range.ts";
import { InvalidArgumentError, type NoProposalError } from "../errors.ts";
import { backward } from "../graph/backward.ts";
import type { Module } from "../graph/module.ts";
import type { Node } from "../graph/node.ts";
import type { Parameter } from "../graph/parameter.ts";
import { namedParameters, type ParameterOwner } from "../graph/parameter-names.ts";
import { atPosition, currentPosition, currentRun, emitEvent } from "../graph/scope.ts";
import { TraceGraph } from "../graph/trace-graph.ts";
import { codeReady } from "../graph/trainable-code.ts";
import { applyCandidate, type Candidate, withValues } from "../graph/with-values.ts";
import { discardingUnusable } from "../llm/discard-answers.ts";
import type { CallProfile } from "../llm/spend/call-profile.ts";
import type { Evidence, HistoryView } from "./history-view.ts";
import { noProposal } from "./no-proposal.ts";

export type {
  AttemptLog,
  Evidence,
  HistoryView,
  KnownFailure,
  PairedOutcome,
  PastAttempt,
  UnstableExample,
} from "./history-view.ts";

/** Options of `step`. */
export interface StepOptions {
  /** Propose only, apply nothing. @default false */
  readonly bypassing?: boolean | undefined;
  /** Report prompts and replies: `"output"` for replies only. @default false */
  readonly verbose?: boolean | "output" | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Logical position of this proposal below the current one; names its random stream. @default `step/<number of steps so far>` */
  readonly label?: string | undefined;
  /** What was tried before, if a search keeps an archive. @default what the optimizer has observed */
  readonly history?: HistoryView | undefined;
  /** What the scores mean, as the guide declares it: part of a sentence. @default unknown */
  readonly scoreMeaning?: string | undefined;
  /** How the search compares candidates. @default by the guide's score, more being better */
  readonly comparedBy?: ObjectiveConfig | undefined;
  /** Receives the model's own reason for what is returned; not called if the model gave none. */
  readonly onReasoning?: ((reasoning: string) => void) | undefined;
}

/** What a proposal is based on. The optimizer keeps none of it. */
export interface ProposalRequest extends Omit<StepOptions, "bypassing"> {
  /** The values to improve, by the names of the optimizer. @default what the parameters hold */
  readonly from?: Candidate | undefined;
  /** Further candidates, for merges. @default none */
  readonly others?: readonly Candidate[] | undefined;
  /** What was recorded, and the feedback on it. @default all feedback since `zeroFeedback` */
  readonly graph?: TraceGraph | undefined;
  /** What else was measured of these values. @default nothing */
  readonly evidence?: Evidence | undefined;
  /** Names of the parameters that may change. @default all */
  readonly parameters?: readonly string[] | undefined;
  /** Further text for the model. @default none */
  readonly advice?: string | undefined;
}

/** What `suggest` of a subclass receives. */
export interface SuggestionRequest
  extends Pick<ProposalRequest, "from" | "others" | "history" | "scoreMeaning" | "comparedBy" | "evidence" | "advice"> {
  /** The parameters that may change, by name. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** All feedback since `zeroFeedback`, with the graph it is about. The same object until more is added. */
  readonly graph: TraceGraph;
  /** Logical position of this proposal in the run. Random streams derive from it alone. */
  readonly position: string;
  /** Logical position that contains this proposal and the other proposals of the same step. */
  readonly stepPosition: string;
  /** 0 at first; 1, 2, … when values of the previous attempt were rejected. */
  readonly attempt: number;
  /** What was wrong with the previous attempt. */
  readonly rejections: readonly Rejection[];
  /** Kept for this step alone: what one attempt leaves for the next, such as the conversation so far. Empty at attempt 0. */
  readonly scratch: Map<string, unknown>;
  readonly verbose: boolean | "output";
  readonly signal: AbortSignal | undefined;
}

/** A value that was not applied, and why. `name` is `null` when the reply as a whole was unusable. */
export interface Rejection {
  readonly name: string | null;
  readonly reason: string;
}

/** What a subclass suggests: values by parameter name, of the parameters' types. */
export interface Suggestion {
  readonly values: ReadonlyMap<string, unknown>;
  /** Parts of a reply that could not even be read. */
  readonly rejections?: readonly Rejection[];
  /** Why these values, in the words of the model. @default unknown */
  readonly reasoning?: string | undefined;
}

/** What an estimate knows about the agent and the data of a step. */
export interface StepSubject {
  readonly agent: Module;
  /** Examples in a batch. */
  readonly batchSize: number;
  /** Characters of the longest input. */
  readonly longestInput: number;
  /** The model calls of one rollout. */
  readonly rollout: readonly CallProfile[];
  /** Operations of one rollout that depend on trainable parameters. */
  readonly operations: Range;
}

/** The calls of one step. */
export interface StepCalls {
  /** Made for each proposal. */
  readonly proposal: readonly CallProfile[];
  /** Made once for all proposals of the step. @default none */
  readonly shared?: readonly CallProfile[] | undefined;
}

/**
 * Collects feedback on outputs and turns it into better values of parameters. A subclass implements `suggest`;
 * this class checks the rules of parameters, requests unusable values again, and does the bookkeeping.
 *
 * Several calls of `step` may run concurrently on the same feedback: nothing is changed by a proposal that is not applied.
 */
export abstract class Optimizer {
  /** The trainable parameters by name: the dotted path in their agent, or their own name. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Whether proposals respond to the feedback on a batch, so that none is needed if no output could be better. @default false */
  readonly learnsFromFeedback: boolean = false;
  /** How often unusable values are requested again, with the reasons. */
  protected readonly maxRerolls: number = 1;
  #graphs: TraceGraph[] = [];
  #merged: TraceGraph | undefined;
  #steps = 0;
  /** `undefined` until there was feedback. */
  #unread: Set<string> | undefined;

  /** @throws InvalidArgumentError when there is nothing to train */
  constructor(parameters: ParameterOwner) {
    const all = namedParameters(parameters);
    this.parameters = new Map([...all].filter(([, parameter]) => parameter.trainable));
    if (this.parameters.size === 0) {
      const found = all.size === 0 ? "found none" : `got ${[...all.keys()].join(", ")} with \`trainable: false\``;
      throw new InvalidArgumentError(
        `Expected at least one trainable parameter, ${found}. Parameters are found in the fields of an agent, in its nested modules, ` +
          "and in arrays, plain objects, Maps and Sets there; not in #private fields, in variables, or in instances of other classes",
      );
    }
  }

  /** Forgets all feedback. */
  zeroFeedback(): void {
    this.#graphs = [];
    this.#merged = undefined;
  }

  /** Adds feedback on one output, or on several: one text for all, or one for each. */
  backward(target: Node | readonly Node[], feedback: string | Feedback | readonly (string | Feedback)[]): void {
    const gradient = backward(target, feedback, { parameters: [...this.parameters.values()] });
    const graph = TraceGraph.merge(gradient.values());
    this.#graphs.push(graph);
    this.#merged = undefined;
    this.#unread ??= new Set(this.parameters.keys());
    for (const [name, parameter] of this.parameters) if (gradient.has(parameter)) this.#unread.delete(name);
    this.feedbackArrived?.(graph);
  }

  /** Receives all feedback as it arrives, with its graph; for optimizers that learn from feedback before `step`. */
  protected feedbackArrived?(graph: TraceGraph): void;

  /** The names of the parameters that no output with feedback has depended on yet; none before the first feedback. */
  get unreadParameters(): readonly string[] {
    return [...(this.#unread ?? [])];
  }

  /** All feedback since `zeroFeedback`, with its graph. The same object until more feedback is added. */
  get graph(): TraceGraph {
    this.#merged ??= TraceGraph.merge(this.#graphs);
    return this.#merged;
  }

  /**
   * Proposes new values and, unless `bypassing`, applies them. Values that break a rule of their parameter are
   * requested again with the reason and never applied: if no usable value comes, the old one stays, and an event says why.
   * Feedback is kept until `zeroFeedback`.
   *
   * @returns the proposed values; parameters that it does not name stay as they are, and `{}` means no change
   * @throws NoProposalError when its model refused the prompt or returned a reply that cannot be read; algorithms continue without a proposal
   */
  async step(options: StepOptions = {}): Promise<Candidate> {
    const { bypassing = false, ...request } = options;
    const candidate = await this.propose(request);
    if (!bypassing) this.update(candidate);
    return candidate;
  }

  /**
   * Proposes values and changes nothing: any number of proposals, from any number of candidates, may be made concurrently.
   *
   * @returns the values that it would change, by name; `{}` for none
   * @throws InvalidArgumentError when `parameters` names one that this optimizer does not train, or `from` does not fit
   */
  async propose(request: ProposalRequest = {}): Promise<Candidate> {
    const { from, graph = this.graph, parameters, label = `step/${this.#steps}`, signal, verbose = false, ...others } = request;
    const { onReasoning, ...rest } = others;
    signal?.throwIfAborted();
    this.#steps++;
    const named = this.#named(parameters);
    const step = { ...rest, from, graph, parameters: named, stepPosition: currentPosition(), verbose, signal };
    // A process that resumes the run asks again for answers that led to nothing.
    const useful = (): Promise<Proposal> => {
      return discardingUnusable(
        () => this.#propose(step),
        ({ values, isWhole }) => isWhole || !isEmpty(values),
      );
    };
    const propose = (): Promise<Proposal> => atPosition(label, useful, { signal });
    const { values: candidate, reasoning = "" } = await (from === undefined ? propose() : withValues(this, from, propose));
    // So that proposed code can be called immediately.
    const ready = codeReady();
    if (ready !== undefined) await ready;
    signal?.throwIfAborted();
    const abandoned = currentRun()?.work?.abandoned;
    if (abandoned !== undefined) throw abandoned.reason;
    if (reasoning !== "") onReasoning?.(reasoning);
    return candidate;
  }

  #named(names: readonly string[] | undefined): ReadonlyMap<string, Parameter> {
    if (names === undefined) return this.parameters;
    const unknown = names.filter((name) => !this.parameters.has(name));
    if (unknown.length === 0) return new Map([...this.parameters].filter(([name]) => names.includes(name)));
    throw new InvalidArgumentError(
      `This optimizer does not train ${unknown.join(", ")}; it trains: ${[...this.parameters.keys()].join(", ")}`,
    );
  }

  /**
   * Sets parameters to these values.
   *
   * @throws InvalidArgumentError for an unknown name or a value that breaks a rule; nothing is changed then
   */
  update(candidate: Candidate): void {
    applyCandidate(this, candidate);
  }

  /** The trainable parameters by name. */
  namedParameters(): ReadonlyMap<string, Parameter> {
    return this.parameters;
  }

  /**
   * Receives the score of a candidate from an algorithm. Optimizers that learn from scores implement it.
   *
   * @param score more is better: by an objective that minimises, its sign is turned
   * @param candidate values by parameter name; parameters that it does not name have their current value
   * @param feedback further feedback on the candidate: the errors that it caused
   */
  observe?(candidate: Candidate, score: number, feedback?: string): void;

  /**
   * The settings that affect the course of a run, as plain JSON: a run is only resumed with the same settings. Settings that may
   * change in between, such as the model, are not among them.
   */
  settings(): Readonly<Record<string, JsonValue>> {
    return {};
  }

  /** The model calls of its steps, by rule of thumb, for estimates; without this method they are unknown. */
  expectedCalls?(subject: StepSubject): StepCalls;

  /** All that the optimizer has learned, as plain JSON, for a checkpoint. */
  state(): JsonValue {
    const unread = this.unreadParameters;
    return { steps: this.#steps, ...(unread.length === 0 ? {} : { unread }) };
  }

  /** Restores a state that `state` returned. */
  restore(state: JsonValue): void {
    const { steps, unread = [] } = (state ?? {}) as { readonly steps?: unknown; readonly unread?: readonly string[] };
    if (typeof steps !== "number") throw new InvalidArgumentError("Expected the state of an optimizer, with its number of steps");
    this.#steps = steps;
    this.#unread = steps === 0 ? undefined : new Set(unread);
  }

  /** Forgets what candidates scored: the guide or the agent's code has changed, and scores from before no longer compare. */
  forgetScores?(): void;

  /** The objections to a proposed value, as text for the model; empty when it may be tried. @param _graph what it was proposed from */
  protected problemsWith(parameter: Parameter, value: unknown, _graph: TraceGraph): string[] {
    return parameter.problems(value);
  }

  /** New values for some of the parameters. Must not change the optimizer: several may run concurrently. */
  protected abstract suggest(request: SuggestionRequest): Promise<Suggestion> | Suggestion;

  async #propose(request: Omit<SuggestionRequest, "position" | "attempt" | "rejections" | "scratch">): Promise<Proposal> {
    const position = currentPosition();
    const step = { ...request, position };
    const accepted: Candidate = {};
    const scratch = new Map<string, unknown>();
    let rejections: readonly Rejection[] = [];
    let failure: NoProposalError | undefined;
    let reasoning: string | undefined;
    for (let attempt = 0; attempt <= this.maxRerolls && failure === undefined; attempt++) {
      try {
        const suggestion = await this.suggest({ ...step, attempt, rejections, scratch });
        rejections = this.#accept(suggestion, accepted, step);
        // When asked again, a model only explains what it fixed.
        reasoning ||= suggestion.reasoning;
      } catch (error) {
        failure = noProposal(error, request.signal);
        rejections = [{ name: null, reason: failure.reason }];
      }
      for (const { name, reason } of rejections) emitEvent({ type: "proposal-rejected", position, attempt, name, reason });
      if (rejections.length === 0) return { values: accepted, isWhole: true, reasoning };
    }
    emitEvent({ type: "proposal-failed", position, rejections: rejections.map(({ name, reason }) => ({ name, reason })) });
    if (failure !== undefined && isEmpty(accepted)) throw failure;
    return { values: accepted, isWhole: false, reasoning };
  }

  /** Adds the usable values to `accepted`, and returns the reasons against the others. */
  #accept(
    suggestion: Suggestion,
    accepted: Candidate,
    { parameters, graph }: Pick<SuggestionRequest, "parameters" | "graph">,
  ): readonly Rejection[] {
    const rejections = [...(suggestion.rejections ?? [])];
    const unknown = `there is no variable with this name; the variables are: ${[...parameters.keys()].join(", ")}`;
    for (const [name, given] of suggestion.values) {
      const parameter = parameters.get(name);
      // Frozen before it is checked, so that no rule of the program changes what another has checked.
      const value = isJsonValue(given) ? frozenCopy(given) : given;
      const problems = parameter === undefined ? [unknown] : this.problemsWith(parameter, value, graph);
      if (problems.length === 0) accepted[name] = value as JsonValue;
      else rejections.push({ name, reason: problems.join("; ") });
    }
    return this.#withoutFlood(rejections);
  }

  /** All rejections of variables; of the other rejections the first few, and the number of the rest. */
  #withoutFlood(rejections: readonly Rejection[]): readonly Rejection[] {
    let others = 0;
    const told = rejections.filter(({ name }) => (name !== null && this.parameters.has(name)) || ++others <= mostOthers);
    const left = rejections.length - told.length;
    return left === 0 ? told : [...told, { name: null, reason: `${left} more parts could not be used for similar reasons` }];
  }
}

/** The most rejections kept of those that are not about a variable. */
const mostOthers = 10;

/** The result of a step. */
interface Proposal {
  readonly values: Candidate;
  /** Whether no part of it was rejected. */
  readonly isWhole: boolean;
  readonly reasoning: string | undefined;
}

function isEmpty(values: Candidate): boolean {
  return Object.keys(values).length === 0;
}

/** What is wrong when no output depends on parameters. */
export function notRead(names: readonly string[]): string {
  const [it, was] = names.length === 1 ? ["it", "was"] : ["they", "were"];
  return (
    `No output depends on ${names.map((name) => `\`${name}\``).join(", ")}: ${it} ${was} not read in forward (\`.value\`), ` +
    `so there is no feedback from which ${it} could be improved`
  );
}
