/**
 * The samples and the runs in a trace graph: the operations that lead to one output alone, and which of them are the same.
 *
 * @module
 */

import type { Feedback } from "../../data/feedback.ts";
import type { ObjectiveConfig } from "../../data/objectives.ts";
import type { Operation } from "../../graph/graph-node.ts";
import type { TargetFeedback } from "../../graph/trace-graph.ts";
import { batchSections } from "../problem/describe-examples.ts";
import { outputWorth } from "../problem/outcomes.ts";
import type { GraphView } from "./graph-view.ts";

/** The operations of one sample. */
export interface Run {
  readonly sample: Sample;
  /** Places of the operations that no other sample depends on, in the order of the graph. */
  readonly own: readonly number[];
  /** The same for runs that did the same operations on the same shared values: only their own values differ. */
  readonly shape: string;
}

/**
 * The runs of samples. One sweep over nodes and edges tells whose operation is whose, whatever the samples share; what a
 * run did is only looked at when it is asked for.
 */
export class Runs {
  readonly samples: readonly Sample[];
  readonly #view: GraphView;
  readonly #owners: Int32Array;
  readonly #kinds = new OperationKinds();
  readonly #known: Run[] = [];

  constructor(view: GraphView, samples: readonly Sample[]) {
    this.samples = samples;
    this.#view = view;
    this.#owners = ownersOf(view, samples);
  }

  get length(): number {
    return this.samples.length;
  }

  /** The run of the sample at that index. */
  at(index: number): Run {
    const known = this.#known[index];
    if (known !== undefined) return known;
    const sample = this.samples[index] as Sample;
    const own = this.#ownOf(index, sample.place);
    // One run alone is like no other.
    const shape = this.length === 1 ? "" : shapeOf(this.#view, sample.place, own, this.#kinds);
    const run: Run = { sample, own, shape };
    this.#known[index] = run;
    return run;
  }

  /** A number that all operations of one sample alone have in common, and those that several samples depend on. */
  ownerAt(place: number): number {
    return this.#owners[place] as number;
  }

  #ownOf(index: number, output: number): readonly number[] {
    const isOwn = (place: number): boolean => this.#owners[place] === index && this.#view.roleAt(place) === "operation";
    const found = new Set(isOwn(output) ? [output] : []);
    // A set hands out what is added while it is gone through.
    for (const place of found) for (const input of this.#view.inputsAt(place)) if (isOwn(input)) found.add(input);
    return [...found].sort((a, b) => a - b);
  }
}

/** Of each place the only sample that depends on it. */
function ownersOf(view: GraphView, samples: readonly Sample[]): Int32Array {
  const owners = new Int32Array(view.nodes.length).fill(nobody);
  for (const [index, { place }] of samples.entries()) owners[place] = index;
  for (let place = owners.length - 1; place >= 0; place--) {
    const owner = owners[place] as number;
    if (owner === nobody) continue;
    for (const input of view.inputsAt(place)) {
      const known = owners[input] as number;
      if (known === nobody) owners[input] = owner;
      else if (known !== owner) owners[input] = shared;
    }
  }
  return owners;
}

const nobody = -1;
const shared = -2;

/** Numbers for operations: the same for those that read the same in a prompt. */
class OperationKinds {
  readonly #known = new Map<Operation, number>();
  readonly #alike = new Map<string, number>();

  numberOf(operation: Operation): number {
    const known = this.#known.get(operation);
    if (known !== undefined) return known;
    const look = [operation.name, operation.description, operation.source ?? ""].join("\0");
    const number = this.#alike.get(look) ?? this.#alike.size;
    this.#alike.set(look, number);
    this.#known.set(operation, number);
    return number;
  }
}

const unnamed: Operation = { name: "", description: "" };

function shapeOf(view: GraphView, output: number, places: readonly number[], kinds: OperationKinds): string {
  const local = new Map<number, number>();
  let shape = "";
  for (const place of places) {
    const { kind, name, inputNames, operation = unnamed } = view.nodeAt(place);
    shape += `\n${kinds.numberOf(operation)} ${kind} ${name}`;
    for (const [index, input] of view.inputsAt(place).entries()) {
      const inner = local.get(input);
      shape += ` ${inputNames[index] ?? ""}`;
      if (inner !== undefined) shape += `=${inner}`;
      else shape += view.roleAt(input) === "input" ? "?" : `:${input}`;
    }
    local.set(place, local.size);
  }
  // An output that others depend on, too, is like no other.
  return `${local.get(output) ?? `:${output}`}${shape}`;
}

/** An output with all that was said of it. */
export interface Sample {
  /** Place of the output. */
  readonly place: number;
  readonly feedback: readonly Feedback[];
  /** Whether an operation on the way to it threw. */
  readonly fails: boolean;
  /** The least that it is worth by what was said of it; `null` where that has no score. */
  readonly worth: number | null;
  /** The guide's own score there. */
  readonly score: number | null;
}

/**
 * The samples by how much there is to learn from them: failures, then outputs without a score, then the worst scores; of
 * equals the earlier. What repeats the feedback of one before comes after all that do not. A batch is taken apart.
 */
export function rankedSamples(
  targets: readonly TargetFeedback[],
  view: GraphView,
  { comparedBy }: { readonly comparedBy?: ObjectiveConfig | undefined } = {},
): readonly Sample[] {
  const said = new Map<number, Feedback[]>();
  for (const { target, feedback } of targets.flatMap((one) => batchSections(one) ?? one)) {
    const place = view.placeOf(target);
    if (place === undefined || view.roleAt(place) === "input") continue;
    const known = said.get(place);
    if (known === undefined) said.set(place, [feedback]);
    else known.push(feedback);
  }
  const samples = [...said].map(([place, feedback]): Sample => {
    return { place, feedback, fails: view.failsAt(place), ...worst(feedback, comparedBy) };
  });
  return distinctFirst(samples.sort((a, b) => urgency(a) - urgency(b) || (a.worth ?? 0) - (b.worth ?? 0)));
}

/** What was worst of what was said. */
function worst(feedback: readonly Feedback[], by: ObjectiveConfig | undefined): Pick<Sample, "worth" | "score"> {
  const known = feedback.map((one) => ({ worth: outputWorth(one, by), score: one.score }));
  const worths = known.flatMap(({ worth }) => worth ?? []);
  const worth = worths.length === 0 ? null : Math.min(...worths);
  return known.find((one) => one.worth === worth && one.score !== null) ?? { worth, score: null };
}

function urgency({ fails, worth }: Sample): number {
  if (fails) return 0;
  return worth === null ? 1 : 2;
}

function distinctFirst(samples: readonly Sample[]): readonly Sample[] {
  const seen = new Set<string>();
  const isNew = samples.map(({ feedback }) => {
    const key = feedback.map(({ feedback: text }) => endsOf(text)).join("\0");
    return !seen.has(key) && seen.add(key) !== undefined;
  });
  return [...samples.filter((_, index) => isNew[index]), ...samples.filter((_, index) => !isNew[index])];
}

/** Enough of a text to tell it from others: long ones are not worth the time. */
function endsOf(text: string): string {
  return text.length <= 2000 ? text : `${text.length} ${text.slice(0, 1000)} ${text.slice(-1000)}`;
}
