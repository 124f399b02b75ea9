/**
 * The edit distance between answer and reference.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InfrastructureError, InvalidArgumentError } from "../errors.ts";
import type { EmbeddingModel } from "../llm/embedding-model.ts";
import { type EditSimilarityOptions, editSimilarity, semanticSimilarity } from "./similarity.ts";

describe("editSimilarity", () => {
  it.each<{ answer: unknown; info: unknown; options?: EditSimilarityOptions; score: number }>([
    { answer: "kitten", info: "sitting", score: 1 - 3 / 7 },
    { answer: "Lima", info: "Lima", score: 1 },
    { answer: " Lima", info: "Lima", score: 1 },
    { answer: " Lima", info: "Lima", options: { trim: false }, score: 0.8 },
    { answer: "LIMA", info: "lima", score: 0 },
    { answer: "LIMA", info: "lima", options: { ignoreCase: true }, score: 1 },
    { answer: "", info: "Lima", score: 0 },
    { answer: "", info: "", score: 1 },
    { answer: "abXcd", info: "abcd", score: 0.8 },
    { answer: "👍🏽", info: "👍", score: 0.5 },
    { answer: 12, info: 13, score: 0.5 },
  ])("of $answer and $info is $score", async ({ answer, info, options, score }) => {
    expect(await editSimilarity(options).metric("?", answer, info)).toBeCloseTo(score, 12);
  });

  it("says how much has to change, and where first", async () => {
    expect((await editSimilarity().getFeedback("?", "Limo", "Lima")).feedback).toBe(
      'Expected "Lima", got "Limo": 1 of 4 characters have to change, the first at position 4.',
    );
    expect((await editSimilarity().getFeedback("?", "Lima!", "Lima")).feedback).toContain("the first at position 5.");
  });

  it("is the same in both directions, and 1 for equal texts only", async () => {
    const guide = editSimilarity({ trim: false });
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), async (a, b) => {
        const score = await guide.metric("?", a, b);
        expect(await guide.metric("?", b, a)).toBe(score);
        expect(score === 1).toBe(a === b);
      }),
    );
  });
});

const vectors: Readonly<Record<string, readonly number[]>> = {
  Lima: [1, 0],
  "The city of Lima": [1, 1],
  Quito: [0, 3],
  opposite: [-1, 0],
  nowhere: [0, 0],
};

function embeddingModel(more: object = {}): EmbeddingModel & { readonly asked: (readonly string[])[] } {
  const asked: (readonly string[])[] = [];
  const doEmbed = async ({ values }: { readonly values: readonly string[] }) => {
    asked.push(values);
    return { embeddings: values.map((value) => vectors[value] ?? [1, 2, 3]), usage: { tokens: values.length }, warnings: [] };
  };
  const model = {
    specificationVersion: "v3",
    provider: "test.embedding",
    modelId: "small",
    maxEmbeddingsPerCall: 10,
    doEmbed,
    asked,
  };
  return { ...model, ...more } as never;
}

describe("semanticSimilarity", () => {
  it.each([
    { answer: "Lima", info: "Lima", score: 1 },
    { answer: "The city of Lima", info: "Lima", score: Math.SQRT1_2 },
    { answer: "Quito", info: "Lima", score: 0 },
    { answer: "opposite", info: "Lima", score: 0 },
    { answer: "", info: "Lima", score: 0 },
  ])("of $answer and $info is $score", async ({ answer, info, score }) => {
    expect(await semanticSimilarity({ model: embeddingModel() }).metric("?", answer, info)).toBeCloseTo(score, 6);
  });

  it("asks once an answer, and explains", async () => {
    const model = embeddingModel();
    const { feedback } = await semanticSimilarity({ model, field: "city" }).getFeedback("?", "The city of Lima", {
      city: "Lima",
    });
    expect(model.asked).toEqual([["The city of Lima", "Lima"]]);
    expect(feedback).toBe('Expected the meaning of "Lima", got "The city of Lima": 71% similar.');
  });

  it("asks one by one where the model takes no more, and in the form of the specification of each version", async () => {
    for (const specificationVersion of ["v2", "v3"] as const) {
      const model = embeddingModel({ maxEmbeddingsPerCall: 1, specificationVersion });
      expect(await semanticSimilarity({ model }).metric("?", "Quito", "Lima")).toBe(0);
      expect(model.asked).toEqual([["Quito"], ["Lima"]]);
    }
  });

  it("leaves unscored what cannot be compared", async () => {
    const guide = semanticSimilarity({ model: embeddingModel() });
    await expect(guide.getFeedback("?", "nowhere", "Lima")).rejects.toThrow(InfrastructureError);
    await expect(guide.getFeedback("?", "of three dimensions", "Lima")).rejects.toThrow(InfrastructureError);
  });

  it("refuses what is not an embedding model", () => {
    expect(() => semanticSimilarity({ model: {} as never })).toThrow(InvalidArgumentError);
    expect(() => semanticSimilarity({} as never)).toThrow(/an embedding model of the AI SDK/);
  });
});
