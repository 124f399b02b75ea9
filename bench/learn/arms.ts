/**
 * The algorithms that are compared: baselines without a search, every search of opto, and the originals.
 *
 * @module
 */
import type { OptimizerName, SearchPolicy } from "opto";
import {
  acePlaybook,
  beamSearch,
  beamSearchWithHistory,
  bestOf,
  bestOfN,
  bootstrapFewShot,
  copro,
  feedbackDescent,
  gepa,
  mapElites,
  mipro,
  paretoSearch,
  polca,
  prioritySearch,
  proTeGi,
  racingSearch,
  sequentialRefinement,
  sequentialSearch,
  sequentialUpdate,
  simba,
  skillPatches,
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

/** The search or algorithm of an arm, without its optimizer or settings: `gepa` for `gepa/OPRO`. */
export function baseName(arm: string): string {
  return arm.split("/")[0] as string;
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
  /** Whether instructions may be. */
  readonly trainsInstruction: boolean;
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

/** What a search does here that it does not by default. */
type OwnSettings = Pick<OptoArm, "evalFrequency" | "trainsDemonstrations" | "trainsInstruction">;
const own: Readonly<Record<string, Partial<OwnSettings>>> = {
  bootstrapFewShot: { trainsDemonstrations: true },
  mipro: { trainsDemonstrations: true },
  "mipro+demos": { trainsDemonstrations: true, trainsInstruction: false },
  prioritySearch: { evalFrequency: 5 },
  "racingSearch+demos": { trainsDemonstrations: true },
  sequentialSearch: { evalFrequency: 5 },
  sequentialUpdate: { evalFrequency: 5 },
  streamingSearch: { evalFrequency: 5 },
};

/** Every search of `opto/algorithms`, by name. */
export const searches: Readonly<Record<string, () => SearchPolicy>> = {
  ...{ bestOfN, sequentialRefinement, bestOf, beamSearch, beamSearchWithHistory, bootstrapFewShot, copro, gepa, mipro },
  ...{ paretoSearch, prioritySearch, sequentialSearch, sequentialUpdate, racingSearch, streamingSearch, ucbSearch },
  ...{ acePlaybook, feedbackDescent, mapElites, polca, proTeGi, simba, skillPatches },
};

/** Searches with other settings than their usual ones. */
const variants: Readonly<Record<string, () => SearchPolicy>> = {
  "mipro+demos": () => mipro(),
  "racingSearch+demos": () => racingSearch({ numLists: 3, numProposals: 0, mergeEvery: 0 }),
};

/** Searches that change a list of one kind, which not every task has. */
const listOf: Readonly<Record<string, (task: AnyTask) => string | undefined>> = {
  bootstrapFewShot: ({ demonstrations }) => demonstrations,
  "mipro+demos": ({ demonstrations }) => demonstrations,
  "racingSearch+demos": ({ demonstrations }) => demonstrations,
  acePlaybook: ({ playbook }) => playbook,
};

/** The optimizers that a search can be run with here. */
export const optimizerNames: readonly OptimizerName[] = ["OptoPrime", "OPRO", "TextGrad", "TPE"];

/**
 * The arms of opto: `default`, `minibatch`, `basic`, and every search, each with the task's optimizers that are wanted. The name has the optimizer where it is
 * not the one that the task recommends.
 */
export function optoArms(task: AnyTask, optimizers: readonly OptimizerName[] = task.optimizers.slice(0, 1)): readonly OptoArm[] {
  const fitting = task.optimizers.filter((name) => optimizers.includes(name));
  const named = [
    ["default", undefined],
    ["minibatch", "MinibatchAlgorithm"],
    ["basic", "BasicSearchAlgorithm"],
    ...Object.entries({ ...searches, ...variants }).map(([name, policy]) => [name, () => policy()] as const),
  ] as const;
  const able = named.filter(([name]) => listOf[name] === undefined || listOf[name](task) !== undefined);
  return able.flatMap(([name, policy]) =>
    fitting.map((optimizer): OptoArm => {
      // A search is evaluated where it does not do that itself: the leader of a race is its result.
      const evalFrequency = typeof policy === "function" ? 0 : 1;
      const batchSize = (typeof policy === "function" ? policy().defaults?.batchSize : undefined) ?? 4;
      const settings = { batchSize, evalFrequency, trainsDemonstrations: false, trainsInstruction: true, ...own[name] };
      return {
        kind: "opto",
        name: optimizer === task.optimizers[0] ? name : `${name}/${optimizer}`,
        policy,
        optimizer,
        ...settings,
      };
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
