/**
 * A run in one line, for who has no browser.
 *
 * @module
 */
import { formatNumber } from "../loggers/format-number.ts";
import { onOneLine } from "../loggers/printable.ts";
import type { RunSummary } from "./api.ts";

/** `night: running, iteration 12, score 0.5 → 0.82, 31 candidates, $0.12`. */
export function summaryLine({ id, state, reason, iterations, start, best, candidates, usd }: RunSummary): string {
  const gained =
    best === null ? "" : `, score ${start === null || start === best ? "" : `${formatNumber(start)} → `}${formatNumber(best)}`;
  const parts = [
    reason === null ? state : `${state} (${onOneLine(reason)})`,
    iterations === null ? "" : `, iteration ${iterations}`,
    gained,
    candidates === null ? "" : `, ${candidates.toLocaleString("en-US")} ${candidates === 1 ? "candidate" : "candidates"}`,
    usd === null || usd === 0 ? "" : `, $${usd.toPrecision(3)}`,
  ];
  return `${onOneLine(id)}: ${parts.join("")}`;
}
