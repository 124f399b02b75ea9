/**
 * Values that are not searched for: the start, what a person wrote, and that with demonstrations.
 *
 * @module
 */
import type { Candidate, JsonValue } from "opto";
import { Random } from "opto/data";
import { scriptedModel } from "opto/testing";
import type { FixedArm } from "./arms.ts";
import type { TaskSplit } from "./tasks/split.ts";
import type { AnyTask } from "./tasks/task.ts";

const numDemonstrations = 8;

/** The values of an arm without a search. */
export function fixedValues(
  task: AnyTask,
  arm: FixedArm,
  { seed, split }: { readonly seed: number; readonly split: TaskSplit },
): Candidate {
  const start = startOf(task);
  if (arm.values === "start") return start;
  const byHand = { ...start, ...task.handWritten };
  if (arm.values === "hand-written" || task.demonstrations === undefined) return byHand;
  const rows = new Random(seed, "demonstrations").sample(split.train, Math.min(numDemonstrations, split.train.length));
  const shown = rows.map(({ input, info }) => ({ input: input as JsonValue, output: info as JsonValue }));
  return { ...byHand, [task.demonstrations]: shown };
}

/** The values that a task begins with. */
export function startOf(task: AnyTask): Candidate {
  return task.agent({ model: unasked, trainsDemonstrations: true }).candidate();
}

const unasked = scriptedModel(() => {
  throw new Error("The model is not asked here");
});
