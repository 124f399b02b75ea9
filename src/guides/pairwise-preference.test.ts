/**
 * Preference between two answers.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { InfrastructureError, InvalidArgumentError } from "../errors.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { pairwisePreference } from "./pairwise-preference.ts";

const verdict = (better: string): string => JSON.stringify({ feedback: `${better}, because.`, better });

describe("pairwisePreference", () => {
  it.each<{ verdicts: [string, string]; score: number; agreement: number }>([
    { verdicts: ["A", "B"], score: 1, agreement: 1 },
    { verdicts: ["B", "A"], score: 0, agreement: 1 },
    { verdicts: ["A", "A"], score: 0.5, agreement: 0 },
    { verdicts: ["B", "B"], score: 0.5, agreement: 0 },
    { verdicts: ["tie", "tie"], score: 0.5, agreement: 1 },
    { verdicts: ["A", "tie"], score: 0.5, agreement: 0 },
    { verdicts: ["Answer A", " b "], score: 1, agreement: 1 },
  ])("with $verdicts is $score", async ({ verdicts, score, agreement }) => {
    const model = scriptedModel(verdicts.map(verdict));
    const guide = pairwisePreference({ model });
    const given = await guide.getFeedback("Q", "mine", "theirs");
    expect(given).toMatchObject({ score, scores: { agreement } });
    expect(given.feedback).toContain(`The answer as A, the other as B: ${verdicts[0]}, because.`);
    expect(given.feedback).toContain(`The other as A, the answer as B: ${verdicts[1]}, because.`);
    const [first, second] = model.calls.map(({ prompt }) => prompt);
    expect(first).toMatch(/<answer A data-1>\nmine\n[\s\S]*<answer B data-1>\ntheirs\n/);
    expect(second).toMatch(/<answer A data-1>\ntheirs\n[\s\S]*<answer B data-1>\nmine\n/);
  });

  it.each<{ against: string | ((info: { old: string }, question: string) => string); other: string }>([
    { against: "old", other: "theirs" },
    { against: ({ old }, question) => `${question} ${old}`, other: "Q theirs" },
  ])("compares with $other", async ({ against, other }) => {
    const model = scriptedModel([verdict("A"), verdict("B")]);
    await pairwisePreference<string, string, { old: string }>({ model, against }).getFeedback("Q", "mine", { old: "theirs" });
    expect(model.calls[0]?.prompt).toContain(`<answer B data-1>\n${other}\n`);
  });

  it("asks nobody about the same text", async () => {
    const model = scriptedModel([]);
    expect(await pairwisePreference({ model }).metric("Q", "same", "same")).toBe(0.5);
    expect(model.calls).toHaveLength(0);
  });

  it("leaves an answer unscored when the judge is unusable, and refuses what is missing", async () => {
    const silent = pairwisePreference({ model: scriptedModel("both", { onExhausted: "repeat-last" }) });
    await expect(silent.getFeedback("Q", "a", "b")).rejects.toThrow(InfrastructureError);
    await expect(silent.getFeedback("Q", "a", null)).rejects.toThrow(/set the option `against`/);
    expect(() => pairwisePreference({ model: {} as never })).toThrow(InvalidArgumentError);
    expect(() => pairwisePreference({ scale: [0, 1] } as never)).toThrow(InvalidArgumentError);
  });
});
