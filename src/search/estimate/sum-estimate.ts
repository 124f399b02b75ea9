/**
 * From the calls of each piece of work to those of a whole run, and the text that shows them.
 *
 * @module
 */
import { productOf, type Range, sumOf } from "../../data/range.ts";
import type { CallProfile } from "../../llm/spend/call-profile.ts";
import { nanosPerDollar, type PriceList, unknownPrice } from "../../llm/spend/prices.ts";
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

/**
 * A small table of calls, tokens and dollars by role, then the work that they come from and what could not be foreseen.
 *
 * @returns lines without colours, the last one without a line break
 */
export function describeEstimate(estimate: Estimate): string {
  const { work, byRole, unpriced, notes } = estimate;
  const rows = [
    ["", "calls", "input tokens", "output tokens", "dollars"],
    ...Object.entries(byRole).map(([role, line]) => row(role, line)),
    row("total", estimate),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const table = rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  const kinds = ["forward", "test", "improvement", "validation"] as const;
  const parts = kinds.filter((kind) => work[kind].max > 0).map((kind) => `${kind} ${span(work[kind])}`);
  const detail = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
  return [
    ...table,
    [
      countOf(work.iterations, "iteration"),
      `${countOf(work.rollouts, "rollout")}${detail}`,
      countOf(work.proposals, "proposal"),
    ].join(", "),
    ...unpriced.map((model) => `The price of ${model} is not known: ${unknownPrice(model)}`),
    ...notes,
  ].join("\n");
}

function row(name: string, { calls, inputTokens, outputTokens, usd }: EstimateLine): string[] {
  return [name, span(calls), span(inputTokens), span(outputTokens), usd === null ? "unknown" : dollars(usd)];
}

function span({ min, max }: Range): string {
  return min === max ? whole(min) : `${whole(min)} to ${whole(max)}`;
}

function countOf(range: Range, what: string): string {
  const text = span(range);
  return `${text} ${what}${text === "1" ? "" : "s"}`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function dollars({ min, max }: Range): string {
  return min === max ? price(min) : `${price(min)} to ${price(max)}`;
}

/** Cents, or two digits of what is less than one. */
function price(usd: number): string {
  if (usd === 0) return "$0";
  const digits = usd < 0.01 ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return `$${usd.toLocaleString("en-US", digits)}`;
}
