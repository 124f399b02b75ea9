/**
 * The techniques by which OptoPrimeMulti gets several answers to one problem.
 *
 * @module
 */
import type { ModelLike } from "../../llm/language-model.ts";
import type { Addition } from "../build-prompt.ts";
import { alternativePrompt, defaultExperts, expertPrompt, refinementPrompt } from "../prompts/technique-prompts.ts";
import type { Fence } from "../reply/fence.ts";

/** How the answers come to differ. */
export type Technique =
  | "samples"
  | "temperatureVariation"
  | "selfRefinement"
  | "iterativeAlternatives"
  | "multiExperts"
  | "multiLLM";

/** All techniques. */
export const techniqueNames: readonly Technique[] = [
  "samples",
  "temperatureVariation",
  "selfRefinement",
  "iterativeAlternatives",
  "multiExperts",
  "multiLLM",
];

/** What sets one question apart from the others. */
export interface Variation {
  readonly temperature?: number | undefined;
  readonly model?: ModelLike | undefined;
  readonly addition?: Addition | undefined;
}

/** An answer, as text that is written between the tags of a prompt. */
export interface AnswerText {
  readonly texts: readonly string[];
  readonly write: (fence: Fence) => string;
}

/** What a technique is made from. */
export interface TechniqueOptions {
  readonly numResponses: number;
  readonly temperatures: readonly [lowest: number, highest: number];
  readonly experts?: readonly string[] | undefined;
  readonly models?: readonly ModelLike[] | undefined;
}

/** Whether each question waits for the answers to those before. */
export function isSequential(technique: Technique): boolean {
  return technique === "selfRefinement" || technique === "iterativeAlternatives";
}

/** What the question of that number, counted from 0, is like. @param answers those so far, of sequential techniques */
export function variationOf(
  technique: Technique,
  number: number,
  answers: readonly AnswerText[],
  { numResponses, temperatures: [lowest, highest], experts = defaultExperts, models = [] }: TechniqueOptions,
): Variation {
  const previous = answers.at(-1);
  switch (technique) {
    case "samples":
      return {};
    case "temperatureVariation":
      return { temperature: numResponses === 1 ? highest : highest - ((highest - lowest) * number) / (numResponses - 1) };
    case "selfRefinement":
      if (previous === undefined) return {};
      return { addition: { texts: previous.texts, write: (fence) => refinementPrompt(previous.write(fence), fence) } };
    case "iterativeAlternatives": {
      if (answers.length === 0) return {};
      const write = (fence: Fence): string =>
        alternativePrompt(
          answers.map((answer) => answer.write(fence)),
          fence,
        );
      return { addition: { texts: answers.flatMap(({ texts }) => texts), write } };
    }
    case "multiExperts": {
      const expert = experts[number % experts.length] as string;
      return { addition: { texts: [expert], write: () => expertPrompt(expert) } };
    }
    case "multiLLM":
      return { model: models[number % models.length] };
  }
}
