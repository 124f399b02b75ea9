/**
 * `collectEvals`: the evals that a file of evalite or vitest-evals defines, without the runner of either.
 *
 * @module
 */
import { ConfigurationError } from "../../errors.ts";

/** An eval as its file defines it. */
export interface CollectedEval {
  readonly name: string;
  readonly data: readonly unknown[] | (() => unknown);
  /** What is evaluated. */
  readonly task: (input: unknown) => unknown;
  readonly scorers: readonly unknown[];
  /** How rows, answers, and scorers are read. */
  readonly kind: "evalite" | "vitest-evals";
}

/** What a file defines, and what has to run before its data are read. */
export interface CollectedFile {
  readonly evals: readonly CollectedEval[];
  readonly setUp: readonly (() => unknown)[];
}

interface Collection {
  readonly evals: CollectedEval[];
  readonly setUp: (() => unknown)[];
}

let collection: Collection | undefined;

/**
 * Loads a file and returns what it defines on the way.
 *
 * @param load imports the file, where the stand-ins are resolved
 * @throws ConfigurationError while another file is being loaded; what the file throws comes through unchanged
 */
export async function collectEvals(load: () => Promise<unknown>): Promise<CollectedFile> {
  if (collection !== undefined) throw new ConfigurationError("Another eval file is being loaded. Load one after the other");
  const own: Collection = { evals: [], setUp: [] };
  collection = own;
  try {
    await load();
    return own;
  } finally {
    collection = undefined;
  }
}

/** Reports an eval. Outside `collectEvals` nothing asks for it: an agent may import an eval file for its data. */
export function defineEval(collected: CollectedEval): void {
  collection?.evals.push(collected);
}

/** Reports what has to run before the data are read. */
export function defineSetUp(work: () => unknown): void {
  collection?.setUp.push(work);
}

/** It may be called, and every member of it is another one, unless it has members of its own. */
export type Inert = ((...args: never[]) => unknown) & { readonly [member: string]: Inert };

/**
 * A function that does nothing and returns itself, as does each of its members.
 *
 * @param own members that do something; one that is `undefined` is inert
 * @param call what it does when it is called @default nothing
 */
export function inert(own: Readonly<Record<string, unknown>> = {}, call?: (...args: never[]) => unknown): Inert {
  const itself: Inert = new Proxy((() => {}) as unknown as Inert, {
    // Awaited, it is a value like any other.
    get: (_, member) => (member === "then" || typeof member === "symbol" ? undefined : (own[member] ?? inert())),
    apply: (_, __, args: never[]) => (call === undefined ? itself : call(...args)),
  });
  return itself;
}
