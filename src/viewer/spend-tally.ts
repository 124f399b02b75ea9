/**
 * `SpendTally`: the use of models by role, model, and iteration, as a fold over the lines of calls.
 *
 * @module
 */
import { parseJsonObject } from "../data/json.ts";
import { nanosPerDollar, type PriceList } from "../llm/spend/prices.ts";
import type { Spend, SpendLine } from "./api.ts";
import { viewOf } from "./byte-pattern.ts";
import { CallLine } from "./call-line.ts";
import type { JournalLine } from "./journal-lines.ts";
import type { Fields } from "./line-store.ts";

/** Tokens of calls. */
interface Counts {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
}

/** Sums over calls. */
interface Sums extends Counts {
  readonly role: string;
  readonly model: string;
  readonly iteration: number | null;
  calls: number;
  /** What the calls cost one by one, in billionths of a dollar; `null` where a price is not known, and `undefined` where that was not asked for. */
  nanos: number | null | undefined;
}

/** Iterations are shown one by one up to here. */
const mostIterations = 200;
/** Up to this many reasons to end, lines of a series are known by their bytes. */
const mostReasons = 10;

/** Calls of one model in one role. */
interface Series {
  readonly role: string;
  readonly model: string;
  /** Reasons to end that lines are known by. */
  readonly reasons: Set<string>;
  readonly byIteration: Map<number, Sums>;
  /** Of all iterations: quick to price after every one of them. */
  readonly total: Sums;
  /** The sums of the iteration that came last. */
  last: Sums;
  lastIteration: number;
}

/** Adds up calls, such as the `model-call` events of a run. */
export class SpendTally {
  readonly #prices: PriceList | undefined;
  readonly #series: Series[] = [];
  readonly #line = new CallLine<Series>();
  #calls = 0;
  #tokens = 0;
  #lastSeq = 0;

  /** @param prices by which every call is priced by itself. @default a line of calls is priced by its average call */
  constructor(prices?: PriceList) {
    this.#prices = prices;
  }

  /** All calls so far. */
  get calls(): number {
    return this.#calls;
  }

  /** All tokens so far, in and out. */
  get tokens(): number {
    return this.#tokens;
  }

  /**
   * Takes in the calls that follow each other, as this version writes them, without making a text of any.
   *
   * @param from where the first line begins
   * @param lastSeq calls with a higher number do not count, and end it
   * @returns where the first line begins that was not taken in
   */
  take(bytes: Buffer, from: number, lastSeq: number = Number.POSITIVE_INFINITY): number {
    const line = this.#line;
    const view = viewOf(bytes);
    for (let start = from; ; ) {
      const end = line.read(bytes, view, start);
      const { owner, seq } = line;
      if (end < 0 || owner === undefined || seq > lastSeq) return start;
      addTo(sumsOf(owner, line.iteration), line);
      addTo(owner.total, line);
      this.#calls++;
      this.#tokens += line.inputTokens + line.outputTokens;
      this.#lastSeq = seq;
      start = end + 1;
    }
  }

  /** The number of the last event that `take` has taken in. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Takes in any line of a call. */
  add(line: JournalLine): void {
    this.addCall(parseJsonObject(line.bytes.toString("utf8", line.start, line.end)) ?? {});
  }

  /** Takes in what a line says. */
  addCall(call: Fields): void {
    const {
      position,
      model,
      role,
      finishReason,
      inputTokens,
      outputTokens,
      cachedInputTokens,
      cacheWriteTokens,
      reasoningTokens,
    } = call;
    if (typeof model !== "string" || typeof role !== "string") return;
    const [, iteration = "-1"] = /^iteration\/(\d+)/.exec(String(position)) ?? [];
    const series = this.#seriesOf(role, model);
    this.#know(series, finishReason);
    const tokens = { inputTokens: countOrNull(inputTokens), outputTokens: countOrNull(outputTokens) };
    const cached = { cachedInputTokens: count(cachedInputTokens), cacheWriteTokens: count(cacheWriteTokens) };
    const nanos = this.#prices?.nanos(model, { ...tokens, ...cached });
    const counts = {
      ...cached,
      inputTokens: count(inputTokens),
      outputTokens: count(outputTokens),
      reasoningTokens: count(reasoningTokens),
    };
    for (const sums of [sumsOf(series, Number(iteration)), series.total]) {
      if (nanos !== undefined) sums.nanos = nanos === null || sums.nanos === null ? null : (sums.nanos ?? 0) + nanos;
      addTo(sums, counts);
    }
    this.#calls++;
    this.#tokens += count(inputTokens) + count(outputTokens);
  }

