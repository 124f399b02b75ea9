/**
 * TextGrad: an optimizer that carries criticism back through the graph, operation by operation, and then rewrites each variable.
 *
 * @module
 */

import type { LimitFunction } from "p-limit";
import pLimit from "p-limit";
import { isPlainObject, type JsonValue } from "../data/json.ts";
import { type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { NoProposalError } from "../errors.ts";
import type { Node } from "../graph/node.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { atPosition, currentPosition, currentRun, emitEvent } from "../graph/scope.ts";
import type { TraceGraph } from "../graph/trace-graph.ts";
import type { Candidate } from "../graph/with-values.ts";
import { unusableAnswer } from "../llm/discard-answers.ts";
import { composeGradient, composeRewriting } from "./gradients/compose-gradient.ts";
import { describeOperation } from "./gradients/describe-operation.ts";
import { type CriticisedOperation, GradientPass, type Gradients } from "./gradients/gradient-pass.ts";
import { PastValues, pastIn } from "./gradients/past-values.ts";
import { readCriticism, textGradCalls } from "./gradients/text-grad-calls.ts";
import { LanguageModelOptimizer, positionOf } from "./language-model-optimizer.ts";
import { type LanguageModelOptimizerOptions, modelOptimizerTable } from "./language-model-options.ts";
import type { Rejection, StepCalls, StepSubject, Suggestion, SuggestionRequest } from "./optimizer.ts";
import type { ProblemOperation } from "./problem/problem.ts";
import { OperationNames } from "./problem/unique-names.ts";
import { directionPrompt, proposalNumber } from "./prompts/direction-prompt.ts";
import { defaultObjective, objectiveWith } from "./prompts/instructions.ts";

/** What TextGrad can be made with. */
export interface TextGradOptions extends LanguageModelOptimizerOptions {
  /** How many earlier values of a variable, with the feedback on each, its rewriting is shown. @default 0 */
  readonly momentum?: number | undefined;
  /** The most calls in flight. Has no effect on what is asked. @default 8 */
  readonly concurrency?: number | undefined;
}

const textGradTable: OptionTable<TextGradOptions> = {
  ...modelOptimizerTable,
  momentum: wholeFrom(0),
  concurrency: wholeFrom(1),
};

/**
 * Textual gradient descent (Yuksekgonul et al. 2024, "TextGrad: Automatic Differentiation via Text"). From the outputs back to the parameters,
 * one call for each operation says what should be different about its inputs; then one call for each parameter writes a better value. Operations
 * that do not depend on a trainable parameter, or received no feedback, cost nothing. Proposals of one step share the gradients and differ in
 * the rewriting.
 *
 * It makes many more calls than `OptoPrime`, but each is short and about one operation or parameter. Use it for large graphs, and for models
 * that cannot keep a whole program in view. `momentum` is that of the paper.
 *
 * @example
 * const optimizer = new TextGrad(agent, { model: "openai/gpt-5-mini", momentum: 2 });
 * optimizer.backward(output, "Too long: one sentence would do.");
 * await optimizer.step();
 */
export class TextGrad extends LanguageModelOptimizer {
  declare readonly options: Readonly<TextGradOptions>;
  readonly #limit: LimitFunction;
  readonly #passes = new WeakMap<TraceGraph, Pass>();
  readonly #past: PastValues;

  /** @throws InvalidArgumentError for an unknown option, a value out of range, or when there is nothing to train */
  constructor(parameters: ParameterOwner, options: TextGradOptions = {}) {
    checkTable(options, textGradTable, "TextGrad");
    super(parameters, options);
    this.#limit = pLimit(options.concurrency ?? 8);
    this.#past = new PastValues(options.momentum ?? 0);
  }

  override update(candidate: Candidate): void {
    const { graph } = this;
    super.update(candidate);
    const { finished } = this.#passes.get(graph)?.pass ?? {};
    if (finished !== undefined) this.#past.record(graph, this.parameters, finished);
  }

  override settings(): Readonly<Record<string, JsonValue>> {
    const { concurrency: _concurrency, ...settings } = super.settings();
    return settings;
  }

  override state(): JsonValue {
    return { ...(super.state() as { readonly [key: string]: JsonValue }), past: this.#past.state() };
  }

  /** @throws InvalidArgumentError for a state of another kind; nothing is changed then */
  override restore(state: JsonValue): void {
    const past = PastValues.read(isPlainObject(state) ? state.past : undefined);
    super.restore(state);
    this.#past.replace(past);
  }

  override expectedCalls(subject: StepSubject): StepCalls {
    return textGradCalls(subject, this.options, this.parameters);
  }

  protected override async answer(request: SuggestionRequest): Promise<Suggestion> {
    const pass = this.#passOver(request);
    // That of the step, or of the run around it.
    const gradients = await pass.pass.gradients(currentRun()?.signal ?? request.signal);
    const rewritten = [...request.parameters].filter(([name, parameter]) => {
      return gradients(parameter).length > 0 && (request.attempt === 0 || ownRejections(request, name).length > 0);
    });
    const suggestions = await Promise.allSettled(
      rewritten.map(([name, parameter]) => {
        // Begun in order, so that positions and events are in order whatever the timing.
        return atPosition(positionOf(`rewrite/${name}`, request), () =>
          this.#limit(() => this.#rewrite(request, name, parameter, gradients, pass)),
        );
      }),
    );
    const values = new Map<string, unknown>();
    const rejections: Rejection[] = [];
    const isAnswered = suggestions.some(({ status }) => status === "fulfilled");
    for (const [index, outcome] of suggestions.entries()) {
      if (outcome.status === "rejected") {
        const reason = outcome.reason instanceof NoProposalError ? outcome.reason.reason : unusableAnswer(outcome.reason);
        if (reason === undefined || !isAnswered) throw outcome.reason;
        rejections.push({ name: rewritten[index]?.[0] ?? null, reason });
        continue;
      }
      for (const [name, value] of outcome.value.values) values.set(name, value);
      rejections.push(...(outcome.value.rejections ?? []));
    }
    return { values, rejections };
  }

  async #rewrite(
    request: SuggestionRequest,
    name: string,
    parameter: Parameter,
    gradients: Gradients,
    { pass, operationOf }: Pass,
  ): Promise<Suggestion> {
    const { objective: wanted = defaultObjective, maxValueLength = 2000, maxChange } = this.options;
    const objective = objectiveWith(wanted, request);
    const { replyFormat } = this;
    const { graph, history } = request;
    const past =
      history === undefined ? this.#past.of(name) : pastIn(history, name, graph.valueOf(parameter), this.options.momentum ?? 0);
    const told = {
      objective,
      operations: [...new Set(pass.usersOf(parameter).map(({ node }) => operationOf(node)))],
      gradients: gradients(parameter),
      past,
      surroundings: this.surroundingsOf(request),
      direction: directionPrompt(proposalNumber(request.position)),
    };
    const { parameters } = this;
    const rewriting = { graph, parameters, name, told, maxValueLength, maxChange, replyFormat };
    const own = { ...request, position: currentPosition(), rejections: ownRejections(request, name) };
    const suggestion = await this.ask(own, {
      key: name,
      parameters: new Map([[name, parameter]]),
      compose: (budget) => composeRewriting(rewriting, budget),
    });
    const unnamed = (suggestion.rejections ?? []).filter((rejection) => rejection.name !== name);
    request.scratch.set(`unnamed/${name}`, unnamed);
    return suggestion;
  }

  /** The pass over what was said, the same for all who propose from it. */
  #passOver({ graph, stepPosition, ...request }: SuggestionRequest): Pass {
    const known = this.#passes.get(graph);
    if (known !== undefined) return known;
    const names = new OperationNames(this.options.maxValueLength ?? 2000);
    const nameOf = (node: Node): string => names.nameOf(node);
    const criticise = (operation: CriticisedOperation, signal: AbortSignal): Promise<ReadonlyMap<Node, string>> => {
      return this.#criticise(operation, { ...request, graph, stepPosition, signal });
    };
    const pass = new GradientPass(graph, { position: stepPosition, limit: this.#limit, nameOf, criticise });
    for (const { node } of pass.operations) nameOf(node);
    const operationOf = (node: Node): ProblemOperation => {
      const wanted = nameOf(node);
      return names.list.find(({ name }) => name === wanted) as ProblemOperation;
    };
    const made = { pass, operationOf };
    this.#passes.set(graph, made);
    return made;
  }

  async #criticise(operation: CriticisedOperation, request: SuggestionRequest): Promise<ReadonlyMap<Node, string>> {
    const { objective: wanted = defaultObjective, maxValueLength = 2000 } = this.options;
    const objective = objectiveWith(wanted, request);
    const { graph } = request;
    const describe = (maxLength: number) => describeOperation(operation, graph, this.parameters, maxLength);
    const { asked } = describe(maxValueLength);
    const own = { ...request, position: currentPosition(), attempt: 0, rejections: [], scratch: new Map<string, unknown>() };
    const { reply, fence } = await this.converse(own, {
      compose: (budget) => composeGradient(objective, describe, maxValueLength, budget),
    });
    const names = asked.map(({ name }) => name);
    let said = readCriticism(reply.text, fence, names);
    if (said === undefined) {
      emitEvent({
        type: "warning",
        message: "A reply about an operation was empty; the feedback on its result is passed on as it is",
      });
      const text = operation.gradients.map((gradient) => gradient.text).join("\n");
      said = new Map(names.map((name) => [name, text]));
    }
    return new Map(asked.flatMap(({ name, node }) => (said.has(name) ? [[node, said.get(name) as string]] : [])));
  }
}

/** The pass over one graph, with the operations by the names that criticism uses for them. */
interface Pass {
  readonly pass: GradientPass;
  readonly operationOf: (node: Node) => ProblemOperation;
}

/** What was wrong with the conversation about one variable. */
function ownRejections({ rejections, scratch }: SuggestionRequest, name: string): readonly Rejection[] {
  const unnamed = (scratch.get(`unnamed/${name}`) ?? []) as readonly Rejection[];
  return [...rejections.filter((rejection) => rejection.name === name), ...unnamed];
}
