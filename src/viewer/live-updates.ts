/**
 * `LiveUpdates`: sends pages what has changed in a run while they show it.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import type { ChangedEvent } from "./api.ts";
import type { RunLibrary } from "./run-library.ts";

/** How often a run that is looked at is read again, in milliseconds; longer where that takes long. */
const pollMs = 500;
/** At most this share of the time is spent on it, unless that would take longer than this. */
const affordable = 0.01;
const longestMs = 5_000;
/** A page that takes nothing is let go when this many bytes wait for it: when it connects again, it asks for everything. */
const mostWaiting = 65_536;
/** How often a page receives that the connection is alive, in milliseconds. */
const aliveMs = 15_000;

/** The runs that pages look at. Nothing is read when there are none. */
export class LiveUpdates {
  readonly #library: RunLibrary;
  readonly #monotonic: () => number;
  /** By run; `undefined` for all runs. */
  readonly #listeners = new Map<ServerResponse, string | undefined>();
  readonly #announced = new Map<string, number>();
  /** What the list last said of each run. */
  readonly #summaries = new Map<string, string>();
  #isListKnown = false;
  #listRevision = 0;
  #timer: NodeJS.Timeout | undefined;
  #aliveAt = 0;
  #isClosed = false;

  /** @param monotonic milliseconds from any moment on */
  constructor(library: RunLibrary, monotonic: () => number) {
    this.#library = library;
    this.#monotonic = monotonic;
  }

  /** Answers with a stream of events until the page has gone. @param isHead whether nothing but the head is asked for */
  listen(response: ServerResponse, run: string | undefined, isHead: boolean): void {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    if (isHead) {
      response.end();
      return;
    }
    response.write("retry: 2000\n\n");
    this.#listeners.set(response, run);
    response.on("close", () => this.#listeners.delete(response));
    if (this.#timer === undefined) this.#plan(0);
  }

  /** Reads now what is looked at, and ends all streams. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#listeners.size > 0) await this.#poll();
    for (const response of this.#listeners.keys()) response.end();
    this.#listeners.clear();
  }

  #plan(delayMs: number): void {
    this.#timer = setTimeout(() => void this.#poll(), delayMs).unref();
  }

  async #poll(): Promise<void> {
    const started = this.#monotonic();
    const runs = new Set(this.#listeners.values());
    if (runs.delete(undefined)) await this.#readList();
    for (const id of runs) if (id !== undefined) await this.#read(id, this.#isClosed);
    if (started - this.#aliveAt >= aliveMs) {
      this.#aliveAt = started;
      for (const response of this.#listeners.keys()) this.#write(response, ": alive\n\n");
    }
    this.#timer = undefined;
    const tookMs = this.#monotonic() - started;
    if (!this.#isClosed && this.#listeners.size > 0) this.#plan(Math.min(longestMs, Math.max(pollMs, tookMs / affordable)));
  }

  /** Of the list only what it shows: none of its runs is opened for it. */
  async #readList(): Promise<void> {
    for (const summary of await this.#library.list().catch(() => [])) {
      const { id, state, iterations } = summary;
      const text = JSON.stringify(summary);
      const before = this.#summaries.get(id);
      this.#summaries.set(id, text);
      if (before === text) continue;
      this.#listRevision++;
      const revision = this.#listRevision;
      if (before !== undefined || this.#isListKnown)
        this.#send({ run: id, revision, state, iterations, parts: ["state"] }, undefined);
    }
    this.#isListKnown = true;
  }

  #send(event: ChangedEvent, to: string | undefined): void {
    const text = `event: changed\ndata: ${JSON.stringify(event)}\n\n`;
    for (const [response, wanted] of this.#listeners) if (wanted === to) this.#write(response, text);
  }

  #write(response: ServerResponse, text: string): void {
    if (response.writableLength <= mostWaiting) {
      response.write(text);
      return;
    }
    this.#listeners.delete(response);
    response.destroy();
  }

  /** Once: pages that ask are then told why. */
  #tellGone(id: string): void {
    const revision = this.#announced.get(id);
    if (revision === undefined) return;
    this.#announced.delete(id);
    this.#send({ run: id, revision: revision + 1, state: "damaged", iterations: 0, parts: ["state"] }, id);
  }

  async #read(id: string, isLast: boolean): Promise<void> {
    const run = await this.#library.open(id).catch(() => undefined);
    if (run === undefined) {
      this.#tellGone(id);
      return;
    }
    if (isLast) await run.refresh().catch(() => {});
    const before = this.#announced.get(id);
    if (before === run.revision) return;
    this.#announced.set(id, run.revision);
    const parts = run.partsSince(before ?? run.revision);
    const event: ChangedEvent = {
      run: id,
      revision: run.revision,
      state: run.files.state,
      iterations: run.fold.iterations,
      parts,
    };
    this.#send(event, id);
  }
}
