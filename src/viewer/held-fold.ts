/**
 * `HeldFold`: which candidate the agent held after each iteration. Searches that score candidates say which they have selected; those that follow their
 * updates do not, and are known by what they log and by what they run next.
 *
 * @module
 */
import type { CandidateTable } from "./candidate-table.ts";

/** What an iteration has said of the values that it ends with. */
interface Ending {
  readonly iteration: number;
  /** By path, as they were logged. */
  readonly values: Map<string, unknown>;
}

/** Collects them. */
export class HeldFold {
  readonly #candidates: CandidateTable;
  readonly #held = new Map<number, string>();
  #selected: string | undefined;
  #ending: Ending | undefined;
  #forwarded: number | undefined;

  /** @param candidates of the run */
  constructor(candidates: CandidateTable) {
    this.#candidates = candidates;
  }

  /** Whether the search says which candidates it selects. */
  get isSaid(): boolean {
    return this.#selected !== undefined;
  }

  /** After an iteration; 0 for the start. `null` where it is not known, or not yet. */
  at(iteration: number): string | null {
    return this.#held.get(iteration) ?? null;
  }

  start(id: string): void {
    this.#held.set(0, id);
  }

  /** The search says so. */
  select(id: string): void {
    this.#selected = id;
  }

  /** A value was logged after an iteration. */
  log(iteration: number, path: string, value: unknown): void {
    if (this.#ending?.iteration !== iteration) this.#ending = { iteration, values: new Map() };
    this.#ending.values.set(path, value);
  }

  /**
   * A candidate was run on the batch of an iteration: the first of these is what the iteration begins with, where candidates are not scored.
   *
   * @returns what the iteration before has ended with, where that was not known
   */
  forward(position: string, id: string): string | undefined {
    const [, number] = /^iteration\/(\d+)$/.exec(position) ?? [];
    const iteration = Number(number);
    if (number === undefined || this.isSaid || this.#forwarded === iteration) return undefined;
    this.#forwarded = iteration;
    if (this.at(iteration - 1) !== null) return undefined;
    this.#held.set(iteration - 1, id);
    return id;
  }

  /**
   * An iteration is over.
   *
   * @param proposed its only proposal, where it has one
   * @param isAccepted whether a check has passed it; `undefined` where there was none
   * @returns what it ends with; `null` where that is not known yet
   */
  end(iteration: number, proposed: string | undefined, isAccepted: boolean | undefined): string | null {
    const before = this.at(iteration - 1);
    const guess = isAccepted === false ? before : proposed;
    const id = this.#selected ?? this.#logged(iteration) ?? guess ?? null;
    if (id !== null) this.#held.set(iteration, id);
    return id;
  }

  /** By the values that were logged; an iteration may log none. */
  #logged(iteration: number): string | undefined {
    if (this.#ending?.iteration !== iteration) return undefined;
    return this.#candidates.ofValues(Object.fromEntries(this.#ending.values))?.id;
  }
}
