/**
 * The options of OptoPrime and their check.
 *
 * @module
 */

import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { ModelLike } from "../llm/language-model.ts";

/** What OptoPrime can be made with. */
export interface OptoPrimeOptions {
  /** The model that proposes values. @default the environment variable `OPTO_MODEL` */
  readonly model?: ModelLike | undefined;
  /** What is wanted, in words. @default better values by the feedback, more score being better */
  readonly objective?: string | undefined;
  /** How many past attempts a prompt tells of, with what came of them. @default 0 */
  readonly memorySize?: number | undefined;
  /** How much chance there is in the replies, usually 0 to 2. @default the provider's */
  readonly temperature?: number | undefined;
  /** The longest reply, in tokens. @default the provider's */
  readonly maxOutputTokens?: number | undefined;
  /** Most characters of a value that is shown; the middle of longer ones is left out. Variables are shown in full. @default 2000 */
  readonly maxValueLength?: number | undefined;
  /** How often the model is asked again, with the reasons, when values could not be used. @default 2 */
  readonly maxRerolls?: number | undefined;
  /** Show a small worked example, for models that do not keep to the form of the answer without one. @default false */
  readonly includeExample?: boolean | undefined;
}

/** @throws InvalidArgumentError for an unknown option or a value out of range */
export function checkOptoPrimeOptions(options: OptoPrimeOptions): void {
  const known = [
    "model",
    "objective",
    "memorySize",
    "temperature",
    "maxOutputTokens",
    "maxValueLength",
    "maxRerolls",
    "includeExample",
  ];
  checkOptions(options, known, "OptoPrime");
  const wholeFrom = (least: number): [string, (value: unknown) => boolean] => [
    `a whole number of at least ${least}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least,
  ];
  const rules: { readonly [Name in keyof OptoPrimeOptions]: [expected: string, holds: (value: unknown) => boolean] } = {
    objective: ["a text that is not empty", (value) => typeof value === "string" && value.trim() !== ""],
    memorySize: wholeFrom(0),
    temperature: ["a number of at least 0", (value) => Number.isFinite(value) && (value as number) >= 0],
    maxOutputTokens: wholeFrom(1),
    maxValueLength: wholeFrom(1),
    maxRerolls: wholeFrom(0),
    includeExample: ["true or false", (value) => typeof value === "boolean"],
  };
  for (const [name, [expected, holds]] of Object.entries(rules)) {
    const value = options[name as keyof OptoPrimeOptions];
    if (value === undefined || holds(value)) continue;
    throw new InvalidArgumentError(`Expected \`${name}\` of OptoPrime to be ${expected}, got ${describeValue(value)}`);
  }
}
