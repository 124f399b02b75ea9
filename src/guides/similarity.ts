/**
 * Guides that score how similar answer and reference are: `editSimilarity` by their characters, `semanticSimilarity` by their embeddings.
 *
 * @module
 */
import { editDistance } from "../data/edit-distance.ts";
import type { Feedback } from "../data/feedback.ts";
import { checkOptions } from "../data/options.ts";
import { InfrastructureError, InvalidArgumentError } from "../errors.ts";
import { embed } from "../llm/embed.ts";
import { type EmbeddingModelLike, embeddingModelProblem } from "../llm/embedding-model.ts";
import { FunctionGuide, type Guide, type GuideContext } from "./guide.ts";
import { answerText, comparable, type ReferenceOptions, referenceText, shown, type TextOptions } from "./reference.ts";

/** How `editSimilarity` compares. */
export interface EditSimilarityOptions extends TextOptions {
  /** White space around a text does not count. @default true */
  readonly trim?: boolean | undefined;
}

/**
 * A guide that scores 1 minus the edit distance (Levenshtein) between answer and reference, as a share of the longer of the two: 1 for
 * equal texts, 0 for texts that have nothing in common.
 *
 * @example
 * const guide = editSimilarity({ ignoreCase: true });
 */
export function editSimilarity(options: EditSimilarityOptions = {}): Guide<unknown, unknown, unknown> {
  checkOptions(options, ["ignoreCase", "trim", "field"], "editSimilarity");
  const { ignoreCase = false, trim = true, field } = options;
  const charactersOf = (text: string): readonly string[] => [...comparable(trim ? text.trim() : text, ignoreCase)];
  const judge = (_question: unknown, answer: unknown, info: unknown): Feedback => {
    const expected = referenceText(info, field);
    const text = answerText(answer);
    const [wanted, got] = [charactersOf(expected), charactersOf(text)];
    const longest = Math.max(wanted.length, got.length);
    const distance = editDistance(wanted, got);
    if (distance === 0) return { score: 1, feedback: "Correct." };
    const first = wanted.findIndex((character, index) => character !== got[index]);
    const place = first < 0 ? wanted.length : first;
    return {
      score: 1 - distance / longest,
      feedback: `Expected ${shown(expected)}, got ${shown(text)}: ${distance} of ${longest} characters have to change, the first at position ${place + 1}.`,
    };
  };
  const meaning = "1 minus the share of its characters in which the answer differs from the reference";
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const, meaning }), { ignoreCase, trim, field });
}

/** How `semanticSimilarity` compares. */
export interface SemanticSimilarityOptions extends ReferenceOptions {
  /** An embedding model of the AI SDK, or `"provider/model"`: `"openai/text-embedding-3-small"`. */
  readonly model: EmbeddingModelLike;
  /** How often a call is made again after a server error or a network failure. @default that of the scheduler, 8 */
  readonly maxRetries?: number | undefined;
}

/**
 * A guide that scores the cosine similarity between the embeddings of answer and reference: 1 for the same meaning, 0 for unrelated (or opposite)
 * texts. What counts as similar depends on the model: look at some scores first. One call an answer, with the role `judge`.
 *
 * @throws InvalidArgumentError for what is no embedding model
 * @example
 * const guide = semanticSimilarity({ model: "openai/text-embedding-3-small" });
 */
export function semanticSimilarity(options: SemanticSimilarityOptions): Guide<unknown, unknown, unknown> {
  checkOptions(options, ["model", "maxRetries", "field"], "semanticSimilarity");
  const { model, maxRetries, field } = options;
  const problem = embeddingModelProblem(model);
  if (problem !== undefined) throw new InvalidArgumentError(`Expected \`model\` of semanticSimilarity to be ${problem}`);
  const judge = async (_question: unknown, answer: unknown, info: unknown, context: GuideContext = {}): Promise<Feedback> => {
    const expected = referenceText(info, field);
    const text = answerText(answer);
    const similarity = await similarityOf(text, expected);
    const percent = `${Math.round(similarity * 100)}%`;
    return { score: similarity, feedback: `Expected the meaning of ${shown(expected)}, got ${shown(text)}: ${percent} similar.` };

    async function similarityOf(a: string, b: string): Promise<number> {
      if (a === b) return 1;
      // Providers refuse empty texts.
      if (a.trim() === "" || b.trim() === "") return 0;
      const { vectors, model: name } = await embed({ model, texts: [a, b], maxRetries, role: "judge", signal: context.signal });
      const cosine = cosineOf(vectors[0] as readonly number[], vectors[1] as readonly number[]);
      if (Number.isFinite(cosine)) return Math.min(1, Math.max(0, cosine));
      const lengths = vectors.map((vector) => vector.length).join(" and ");
      throw new InfrastructureError(
        `${name} returned embeddings that cannot be compared: expected two of the same length, neither all zeros, got lengths ${lengths}`,
      );
    }
  };
  const meaning = "the similarity in meaning to the reference, by embeddings";
  const declared = Object.assign(judge, { scoreRange: [0, 1] as const, meaning });
  return new FunctionGuide(declared, { model, field });
}

/** NaN for vectors without a direction or of different lengths. */
function cosineOf(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.NaN;
  let [dot, ofA, ofB] = [0, 0, 0];
  for (const [index, x] of a.entries()) {
    const y = b[index] as number;
    dot += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return dot / Math.sqrt(ofA * ofB);
}
