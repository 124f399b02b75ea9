/**
 * `GradientPass`: carries criticism from the outputs of one trace graph back to its parameters, operation by operation.
 *
 * @module
 */
import type { LimitFunction } from "p-limit";
import { SharedWork } from "../../data/shared-work.ts";
import type { Node } from "../../graph/node.ts";
import { currentScope, type EventChannel, forkEvents, runInScope, type Scope } from "../../graph/scope.ts";
import type { TraceGraph } from "../../graph/trace-graph.ts";
import { type DependentOperation, dependentOperations } from "./dependent-operations.ts";
import { directGradients, merged, type TextGradient } from "./text-gradient.ts";

/** One operation whose result was criticised. */
export interface CriticisedOperation extends DependentOperation {
  /** What was said of its result. */
  readonly gradients: readonly TextGradient[];
}

/** How a pass is made. */
export interface GradientPassOptions {
  /** Stands above the positions of the calls. */
  readonly position: string;
  /** Bounds the calls in flight. */
  readonly limit: LimitFunction;
  /** What an operation is called where its criticism is passed on. */
  readonly nameOf: (node: Node) => string;
  /** Says what is to change about the inputs of an operation: a text for each that has something to hear. */
  readonly criticise: (operation: CriticisedOperation, signal: AbortSignal) => Promise<ReadonlyMap<Node, string>>;
}

/** What was said of each node; a parameter that nobody criticised has nothing. */
export type Gradients = (node: Node) => readonly TextGradient[];

/**
 * One pass over one graph, in reverse topological order: an operation is asked about when all operations that use its
 * result have been, and only if its result was criticised. Independent ones are asked about at the same time.
 *
 * Whoever needs the gradients shares the pass: it is made once, at positions that depend on the graph alone. Answers are
 * kept when another one fails, so that a later try asks only for what is missing.
 */
export class GradientPass {
  readonly #options: GradientPassOptions;
  /** In order of the graph. */
  readonly operations: readonly DependentOperation[];
  readonly #users = new Map<Node, DependentOperation[]>();
  readonly #direct: ReadonlyMap<Node, readonly TextGradient[]>;
  readonly #answers = new Map<Node, ReadonlyMap<Node, string>>();
  readonly #shared = new SharedWork((signal) => this.#run(signal));
  #finished: Gradients | undefined;

  constructor(graph: TraceGraph, options: GradientPassOptions) {
    this.#options = options;
    this.operations = dependentOperations(graph);
    this.#direct = directGradients(graph);
    for (const operation of this.operations) {
      for (const input of operation.dependentInputs) {
        const users = this.#users.get(input) ?? [];
        users.push(operation);
        this.#users.set(input, users);
      }
    }
  }

  /** The gradients, once all are there. */
  get finished(): Gradients | undefined {
    return this.#finished;
  }

  /** The operations that a value went into, in order of the graph. */
  usersOf(node: Node): readonly DependentOperation[] {
    return this.#users.get(node) ?? [];
  }

  /** @throws the reason of the signal, unchanged; else what asking throws, that of the first operation in order */
  gradients(signal: AbortSignal | undefined): Promise<Gradients> {
    return this.#shared.result(signal);
  }

  async #run(signal: AbortSignal): Promise<Gradients> {
    const scope = currentScope();
    const backward = this.operations.toReversed();
    const channels = forkEvents(backward.length) ?? [];
    const pending = new Map<Node, Promise<ReadonlyMap<Node, string>>>();
    const failures: unknown[] = [];
    for (const [number, operation] of backward.entries()) {
      const place = { number, channel: channels[number], scope, signal, pending, failures };
      const asked = this.#answerFor(operation, place).finally(() => channels[number]?.close());
      pending.set(operation.node, asked);
    }
    const outcomes = await Promise.allSettled(pending.values());
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    this.#finished = (node) => this.#gradientsOf(node, this.#answers);
    return this.#finished;
  }

  async #answerFor(operation: DependentOperation, place: Place): Promise<ReadonlyMap<Node, string>> {
    const { node } = operation;
    const known = this.#answers.get(node);
    if (known !== undefined) return known;
    const answers = new Map<Node, ReadonlyMap<Node, string>>();
    for (const user of this.usersOf(node)) {
      answers.set(user.node, await (place.pending.get(user.node) as Promise<ReadonlyMap<Node, string>>));
    }
    const gradients = this.#gradientsOf(node, answers);
    const answer = gradients.length === 0 ? new Map<Node, string>() : await this.#ask({ ...operation, gradients }, place);
    this.#answers.set(node, answer);
    return answer;
  }

  #ask(operation: CriticisedOperation, { number, channel, scope, signal, failures }: Place): Promise<ReadonlyMap<Node, string>> {
    const { position, limit, criticise } = this.#options;
    const context = { ...scope.context, position: `${position}${position && "/"}gradient/${number}`, signal, calls: 0 };
    const events = channel ?? context.events;
    return limit(async () => {
      // What has failed is not asked for twice in other words: nothing more is begun.
      if (failures.length > 0) throw failures[0];
      try {
        return await runInScope({ ...scope, context: { ...context, events } }, () => criticise(operation, signal));
      } catch (error) {
        failures.push(error);
        throw error;
      }
    });
  }

  /** What was said of a node itself, and then what its users say of it. */
  #gradientsOf(node: Node, answers: ReadonlyMap<Node, ReadonlyMap<Node, string>>): readonly TextGradient[] {
    const passedOn = this.usersOf(node).flatMap((user) => {
      const text = answers.get(user.node)?.get(node);
      return text === undefined ? [] : [{ text, from: this.#options.nameOf(user.node) }];
    });
    return merged([...(this.#direct.get(node) ?? []), ...passedOn]);
  }
}

/** Where a call stands, and what it shares with the others. */
interface Place {
  readonly number: number;
  readonly channel: EventChannel | undefined;
  readonly scope: Scope;
  readonly signal: AbortSignal;
  readonly pending: ReadonlyMap<Node, Promise<ReadonlyMap<Node, string>>>;
  readonly failures: unknown[];
}
