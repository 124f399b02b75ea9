import { describe, expect, it } from "vitest";
import { type Corpus, loadCorpus, type Message, withoutCopies } from "./corpus.ts";

function message(id: string, text: string): Message {
  return { id, group: "spam-1", spam: true, text };
}

describe("withoutCopies", () => {
  it("keeps the first of those that differ in headers, numbers and punctuation only", () => {
    const messages = [
      message("1", "Subject: a\n\nBuy now: 7,000 left"),
      message("2", "Subject: b\n\nBUY NOW! 12 left."),
      message("3", "Subject: a\n\nBuy later: 7,000 left"),
      message("4", "Subject: a\r\n\r\nbuy\r\nlater left"),
    ];
    expect(withoutCopies(messages).map(({ id }) => id)).toEqual(["1", "3"]);
  });
});

describe("loadCorpus", () => {
  const keys = (corpus: Corpus): string[][] => {
    return [corpus.train, corpus.validation, corpus.heldOut].map((part) => part.map(({ info }) => `${info.group}/${info.id}`));
  };

  it("deals half spam and half good mail into three parts without overlap, the same for the same seed", async () => {
    const corpus = await loadCorpus({ seed: 1, mailsPerKind: 100 });
    const dealt = keys(corpus);
    expect(dealt.map((part) => part.length)).toEqual([20, 100, 80]);
    expect(new Set(dealt.flat()).size).toBe(200);
    expect(dealt.flat().filter((key) => key.startsWith("hard-ham-1/"))).toHaveLength(20);
    for (const part of [corpus.train, corpus.validation, corpus.heldOut]) {
      const spam = part.filter(({ info }) => info.spam);
      expect(Math.abs(spam.length * 2 - part.length)).toBeLessThanOrEqual(4);
      for (const { info } of part) expect(info.spam).toBe(info.group.startsWith("spam"));
    }

    expect(keys(await loadCorpus({ seed: 1, mailsPerKind: 100 }))).toEqual(dealt);
    expect(keys(await loadCorpus({ seed: 2, mailsPerKind: 100 }))).not.toEqual(dealt);
  });
});
