/**
 * Numbers as text: with the digits that say something, as language models read them, and counts with their nouns.
 *
 * @module
 */

/** Fewer digits are not shown where there are more. */
export const fewestDigits = 4;
/** More are chance. */
const mostDigits = 12;

/** A number without digits that say nothing, and with all those before its point. */
export function numberText(value: number, digits: number = fewestDigits): string {
  const whole = Math.abs(value) < 1 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1;
  return String(Number(value.toPrecision(Math.min(100, Math.max(digits, whole)))));
}

/** How many digits it takes to tell numbers apart. */
export function digitsApart(values: readonly number[]): number {
  const differentAt = (digits: number): number => new Set(values.map((value) => numberText(value, digits))).size;
  const different = differentAt(mostDigits);
  let digits = fewestDigits;
  while (digits < mostDigits && differentAt(digits) < different) digits++;
  return digits;
}

/** Groups of three digits: `12,345`. */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 example`, `12,345 examples`. @param many the plural that is not formed by an "s" */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
