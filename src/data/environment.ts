/**
 * The one home of environment variables.
 *
 * @module
 */

/** The value of an environment variable, or `undefined` when it is unset or empty. */
export function environmentVariable(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === "" ? undefined : value;
}
