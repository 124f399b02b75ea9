/**
 * The texts of a graph's values with their tokens, each made when it is first asked for.
 *
 * @module
 */
import type { TraceGraph } from "../../graph/trace-graph.ts";
import { ValueText } from "../problem/show-value.ts";
import type { GraphView } from "./graph-view.ts";
import type { SharedText } from "./prompt-budget.ts";
import type { Run } from "./runs.ts";

/** A value as text, as far as it may be shown. */
export interface NodeText extends Omit<SharedText, "weight"> {
  readonly text: ValueText;
}

/** Of nodes that nobody asks about, and of what is longer than may be shown, nothing is written. */
export class NodeTexts {
  readonly maxLength: number;
  readonly #graph: TraceGraph;
  readonly #view: GraphView;
  readonly #count: (text: string) => number;
  readonly #byPlace = new Map<number, NodeText>();
  /** An object that many nodes hold is written once. */
  readonly #byObject = new Map<object, NodeText>();

  /** @param maxLength most characters of a value that are ever shown */
  constructor(graph: TraceGraph, view: GraphView, maxLength: number, count: (text: string) => number) {
    this.maxLength = maxLength;
    this.#graph = graph;
    this.#view = view;
    this.#count = count;
  }

  /** The text of the value at a place. */
  at(place: number): NodeText {
    const known = this.#byPlace.get(place);
    if (known !== undefined) return known;
    const made = this.#make(this.valueAt(place));
    this.#byPlace.set(place, made);
    return made;
  }

  valueAt(place: number): unknown {
    return this.#graph.valueOf(this.#view.nodeAt(place));
  }

  /** Whether two values read the same. */
  same(one: number, other: number): boolean {
    if (one === other || Object.is(this.valueAt(one), this.valueAt(other))) return true;
    const [a, b] = [this.at(one), this.at(other)];
    const isShort = a.text.isWholeAt(this.maxLength) && b.text.isWholeAt(this.maxLength);
    return isShort && a.text.shown(this.maxLength) === b.text.shown(this.maxLength);
  }

  #make(value: unknown): NodeText {
    if (typeof value !== "object" || value === null) return this.#measure(value);
    const made = this.#byObject.get(value) ?? this.#measure(value);
    this.#byObject.set(value, made);
    return made;
  }

  #measure(value: unknown): NodeText {
    const text = new ValueText(value, this.maxLength);
    const shown = text.shown(this.maxLength);
    return { text, length: shown.length, tokens: this.#count(shown) };
  }
}

/** A value in the code, and the one that another run had in its place. */
export interface Difference {
  readonly place: number;
  readonly other: number;
}

/**
 * The output of `run`, and its values that differ from those of `leader`, which has the same shape; of what is shown of the leader. Inputs come first,
 * as in the leader.
 */
export function differences(
  leader: Run,
  run: Run,
  shown: ReadonlySet<number>,
  view: GraphView,
  texts: NodeTexts,
): readonly Difference[] {
  const [given, computed] = [new Map<number, number>(), new Map<number, number>()];
  for (const [index, place] of leader.own.entries()) {
    if (!shown.has(place)) continue;
    const other = run.own[index] as number;
    const inputs = view.inputsAt(other);
    for (const [at, input] of view.inputsAt(place).entries()) {
      const isTold = view.roleAt(input) === "input" && shown.has(input) && !given.has(input);
      if (isTold && !texts.same(input, inputs[at] as number)) given.set(input, inputs[at] as number);
    }
    if (place === leader.sample.place || !texts.same(place, other)) computed.set(place, other);
  }
  return [...given, ...computed].map(([place, other]) => ({ place, other }));
}
