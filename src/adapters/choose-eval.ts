/**
 * `chooseEval`: the eval of a file that is meant.
 *
 * @module
 */
import { nearestName } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";

/**
 * The eval of a name, or the only one.
 *
 * @param what what the file has: "eval", "prompt"
 * @throws InvalidArgumentError that lists them
 */
export function chooseEval<T extends { readonly name: string }>(
  evals: readonly T[],
  name: string | undefined,
  { path, what }: { readonly path: string; readonly what: string },
): T {
  const names = evals.map((one) => one.name);
  const [only] = evals;
  if (only === undefined) throw new InvalidArgumentError(`${path} has no ${what}`);
  if (name === undefined) {
    if (evals.length === 1) return only;
    throw new InvalidArgumentError(`${path} has ${evals.length} ${what}s. Choose one with --eval:${listOf(names)}`);
  }
  const found = evals.filter((one) => one.name === name);
  if (found.length > 1)
    throw new InvalidArgumentError(`${path} has ${found.length} ${what}s with the name "${name}". Rename one`);
  if (found[0] !== undefined) return found[0];
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? `It has:${listOf(names)}` : `Did you mean "${nearest}"?`;
  throw new InvalidArgumentError(`${path} has no ${what} "${name}". ${hint}`);
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\n  ${JSON.stringify(name)}`).join("");
}
