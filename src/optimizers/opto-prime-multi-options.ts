/**
 * The options of OptoPrimeMulti, and their rules.
 *
 * @module
 */
import type { Candidate } from "../graph/with-values.ts";
import type { ModelLike } from "../llm/language-model.ts";
import { type Technique, techniqueNames } from "./candidates/techniques.ts";
import { aModel, type OptionRule, oneOf, trueOrFalse, wholeFrom } from "./language-model-options.ts";
import type { OptoPrimeOptions } from "./opto-prime.ts";

/** How one answer comes out of several. */
export type SelectionTechnique = "bestOfN" | "moa" | "majority" | "last";

/** What OptoPrimeMulti can be made with. */
export interface OptoPrimeMultiOptions extends OptoPrimeOptions {
  /** How the answers come to differ. @default "temperatureVariation" */
  readonly technique?: Technique | undefined;
  /** Answers for each proposal. @default 3 */
  readonly numResponses?: number | undefined;
  /** The temperatures between which `"temperatureVariation"` goes, from the highest down. @default [0, 1] */
  readonly temperatureMinMax?: readonly [lowest: number, highest: number] | undefined;
  /** The experts asked in turn by `"multiExperts"`, as text that follows "Answer as". @default four experts with different views */
  readonly expertsList?: readonly string[] | undefined;
  /** The models that are asked in turn by `"multiLLM"`. */
  readonly models?: readonly ModelLike[] | undefined;
  /**
   * How one answer comes out of several when nothing scores them: the model chooses (`"bestOfN"`) or makes one out of all
   * (`"moa"`, mixture of agents), the one that most agree with, or the last. @default "bestOfN"
   */
  readonly selectionTechnique?: SelectionTechnique | undefined;
  /** Scores the values of an answer, complete for all parameters; the highest is taken, of equals the first. */
  readonly scorer?: ((candidate: Candidate) => number | Promise<number>) | undefined;
  /** Chooses among the values of the answers by their place, counted from 0. Comes before everything else. */
  readonly selector?: ((candidates: readonly Candidate[]) => number | Promise<number>) | undefined;
}

/** The rules of the options that it adds. */
export const multiRules: Readonly<Record<string, OptionRule>> = {
  includeExample: trueOrFalse,
  technique: oneOf(techniqueNames),
  numResponses: wholeFrom(1),
  temperatureMinMax: [
    "two numbers from 0, the lower one first",
    (value) =>
      Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && 0 <= value[0] && value[0] <= value[1],
  ],
  expertsList: ["a list of at least one string", (value) => isList(value) && value.every((expert) => typeof expert === "string")],
  models: [`a list of at least one model, each ${aModel[0]}`, (value) => isList(value) && value.every(aModel[1])],
  selectionTechnique: oneOf(["bestOfN", "moa", "majority", "last"]),
  scorer: ["a function", (value) => typeof value === "function"],
  selector: ["a function", (value) => typeof value === "function"],
};

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}
