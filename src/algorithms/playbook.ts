/**
 * A playbook: a list of short items with ids, changed by small operations, never as a whole.
 *
 * @module
 */
import { isPlainObject, type JsonValue, ownValue } from "../data/json.ts";
import { estimateTokens } from "../llm/spend/estimate-tokens.ts";
import { quoted } from "./quoted.ts";

/** One item. What else an element of the list has, such as its section, stays as it is. */
export type PlaybookItem = { readonly id: string; readonly text: string; readonly [key: string]: JsonValue };

/** How often an item was there when an example turned right, and wrong. */
export type ItemCounts = { readonly helpful: number; readonly harmful: number };

/** The counts of items by their ids. */
export type PlaybookCounts = { readonly [id: string]: ItemCounts };

/** A playbook after a change, and which of its items are new or have another text. */
export interface PlaybookDelta {
  readonly items: readonly PlaybookItem[];
  readonly counts: PlaybookCounts;
  readonly changed: readonly string[];
}

const noCounts: ItemCounts = { helpful: 0, harmful: 0 };

/** The items of a value; `undefined` when it is not a playbook. */
export function playbookOf(value: JsonValue | undefined): readonly PlaybookItem[] | undefined {
  return Array.isArray(value) && value.every(isItem) ? (value as readonly PlaybookItem[]) : undefined;
}

/**
 * Reads what a model made of a playbook as operations: an item of a known id with another text is updated, an item that names others in `merges`
 * takes their place and their counts, any other new item is added under an id of its own, and a known item that is missing is removed. Texts are never
 * altered. Then the items with the fewest helpful minus harmful counts are removed until the rest fits; of equals the oldest.
 *
 * What cannot be read removes nothing: known items that such an element names stay as they are.
 *
 * @param proposed elements as the model returned them: items, texts, or ids of items that stay
 * @returns `undefined` where there are elements, and none can be read
 */
export function changedPlaybook(
  before: readonly PlaybookItem[],
  counts: PlaybookCounts,
  proposed: readonly JsonValue[],
  { maxTokens, next }: { readonly maxTokens: number; readonly next: number },
): PlaybookDelta | undefined {
  const known = new Map(before.map((item) => [item.id, item]));
  const all: readonly JsonValue[] = proposed.map((element) =>
    typeof element === "string" ? (known.get(element.trim()) ?? element) : element,
  );
  if (all.length > 0 && all.every((element) => readElement(element) === undefined)) return undefined;
  const change: OpenChange = { known, counts, taken: new Set(), own: new Map(), changed: [], items: [], number: next };
  for (const element of all) {
    const readable = readElement(element) === undefined ? namedItems(element, known) : [element];
    for (const read of readable.map(readElement)) if (read !== undefined) applyElement(change, read);
  }
  const kept = fitting(change.items, change.own, maxTokens);
  const ids = new Set(kept.map(({ id }) => id));
  return {
    items: kept,
    counts: Object.fromEntries([...change.own].filter(([id]) => ids.has(id))),
    changed: change.changed.filter((id) => ids.has(id)),
  };
}

/** A playbook while it is changed. */
interface OpenChange {
  readonly known: ReadonlyMap<string, PlaybookItem>;
  readonly counts: PlaybookCounts;
  /** Ids that are in the new playbook, or of items that were merged into one. */
  readonly taken: Set<string>;
  readonly own: Map<string, ItemCounts>;
  readonly changed: string[];
  readonly items: PlaybookItem[];
  /** Of the next new item. */
  number: number;
}

