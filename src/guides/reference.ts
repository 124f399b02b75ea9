/**
 * What guides that compare share: the reference of an example, the answer as text, and how feedback shows both.
 *
 * @module
 */
import { describeValue, isPlainObject, shorten, textOf } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";

/** Where the reference of an example is. */
export interface ReferenceOptions {
  /** The reference is this field of the `info` of the example. @default all of it */
  readonly field?: string | undefined;
}

/** How texts are compared. */
export interface TextOptions extends ReferenceOptions {
  /** Upper and lower case are the same. @default false */
  readonly ignoreCase?: boolean | undefined;
}

/**
 * The reference of an example: its info, or a field of it.
 *
 * @throws InvalidArgumentError when the info does not have the field
 */
export function referenceIn(info: unknown, field: string | undefined): unknown {
  if (field === undefined) return info;
  if (typeof info === "object" && info !== null && Object.hasOwn(info, field)) return (info as Record<string, unknown>)[field];
  throw new InvalidArgumentError(`Expected the info of the example to have the field "${field}", got ${describeValue(info)}`);
}

/**
 * The same as a text.
 *
 * @throws InvalidArgumentError when it is not a text, a number or a truth value
 */
export function referenceText(info: unknown, field: string | undefined): string {
  const reference = referenceIn(info, field);
  if (["string", "number", "boolean", "bigint"].includes(typeof reference)) return String(reference);
  const where = field === undefined ? "the info of the example" : `the field "${field}" of the info`;
  throw new InvalidArgumentError(
    `Expected ${where} to be a text, got ${describeValue(reference)}${field === undefined && isPlainObject(reference) ? "; name its field in the option `field`" : ""}`,
  );
}

/** An answer as text: texts as they are, everything else as JSON. */
export function answerText(answer: unknown): string {
  return typeof answer === "string" ? answer : textOf(answer);
}

/** A text in the form in which it is compared: accents composed and, on request, in lower case. */
export function comparable(text: string, ignoreCase = false): string {
  const composed = text.normalize("NFC");
  return ignoreCase ? composed.toLowerCase() : composed;
}

/** A value as feedback shows it: texts in quotation marks, long ones shortened in the middle. */
export function shown(value: unknown, maxLength = 2_000): string {
  return shorten(typeof value === "string" ? JSON.stringify(value) : textOf(value), maxLength);
}

/** A list in a sentence: at most ten items, and how many more there are. */
export function listed(items: readonly unknown[]): string {
  const some = items.slice(0, 10).map((item) => shown(item, 200));
  return items.length > some.length ? `${some.join(", ")} and ${items.length - some.length} more` : some.join(", ");
}
