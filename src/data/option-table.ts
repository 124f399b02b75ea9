/**
 * The vocabulary of option tables: what an option must be, its default, and what documentation and command line say of it.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "./json.ts";

/** What an option must be. */
export interface OptionRule {
  /** As text, after "to be": "a whole number of at least 1". */
  readonly expected: string;
  /** Whether a value is that. */
  readonly holds: (value: unknown) => boolean;
  /** What text from a command line is read as. @default "text" */
  readonly kind?: "number" | "text";
  /** All that it can be. */
  readonly words?: readonly string[];
  /** The options that it consists of, each with a rule of its own. */
  readonly group?: OptionTable;
}

/** An option: its rule, and what is known of it besides. */
export interface OptionRow extends OptionRule {
  /** Its value where it is left out. */
  readonly default?: JsonValue;
  /** What that is, where it is not one value: "the trainer's own". */
  readonly otherwise?: string;
  /** What it does, in one line. */
  readonly about?: string;
  /** How the command line sets it. */
  readonly flag?: OptionFlag;
}

/** An option of the command line that sets an option of the library. */
export interface OptionFlag {
  /** With its short form and its argument: `"-j, --threads <number>"`. */
  readonly usage: string;
  /** What it does, for `--help`. @default as documented for the option */
  readonly about?: string;
  /** How many units of the option are one of the flag: 1000 for milliseconds given in seconds. @default 1 */
  readonly scale?: number;
  /** What it must be, where that is narrower or in another unit. @default the rule of the option */
  readonly rule?: OptionRule;
}

/** A row for every option of a type. */
export type OptionTable<Options = Readonly<Record<string, unknown>>> = { readonly [Name in keyof Options]-?: OptionRow };

/** Options of which some have a value once defaults are filled in. */
export type Filled<Options, Names extends keyof Options> = Omit<Options, Names> & {
  readonly [Name in Names]-?: Exclude<Options[Name], undefined>;
};

/** Limits of a number. */
export interface Bounds {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
}

/** Anything: its place of use checks it. */
export const anything: OptionRule = { expected: "anything", holds: () => true };

/** `true` or `false`. */
export const trueOrFalse: OptionRule = { expected: "true or false", holds: (value) => typeof value === "boolean" };

/** A number, but no infinite one. */
export const finiteNumber: OptionRule = { expected: "a finite number", holds: Number.isFinite, kind: "number" };

/** A text with something in it. */
export const someText: OptionRule = {
  expected: "a non-empty string",
  holds: (value) => typeof value === "string" && value.trim() !== "",
};

/** A whole number from `least`. */
export function wholeFrom(least: number): OptionRule {
  return {
    expected: `a whole number of at least ${least}`,
    holds: (value) => Number.isSafeInteger(value) && (value as number) >= least,
    kind: "number",
  };
}

/** A finite number within bounds. @param unit what it counts: "milliseconds" */
export function numberWithin(bounds: Bounds, unit?: string): OptionRule {
  const { least, above, most, below } = bounds;
  const words = { least: "of at least", above: "above", most: "of at most", below: "below" };
  const limits = (Object.keys(words) as (keyof Bounds)[]).filter((limit) => bounds[limit] !== undefined);
  const text = limits.map((limit) => `${words[limit]} ${bounds[limit]}`).join(" and ");
  return {
    expected: `a number ${unit === undefined ? "" : `of ${unit} `}${text}`,
    kind: "number",
    holds: (value) =>
      typeof value === "number" &&
      Number.isFinite(value) &&
      !(value < (least ?? value)) &&
      !(value > (most ?? value)) &&
      (above === undefined || value > above) &&
      (below === undefined || value < below),
  };
}

/** One of some words. */
export function oneOf(words: readonly string[]): OptionRule {
  const quoted = words.map((word) => `"${word}"`);
  const expected = quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
  return { expected, holds: (value) => words.includes(value as string), words };
}

/** An object with a method. */
export function withMethod(method: string, expected: string): OptionRule {
  return { expected, holds: (value) => typeof (value as Record<string, unknown> | null)?.[method] === "function" };
}

/** A function. @param signature how it is called: "(error) => boolean" */
export function functionLike(signature: string): OptionRule {
  return { expected: `a function ${signature}`, holds: (value) => typeof value === "function" };
}

/** An object of options. */
export function groupOf<Options>(table: OptionTable<Options>): OptionRule {
  return { expected: "an object of options", holds: isPlainObject, group: table as OptionTable };
}

/** What a rule says, or `null`. @param meaning what `null` stands for */
export function orNull(rule: OptionRule, meaning?: string): OptionRule {
  const expected = `${rule.expected}, or null${meaning === undefined ? "" : ` for ${meaning}`}`;
  return { ...rule, expected, holds: (value) => value === null || rule.holds(value) };
}
