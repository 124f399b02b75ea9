/**
 * `overlap`: a guide that compares a list of items with the reference, whatever their order.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import { canonicalJson, describeValue, isJsonValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { FunctionGuide, type Guide } from "./guide.ts";
import { comparable, listed, type ReferenceOptions, referenceIn } from "./reference.ts";

/** Which measure of overlap is the score. */
export type OverlapMeasure = "f1" | "precision" | "recall";

/** How `overlap` compares. */
export interface OverlapOptions extends ReferenceOptions {
  /** The measure that is the score; all three are among the named scores. @default "f1" */
  readonly measure?: OverlapMeasure | undefined;
  /** What separates the items of a text that is not a JSON list: `/\s+/` compares words. @default commas, semicolons and line breaks */
  readonly separator?: string | RegExp | undefined;
  /** Upper and lower case are the same. @default true */
  readonly ignoreCase?: boolean | undefined;
  /** Whether an item that occurs twice has to be answered twice. @default false */
  readonly countDuplicates?: boolean | undefined;
}

/**
 * A guide that compares two sets, or lists in any order: precision is the share of the answered items that are right, recall the share of
 * the expected items that were answered, F1 their harmonic mean. Answers and references are lists, JSON lists as text, or text with
 * separators.
 *
 * @throws InvalidArgumentError for an unknown measure
 * @example
 * const guide = overlap({ measure: "recall" });
 */
export function overlap(options: OverlapOptions = {}): Guide<unknown, unknown, unknown> {
  checkOptions(options, ["measure", "separator", "ignoreCase", "countDuplicates", "field"], "overlap");
  const { measure = "f1", separator = /[,;\n]/, ignoreCase = true, countDuplicates = false, field } = options;
  if (!["f1", "precision", "recall"].includes(measure)) {
    throw new InvalidArgumentError(
      `Expected \`measure\` of overlap to be "f1", "precision" or "recall", got ${describeValue(measure)}`,
    );
  }
  const keyOf = (item: unknown): string => {
    if (typeof item === "object" && isJsonValue(item)) return canonicalJson(item);
    return comparable(String(item).trim(), ignoreCase);
  };
  const itemsOf = (value: unknown): Map<string, Item> => countItems(toList(value, separator), keyOf, countDuplicates);
  const judge = (_question: unknown, answer: unknown, info: unknown): Feedback => {
    const [expected, got] = [itemsOf(referenceIn(info, field)), itemsOf(answer)];
    const missing = without(expected, got);
    const superfluous = without(got, expected);
    const [wanted, given] = [total(expected), total(got)];
    const shared = wanted - missing.length;
    // Nothing expected and nothing answered is right; a share of nothing is then 1, else 0.
    const precision = given === 0 ? Number(wanted === 0) : shared / given;
    const recall = wanted === 0 ? Number(given === 0) : shared / wanted;
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    const scores = { precision, recall, f1 };
    const complaints = [
      ...(missing.length === 0 ? [] : [`Missing: ${listed(missing)}.`]),
      ...(superfluous.length === 0 ? [] : [`Not expected: ${listed(superfluous)}.`]),
    ];
    const right = `${shared} of ${wanted} expected items are in the answer, which has ${given}.`;
    return {
      score: scores[measure],
      feedback: complaints.length === 0 ? "Correct." : [right, ...complaints].join(" "),
      scores,
    };
  };
  const settings = { measure, separator: String(separator), ignoreCase, countDuplicates, field };
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const, meaning: meanings[measure] }), settings);
}

const meanings: Readonly<Record<OverlapMeasure, string>> = {
  f1: "the F1 of the answered and the expected items",
  precision: "the share of the answered items that are expected",
  recall: "the share of the expected items that are answered",
};

interface Item {
  readonly item: unknown;
  count: number;
}

function toList(value: unknown, separator: string | RegExp): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Set) return [...value];
  if (value === null || value === undefined) return [];
  if (typeof value !== "string") return [value];
  const parsed = value.trim().startsWith("[") ? parsedList(value) : undefined;
  return parsed ?? value.split(separator).filter((item) => item.trim() !== "");
}

function parsedList(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function countItems(items: readonly unknown[], keyOf: (item: unknown) => string, counts: boolean): Map<string, Item> {
  const found = new Map<string, Item>();
  for (const item of items) {
    const known = found.get(keyOf(item));
    if (known === undefined) found.set(keyOf(item), { item: typeof item === "string" ? item.trim() : item, count: 1 });
    else if (counts) known.count += 1;
  }
  return found;
}

function total(items: ReadonlyMap<string, Item>): number {
  return [...items.values()].reduce((sum, { count }) => sum + count, 0);
}

/** The items of one list that the other does not have, as often as they are missing. */
function without(items: ReadonlyMap<string, Item>, others: ReadonlyMap<string, Item>): unknown[] {
  return [...items].flatMap(([key, { item, count }]) =>
    Array.from({ length: Math.max(0, count - (others.get(key)?.count ?? 0)) }, () => item),
  );
}
