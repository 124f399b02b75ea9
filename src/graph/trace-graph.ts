/**
 * Trace graphs: the part of the graph between parameters and the targets that feedback was given to.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import type { Node } from "./node.ts";
import { isParameter, type Parameter } from "./parameter.ts";
import { type GraphLayout, layOut } from "./topological-order.ts";

/** A target with the feedback on it. */
export interface TargetFeedback {
  readonly target: Node;
  readonly feedback: Feedback;
}

/** One backward pass: all nodes it reached. Shared by the trace graphs it gave. */
export interface BackwardPass {
  readonly layout: GraphLayout;
  readonly targets: readonly TargetFeedback[];
  /** The values that the parameters had when they were read; later changes do not rewrite them. */
  readonly values: ReadonlyMap<Parameter, unknown>;
}

/**
 * The feedback for parameters: the nodes on the way from them to the targets, the immediate inputs of those nodes,
 * and what was said of each target. The nodes are listed when first asked for.
 */
export class TraceGraph {
  readonly parameters: readonly Parameter[];
  readonly #pass: BackwardPass;
  #slice: Slice | undefined;

  constructor(parameters: readonly Parameter[], pass: BackwardPass) {
    this.parameters = parameters;
    this.#pass = pass;
  }

  /** The nodes, each once, inputs before their users. The order depends on the graph alone, not on timing. */
  get nodes(): readonly Node[] {
    return this.#sliced().nodes;
  }

  /** The targets that depend on the parameters, with their feedback, in the order given to `backward`. */
  get targets(): readonly TargetFeedback[] {
    return this.#sliced().targets;
  }

  /** The node's value; for a parameter the value that was read, which later changes do not rewrite. */
  valueOf(node: Node): unknown {
    const { values } = this.#pass;
    return isParameter(node) && values.has(node) ? values.get(node) : node.peek();
  }

  /** One graph for all that these say: the union of parameters, nodes and targets. */
  static merge(graphs: Iterable<TraceGraph>): TraceGraph {
    const all = [...graphs];
    const parameters = new Set(all.flatMap((graph) => graph.parameters));
    const passes = new Set(all.map((graph) => graph.#pass));
    return new TraceGraph([...parameters], unite([...passes]));
  }

  #sliced(): Slice {
    this.#slice ??= slice(this.#pass, new Set(this.parameters));
    return this.#slice;
  }
}

/** One pass over all that the given ones reached; where they disagree on a parameter's value, the first is right. */
function unite(passes: readonly BackwardPass[]): BackwardPass {
  const [first] = passes;
  if (first !== undefined && passes.length === 1) return first;
  const targets = passes.flatMap((pass) => pass.targets);
  const layout = layOut(targets.map(({ target }) => target));
  return { layout, targets, values: new Map(passes.toReversed().flatMap(({ values }) => [...values])) };
}

interface Slice {
  readonly nodes: readonly Node[];
  readonly targets: readonly TargetFeedback[];
}

/** Keeps what depends on the parameters, and the immediate inputs of that: one sweep over nodes and edges. */
function slice({ layout, targets }: BackwardPass, parameters: ReadonlySet<Node>): Slice {
  const { order, inputs, ends } = layout;
  const dependent = new Uint8Array(order.length);
  for (const place of layout.parameters) if (parameters.has(order[place] as Node)) dependent[place] = 1;
  const kept = new Uint8Array(order.length);
  let begin = 0;
  for (let place = 0; place < order.length; place++) {
    const end = ends[place] as number;
    let depends = dependent[place] === 1;
    for (let edge = begin; !depends && edge < end; edge++) depends = dependent[inputs[edge] as number] === 1;
    if (depends) {
      dependent[place] = 1;
      kept[place] = 1;
      for (let edge = begin; edge < end; edge++) kept[inputs[edge] as number] = 1;
    }
    begin = end;
  }
  return {
    nodes: order.filter((_, place) => kept[place] === 1),
    targets: targets.filter((_, index) => dependent[layout.targets[index] as number] === 1),
  };
}

const batches = new WeakMap<Node, readonly Feedback[]>();

/** Notes the feedback on each output that was joined into `target`, in their order: the feedback on it has one text and the mean score. */
export function noteBatch(target: Node, feedback: readonly Feedback[]): void {
  batches.set(target, feedback);
}

const expected = new WeakMap<Node, unknown>();

/** Notes what is known of the right answer in the place of an output. What is the output of several examples has no one right answer. */
export function noteExpected(output: Node, info: unknown): void {
  expected.set(output, expected.has(output) && expected.get(output) !== info ? undefined : info);
}

/** What is known of the right answer; `undefined` where that was not noted. */
export function expectedOf(output: Node): unknown {
  return expected.get(output);
}

/** The feedback on each output that was joined into a node; `undefined` where that was not noted. */
export function batchOf(target: Node): readonly Feedback[] | undefined {
  return batches.get(target);
}

const bestScores = new WeakMap<Node, number>();

/** Notes the best score that an output can have: with that, and no words of feedback, nothing about it is to be improved. */
export function noteBestScore(output: Node, score: number): void {
  bestScores.set(output, score);
}

/** Whether feedback on an output leaves nothing to improve, as far as that was noted. */
export function isFlawless({ target, feedback: { score, feedback } }: TargetFeedback): boolean {
  return score !== null && score === bestScores.get(target) && feedback.trim() === "";
}
