/**
 * The contract of what keeps a run, so that it can be resumed after any interruption. `opto/runs` has the one that writes a directory.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import type { Module } from "../graph/module.ts";
import type { OriginRecord } from "../graph/parameter.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { CallRecords, CallTraces } from "../llm/call-services.ts";
import type { Ledger } from "../llm/spend/ledger.ts";
import type { Logger, RunEvent, StopReason } from "./events.ts";
import type { RolloutPlace } from "./executor.ts";
import type { RunControl } from "./run-control.ts";

/** What makes a run the same run: all that decides its course. */
export interface RunIdentity {
  /** A name for people: that of the agent's class or function, else those of its parameters. */
  readonly name: string;
  readonly algorithm: string;
  readonly optimizer: string;
  readonly seed: string | number;
  /** Options that change the course of a run, by name. */
  readonly options: { readonly [name: string]: JsonValue };
  /** By name: how many examples, and the SHA-256 of all. */
  readonly datasets: { readonly [name: string]: { readonly examples: number; readonly sha256: string } };
  /** The type of every parameter, by path. */
  readonly shape: { readonly [path: string]: string };
  /** The values at the start. */
  readonly parameters: Candidate;
  /**
   * Fingerprints of the code that scores depend on, by what it is: the guide, its settings, the agent and its parts. Missing in
   * runs that were begun before there were such.
   */
  readonly code?: { readonly [part: string]: string };
  /** Where parameters come from, by path, as far as it is not the program. Kept with the rest, but it makes no other run of it. */
  readonly origins?: { readonly [path: string]: OriginRecord };
}

/** The best parameters so far; where nothing is evaluated, the latest. */
export interface BestSoFar {
  readonly iteration: number;
  readonly score: number | null;
  /** The mean of every metric, `score` among them; missing where there is no other, or nothing is evaluated. */
  readonly scores?: Scores;
  /** Where the values were not evaluated: on how many validation examples the search itself has measured the score. Missing elsewhere. */
  readonly examples?: number;
  readonly parameters: Candidate;
}

/** Whether a run is over. `error` when it ended by one. */
export interface RunStatus {
  readonly state: "unfinished" | "finished";
  readonly reason: StopReason | "aborted" | "failed" | null;
  readonly error?: string;
}

/** All that a run needs to resume. Random streams are named by position, so they have no state. */
export interface RunCheckpoint {
  readonly iteration: number;
  readonly status: RunStatus;
  readonly parameters: Candidate;
  readonly best: BestSoFar;
  readonly spent: { readonly rollouts: number; readonly elapsedMs: number };
  /** Scores and counts of the loop and its algorithm. */
  readonly trainer: JsonValue;
  readonly optimizer: JsonValue;
  /** Epoch and place in it. */
  readonly loader: JsonValue;
}

/** Keeps one run. */
export interface RunKeeper {
  readonly id: string;
  /** Whether an earlier process has begun it. */
  readonly isContinued: boolean;
  /** Where the run last was safe; `undefined` when it is new, or when all its checkpoints are lost and it begins again. */
  readonly restored: RunCheckpoint | undefined;
  readonly calls: CallRecords | undefined;
  readonly rollouts: RolloutRecords | undefined;
  /** Keeps rollouts in full, for people to look at; `undefined` where they are not kept. */
  readonly traces?: RolloutTraces | undefined;
  /** Listens to the events. */
  readonly journal: Logger;
  /** What of the code that scores depend on has changed since they were measured, one line each: they no longer count. */
  readonly codeChanges: readonly string[];
  /** What had to be given up to open it: damaged files. */
  readonly warnings: readonly string[];
  /** The events of candidates up to `restored`, in order. */
  history(): Iterable<RunEvent>;
  /** Tells the ledger what earlier processes have used. */
  restoreUse(ledger: Ledger): void;
  /**
   * Keeps the state at the safe point of an iteration. Nothing is waited for: it is written beside the work that follows,
   * unless an earlier one is still being written or was, measured by its cost, too short ago. What a crash loses by that is
   * done again.
   */
  save(checkpoint: RunCheckpoint): void;
  /**
   * Keeps a state as the last safe one without writing it yet.
   *
   * @param options.isEnd whether the events since the last one are those of the end, and void when the run continues. @default false
   */
  hold(checkpoint: RunCheckpoint, options?: { readonly isEnd?: boolean | undefined }): void;
  /**
   * Writes the last safe state with how the run ended, and closes everything.
   *
   * @param elapsedMs time spent training until now, @default that of the last safe state
   * @throws StopError when it cannot be written
   */
  close(status: RunStatus, elapsedMs?: number): Promise<void>;
  /** Instead of `close`, for a run that could not begin: closes everything and leaves nothing of it. */
  discard(): Promise<void>;
}

/** Opens the keeper of a run when `train` knows what run it is. */
export interface RunOpener {
  /**
   * @param signal ends the wait for a run that may be in use
   * @throws CheckpointError when the run that would be continued is another one, is in use, or cannot be read
   */
  open(identity: RunIdentity, current: Candidate, control: RunControl, signal?: AbortSignal): Promise<RunKeeper>;
}

/** Keeps the results of rollouts, by logical position, candidate and example. */
export interface RolloutRecords {
  /** What was recorded under a key. */
  find(key: string): JsonValue | undefined;
  /** Keeps the result of a rollout, even across a power failure. */
  record(key: string, position: string, result: JsonValue): Promise<void>;
}

/** Keeps what rollouts did, with the calls of models in them. Nothing of the run depends on it: it may leave out any. */
export interface RolloutTraces extends CallTraces {
  /**
   * A rollout begins.
   *
   * @returns what is called at its end; `undefined` when the rollout is left out
   */
  beginRollout(about: TracedRollout): EndRolloutTrace | undefined;
  /** Takes what becomes known of the rollout at a position: the agent's output, or the guide's words; `undefined` when it is left out. */
  notesOf(position: string): ((known: { readonly output?: unknown; readonly feedback?: string }) => void) | undefined;
}

/** A rollout that is kept in full. */
export interface TracedRollout {
  readonly position: string;
  readonly agent: Module<never, unknown>;
  readonly x: unknown;
  readonly info: unknown;
  /** Which example of the run it is of, where that is known. */
  readonly place: () => Partial<RolloutPlace>;
}

/** The end of such a rollout: what it came to, or what was thrown. */
export type EndRolloutTrace = (
  end:
    | {
        readonly result: unknown;
        readonly score: number | null;
        readonly scores?: Scores | undefined;
        readonly error?: string | undefined;
      }
    | { readonly thrown: unknown },
) => void;

/** How the result of a rollout is written and read; `undefined` is a result that cannot be written, and is not kept. */
export interface RolloutCodec<R> {
  readonly write: (result: R) => JsonValue | undefined;
  readonly read: (written: JsonValue) => R;
}
