import { PolicySearch, type SkillPatchesOptions, skillPatches } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { describe, expect, it } from "vitest";
import { applyEdits, lineEdits, overlap } from "./text-patches.ts";

/** Returns the given texts, one a proposal, and notes what it is advised. */
class Listed extends Optimizer {
  readonly advice: (string | undefined)[] = [];
  readonly #texts: readonly string[];
  constructor(agent: ConstructorParameters<typeof Optimizer>[0], texts: readonly string[]) {
    super(agent);
    this.#texts = texts;
  }
  protected suggest({ advice }: SuggestionRequest): Suggestion {
    this.advice.push(advice);
    return { values: new Map([["skill", this.#texts[(this.advice.length - 1) % this.#texts.length] as string]]) };
  }
}

const start = "one\ntwo\nthree";

async function patch(texts: readonly string[], options: SkillPatchesOptions, maxIterations = 1) {
  const agent = model({ skill: parameter(start) }, ({ skill }, word: string) => Number(skill.value.includes(word)));
  const optimizer = new Listed(agent, texts);
  const examples = ["one", "two", "three", "four", "five"].map((input) => ({ input, info: null }));
  const search = new PolicySearch(agent, optimizer, skillPatches(options));
  const settings = { validateDataset: examples, batchSize: 5, numEpochs: 99, evalFrequency: 0, keep: "last" as const };
  const guide = (_: string, right: number) => right;
  const { parameters } = await search.train(guide, examples, { ...settings, stop: { maxIterations } });
  return { skill: parameters.skill, advice: optimizer.advice };
}

describe("skillPatches", () => {
  it("joins the edits of several proposals", async () => {
    const { skill } = await patch([`four\n${start}`, `${start}\nfive`], { numPatches: 2 });
    expect(skill).toBe(`four\n${start}\nfive`);
  });

  it("applies no more edits than it may, those first that several proposals made", async () => {
    const texts = [`four\n${start}`, `${start}\nfive`, `zero\n${start}\nfive`];
    const { skill, advice } = await patch(texts, { numPatches: 3, maxEdits: 1 });
    expect(skill).toBe(`four\n${start}`);
    expect(advice[0]).toBe(
      "Make at most 1 small edit: add, replace, or remove single lines, and keep every other line as it is.",
    );
    expect((await patch([texts[1] as string, ...texts], { numPatches: 4, maxEdits: 1 })).skill).toBe(`${start}\nfive`);
  });

  it("remembers rejected edits with the loss, shows them, and does not apply them again", async () => {
    const { skill, advice } = await patch(["one\nthree"], { numPatches: 1 }, 2);
    expect(skill).toBe(start);
    expect(advice[1]).toContain('Edits that were tried and rejected:\nskill (worse by 0.2):\n- "two"');
  });
});

describe("lineEdits", () => {
  it.each([
    ["a\nb\nc", "a\nc"],
    ["a\nb\nc", "x\na\nb\ny\nc\nz"],
    ["", "a"],
    ["a\nb", "b\na"],
    ["a", "a"],
  ])("make of %j the other, %j", (before, after) => {
    const edits = lineEdits(before, after);
    expect(applyEdits(before, edits)).toBe(after);
    for (const [at, edit] of edits.entries()) {
      for (const other of edits.slice(at + 1)) expect(overlap(edit, other)).toBe(false);
    }
  });

  it("can be applied one without the other", () => {
    const [first, second] = lineEdits("a\nb\nc", "x\nb\ny");
    expect(applyEdits("a\nb\nc", [first as NonNullable<typeof first>])).toBe("x\nb\nc");
    expect(applyEdits("a\nb\nc", [second as NonNullable<typeof second>])).toBe("a\nb\ny");
  });
});
