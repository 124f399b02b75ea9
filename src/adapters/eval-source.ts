/**
 * What a file of evals gives a run: the contract of all readers of such files.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
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
