/**
 * Which examples datasets share: `sharedExamples` lists them, `seenExamples` has those of a test dataset.
 *
 * @module
 */
import { type Dataset, type DatasetLike, toDataset } from "./dataset.ts";
import { textOf } from "./json.ts";

/** Where an example is. */
export interface ExamplePlace {
  /** The name of the dataset. */
  readonly dataset: string;
  readonly index: number;
}

/** An input that two datasets share. */
export interface SharedExample {
  readonly first: ExamplePlace;
  readonly second: ExamplePlace;
  /** Whether the inputs are the same, or are texts that only differ in case, punctuation, accents composed differently, and whitespace. */
  readonly kind: "exact" | "near";
}

/**
 * The inputs of each dataset that an earlier one has, too: exactly, or nearly (texts that are the same in lower case without punctuation and whitespace, as
 * far as these do not change what numbers and formulas say). The infos do not count. Within one dataset examples may repeat.
 *
 * @param datasets by name, in the order in which they are compared; a dataset that is another one's own list is not compared with it
 * @throws InvalidArgumentError for what is not a dataset
 * @example
 * const shared = sharedExamples({ train, test });
 * if (shared.length > 0) console.warn(`${shared.length} test examples are in the training data`, shared[0]);
 */
export function sharedExamples(datasets: Readonly<Record<string, DatasetLike<unknown, unknown>>>): readonly SharedExample[] {
  const seen: { readonly of: object; readonly exact: Places; readonly near: Places }[] = [];
  const shared: SharedExample[] = [];
  for (const [name, like] of Object.entries(datasets)) {
    const dataset = toDataset(like, name);
    const others = seen.filter(({ of }) => of !== like);
    const [exactKeys, nearKeys] = [dataset.map(exactKey), dataset.map(nearKey)];
    for (const index of dataset.keys()) {
      const exact = placeAmong(
        others.map((other) => other.exact),
        exactKeys[index],
      );
      const first =
        exact ??
        placeAmong(
          others.map((other) => other.near),
          nearKeys[index],
        );
      if (first === undefined) continue;
      shared.push({ first, second: { dataset: name, index }, kind: exact === undefined ? "near" : "exact" });
    }
    seen.push({ of: like, exact: placesOf(name, exactKeys), near: placesOf(name, nearKeys) });
  }
  return shared;
}

/**
 * The places of the examples of a test dataset whose input is also one of `used`: the same file given twice, or examples that are in both of two files.
 * What is nearly the same stays: it may be meant to be another question.
 *
 * @param used the training data and the validation data; also the test dataset itself, where it is used as these
 */
export function seenExamples(test: Dataset<unknown, unknown>, used: readonly Iterable<Keyed>[]): ReadonlySet<number> {
  const known = [...new Set(used)].map((dataset) => placesOf("used", Array.from(dataset, exactKey)));
  return new Set([...test.keys()].filter((place) => placeAmong(known, exactKey(test[place] as Keyed)) !== undefined));
}

/** A sentence about shared examples; `undefined` where there are none. */
export function describeShared(shared: readonly SharedExample[]): string | undefined {
  const [one] = shared;
  if (one === undefined) return undefined;
  const { first, second, kind } = one;
  const same = kind === "exact" ? "the same as" : "nearly the same as";
  const others = shared.length === 1 ? "" : `, and ${shared.length - 1} more are shared in this way`;
  return `Example ${second.index} of \`${second.dataset}\` is ${same} example ${first.index} of \`${first.dataset}\`${others}. Scores on shared examples say nothing about new ones; split by group, or remove them`;
}

/** What an example is known by. */
interface Keyed {
  readonly input: unknown;
}

/** Where each input stands first, by its key. */
type Places = ReadonlyMap<string, ExamplePlace>;

function exactKey({ input }: Keyed): string {
  return textOf(input);
}

/** Of data every character counts, and so do those of an empty text. */
function nearKey({ input }: Keyed): string | undefined {
  return typeof input === "string" ? nearText(input) || undefined : undefined;
}

function placesOf(dataset: string, keys: readonly (string | undefined)[]): Places {
  const places = new Map<string, ExamplePlace>();
  for (const [index, key] of keys.entries()) if (key !== undefined && !places.has(key)) places.set(key, { dataset, index });
  return places;
}

function placeAmong(all: readonly Places[], key: string | undefined): ExamplePlace | undefined {
  if (key === undefined) return undefined;
  for (const places of all) if (places.has(key)) return places.get(key);
  return undefined;
}

/** What is left of a text when case, punctuation and whitespace do not count; of one without letters and digits the characters. */
function nearText(text: string): string {
  const plain = text.normalize("NFKC").toLowerCase();
  const left = plain.replace(punctuation, (run: string, at: number) => meantBy(run, plain[at - 1], plain[at + run.length]));
  return left || plain.replace(/\s+/g, "");
}

/** Symbols, such as those of formulas, are none; a backtick is a quotation mark. */
const punctuation = /(?:[^\p{L}\p{N}\p{M}\p{S}]|`)+/gu;

/** What of punctuation and whitespace belongs to a number or a formula: what separates digits, signs, decimal points, percent, `a*b`. */
function meantBy(run: string, before = "", after = ""): string {
  const marks = run.replace(/\s+/g, "");
  const isWord = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);
  const isDigit = (character: string): boolean => /\p{N}/u.test(character);
  if (isDigit(before) && isDigit(after)) return marks || " ";
  if (/^[*/]$/.test(marks) && isWord(before) && isWord(after)) return marks;
  if (isDigit(before) && marks.startsWith("%")) return "%";
  if (!isDigit(after)) return "";
  const dash = /[-\u2010-\u2015]\s*$/.exec(run);
  // A hyphen belongs to its word: GPT-4.
  if (dash !== null) return dash.index === 0 && isWord(before) ? "" : "-";
  return run.endsWith(".") ? "." : "";
}
