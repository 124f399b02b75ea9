/**
 * How long a provider asks to wait, where it says so in a sentence: "Please try again in 1m30s", "retry after 20 seconds".
 *
 * @module
 */

const unitsMs: readonly (readonly [unit: RegExp, ms: number])[] = [
  [/^(?:ms|millis(?:econds?)?|milliseconds?)$/i, 1],
  [/^(?:s|secs?|seconds?)$/i, 1000],
  [/^(?:m|mins?|minutes?)$/i, 60_000],
  [/^(?:h|hrs?|hours?)$/i, 3_600_000],
  [/^(?:d|days?)$/i, 86_400_000],
];

const amount = "(?:\\d+(?:\\.\\d+)?|(?:\\ban?|\\bone)(?=[\\s-]))";
const unit = "(?:milliseconds?|millis|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)";
const part = `${amount}[\\s-]*${unit}(?![a-z])`;
// The words that ask to wait, then the time, with no other number and no full stop between.
const sentence = new RegExp(
  `\\b(?:try(?:ing)?(?: again)?|retry(?:ing)?|wait|again|resets?|available|back)\\b[^.\\d]{0,40}?\\b(?<time>${part}(?:[\\s,]*(?:and\\s+)?${part})*)`,
  "i",
);

/** Milliseconds, or `undefined` when the text asks for no time. */
export function waitInWords(text: string): number | undefined {
  const time = sentence.exec(text)?.groups?.time;
  if (time === undefined) return undefined;
  const parts = time.matchAll(new RegExp(`(?<number>${amount})[\\s-]*(?<unit>${unit})(?![a-z])`, "gi"));
  return [...parts].reduce((sum, { groups = {} }) => sum + amountOf(groups.number) * msOf(groups.unit), 0);
}

function amountOf(number: string | undefined): number {
  return /^\d/.test(number ?? "") ? Number(number) : 1;
}

function msOf(name: string | undefined): number {
  return unitsMs.find(([known]) => known.test(name ?? ""))?.[1] ?? 0;
}