function applyElement(change: OpenChange, { merges, ...rest }: ReadElement & { readonly merges: readonly string[] }): void {
  const { known, counts, taken, own } = change;
  if (rest.id !== undefined && taken.has(rest.id) && known.get(rest.id)?.text === rest.text) return;
  const isKnown = rest.id !== undefined && known.has(rest.id) && !taken.has(rest.id);
  const id = isKnown ? (rest.id as string) : freshId(change);
  taken.add(id);
  change.items.push({ ...rest, id });
  const sources = [...new Set([...(isKnown ? [id] : []), ...merges.filter((other) => known.has(other))])];
  own.set(id, sources.map((source) => countsOf(counts, source)).reduce(sum, noCounts));
  if (known.get(id)?.text !== rest.text) change.changed.push(id);
  for (const merged of merges) if (merged !== id) taken.add(merged);
}

function freshId(change: OpenChange): string {
  const { known, taken } = change;
  let id = `item-${change.number++}`;
  while (known.has(id) || taken.has(id)) id = `item-${change.number++}`;
  return id;
}

/** Ids are chosen by models: one may be called as what every object has. */
function countsOf(counts: PlaybookCounts, id: string): ItemCounts {
  return ownValue(counts, id) ?? noCounts;
}

/** The counts with those of some items raised. */
export function countedFor(counts: PlaybookCounts, ids: readonly string[], more: ItemCounts): PlaybookCounts {
  return { ...counts, ...Object.fromEntries(ids.map((id) => [id, sum(countsOf(counts, id), more)])) };
}

/** The items with their counts, a line each, for the optimizer. */
export function playbookText(items: readonly PlaybookItem[], counts: PlaybookCounts): string {
  return items
    .map(({ id, text }) => {
      const { helpful, harmful } = countsOf(counts, id);
      return `[${id.replace(/\s+/g, " ")}] helpful ${helpful}, harmful ${harmful}: ${quoted(text)}`;
    })
    .join("\n");
}

function fitting(
  items: readonly PlaybookItem[],
  counts: ReadonlyMap<string, ItemCounts>,
  maxTokens: number,
): readonly PlaybookItem[] {
  const costs = new Map(items.map((item) => [item, estimateTokens(JSON.stringify(item))]));
  let total = [...costs.values()].reduce((all, one) => all + one, 0);
  const worth = ({ id }: PlaybookItem): number => {
    const { helpful, harmful } = counts.get(id) ?? noCounts;
    return helpful - harmful;
  };
  const removed = new Set<PlaybookItem>();
  for (const item of items.toSorted((a, b) => worth(a) - worth(b))) {
    if (total <= maxTokens) break;
    removed.add(item);
    total -= costs.get(item) ?? 0;
  }
  return items.filter((item) => !removed.has(item));
}

type ReadElement = { readonly id?: string; readonly text: string; readonly [key: string]: JsonValue };

/** What an element is meant to be; `undefined` where it has no text. */
function readElement(element: JsonValue): (ReadElement & { readonly merges: readonly string[] }) | undefined {
  if (typeof element === "string") return element.trim() === "" ? undefined : { text: element, merges: [] };
  if (!isPlainObject(element) || typeof element.text !== "string" || element.text.trim() === "") return undefined;
  const { id, merges, ...rest } = element as Record<string, JsonValue>;
  const names = Array.isArray(merges) ? merges.filter((one): one is string => typeof one === "string") : [];
  return { ...rest, text: element.text, ...(typeof id === "string" && id !== "" ? { id } : {}), merges: names };
}

/** The known items that an element names by its id, or means to replace. */
function namedItems(element: JsonValue, known: ReadonlyMap<string, PlaybookItem>): readonly PlaybookItem[] {
  if (!isPlainObject(element)) return [];
  const { id, merges } = element as Record<string, JsonValue>;
  return [id, ...(Array.isArray(merges) ? merges : [])].flatMap((name) => known.get(name as string) ?? []);
}

function isItem(value: unknown): value is PlaybookItem {
  return isPlainObject(value) && typeof value.id === "string" && typeof value.text === "string";
}

function sum(a: ItemCounts, b: ItemCounts): ItemCounts {
  return { helpful: a.helpful + b.helpful, harmful: a.harmful + b.harmful };
}
