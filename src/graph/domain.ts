/**
 * Domains: the set of values a parameter may take, for optimizers that search it (TPE) and as a rule for all others.
 *
 * @module
 */
import { canonicalJson, describeValue, frozenCopy, type JsonValue, jsonEqual, jsonProblem } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";

/** One of a list of values. */
export interface ChoicesDomain<T extends JsonValue = JsonValue> {
  readonly kind: "choices";
  readonly values: readonly T[];
}

/** A number from `low` to `high`, both included. */
export interface RangeDomain {
  readonly kind: "range";
  readonly low: number;
  readonly high: number;
  /** Whole numbers only. */
  readonly integer: boolean;
  /** Searched on a logarithmic scale; needs `low` > 0. */
  readonly log: boolean;
}

/** Some of the elements of a pool, each at most once. */
export interface SubsetDomain<T extends JsonValue = JsonValue> {
  readonly kind: "subset";
  readonly pool: readonly T[];
  readonly min: number;
  readonly max: number;
}

/** The values a parameter of type `T` may take. */
export type Domain<T = unknown> = unknown extends T
  ? ChoicesDomain | RangeDomain | SubsetDomain
  :
      | ChoicesDomain<T & JsonValue>
      | (T extends number ? RangeDomain : never)
      | (T extends readonly (infer E)[] ? SubsetDomain<E & JsonValue> : never);

/**
 * One of `values`, which must be different JSON values.
 *
 * @example parameter("short", { domain: choices(["short", "long"]) })
 */
export function choices<const T extends JsonValue>(values: readonly T[]): ChoicesDomain<T> {
  checkDistinct("choices", "values", values);
  return Object.freeze({ kind: "choices", values: frozenCopy(values) });
}

/**
 * A number from `low` to `high`, both included.
 *
 * @example parameter(0, { domain: range(-3, 5, { integer: true }) })
 */
export function range(
  low: number,
  high: number,
  options: { readonly integer?: boolean; readonly log?: boolean } = {},
): RangeDomain {
  checkOptions(options, ["integer", "log"], "range");
  const { integer = false, log = false } = options;
  if (!Number.isFinite(low) || !Number.isFinite(high - low) || low > high) {
    throw new InvalidArgumentError(`Expected range(low, high) with finite low <= high, got range(${low}, ${high})`);
  }
  if (integer && !(Number.isInteger(low) && Number.isInteger(high))) {
    throw new InvalidArgumentError(`Expected integer bounds for an integer range, got range(${low}, ${high})`);
  }
  if (log && low <= 0) throw new InvalidArgumentError(`Expected low > 0 for a log range, got ${low}`);
  return Object.freeze({ kind: "range", low, high, integer, log });
}

/**
 * Between `min` and `max` elements of `pool`, each at most once. Optimizers keep them in the order of the pool.
 *
 * @example parameter(["free"], { domain: subset(["free", "winner", "cash"], { max: 2 }) })
 */
export function subset<T extends JsonValue>(
  pool: readonly T[],
  options: { readonly min?: number; readonly max?: number } = {},
): SubsetDomain<T> {
  checkOptions(options, ["min", "max"], "subset");
  checkDistinct("subset", "pool", pool);
  const { min = 0, max = pool.length } = options;
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 0 || max > pool.length || min > max) {
    throw new InvalidArgumentError(`Expected 0 <= min <= max <= ${pool.length} (the pool), got min ${min} and max ${max}`);
  }
  return Object.freeze({ kind: "subset", pool: frozenCopy(pool), min, max });
}

/** Says how `value` breaks the domain, or `undefined` when it does not. */
export function domainProblem(domain: Domain, value: unknown): string | undefined {
  if (isMember(domain, value)) return undefined;
  return `expected ${describeDomain(domain)}, got ${describeValue(value)}`;
}

/** The domain as text, as an optimizer reads it. */
export function describeDomain(domain: Domain): string {
  switch (domain.kind) {
    case "choices":
      return `one of ${JSON.stringify(domain.values)}`;
    case "range":
      return `${domain.integer ? "a whole number" : "a number"} from ${domain.low} to ${domain.high}`;
    case "subset":
      return `a list of ${domain.min} to ${domain.max} different elements of ${JSON.stringify(domain.pool)}`;
  }
}

function isMember(domain: Domain, value: unknown): boolean {
  switch (domain.kind) {
    case "choices":
      return domain.values.some((choice) => jsonEqual(choice, value as JsonValue));
    case "range":
      return (
        typeof value === "number" && value >= domain.low && value <= domain.high && (!domain.integer || Number.isInteger(value))
      );
    case "subset": {
      if (!Array.isArray(value) || value.length < domain.min || value.length > domain.max) return false;
      const pool = new Set(domain.pool.map(canonicalJson));
      const given = new Set(value.map(canonicalJson));
      return given.size === value.length && [...given].every((element) => pool.has(element));
    }
  }
}

function checkDistinct(owner: string, what: string, values: readonly JsonValue[]): void {
  if (!Array.isArray(values) || values.length === 0) {
    throw new InvalidArgumentError(`Expected ${owner} to receive at least one of its ${what}, got ${describeValue(values)}`);
  }
  const seen = new Set<string>();
  for (const value of values) {
    const problem = jsonProblem(value, what);
    if (problem !== undefined) throw new InvalidArgumentError(`Expected JSON ${what} for ${owner}: ${problem}`);
    const text = canonicalJson(value);
    if (seen.has(text)) throw new InvalidArgumentError(`Expected different ${what} for ${owner}, got ${text} twice`);
    seen.add(text);
  }
}
