/**
 * `describeEstimate`: an estimate as text.
 *
 * @module
 */

import type { Range } from "../../data/range.ts";
import { unknownPrice } from "../../llm/prices.ts";
import type { Estimate, EstimateLine } from "./sum-estimate.ts";

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
    `${span(work.iterations)} iterations, ${span(work.rollouts)} rollouts${detail}, ${span(work.proposals)} proposals`,
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
