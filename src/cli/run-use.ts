/**
 * What a run has used of language models: from its record of calls to the text that shows it.
 *
 * @module
 */

import { join } from "node:path";
import { systemClock } from "../data/clock.ts";
import { counted, grouped } from "../data/number-text.ts";
import { isTokenCount, type TokenCounts } from "../llm/model-request.ts";
import { nanosPerDollar, PriceList, type Prices } from "../llm/spend/prices.ts";
import { readJsonLines } from "../runs/append-file.ts";
import { fileNames } from "../runs/run-files.ts";

/** Sums over some calls. */
export interface UseLine {
  /** Requests sent to providers, every retry counted. */
  readonly requests: number;
  /** Requests that were answered. */
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Dollars; `null` when the price of one of the models is not known. */
  readonly usd: number | null;
  /** Of how many calls the tokens are estimated. */
  readonly estimated: number;
}

/** The use of a run. */
export interface RunUse extends UseLine {
  readonly byRole: Readonly<Record<string, UseLine>>;
  /** Lines of the record that could not be read. */
  readonly damaged: number;
}

const nothing: UseLine = { requests: 0, calls: 0, inputTokens: 0, outputTokens: 0, usd: 0, estimated: 0 };

/** Sums up `calls.jsonl` of a run; all zero when there is none. */
export async function readUse(folder: string, costOf: CallCost): Promise<RunUse> {
  const byRole = new Map<string, UseLine>();
  let total = nothing;
  let damaged = 0;
  for await (const { value } of readJsonLines(join(folder, fileNames.calls))) {
    const line = value === undefined ? undefined : useOf(value, costOf);
    if (line === undefined) {
      damaged++;
      continue;
    }
    const role = typeof value?.role === "string" ? value.role : "unknown";
    byRole.set(role, sum(byRole.get(role) ?? nothing, line));
    total = sum(total, line);
  }
  return { ...total, byRole: Object.fromEntries(byRole), damaged };
}

function useOf(line: Readonly<Record<string, unknown>>, costOf: CallCost): UseLine | undefined {
  if (line.call === "sent") return { ...nothing, requests: 1 };
  // Somebody else's answer, or one that is not used again: nothing was sent and nothing paid.
  if (line.call === "joined" || line.call === "discarded") return nothing;
  if (line.call !== "answered") return undefined;
  const [inputTokens, outputTokens] = [count(line.inputTokens), count(line.outputTokens)];
  const [cachedInputTokens, cacheWriteTokens] = [count(line.cachedInputTokens) ?? 0, count(line.cacheWriteTokens) ?? 0];
  const usd = costOf(String(line.model), { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens });
  const estimated = Number(line.estimated === true);
  return { requests: 0, calls: 1, inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, usd, estimated };
}

function sum(a: UseLine, b: UseLine): UseLine {
  return {
    requests: a.requests + b.requests,
    calls: a.calls + b.calls,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    estimated: a.estimated + b.estimated,
    usd: a.usd === null || b.usd === null ? null : a.usd + b.usd,
  };
}

function count(value: unknown): number | null {
  return isTokenCount(value) ? value : null;
}

/** Sums over some calls. */
export interface UseSums {
  readonly requests: number;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** `null` when it is not known. */
  readonly usd: number | null;
  /** Of how many calls the tokens are estimated. @default 0 */
  readonly estimated?: number;
}

/** `12 calls (14 requests), 3,400 tokens in, 120 out, $0.0123`. */
export function describeUse({ requests, calls, inputTokens, outputTokens, usd, estimated = 0 }: UseSums): string {
  if (requests === 0 && calls === 0) return "no calls";
  const retries = requests === calls ? "" : ` (${grouped(requests)} requests)`;
  const guess = estimated === 0 ? "" : ` (estimated for ${estimated === calls ? "all" : grouped(estimated)} calls)`;
  const cost = usd === null ? "cost unknown" : dollars(usd);
  return `${counted(calls, "call")}${retries}, ${grouped(inputTokens)} tokens in, ${grouped(outputTokens)} out, ${cost}${guess}`;
}

/** `$1.25`, `$0.0123`; `?` when it is not known. */
export function dollars(usd: number | null): string {
  if (usd === null) return "?";
  return usd === 0 || usd >= 1 ? `$${usd.toFixed(2)}` : `$${usd.toPrecision(3).replace(/0+$/, "").padEnd(4, "0")}`;
}

/** Dollars for the tokens of one answer; `null` when the price of the model is not known. */
export type CallCost = (model: string, tokens: TokenCounts) => number | null;

/** Tells what calls cost by the user's prices and those of the installed table. */
export function callCost(prices: unknown): CallCost {
  const list = new PriceList((prices ?? {}) as Prices, systemClock.now());
  return (model, tokens) => {
    const nanos = list.nanos(model, tokens);
    return nanos === null ? null : nanos / nanosPerDollar;
  };
}
