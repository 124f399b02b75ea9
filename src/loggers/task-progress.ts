/**
 * What is known of the tasks in flight: how many rollouts are done, how they went, how fast they come.
 *
 * @module
 */
import type { RunEvent } from "../trainer/events.ts";

type Event<T extends RunEvent["type"]> = Extract<RunEvent, { readonly type: T }>;

/** A task in flight. */
export interface TaskProgress {
  readonly description: string;
  /** `null` when nobody knows. */
  readonly total: number | null;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly done: number;
  readonly failed: number;
  readonly unscored: number;
  /** Mean over the scores and failures so far; `null` when there is no score. */
  readonly meanScore: number | null;
  /** The first error of a rollout. */
  readonly firstError?: string;
}

/** Follows tasks from their start to their end, by position. */
export class TasksInFlight {
  readonly #tasks = new Map<string, Tally>();

  /** In order of their start. */
  get all(): readonly TaskProgress[] {
    return [...this.#tasks.values()];
  }

  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  start({ position, description, total }: Event<"task-start">, startedAt: number): void {
    this.#tasks.delete(position);
    this.#tasks.set(position, new Tally(description, total, startedAt));
  }

  /** A rollout counts for the task at its position or at the nearest one above. */
  advance({ position, status, score, error }: Event<"rollout-end">): void {
    for (let at = position; ; at = at.slice(0, at.lastIndexOf("/"))) {
      const task = this.#tasks.get(at);
      if (task !== undefined) task.add(status, score, error);
      if (task !== undefined || !at.includes("/")) return;
    }
  }

  /** The task that ended, or `undefined` when its start was not seen. */
  end({ position }: Event<"task-end">): TaskProgress | undefined {
    const task = this.#tasks.get(position);
    this.#tasks.delete(position);
    return task;
  }

  /** Forgets tasks whose end will not come. */
  clear(): void {
    this.#tasks.clear();
  }
}

class Tally implements TaskProgress {
  readonly description: string;
  readonly total: number | null;
  readonly startedAt: number;
  done = 0;
  failed = 0;
  unscored = 0;
  firstError?: string;
  #sum = 0;
  #scored = 0;
  /** Those without a score. */
  #failures = 0;
  #lowest = 0;

  constructor(description: string, total: number | null, startedAt: number) {
    this.description = description;
    this.total = total;
    this.startedAt = startedAt;
  }

  /** A failure without a score counts as the lowest score, at most 0. */
  get meanScore(): number | null {
    if (this.#scored === 0) return null;
    return (this.#sum + this.#failures * this.#lowest) / (this.#scored + this.#failures);
  }

  add(status: Event<"rollout-end">["status"], score: number | null, error: string | undefined): void {
    this.done++;
    if (status === "failed") this.failed++;
    if (status === "unscored") this.unscored++;
    if (error !== undefined) this.firstError ??= error;
    if (score === null) {
      if (status === "failed") this.#failures++;
      if (status === "scored") this.unscored++;
      return;
    }
    this.#sum += score;
    this.#scored++;
    this.#lowest = Math.min(this.#lowest, score);
  }
}
