/**
 * What a run lends to everything that happens in it.
 *
 * @module
 */
import { currentRun, type RunContext } from "../graph/scope.ts";
import type { CallControl, CallServices } from "../llm/call-services.ts";
import type { RolloutStatus } from "./events.ts";
import type { Executor, RolloutDataset } from "./executor.ts";
import type { RolloutRecords, RolloutTraces } from "./run-keeper.ts";

/** What the rollouts of the run have come to. */
export interface Outcomes {
  /** Whether the guide has judged an answer of the agent: the set-up works. */
  readonly hasScored: boolean;
  /** Finds out whether anything can be scored on a dataset, by rollouts made for that. @default nothing can be found out */
  readonly probe?: ((dataset: RolloutDataset) => Promise<boolean>) | undefined;
  /** At the end of a task. @throws NothingScoredError when the guide has judged many answers and given none of them a score */
  refuseWithoutScore?(description: string): void;
  add(rollout: {
    readonly status: RolloutStatus;
    readonly score: number | null;
    readonly error?: string | undefined;
    readonly cause?: unknown;
  }): void;
}

/** Carried by the scope of a run, so that rollouts, optimizers and model calls find it wherever they are. */
export interface RunServices extends CallServices {
  readonly control: CallControl;
  readonly outcomes?: Outcomes | undefined;
  /** The results of rollouts in an earlier process, if they were recorded. */
  readonly rollouts?: RolloutRecords | undefined;
  /** Keeps rollouts and calls in full, for people to look at. @default they are not kept */
  readonly traces?: RolloutTraces | undefined;
  /** Where rollouts run. @default here */
  readonly executor?: Executor | undefined;
  /** How long the agent, and then the guide, may take for one example, in milliseconds; `null` is no limit. */
  readonly rolloutTimeoutMs?: number | null | undefined;
  /** Counts the rollouts of one iteration: what a checkpoint after it has to say of the use so far. */
  readonly tally?: IterationTally | undefined;
}

/** What one iteration has done so far. */
export interface IterationTally {
  rollouts: number;
  /** Rollouts that were not found on record. */
  performed: number;
  /** Model calls on behalf of the agent that have passed the gate. */
  agentCalls: number;
}

/** Of an iteration that begins. */
export function newTally(): IterationTally {
  return { rollouts: 0, performed: 0, agentCalls: 0 };
}

/** What a run lends to the code that is running now; nothing outside any. */
export function runServices(run: Pick<RunContext, "services"> | undefined = currentRun()): Partial<RunServices> {
  return run?.services ?? none;
}

const none: Partial<RunServices> = Object.freeze({});
