/**
 * Decides which samples and which operations of a trace graph are shown.
 *
 * @module
 */

import type { GraphView } from "./graph-view.ts";
import { differences, type NodeTexts } from "./node-texts.ts";
import { tokensOf } from "./prompt-budget.ts";
import type { Run, Runs, Sample } from "./runs.ts";

/** Runs of one shape, of which the code shows the first. */
export interface RunGroup {
  readonly leader: Run;
  readonly followers: readonly Run[];
  /** Places of what has to be readable above all: the output, what failed, and what they got. */
  readonly essential: ReadonlySet<number>;
}

/** What is shown. */
export interface Selection {
  readonly groups: readonly RunGroup[];
  /** Places of operations and inputs. */
  readonly shown: ReadonlySet<number>;
  /** What stands in the code, in the order of the graph: the place of something shown, or a number of operations that are not. */
  readonly lines: readonly (number | Gap)[];
  /** Samples of which nothing is shown, the most informative first. */
  readonly dropped: readonly Sample[];
}

/** Operations in a row, of one sample or of several, that are not shown. */
export interface Gap {
  readonly hidden: number;
  /** The place of the last of them. */
  readonly at: number;
}

/** How much room there is. */
export interface SelectionRoom {
  readonly maxTokens: number;
  /** Characters that a value is reckoned with. */
  readonly valueLength: number;
  /** The most inputs of one operation. */
  readonly maxInputs: number;
}

/**
 * Goes through the runs, most informative first, until there is no room: the essential operations of a run and a quarter of what
 * is left for its others, of a run whose shape is shown already only the values that differ. What is left in the end goes to the
 * operations that were passed over. The essentials of the first run are taken whatever they need.
 *
 * @param runs at least one, most informative first
 */
export function selectNodes(runs: Runs, view: GraphView, texts: NodeTexts, room: SelectionRoom): Selection {
  const selector = new Selector(view, texts, room, runs);
  let index = 0;
  while (index < runs.length && selector.take(runs.at(index), index === 0)) index++;
  selector.fill();
  return { ...selector.selection(), dropped: runs.samples.slice(index) };
}

interface OpenGroup {
  readonly leader: Run;
  readonly followers: Run[];
  readonly essential: Set<number>;
  /** Operations that have not been taken yet, the next first. */
  readonly others: readonly number[];
  next: number;
}

class Selector {
  readonly #view: GraphView;
  readonly #texts: NodeTexts;
  readonly #room: SelectionRoom;
  readonly #runs: Runs;
  readonly #groups = new Map<string, OpenGroup>();
  readonly #shown = new Set<number>();
  /** The operations of all runs whose code is shown, whether they are themselves or not. */
  readonly #told = new Set<number>();
  #left: number;

  constructor(view: GraphView, texts: NodeTexts, room: SelectionRoom, runs: Runs) {
    this.#view = view;
    this.#runs = runs;
    this.#texts = texts;
    this.#room = room;
    this.#left = room.maxTokens;
  }

