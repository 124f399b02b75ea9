/**
 * `inProcess`: rollouts as tasks, performed in the process of the run.
 *
 * @module
 */
import type { Executor } from "../trainer/executor.ts";
import { performTask, type TaskParts } from "../trainer/perform-task.ts";

/**
 * Performs every task here, with parts of its own. A run without an executor rolls out here, too, and writes nothing to do so; this
 * one shows whether all that an agent does can cross to another process, and is what an executor elsewhere looks like.
 *
 * @example
 * const executor = inProcess({ agent: makeAgent(), data: { train: { dataset, guide } } });
 * const trainer = new MinibatchAlgorithm(agent, optimizer, { executor });
 */
export function inProcess<X, Y, Info>(parts: TaskParts<X, Y, Info>): Executor {
  return { run: (task, { signal, gate }) => performTask(parts, task, { signal, gate }) };
}
