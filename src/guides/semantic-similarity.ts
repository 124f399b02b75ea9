/**
 * `semanticSimilarity`: a guide that compares the meaning of answer and reference by their embeddings.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import { checkOptions } from "../data/options.ts";
import { InfrastructureError, InvalidArgumentError } from "../errors.ts";
import { embed } from "../llm/embed.ts";
import { type EmbeddingModelLike, embeddingModelProblem } from "../llm/embedding-model.ts";
import { FunctionGuide, type Guide, type GuideContext } from "./guide.ts";
import { answerText, type ReferenceOptions, referenceText, shown } from "./reference.ts";

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
      if (!Number.isNaN(cosine)) return Math.min(1, Math.max(0, cosine));
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