  /** @returns whether there was room for it */
  take(run: Run, always: boolean): boolean {
    const group = this.#groups.get(run.shape);
    const cost = feedbackTokens(run.sample, this.#room.valueLength);
    return group === undefined ? this.#lead(run, cost, always) : this.#follow(group, run, cost);
  }

  /** Gives what is left to operations that were passed over, of one run after the other. */
  fill(): void {
    for (const group of this.#groups.values()) this.#extend(group, this.#left);
  }

  selection(): Omit<Selection, "dropped"> {
    return { groups: [...this.#groups.values()], shown: this.#shown, lines: this.#lines() };
  }

  #lines(): readonly (number | Gap)[] {
    const lines: (number | Gap)[] = [];
    const gaps = new Map<number, Gap>();
    const places = Uint32Array.from(new Set([...this.#shown, ...this.#told])).sort();
    for (const place of places) {
      const owner = this.#runs.ownerAt(place);
      const gap = gaps.get(owner);
      const isOperation = this.#view.roleAt(place) === "operation";
      if (this.#shown.has(place)) {
        if (gap !== undefined && isOperation) {
          lines.push(gap);
          gaps.delete(owner);
        }
        lines.push(place);
      } else if (isOperation) gaps.set(owner, { hidden: (gap?.hidden ?? 0) + 1, at: place });
    }
    return [...lines, ...gaps.values()];
  }

  #lead(run: Run, feedbackCost: number, always: boolean): boolean {
    const { essential, others } = this.#rank(run);
    const needed = feedbackCost + this.#costOf(essential);
    if (!always && needed > this.#left) return false;
    this.#left -= needed;
    const places = new Set<number>();
    for (const place of essential) this.#show(place, places);
    const group: OpenGroup = { leader: run, followers: [], essential: places, others, next: 0 };
    this.#groups.set(run.shape, group);
    this.#extend(group, this.#left / 4);
    return true;
  }

  #rank({ sample }: Run): Ranking {
    const ranking = rankOperations(this.#view, sample.place, this.#told, this.#room.maxInputs);
    return { ...ranking, essential: ranking.essential.filter((place) => this.#view.roleAt(place) === "operation") };
  }

  #follow(group: OpenGroup, run: Run, feedbackCost: number): boolean {
    const different = differences(group.leader, run, this.#shown, this.#view, this.#texts);
    const cost = different.reduce((sum, { other }) => sum + this.#valueCost(other), feedbackCost + tokensOfRun);
    if (cost > this.#left) return false;
    this.#left -= cost;
    group.followers.push(run);
    return true;
  }

  #extend(group: OpenGroup, allowance: number): void {
    let spent = 0;
    for (; group.next < group.others.length; group.next++) {
      const place = group.others[group.next] as number;
      // Each further run tells its own values of the operation.
      const cost = this.#costOf([place]) * (1 + group.followers.length);
      if (spent + cost > allowance) break;
      spent += cost;
      this.#show(place);
    }
    this.#left -= spent;
  }

  #show(operation: number, alsoTo?: Set<number>): void {
    for (const place of [operation, ...this.#inputsOf(operation)]) {
      this.#shown.add(place);
      alsoTo?.add(place);
    }
  }

  /** Inputs of the program that an operation got. */
  #inputsOf(operation: number): readonly number[] {
    const inputs = this.#view.inputsAt(operation).filter((input) => this.#view.roleAt(input) === "input");
    return inputs.slice(0, this.#room.maxInputs);
  }

  /** Of operations and their inputs, as far as they are not shown yet. */
  #costOf(operations: readonly number[]): number {
    const counted = new Set<number>();
    let cost = 0;
    for (const operation of operations) {
      for (const place of [operation, ...this.#inputsOf(operation)]) {
        if (this.#shown.has(place) || counted.has(place)) continue;
        counted.add(place);
        cost += this.#valueCost(place) + (place === operation ? this.#lineCost(operation) : 0);
      }
    }
    return cost;
  }

  #valueCost(place: number): number {
    const { name, description = "" } = this.#view.nodeAt(place);
    return tokensOf(this.#texts.at(place), this.#room.valueLength) + (name.length + description.length) / 2 + tokensOfValue;
  }

  #lineCost(place: number): number {
    const { name, inputNames, inputs, operation } = this.#view.nodeAt(place);
    const shown = Math.min(inputs.length, this.#room.maxInputs);
    const letters = inputNames.slice(0, shown).reduce((sum, argument) => sum + argument.length, 0);
    const source = (operation?.name ?? name).length + name.length + letters;
    return source / 2 + shown * tokensOfInput + tokensOfLine;
  }
}

function feedbackTokens({ feedback }: Sample, valueLength: number): number {
  return feedback.reduce((sum, { feedback: text }) => sum + Math.min(text.length, valueLength) / 2 + tokensOfValue, 0);
}

/** The tags and the name around a value. */
const tokensOfValue = 24;
/** The signs in a line of code, those for each input, and the heading of a run. */
const tokensOfLine = 12;
const tokensOfInput = 8;
const tokensOfRun = 8;

/** The operations behind one output. */
export interface Ranking {
  /** The output, what failed on the way to it, and what these two got: always shown. */
  readonly essential: readonly number[];
  /** All others: two from the end, where the output comes from, then one from the beginning, where the variables go in. */
  readonly others: readonly number[];
}

/**
 * Ranks the operations that the output depends on and that are not in `taken` yet, and adds them to it. Where a program failed deep
 * inside, the operation that failed at first is essential and not only the last that passed the error on.
 *
 * @param maxInputs how many inputs of one operation are essential
 */
function rankOperations(view: GraphView, output: number, taken: Set<number>, maxInputs: number): Ranking {
  const places = sliceOf(view, output, taken);
  const essential = new Set([output]);
  const failed = places.findLast(
    (place) => view.nodeAt(place).kind === "exception" && !view.inputsAt(place).some((input) => view.failsAt(input)),
  );
  if (failed !== undefined) essential.add(failed);
  for (const place of failed === undefined ? [output] : [failed, output]) {
    const made = view.inputsAt(place).filter((input) => view.roleAt(input) === "operation");
    for (const input of made.slice(0, maxInputs)) essential.add(input);
  }
  return { essential: [...essential], others: inwards(places.filter((place) => !essential.has(place))) };
}

/** In the order of the graph. */
function sliceOf(view: GraphView, output: number, taken: Set<number>): readonly number[] {
  const places: number[] = [];
  const open = taken.has(output) ? [] : [output];
  taken.add(output);
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    places.push(place);
    for (const input of view.inputsAt(place)) {
      if (view.roleAt(input) !== "operation" || taken.has(input)) continue;
      taken.add(input);
      open.push(input);
    }
  }
  return places.sort((a, b) => a - b);
}

function inwards(places: readonly number[]): readonly number[] {
  const ordered: number[] = [];
  let [begin, end] = [0, places.length];
  while (begin < end) {
    const fromEnd = ordered.length % 3 !== 2;
    ordered.push(places[fromEnd ? --end : begin++] as number);
  }
  return ordered;
}
