/**
 * The keeper of a run in a folder: decides when a checkpoint is written, and writes it beside the work.
 *
 * @module
 */
import { rm, rmdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock } from "../data/clock.ts";
import { canonicalJson } from "../data/json.ts";
import { writeJsonFile } from "../data/json-file.ts";
import { StopError } from "../errors.ts";
import { writeAgentFile } from "../graph/agent-file.ts";
import type { Candidate } from "../graph/with-values.ts";
import { redactText } from "../llm/redact-secrets.ts";
import type { Ledger } from "../llm/spend/ledger.ts";
import type { RunEvent } from "../trainer/events.ts";
import type { RunControl } from "../trainer/run-control.ts";
import type { BestSoFar, RunCheckpoint, RunIdentity, RunKeeper, RunStatus } from "../trainer/run-keeper.ts";
import { unwritable } from "./append-file.ts";
import { checkpointText, type StoredCheckpoint, writeCheckpoint } from "./checkpoint-file.ts";
import type { Journal } from "./journal.ts";
import type { CallLog, RolloutLog } from "./record-file.ts";
import type { DirectoryTraces } from "./rollout-traces.ts";
import { fileNames, type RunDescription } from "./run-files.ts";
import type { RunLock } from "./run-lock.ts";
import { watchForStop } from "./stop-request.ts";

/** What a keeper is made of. */
export interface DirectoryKeeperParts {
  readonly id: string;
  readonly isContinued: boolean;
  readonly folder: string;
  readonly journal: Journal;
  readonly calls: CallLog;
  readonly rollouts: RolloutLog | undefined;
  readonly traces: DirectoryTraces | undefined;
  readonly checkpoint: StoredCheckpoint | undefined;
  readonly code: RunIdentity["code"];
  readonly codeChanges: readonly string[];
  readonly warnings: readonly string[];
  readonly control: RunControl;
  readonly clock: Clock;
  readonly lock: RunLock;
}

/** Making the text of checkpoints may cost at most this share of the time. */
const affordable = 0.01;
/** And writing them at most this share, beside the work. */
const tolerable = 0.05;

/** Keeps one run in its folder. */
export class DirectoryKeeper implements RunKeeper {
  readonly id: string;
  readonly isContinued: boolean;
  readonly restored: RunCheckpoint | undefined;
  readonly calls: CallLog;
  readonly rollouts: RolloutLog | undefined;
  readonly traces: DirectoryTraces | undefined;
  readonly journal: Journal;
  readonly codeChanges: readonly string[];
  readonly warnings: readonly string[];
  readonly #code: RunIdentity["code"];
  readonly #folder: string;
  readonly #control: RunControl;
  readonly #clock: Clock;
  readonly #lock: RunLock;
  #candidateEvents: readonly RunEvent[];
  #writing: Promise<void> | undefined;
  #dueAt = Number.NEGATIVE_INFINITY;
  #best = "";
  /** The last safe state. */
  #held: StoredCheckpoint | undefined;
  #isClosed = false;
  #endWatch: () => void = () => {};

  constructor({
    id,
    isContinued,
    folder,
    journal,
    calls,
    rollouts,
    traces,
    checkpoint,
    code,
    codeChanges,
    warnings,
    control,
    clock,
    lock,
  }: DirectoryKeeperParts) {
    this.id = id;
    this.isContinued = isContinued;
    this.restored = checkpoint;
    this.calls = calls;
    this.rollouts = rollouts;
    this.traces = traces;
    this.journal = journal;
    this.codeChanges = codeChanges;
    this.warnings = warnings;
    this.#code = code;
    this.#folder = folder;
    this.#control = control;
    this.#clock = clock;
    this.#lock = lock;
    this.#held = checkpoint;
    this.#candidateEvents = checkpoint === undefined ? [] : [...journal.candidateEvents(checkpoint.seq)];
  }

