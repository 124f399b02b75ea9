/**
 * `sumEstimate`: from the calls of each piece of work to those of a whole run.
 *
 * @module
 */

import { productOf, type Range, sumOf } from "../../data/range.ts";
import type { CallProfile } from "../../llm/call-profile.ts";
import { nanosPerDollar, type PriceList } from "../../llm/prices.ts";
import type { Work } from "./plan-work.ts";

/** What some calls will be. */
export interface EstimateLine {
  /** Calls of models; those made again after failures of a provider are not counted. */
  readonly calls: Range;
  readonly inputTokens: Range;
  readonly outputTokens: Range;
  /** Dollars; `null` when the price of one of the models is not known. */
  readonly usd: Range | null;
}

/** What a run will be. Plain JSON. */
export interface Estimate extends EstimateLine {
  readonly rollouts: Range;
  readonly work: Work;
  /** By role: `agent`, `judge`, `optimizer`. */
  readonly byRole: Readonly<Record<string, EstimateLine>>;
  /** By `"provider/model"`. */
  readonly byModel: Readonly<Record<string, EstimateLine>>;
  /** Models whose price is not known. */
  readonly unpriced: readonly string[];
  /** What could not be predicted, as text. */
  readonly notes: readonly string[];
}

/** Work and how often it is done. */
export interface Load {
  readonly profile: CallProfile;
  readonly times: Range;
}

/** Adds up what is done how often. */
export function sumEstimate(loads: readonly Load[], work: Work, prices: PriceList, notes: readonly string[]): Estimate {
  const lines = loads.map((load) => ({ ...load.profile, line: lineOf(load, prices) }));
  const byKey = (key: "role" | "model"): Record<string, EstimateLine> => {
    const names = [...new Set(lines.map((line) => line[key]))].sort();
    return Object.fromEntries(
      names.map((name) => [name, total(lines.filter((line) => line[key] === name).map(({ line }) => line))]),
    );
  };
  return {
    ...total(lines.map(({ line }) => line)),
    rollouts: work.rollouts,
    work,
    byRole: byKey("role"),
    byModel: byKey("model"),
    unpriced: [...new Set(lines.filter(({ line }) => line.usd === null).map(({ model }) => model))].sort(),
    notes,
  };
}

function lineOf({ profile, times }: Load, prices: PriceList): EstimateLine {
  const cost = (end: "min" | "max"): number | null => {
    const calls = profile.calls[end];
    if (calls === 0) return prices.knows(profile.model) ? 0 : null;
    // Prices may depend on the length of a prompt, so it is that of a single call that counts.
    const tokens = { inputTokens: profile.inputTokens[end] / calls, outputTokens: profile.outputTokens[end] / calls };
    const nanos = prices.nanos(profile.model, tokens);
    return nanos === null ? null : (nanos * calls * times[end]) / nanosPerDollar;
  };
  const [min, max] = [cost("min"), cost("max")];
  return {
    calls: productOf(profile.calls, times),
    inputTokens: productOf(profile.inputTokens, times),
    outputTokens: productOf(profile.outputTokens, times),
    usd: min === null || max === null ? null : { min, max },
  };
}

function total(lines: readonly EstimateLine[]): EstimateLine {
  return {
    calls: sumOf(lines.map(({ calls }) => calls)),
    inputTokens: sumOf(lines.map(({ inputTokens }) => inputTokens)),
    outputTokens: sumOf(lines.map(({ outputTokens }) => outputTokens)),
    usd: lines.some(({ usd }) => usd === null) ? null : sumOf(lines.map(({ usd }) => usd as Range)),
  };
}
