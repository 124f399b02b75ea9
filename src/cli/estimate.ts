/**
 * What a run would cost, for `--dry-run`.
 *
 * @module
 */
import { describeEstimate } from "../algorithms/describe-estimate.ts";
import { type EstimateOptions, estimateRun } from "../algorithms/estimate.ts";
import type { JsonValue } from "../data/json.ts";
import type { GuideLike } from "../guides/guide.ts";
import { toOptimizer } from "../train.ts";
import { guideOf } from "./config-parts.ts";
import type { TrainArguments } from "./to-train-options.ts";

/** An estimate for people and for programs. */
export interface Estimate {
  readonly text: string;
  readonly document: JsonValue;
}

/** Options of `train` that do not change what a run asks of models. */
const beside = ["logger", "run", "runDir", "resume", "cache", "cacheFrom", "cacheRollouts", "handleSignals"] as const;

/** Estimates calls, tokens and dollars of a run without calling a model. */
export async function estimate({ guide, optimizer, algorithm, ...options }: TrainArguments): Promise<Estimate> {
  const asked: Record<string, unknown> = { ...options };
  for (const name of beside) delete asked[name];
  const parts = {
    ...asked,
    guide: guideOf(guide as GuideLike | string | undefined),
    optimizer: toOptimizer(optimizer as Parameters<typeof toOptimizer>[0], options.agent),
    // A class counts as the one that it extends; `planWork` knows only the two by name.
    ...(typeof algorithm === "string" ? { algorithm } : {}),
  };
  const estimated = await estimateRun(parts as unknown as EstimateOptions<unknown, unknown, unknown>);
  return { text: describeEstimate(estimated), document: estimated as unknown as JsonValue };
}
