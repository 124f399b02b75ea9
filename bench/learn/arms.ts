/**
 * The algorithms that are compared: baselines without a search, every search of opto, and the originals.
 *
 * @module
 */
import type { OptimizerName, SearchPolicy } from "opto";
import {
  beamSearch,
  beamSearchWithHistory,
  bestOf,
  bestOfN,
  bootstrapFewShot,
  copro,
  gepa,
  mipro,
  paretoSearch,
  prioritySearch,
  racingSearch,
  sequentialRefinement,
  sequentialSearch,
  sequentialUpdate,
  streamingSearch,
  ucbSearch,
} from "opto/algorithms";
import { type OriginalName, originals } from "./originals/originals.ts";
import type { AnyTask } from "./tasks/task.ts";

/** Values that are not searched for. */
export interface FixedArm {
  readonly kind: "fixed";
  readonly name: string;
  readonly values: "start" | "hand-written" | "hand-written with demonstrations";
}

/** A search of opto with an optimizer. */
export interface OptoArm {
  readonly kind: "opto";
  readonly name: string;
  /** A new policy; `undefined` for what `train()` does by default. */
  readonly policy: (() => SearchPolicy) | "MinibatchAlgorithm" | "BasicSearchAlgorithm" | undefined;
  readonly optimizer: OptimizerName;
  readonly batchSize: number | undefined;
  /** Iterations between evaluations of the current candidate on all validation data; 0 where the search does that itself. */
  readonly evalFrequency: number;
  /** Whether lists of demonstrations may be changed. */
  readonly trainsDemonstrations: boolean;
}

/** The same kind of search by another library, in a process of its own. */
export interface OriginalArm {
  readonly kind: "original";
  readonly name: string;
  readonly original: OriginalName;
  /** Its recommended settings, or opto's for what both have. */
  readonly settings: "recommended" | "matched";
}

export type Arm = FixedArm | OptoArm | OriginalArm;

export const fixedArms: readonly FixedArm[] = [
  { kind: "fixed", name: "start", values: "start" },
  { kind: "fixed", name: "hand-written", values: "hand-written" },
  { kind: "fixed", name: "hand-written+demos", values: "hand-written with demonstrations" },
];

/** The searches that are compared, with the batch size of their usual settings. Other searches of `opto/algorithms` have 4. */
const usual: Readonly<Record<string, Partial<Pick<OptoArm, "batchSize" | "evalFrequency" | "trainsDemonstrations">>>> = {
  bestOf: { batchSize: 8 },
  bestOfN: { batchSize: 8 },
  bootstrapFewShot: { batchSize: 16, trainsDemonstrations: true },
  gepa: { batchSize: 3 },
  mipro: { batchSize: 16, trainsDemonstrations: true },
  prioritySearch: { batchSize: 2, evalFrequency: 5 },
  racingSearch: { batchSize: 8, evalFrequency: 5 },
  sequentialSearch: { batchSize: 2, evalFrequency: 5 },
  sequentialUpdate: { batchSize: 2, evalFrequency: 5 },
  streamingSearch: { batchSize: 2, evalFrequency: 5 },
};

/** Searches by name, as `train()` knows them. */
export const searches: Readonly<Record<string, () => SearchPolicy>> = {
  ...{ bestOfN, sequentialRefinement, bestOf, beamSearch, beamSearchWithHistory, bootstrapFewShot, copro, gepa, mipro },
  ...{ paretoSearch, prioritySearch, sequentialSearch, sequentialUpdate, racingSearch, streamingSearch, ucbSearch },
};

/** The arms of opto: `default`, `minibatch`, `basic`, and every search, each with the task's optimizers that are wanted. */
export function optoArms(task: AnyTask, optimizers: readonly OptimizerName[] = task.optimizers.slice(0, 1)): readonly OptoArm[] {
  const fitting = task.optimizers.filter((name) => optimizers.includes(name));
  const named = [
    ["default", undefined],
    ["minibatch", "MinibatchAlgorithm"],
    ["basic", "BasicSearchAlgorithm"],
    ...Object.entries(searches).map(([name, policy]) => [name, () => policy()] as const),
  ] as const;
  const able = named.filter(([name]) => task.demonstrations !== undefined || name !== "bootstrapFewShot");
  return able.flatMap(([name, policy]) =>
    fitting.map((optimizer, at): OptoArm => {
      const evalFrequency = typeof policy === "function" ? 0 : 1;
      const settings = { batchSize: 4, evalFrequency, trainsDemonstrations: false, ...usual[name] };
      return { kind: "opto", name: at === 0 ? name : `${name}/${optimizer}`, policy, optimizer, ...settings };
    }),
  );
}

/** The originals that can do a task. */
export function originalArms(task: AnyTask): readonly OriginalArm[] {
  return originals
    .filter(({ fits }) => fits(task))
    .flatMap(({ name }) => {
      return (["recommended", "matched"] as const).map((settings): OriginalArm => {
        return { kind: "original", name: settings === "recommended" ? name : `${name}/matched`, original: name, settings };
      });
    });
}

/** Every arm of a task, by name. */
export function armsOf(task: AnyTask, optimizers?: readonly OptimizerName[]): ReadonlyMap<string, Arm> {
  const fixed = fixedArms.filter(({ values }) => {
    if (values === "start") return true;
    return task.handWritten !== undefined && (values === "hand-written" || task.demonstrations !== undefined);
  });
  return new Map([...fixed, ...optoArms(task, optimizers), ...originalArms(task)].map((arm) => [arm.name, arm]));
}
