/**
 * What is noticed when a guide made of others changes.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import type { CodeFingerprint } from "../code/code-fingerprint.ts";
import { cascade } from "./combined-guides.ts";
import { exactMatch } from "./exact-match.ts";
import { type GuideLike, toGuide } from "./guide.ts";
import { guideCode } from "./guide-code.ts";
import { LLMJudge } from "./llm-judge.ts";
import { overlap } from "./overlap.ts";
import { rubric, weighted } from "./weighted.ts";

const sources: CodeFingerprint = (code) => String(code);
const codeOf = (guide: GuideLike): string => JSON.stringify(guideCode(toGuide(guide), "guide", sources));
const judge = (criteria: string): LLMJudge => new LLMJudge({ model: "a/b", criteria });

describe("guideCode", () => {
  it.each<{ name: string; make: () => GuideLike; other: GuideLike }>([
    { name: "a weight", make: () => weighted({ a: exactMatch() }), other: weighted({ a: { guide: exactMatch(), weight: 2 } }) },
    {
      name: "a setting of a part",
      make: () => weighted({ a: exactMatch() }),
      other: weighted({ a: exactMatch({ trim: false }) }),
    },
    { name: "the function of a part", make: () => weighted({ a: () => 1 }), other: weighted({ a: () => 0 }) },
    { name: "the criteria of a part", make: () => weighted({ a: judge("x") }), other: weighted({ a: judge("y") }) },
    {
      name: "a part of a part",
      make: () => weighted({ a: cascade({ cheap: exactMatch(), expensive: judge("x"), askAbout: "failed" }) }),
      other: weighted({ a: cascade({ cheap: exactMatch(), expensive: judge("y"), askAbout: "failed" }) }),
    },
    {
      name: "an item of a rubric",
      make: () => rubric([{ name: "a", criteria: "x" }]),
      other: rubric([{ name: "a", criteria: "y" }]),
    },
    { name: "the measure of an overlap", make: () => overlap(), other: overlap({ measure: "recall" }) },
  ])("differs by $name, and is the same for equal guides", ({ make, other }) => {
    expect(codeOf(make())).toBe(codeOf(make()));
    expect(codeOf(make())).not.toBe(codeOf(other));
  });

  it("does not depend on what the score is said to mean", () => {
    const guide = (meaning: string): GuideLike => Object.assign(() => 1, { meaning });
    expect(codeOf(guide("a"))).toBe(codeOf(guide("b")));
  });
});
