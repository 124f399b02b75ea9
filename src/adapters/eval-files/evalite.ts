/**
 * Takes the place of the package `evalite` in eval files, of 0.19 and 1.0: what they define is collected instead of run.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { defineEval } from "./collect-evals.ts";

interface Definition {
  readonly data: readonly unknown[] | (() => unknown);
  readonly task: (input: unknown, variant?: unknown) => unknown;
  readonly scorers?: readonly unknown[] | undefined;
}

interface Variant {
  readonly name: string;
  readonly input: unknown;
  readonly only?: boolean;
}

type Define = (name: string, definition: Definition) => void;

function define(name: string, { data, task, scorers = [] }: Definition, ...variant: readonly unknown[]): void {
  defineEval({ name, data, task: (input) => task(input, ...variant), scorers, kind: "evalite" });
}

const skip: Define = () => {};

function each(variants: readonly Variant[]): Define & { readonly skip: Define } {
  const chosen = variants.some(({ only }) => only === true) ? variants.filter(({ only }) => only === true) : variants;
  const defineAll: Define = (name, definition) => {
    for (const variant of chosen) define(`${name} [${variant.name}]`, definition, variant.input);
  };
  return Object.assign(defineAll, { skip });
}

/** Defines an eval. */
export const evalite: Define & { readonly skip: Define; readonly experimental_skip: Define; readonly each: typeof each } =
  Object.assign(((name, definition) => define(name, definition)) as Define, { skip, experimental_skip: skip, each });

interface ScorerDefinition {
  readonly name?: string;
  readonly description?: string;
  readonly scorer: (example: unknown) => unknown;
}

/** A scorer that goes by a name. */
export function createScorer({ name = "scorer", scorer }: ScorerDefinition): (example: unknown) => unknown {
  const named = (example: unknown): unknown => scorer(example);
  return Object.defineProperty(named, "name", { value: name });
}

/** A file as an input or an answer. */
export class EvaliteFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  static fromPath(path: string): EvaliteFile {
    return new EvaliteFile(path);
  }

  read(): Promise<Uint8Array> {
    return readFile(this.path);
  }
}
