/**
 * `RunLibrary`: the runs of a folder, opened when they are looked at.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { nearestName } from "../data/options.ts";
import type { PriceList } from "../llm/spend/prices.ts";
import { findRuns } from "../runs/read-run-files.ts";
import { runIdRule } from "../runs/run-files.ts";
import type { RunSummary } from "./api.ts";
import { RequestError } from "./api-error.ts";
import { runSummary } from "./run-view.ts";
import { ViewedRun } from "./viewed-run.ts";

/** How many runs are kept open, and how long their journals may be together, in bytes: long ones take memory. */
const mostOpen = 4;
const mostBytes = 1.5e9;
/** What was read so short a time ago is not read again, in milliseconds. */
const freshMs = 250;

/** Opens the runs of one folder. */
export class RunLibrary {
  readonly folder: string;
  readonly #prices: PriceList;
  readonly #now: () => number;
  readonly #open = new Map<string, { readonly run: ViewedRun; readAt: number }>();
  readonly #opening = new Map<string, Promise<ViewedRun>>();

  /** @param now milliseconds from any moment on */
  constructor(folder: string, prices: PriceList, now: () => number) {
    this.folder = folder;
    this.#prices = prices;
    this.#now = now;
  }

  /** All runs, the newest first. */
  async list(): Promise<RunSummary[]> {
    const all = await findRuns(this.folder);
    return all.map((files) => runSummary(files, this.#open.get(files.id)?.run));
  }

  /**
   * A run as its files are now.
   *
   * @throws RequestError when there is none of this id, and for one of a newer version
   */
  async open(id: string): Promise<ViewedRun> {
    const known = this.#open.get(id);
    if (known !== undefined) {
      if (this.#now() - known.readAt >= freshMs) {
        if (!existsSync(known.run.folder)) {
          this.#open.delete(id);
          throw new RequestError("not-found", `The run "${id}" has gone from ${this.folder}`);
        }
        await known.run.refresh();
        known.readAt = this.#now();
      }
      this.#open.delete(id);
      this.#open.set(id, known);
      return known.run;
    }
    // A page asks for several parts of a run at the same moment: it is read once.
    let opening = this.#opening.get(id);
    if (opening === undefined) {
      opening = this.#openNew(id).finally(() => this.#opening.delete(id));
      this.#opening.set(id, opening);
    }
    return opening;
  }

  async #openNew(id: string): Promise<ViewedRun> {
    // The id is the name of a folder: nothing else may come of it.
    const ids = runIdRule.holds(id) ? (await findRuns(this.folder)).map((run) => run.id) : [];
    if (!ids.includes(id)) throw new RequestError("not-found", this.#missing(id, ids));
    const run = new ViewedRun(join(this.folder, id), id, this.#prices);
    await run.refresh();
    this.#open.set(id, { run, readAt: this.#now() });
    for (const oldest of this.#open.keys()) if (this.#isFull) this.#open.delete(oldest);
    return run;
  }

  get #isFull(): boolean {
    const runs = [...this.#open.values()].map(({ run }) => run);
    return runs.length > mostOpen || (runs.length > 1 && runs.reduce((sum, { size }) => sum + size, 0) > mostBytes);
  }

  #missing(id: string, ids: readonly string[]): string {
    const nearest = nearestName(id, ids);
    return `There is no run "${id.slice(0, 100)}" in ${this.folder}. ${nearest === undefined ? "The list shows all runs" : `Did you mean "${nearest}"?`}`;
  }
}
