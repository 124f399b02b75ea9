/**
 * Whether a run that would be continued is the same run, and if not, what changed.
 *
 * @module
 */
import { canonicalJson, type JsonValue, jsonEqual, ownValue, shorten } from "../data/json.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { RunIdentity } from "../trainer/run-keeper.ts";

/**
 * What changed, one line each: `dataset train: 120 examples (ab12…) → 121 examples (cd34…)`. Empty when it is the same run.
 */
export function identityDifferences(before: RunIdentity, now: RunIdentity): string[] {
  return [
    ...(["algorithm", "optimizer", "seed"] as const).flatMap((field) =>
      changes(field, String(before[field]), String(now[field])),
    ),
    ...differences("option ", before.options, now.options, valueText),
    ...differences(
      "dataset ",
      before.datasets,
      now.datasets,
      ({ examples, sha256 }) => `${examples} examples (${sha256.slice(0, 12)}…)`,
    ),
    ...differences("parameter ", before.shape, now.shape, (type) => type),
    ...differences(
      "start value of ",
      sharedOnly(before.parameters, now.parameters),
      sharedOnly(now.parameters, before.parameters),
      valueText,
    ),
  ];
}

/**
 * Whether a run was of the same agent, changed or not: it has the same code, a parameter that starts at the same value, or
 * the very values that the run had come to. Of runs from before there were fingerprints it is taken for granted.
 */
export function isSameAgent(before: RunIdentity, learned: Candidate, now: RunIdentity): boolean {
  if (before.code === undefined || now.code === undefined) return true;
  const isOfAgent = (line: string): boolean => /^agent[.:]/.test(line);
  if (!codeDifferences(before.code, now.code).some(isOfAgent)) return true;
  const begins = ([path, value]: [string, JsonValue]): boolean => {
    return Object.hasOwn(before.parameters, path) && jsonEqual(before.parameters[path] as JsonValue, value);
  };
  return Object.entries(now.parameters).some(begins) || jsonEqual(learned, now.parameters);
}

/**
 * What of the code that scores depend on has changed, one line each: `guide.criteria: ab12… → cd34…`. Empty when nothing has, or
 * when it is not known what it was.
 */
export function codeDifferences(before: RunIdentity["code"], now: RunIdentity["code"]): string[] {
  return before === undefined || now === undefined ? [] : differences("", before, now, (fingerprint) => fingerprint);
}

function differences<T>(
  what: string,
  before: Readonly<Record<string, T>>,
  now: Readonly<Record<string, T>>,
  show: (value: T) => string,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  const text = (values: Readonly<Record<string, T>>, name: string): string =>
    Object.hasOwn(values, name) ? show(values[name] as T) : "none";
  return [...names].flatMap((name) => {
    const isSame =
      canonicalJson((ownValue(before, name) ?? null) as JsonValue) === canonicalJson((ownValue(now, name) ?? null) as JsonValue);
    return isSame ? [] : changes(`${what}${name}`, text(before, name), text(now, name));
  });
}

function changes(what: string, before: string, now: string): string[] {
  return before === now ? [] : [`${what}: ${before} → ${now}`];
}

/** Parameters that only one of the two has are told of by their shape. */
function sharedOnly(values: RunIdentity["parameters"], others: RunIdentity["parameters"]): RunIdentity["parameters"] {
  return Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(others, name)));
}

function valueText(value: JsonValue): string {
  return shorten(JSON.stringify(value), 120);
}
