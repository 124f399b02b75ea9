/**
 * `SpendTally`: the use of models by role, model, and iteration, as a fold over the lines of calls.
 *
 * @module
 */
import { parseJsonObject } from "../data/json.ts";
import { nanosPerDollar, type PriceList } from "../llm/spend/prices.ts";
import type { Spend, SpendLine } from "./api.ts";
import type { JournalLine } from "./journal-lines.ts";

/** Sums over calls. */
interface Sums {
  readonly role: string;
  readonly model: string;
  readonly iteration: number | null;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
}

/** Iterations are shown one by one up to here. */
const mostIterations = 200;

/** Adds up the `model-call` events of a run. */
export class SpendTally {
  readonly #sums = new Map<string, Sums>();
  /** By model: quick to price after every iteration. */
  readonly #models = new Map<string, Sums>();
  #calls = 0;
  #tokens = 0;

  /** All calls so far. */
  get calls(): number {
    return this.#calls;
  }

  /** All tokens so far, in and out. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Takes in the line of a call. Millions of them are read faster where they are as this version writes them. */
  add(line: JournalLine): void {
    const text = line.bytes.toString("latin1", line.start, line.end);
    const fields = fieldsIn(text) ?? parsed(line.bytes.toString("utf8", line.start, line.end));
    if (fields === undefined) return;
    const { iteration, model, role } = fields;
    const key = `${iteration} ${role} ${model}`;
    let sums = this.#sums.get(key);
    if (sums === undefined) {
      sums = { role, model, iteration: iteration < 0 ? null : iteration, ...none };
      this.#sums.set(key, sums);
    }
    let all = this.#models.get(model);
    if (all === undefined) {
      all = { role: "", model, iteration: null, ...none };
      this.#models.set(model, all);
    }
    for (const line of [sums, all]) {
      line.calls++;
      line.inputTokens += fields.inputTokens;
      line.outputTokens += fields.outputTokens;
      if (!fields.hasMore) continue;
      line.cachedInputTokens += numberAfter(text, '"cachedInputTokens":');
      line.cacheWriteTokens += numberAfter(text, '"cacheWriteTokens":');
      line.reasoningTokens += numberAfter(text, '"reasoningTokens":');
    }
    this.#calls++;
    this.#tokens += fields.inputTokens + fields.outputTokens;
  }

  /** Dollars for all calls so far; `null` where a price is not known. */
  usd(prices: PriceList): number | null {
    let total = 0;
    for (const sums of this.#models.values()) {
      const usd = usdOf(sums, prices);
      if (usd === null) return null;
      total += usd;
    }
    return total;
  }

  /** As the page shows it. */
  view(prices: PriceList): Spend {
    const all = [...this.#sums.values()];
    const iterations = all.reduce((most, { iteration }) => Math.max(most, iteration ?? 0), 0);
    const groups = Math.max(1, Math.ceil(iterations / mostIterations));
    const firstOf = (iteration: number | null): number | null => {
      return iteration === null ? null : iteration === 0 ? 0 : Math.floor((iteration - 1) / groups) * groups + 1;
    };
    const byIteration = merged(all, prices, ({ role, model, iteration }) => ({ role, model, iteration: firstOf(iteration) }));
    byIteration.sort((a, b) => (a.iteration ?? -1) - (b.iteration ?? -1));
    const [total = emptyLine] = merged(all, prices, () => ({}));
    return { total, byRole: merged(all, prices, ({ role, model }) => ({ role, model })), byIteration, groups };
  }
}

const none = { calls: 0, inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };

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
function usdOf({ model, calls, ...sums }: Sums, prices: PriceList): number | null {
  const mean = {
    inputTokens: sums.inputTokens / calls,
    outputTokens: sums.outputTokens / calls,
    cachedInputTokens: sums.cachedInputTokens / calls,
    cacheWriteTokens: sums.cacheWriteTokens / calls,
  };
  const nanos = prices.nanos(model, mean);
  return nanos === null ? null : (nanos * calls) / nanosPerDollar;
}

interface CallFields {
  /** -1 outside of any. */
  readonly iteration: number;
  readonly model: string;
  readonly role: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly hasMore: boolean;
}

/** By the names of the fields in the order in which they are written; `undefined` where they are not. */
function fieldsIn(text: string): CallFields | undefined {
  const positionAt = text.indexOf(positionField, 40);
  const modelAt = text.indexOf(modelField, positionAt);
  const roleAt = text.indexOf(roleField, modelAt);
  const roleEnd = text.indexOf('"', roleAt + roleField.length);
  const inputAt = text.indexOf(inputField, roleEnd);
  if (positionAt < 0 || modelAt < 0 || roleAt < 0 || inputAt < 0) return undefined;
  const model = text.slice(modelAt + modelField.length, roleAt);
  if (!/^[\w./:@+-]+$/.test(model)) return undefined;
  const outputAt = text.indexOf(outputField, inputAt);
  if (outputAt < 0) return undefined;
  const outputTokens = numberAt(text, outputAt + outputField.length);
  return {
    iteration: iterationAt(text, positionAt + positionField.length),
    model,
    role: text.slice(roleAt + roleField.length, roleEnd),
    inputTokens: numberAt(text, inputAt + inputField.length),
    outputTokens,
    hasMore: text.indexOf(',"', outputAt + outputField.length) > 0,
  };
}

const positionField = '"position":"';
const modelField = '","model":"';
const roleField = '","role":"';
const inputField = '"inputTokens":';
const outputField = '"outputTokens":';

function iterationAt(text: string, at: number): number {
  const name = "iteration/";
  if (!text.startsWith(name, at)) return -1;
  return numberAt(text, at + name.length);
}

function numberAt(text: string, from: number): number {
  let value = 0;
  for (let at = from, code = text.charCodeAt(at); code >= 0x30 && code <= 0x39; code = text.charCodeAt(++at)) {
    value = value * 10 + code - 0x30;
  }
  return value;
}

function numberAfter(text: string, name: string): number {
  const at = text.indexOf(name);
  return at < 0 ? 0 : numberAt(text, at + name.length);
}

function parsed(text: string): CallFields | undefined {
  const { position, model, role, inputTokens, outputTokens } = parseJsonObject(text) ?? {};
  if (typeof model !== "string") return undefined;
  const [, iteration] = /^iteration\/(\d+)/.exec(String(position)) ?? [];
  const count = (value: unknown): number => (typeof value === "number" ? value : 0);
  return {
    iteration: iteration === undefined ? -1 : Number(iteration),
    model,
    role: String(role),
    inputTokens: count(inputTokens),
    outputTokens: count(outputTokens),
    hasMore: true,
  };
}
