/**
 * The names of the files in the folder of a run.
 *
 * @module
 */

/** What a run keeps, and where. */
export const fileNames = {
  /** Which run it is. */
  run: "run.json",
  /** Its journal: the events in logical order. */
  events: "events.jsonl",
  /** Where it goes on. */
  checkpoint: "checkpoint.json",
  /** The checkpoint before. */
  previous: "checkpoint.previous.json",
  /** The best parameters so far; `agent.load` reads it. */
  best: "best.json",
  /** Requests that were sent and answers that were paid for. */
  calls: "calls.jsonl",
  /** What rollouts gave, where that is kept. */
  rollouts: "rollouts.jsonl",
  /** Which process has it. */
  lock: "lock.json",
} as const;