  #seriesOf(role: string, model: string): Series {
    const known = this.#series.find((one) => one.role === role && one.model === model);
    if (known !== undefined) return known;
    const [last, total] = [emptySums(role, model, null), emptySums(role, model, null)];
    const series = { role, model, reasons: new Set<string>(), byIteration: new Map(), total, last, lastIteration: Number.NaN };
    this.#series.push(series);
    return series;
  }

  /** From now on its lines are read from their bytes. */
  #know(series: Series, reason: unknown): void {
    if (typeof reason !== "string" || series.reasons.has(reason) || series.reasons.size === mostReasons) return;
    series.reasons.add(reason);
    this.#line.know(series.model, series.role, reason, series);
  }

  /** Dollars for all calls so far; `null` where a price is not known. */
  usd(prices: PriceList): number | null {
    let total = 0;
    for (const series of this.#series) {
      const usd = usdOf(series.total, prices);
      if (usd === null) return null;
      total += usd;
    }
    return total;
  }

  /** As the page shows it. */
  view(prices: PriceList): Spend {
    const all = this.#series.flatMap(({ byIteration }) => [...byIteration.values()]);
    const iterations = all.reduce((most, { iteration }) => Math.max(most, iteration ?? 0), 0);
    const groups = Math.max(1, Math.ceil(iterations / mostIterations));
    const firstOf = (iteration: number | null): number | null => {
      if (iteration === null || iteration === 0) return iteration;
      return Math.floor((iteration - 1) / groups) * groups + 1;
    };
    const byIteration = merged(all, prices, ({ role, model, iteration }) => ({ role, model, iteration: firstOf(iteration) }));
    byIteration.sort((a, b) => (a.iteration ?? -1) - (b.iteration ?? -1));
    const [total = emptyLine] = merged(all, prices, () => ({}));
    return { total, byRole: merged(all, prices, ({ role, model }) => ({ role, model })), byIteration, groups };
  }
}

const emptyLine: SpendLine = { calls: 0, inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0, usd: 0 };

function merged<Key extends object>(all: readonly Sums[], prices: PriceList, keyOf: (sums: Sums) => Key): (SpendLine & Key)[] {
  const lines = new Map<string, SpendLine & Key>();
  for (const sums of all) {
    const key = keyOf(sums);
    const name = JSON.stringify(key);
    const before = lines.get(name) ?? { ...key, ...emptyLine };
    const usd = usdOf(sums, prices);
    lines.set(name, {
      ...before,
      calls: before.calls + sums.calls,
      inputTokens: before.inputTokens + sums.inputTokens,
      outputTokens: before.outputTokens + sums.outputTokens,
      cachedInputTokens: before.cachedInputTokens + sums.cachedInputTokens,
      reasoningTokens: before.reasoningTokens + sums.reasoningTokens,
      usd: before.usd === null || usd === null ? null : before.usd + usd,
    });
  }
  return [...lines.values()];
}

/** Some prices depend on the length of the prompt: that of the average call decides for all of a line. */
function usdOf({ model, calls, nanos: exact, ...sums }: Sums, prices: PriceList): number | null {
  if (exact !== undefined) return exact === null ? null : exact / nanosPerDollar;
  const mean = {
    inputTokens: sums.inputTokens / calls,
    outputTokens: sums.outputTokens / calls,
    cachedInputTokens: sums.cachedInputTokens / calls,
    cacheWriteTokens: sums.cacheWriteTokens / calls,
  };
  const nanos = prices.nanos(model, mean);
  return nanos === null ? null : (nanos * calls) / nanosPerDollar;
}

function emptySums(role: string, model: string, iteration: number | null): Sums {
  const none = { calls: 0, inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
  return { role, model, iteration, ...none, nanos: undefined };
}

/** @param iteration -1 outside of any */
function sumsOf(series: Series, iteration: number): Sums {
  if (series.lastIteration === iteration) return series.last;
  let sums = series.byIteration.get(iteration);
  if (sums === undefined) {
    sums = emptySums(series.role, series.model, iteration < 0 ? null : iteration);
    series.byIteration.set(iteration, sums);
  }
  series.last = sums;
  series.lastIteration = iteration;
  return sums;
}

function addTo(sums: Sums, counts: Counts): void {
  sums.calls++;
  sums.inputTokens += counts.inputTokens;
  sums.outputTokens += counts.outputTokens;
  sums.cachedInputTokens += counts.cachedInputTokens;
  sums.cacheWriteTokens += counts.cacheWriteTokens;
  sums.reasoningTokens += counts.reasoningTokens;
}

function countOrNull(value: unknown): number | null {
  return typeof value === "number" && value >= 0 ? value : null;
}

function count(value: unknown): number {
  return typeof value === "number" && value >= 0 ? value : 0;
}
