/**
 * `LearnTask`: what is learned in the benchmark: data, an agent with slots, a guide, and where it starts.
 *
 * @module
 */
import type { Candidate, Example, GuideFunction, ModelLike, Module, OptimizerName } from "opto";

/** An example with the row that it is made of, so that the same row is recognized in another split. */
export interface Row<X = unknown, Info = unknown> extends Example<X, Info> {
  /** Unique in its task. */
  readonly id: string;
}

/** How an agent is built. */
export interface AgentOptions {
  /** Answers the calls of the agent; agents that ask no model ignore it. */
  readonly model: ModelLike;
  /** Whether the optimizer may change the list of demonstrations, where there is one. */
  readonly trainsDemonstrations: boolean;
  /** Whether it may change the instruction, of tasks that have demonstrations. @default true */
  readonly trainsInstruction?: boolean | undefined;
  /** How answers are sampled, for tasks with one call. @default temperature 0 */
  readonly sampling?: { readonly temperature: number; readonly seed: number } | undefined;
}

/** Data from outside this repository. */
export interface TaskSource {
  /** Where the rows come from. */
  readonly name: string;
  readonly license: string;
  /** Whether its texts may be in records that are published. @default true */
  readonly mayBeCopied?: boolean | undefined;
}

/** One task of the benchmark. */
export interface LearnTask<X = unknown, Y = unknown, Info = unknown> {
  /** Letters, digits, and dashes. */
  readonly id: string;
  readonly title: string;
  readonly source: TaskSource;
  /** Whether a rollout calls the task model. Otherwise rollouts are what a budget of task calls counts. */
  readonly callsModel: boolean;
  /** The optimizers that can propose values of its slots, the recommended one first. */
  readonly optimizers: readonly OptimizerName[];
  /** The path of the slot that holds demonstrations; missing where there is none. */
  readonly demonstrations?: string | undefined;
  /** The path of the slot that holds a playbook, a list of `{ id, text }`; missing where there is none. */
  readonly playbook?: string | undefined;
  /** The only answers that are right for any input, for servers that can be kept to them; missing where there are many. */
  readonly answers?: readonly string[] | undefined;
  /** The longest answer, in tokens, of tasks with one call. @default 64 */
  readonly maxOutputTokens?: number | undefined;
  /** What a person would write; missing where there is nothing to write. */
  readonly handWritten?: Candidate | undefined;
  /** How many examples a split has, at most. @default those of the command line */
  readonly sizes?: Partial<SplitSizes> | undefined;
  /** Reads the data; from the cache where they are there. @param cache the folder of downloads */
  readonly load: (cache: string) => Promise<readonly Row<X, Info>[]>;
  /** What rows are dealt out by, so that every part has its share. @default nothing */
  readonly stratum?: ((row: Row<X, Info>) => string) | undefined;
  readonly agent: (options: AgentOptions) => Module<X, Y>;
  readonly guide: GuideFunction<X, Y, Info> & { readonly scoreRange?: readonly [number, number] };
}

/** Examples in each part of the data. */
export interface SplitSizes {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** A task whose types are not known to the benchmark. */
export type AnyTask = LearnTask;

/** Forgets the types of a task: the benchmark hands its inputs from its loader to its agent and guide and nowhere else. */
export function defineTask<X, Y, Info>(task: LearnTask<X, Y, Info>): AnyTask {
  return task as unknown as AnyTask;
}

/** Scores in the usual range. */
export function withUnitScores<Guide extends object>(guide: Guide): Guide & { readonly scoreRange: readonly [number, number] } {
  return Object.assign(guide, { scoreRange: [0, 1] as const });
}