  /** Writes what stands at the beginning: which run it is, its first parameters as the best; or the mark of a restart. */
  async begin(description: RunDescription | undefined, start: Candidate): Promise<void> {
    const best = this.restored?.best ?? { iteration: 0, score: null, parameters: start };
    try {
      // The best first: a run that has a description has a best.
      await this.#writeBest(best);
      if (description !== undefined) await writeJsonFile(join(this.#folder, fileNames.run), { ...description } as never);
    } catch (cause) {
      throw asStop(cause, this.#folder);
    }
    this.#endWatch = watchForStop(this.#folder, this.#control);
    if (description === undefined) {
      this.journal.resume(this.#held?.seq ?? 0, { pid: process.pid, host: hostname() });
    }
  }

  history(): Iterable<RunEvent> {
    return this.#candidateEvents;
  }

  restoreUse(ledger: Ledger): void {
    this.calls.restoreUse(ledger);
  }

  save(checkpoint: RunCheckpoint): void {
    if (this.#isClosed) return;
    this.hold(checkpoint);
    const started = this.#clock.monotonic();
    if (this.#writing !== undefined || started < this.#dueAt || !this.#lock.isHeld()) return;
    const write = this.#prepare();
    const cost = this.#clock.monotonic() - started;
    this.#dueAt = started + cost / affordable;
    this.#writing = write()
      .catch((error: unknown) => this.#control.stop(asStop(error, this.#folder)))
      .finally(() => {
        this.#writing = undefined;
        const ended = this.#clock.monotonic();
        this.#dueAt = Math.max(this.#dueAt, ended + (ended - started) / tolerable);
      });
  }

  /** What comes after the end, from work that an abort has not waited for, is not kept: the folder may be another process's. */
  hold(checkpoint: RunCheckpoint, { isEnd = false }: { readonly isEnd?: boolean | undefined } = {}): void {
    if (this.#isClosed) return;
    const seq = isEnd ? (this.#held?.seq ?? 0) : this.journal.seq;
    const savedAt = new Date(this.#clock.now()).toISOString();
    const code = this.#code === undefined ? {} : { code: this.#code };
    this.#held = { run: this.id, savedAt, seq, ...code, ...checkpoint };
  }

  async close(status: RunStatus, elapsedMs?: number): Promise<void> {
    this.#isClosed = true;
    this.#endWatch();
    try {
      await this.#writing;
      // What another process has written since it took the run over stays.
      if (this.#held !== undefined && this.#lock.isHeld()) {
        const { error, ...rest } = status;
        const held = this.#held;
        // The work since the last safe point is done again; the time it took is over.
        const spent = { ...held.spent, elapsedMs: elapsedMs ?? held.spent.elapsedMs };
        this.#held = { ...held, spent, status: error === undefined ? rest : { ...rest, error: redactText(error) } };
        await this.#prepare()();
      }
    } catch (error) {
      throw asStop(error, this.#folder);
    } finally {
      await this.#closeFiles();
      this.#lock.release();
    }
  }

  async discard(): Promise<void> {
    this.#isClosed = true;
    this.#endWatch();
    await this.#writing;
    await this.#closeFiles();
    const { lock: _lock, ...others } = fileNames;
    await Promise.all(Object.values(others).map((name) => rm(join(this.#folder, name), { force: true })));
    this.#lock.release();
    // Not when there is anything of the user's in it, or another process has come.
    await rmdir(this.#folder).catch(() => undefined);
  }

  async #closeFiles(): Promise<void> {
    await Promise.allSettled([this.journal, this.calls, this.rollouts, this.traces].map((file) => file?.close()));
  }

  /** The text is made now, and written when the returned function is called. */
  #prepare(): () => Promise<void> {
    const held = this.#held as StoredCheckpoint;
    const text = checkpointText(held);
    return async () => {
      // A checkpoint counts on the events before it.
      await this.journal.durable();
      await writeCheckpoint(this.#folder, text);
      await this.#writeBest(held.best);
    };
  }

  async #writeBest({ iteration, score, parameters }: BestSoFar): Promise<void> {
    const key = canonicalJson({ iteration, score, parameters });
    if (key === this.#best) return;
    await writeAgentFile(join(this.#folder, fileNames.best), parameters, { run: this.id, iteration, score });
    this.#best = key;
  }
}

function asStop(error: unknown, folder: string): StopError {
  return error instanceof StopError ? error : unwritable(folder, error);
}
