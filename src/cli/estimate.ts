/**
 * What a run would cost, for `--dry-run`.
 *
 * @module
 */
import { type EstimateOptions, estimateRun } from "../algorithms/estimate-run.ts";
import type { JsonValue } from "../data/json.ts";
import type { GuideLike } from "../guides/guide.ts";
import { describeEstimate } from "../search/estimate/describe-estimate.ts";
import { planTraining } from "../train.ts";
import type { TrainOptions } from "../train-options.ts";
import { toNamedGuide, toOptimizer } from "../train-parts.ts";
import type { Flags } from "./flags.ts";
import type { TrainArguments } from "./to-train-options.ts";

/** An estimate for people and for programs. */
export interface Estimate {
  readonly text: string;
  readonly document: JsonValue;
}

/** Options of `train` that do not change what a run asks of models. */
const beside = ["logger", "run", "rollouts"] as const;

/** Estimates calls, tokens and dollars of a run without calling a model. */
export async function estimate(
  { guide, optimizer, ...options }: TrainArguments,
  { allowRequests }: Pick<Flags, "allowRequests">,
): Promise<Estimate> {
  const { algorithm, trainDataset, datasets } = planTraining(options as unknown as TrainOptions<unknown, unknown, unknown>);
  const asked: Record<string, unknown> = { ...options, ...datasets, trainDataset, allowRequests };
  for (const name of beside) delete asked[name];
  const parts = {
    ...asked,
    algorithm: algorithm.meant,
    guide: toNamedGuide(guide as GuideLike | string | undefined),
    optimizer: toOptimizer(optimizer as Parameters<typeof toOptimizer>[0], options.agent),
  };
  const estimated = await estimateRun(parts as unknown as EstimateOptions<unknown, unknown, unknown>);
  return { text: describeEstimate(estimated), document: estimated as unknown as JsonValue };
}
