/**
 * `follow`: each step updates the current candidate; where a check is given, the update has to pass it.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { currentRun } from "../graph/scope.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Entry, ForwardOutput, SearchPolicy } from "../search/search.ts";
import type { SearchStep } from "../search/step.ts";

/** What an algorithm makes of a step. */
export interface FollowHooks<X, Y, Info, Output> {
  /** The name of the algorithm. */
  readonly name: string;
  /** What else the identity of the search depends on. */
  readonly settings: Readonly<Record<string, JsonValue>>;
  /** The step that is running now. */
  readonly step: () => SearchStep<X, Y, Info, Output>;
  /** Updates the agent from the outputs of a batch. Returns their mean score. */
  readonly update: (outputs: readonly Output[]) => Promise<number | null>;
  /** The values of the agent after an update. */
  readonly values: () => Candidate;
  /** What proposes them. */
  readonly origin: string;
  /** Whether an update is kept. @default every update is */
  readonly check?: UpdateCheck<X, Y, Info, Output> | undefined;
  /** Rollouts for each example of a check. */
  readonly numSamples: number;
}

/** Compares a child with the current candidate, whose outputs on the batch and their mean score are known. */
export type UpdateCheck<X, Y, Info, Output> = (
  step: SearchStep<X, Y, Info, Output>,
  child: Entry,
  score: number | null,
  forwarded: readonly ForwardOutput<Output>[],
) => Promise<boolean>;

/** The search that these hooks make up. */
export function follow<X, Y, Info, Output>(hooks: FollowHooks<X, Y, Info, Output>): SearchPolicy<null, Output> {
  const { name, settings, origin, check, numSamples } = hooks;
  return {
    name,
    settings,
    start: null,
    appetite: () => ({
      forward: 1,
      proposals: 1,
      scored: check === undefined ? [] : [{ candidates: 1, on: "batch", samples: numSamples }],
    }),
    iterate: async () => {
      const step = hooks.step();
      const forwarded = await step.forward([step.current]);
      const score = await hooks.update(forwarded.map(({ output }) => output));
      currentRun()?.signal?.throwIfAborted();
      const child = step.add(hooks.values(), [step.current], origin);
      const isKept = check === undefined || child === step.current || (await check(step, child, score, forwarded));
      return { memo: null, score, current: isKept ? child : step.current };
    },
  };
}
