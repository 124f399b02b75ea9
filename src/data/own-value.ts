/**
 * `ownValue`: what a record has under a name that somebody else has chosen: a metric, a parameter, a role, a tool.
 *
 * @module
 */

/** Never what every object has, such as `constructor` and `__proto__`. */
export function ownValue<T>(record: Readonly<Record<string, T>> | null | undefined, name: string): T | undefined {
  return record != null && Object.hasOwn(record, name) ? record[name] : undefined;
}
