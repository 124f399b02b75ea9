/**
 * The options of OptoPrimeMulti.
 *
 * @module
 */
import { functionLike, type OptionTable, oneOf, wholeFrom } from "../data/option-table.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { ModelLike } from "../llm/language-model.ts";
import { type Technique, techniqueNames } from "./candidates/techniques.ts";
import { aModel } from "./language-model-options.ts";
import { type OptoPrimeOptions, optoPrimeTable } from "./opto-prime.ts";

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

/** What OptoPrimeMulti can be made with. */
export const multiTable: OptionTable<OptoPrimeMultiOptions> = {
  ...optoPrimeTable,
  technique: {
    ...oneOf(techniqueNames),
    default: "temperatureVariation",
    about: '`"samples"`, `"selfRefinement"`, `"iterativeAlternatives"`, `"multiExperts"`, `"multiLLM"`',
  },
  numResponses: { ...wholeFrom(1), default: 3, about: "answers for each proposal" },
  temperatureMinMax: {
    expected: "two numbers from 0, the lower one first",
    holds: (value) =>
      Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && 0 <= value[0] && value[0] <= value[1],
    default: [0, 1],
    about: 'for `"temperatureVariation"`, from the highest down',
  },
  expertsList: {
    expected: "a list of at least one string",
    holds: (value) => isList(value) && value.every((expert) => typeof expert === "string"),
    otherwise: "four built-in ones",
    about: 'for `"multiExperts"`, what follows "Answer as"',
  },
  models: {
    expected: `a list of at least one model, each ${aModel.expected}`,
    holds: (value) => isList(value) && value.every(aModel.holds),
    otherwise: "none",
    about: 'for `"multiLLM"`, asked in turn',
  },
  selectionTechnique: {
    ...oneOf(["bestOfN", "moa", "majority", "last"]),
    default: "bestOfN",
    about:
      'the model chooses the best; `"moa"`: it combines all into one; `"majority"`: the answer that most others agree with; `"last"`: the last one',
  },
  scorer: {
    ...functionLike("of the values"),
    otherwise: "none",
    about: "scores the values of an answer; the highest is selected",
  },
  selector: { ...functionLike("of all values"), otherwise: "none", about: "returns the index of the answer to take" },
};

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}
