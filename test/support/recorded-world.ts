/**
 * The scripted world of `bench/originals/scripted_world.py`: an agent of two digits that scores what a record says, and an optimizer that proposes
 * what was proposed there.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import type { Candidate } from "opto";
import { type Module, model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";

/** Points for every digit of each component; `null` where the agent fails. */
type Points = readonly (readonly (number | null)[])[];
type DatasetName = "train" | "validate";

interface Input {
  readonly dataset: DatasetName;
  readonly at: number;
}

/** Consecutive rollouts of one candidate. */
export type Rollouts = readonly [candidate: number, dataset: string, examples: readonly number[]];

/** What was proposed from a candidate; without changes, nothing. */
interface RecordedProposal {
  readonly parent: number;
  readonly changes?: Candidate;
}

/** What all records of this world have. Candidates are numbers, in the order in which they were proposed. */
export interface RecordedWorld {
  readonly train: readonly Points[];
  readonly validate: readonly Points[];
  readonly candidates: readonly Candidate[];
  readonly iterations: readonly { readonly proposals: readonly RecordedProposal[] }[];
}

const mostPoints = 198;

/** The record of a run. */
export function readRecord<Run extends RecordedWorld>(name: string): Run {
  return JSON.parse(readFileSync(new URL(`../records/${name}.json`, import.meta.url), "utf8")) as Run;
}

/** The world of a record. */
export function recordedWorld(run: RecordedWorld) {
  const numbers = new Map(run.candidates.map((values, number) => [textOf(values), number]));
  const numberOf = (values: Candidate): number => numbers.get(textOf(values)) ?? Number.NaN;
  const rollouts: { readonly candidate: number; readonly input: Input }[] = [];
  const agent = model({ extract: parameter("0"), answer: parameter("0") }, ({ extract, answer }, input: Input) => {
    const [first, second] = run[input.dataset][input.at] as Points;
    const points = [first?.[Number(extract.value)], second?.[Number(answer.value)]];
    rollouts.push({ candidate: numberOf({ extract: extract.value, answer: answer.value }), input });
    return points.reduce<number>((sum, one) => sum + (one ?? fail()), 0) / mostPoints;
  });
  const plainGuide = (_: Input, score: number) => ({ score, feedback: "scripted" });
  const guide = Object.assign((...about: Parameters<typeof plainGuide>) => plainGuide(...about), { scoreRange: [0, 1] as const });
  const dataOf = (dataset: DatasetName) => run[dataset].map((_, at) => ({ input: { dataset, at }, info: null }));
  /** The rollouts since the last time: what each candidate was run on. */
  const taken = (): readonly Rollouts[] =>
    groupedRollouts(rollouts.splice(0).map((one) => [one.candidate, one.input.dataset, [one.input.at]]));
  return { agent, guide, plainGuide, dataOf, numberOf, taken, optimizer: new RecordedOptimizer(agent, run, numberOf) };
}

/** Rollouts by candidate and dataset, in one order: in which order several candidates are run decides nothing. */
export function groupedRollouts(rollouts: readonly Rollouts[]): readonly Rollouts[] {
  const groups = new Map<string, Set<number>>();
  for (const [candidate, dataset, examples] of rollouts) {
    const key = `${candidate} ${dataset}`;
    groups.set(key, new Set([...(groups.get(key) ?? []), ...examples]));
  }
  const rows = [...groups].map(([key, examples]): Rollouts => {
    const [candidate, dataset = ""] = key.split(" ");
    return [Number(candidate), dataset, [...examples].sort((a, b) => a - b)];
  });
  return rows.sort(([a, on], [b, other]) => a - b || on.localeCompare(other));
}

/** Proposes from each candidate what the record says, one proposal after the other; nothing where it says nothing. */
class RecordedOptimizer extends Optimizer {
  override readonly learnsFromFeedback = true;
  readonly #run: RecordedWorld;
  readonly #numberOf: (values: Candidate) => number;
  readonly #served = new Map<string, number>();

  constructor(agent: Module<never, number>, run: RecordedWorld, numberOf: (values: Candidate) => number) {
    super(agent);
    this.#run = run;
    this.#numberOf = numberOf;
  }

  protected suggest({ position, from, parameters }: SuggestionRequest): Suggestion {
    const iteration = Number(/iteration\/(\d+)/.exec(position)?.[1]);
    const held = Object.fromEntries([...parameters].map(([name, own]) => [name, own.peek()]));
    const parent = this.#numberOf({ ...held, ...from } as Candidate);
    const key = `${iteration}/${parent}`;
    const index = this.#served.get(key) ?? 0;
    this.#served.set(key, index + 1);
    const own = this.#run.iterations[iteration - 1]?.proposals.filter((one) => one.parent === parent) ?? [];
    return { values: new Map(Object.entries(own[index]?.changes ?? {})) };
  }
}

function textOf({ extract, answer }: Candidate): string {
  return `${extract}${answer}`;
}

function fail(): never {
  throw new Error("no points");
}
