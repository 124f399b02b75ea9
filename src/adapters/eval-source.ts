/**
 * What a file of evals gives a run: the contract of all readers of such files, and which of the evals is meant.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import { nearestName } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import type { Guide } from "../guides/guide.ts";

/** One eval of a file, as the parts of a run. */
export interface EvalSource {
  /** What the file calls it. */
  readonly name: string;
  readonly dataset: Dataset<unknown, unknown>;
  /** What the file scores answers with; without one, where it has no scorers that can be used here, `noGuide` says why. */
  readonly guide: Guide | undefined;
  readonly noGuide?: string | undefined;
  /** What the file evaluates, as an agent; its parameters are those that were found. */
  readonly agent: () => Promise<Module>;
  /** What makes its agent trainable, where it has no parameters. */
  readonly remedy: string;
}

/** How an eval of a file is chosen. */
export interface EvalFileOptions {
  /** Its name. @default the only one */
  readonly name?: string | undefined;
}

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
