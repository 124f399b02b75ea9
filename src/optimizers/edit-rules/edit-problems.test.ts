import { describe, expect, it } from "vitest";
import { tooFarFrom } from "./edit-problems.ts";

/** Seven words and six blanks. */
const current = "Answer the question of the user briefly";

describe("tooFarFrom", () => {
  it.each<[string, string, number]>([
    ["the same text", current, 0],
    // One of 13 tokens is another one: 2 of 26.
    ["one word that is replaced", "Answer the question of the customer briefly", 0.08],
    // A blank and a word more: 2 of 28.
    ["a word that is added", `${current} indeed`, 0.08],
    ["words that are left out", "Answer the question", 0.45],
    ["any text, when all is allowed", "Something else", 1],
  ])("%s is near enough", (_title, proposed, maxChange) => {
    expect(tooFarFrom(current, proposed, maxChange)).toBeUndefined();
  });

  it.each<[string, string, number, string]>([
    ["any change, when none is allowed", `${current}.`, 0, "at most 0% of the words of the current text, got more"],
    ["one word too many", "Answer the question of the customer briefly", 0.07, "at most 7%"],
    ["a text written anew", "Be kind", 0.5, "at most 50%"],
    ["an empty text", "", 0.5, "at most 50%"],
  ])("%s is too far", (_title, proposed, maxChange, expected) => {
    expect(tooFarFrom(current, proposed, maxChange)).toContain(expected);
  });

  it("tells what would help", () => {
    expect(tooFarFrom(current, "Be kind", 0.5)).toMatch(/^expected a change of at most .* keep more of it unchanged$/);
  });

  it.each(["", "  \n"])("an empty text %j may become any other", (empty) => {
    expect(tooFarFrom(empty, current, 0)).toBeUndefined();
  });

  it.each<[string, string, string, string]>([
    ["Chinese", "请用一句话简短地回答用户的问题", "请用一句话礼貌地回答用户的问题", "今天天气很好我们去公园散步吧"],
    [
      "Japanese",
      "ユーザーの質問に一文で答えてください",
      "ユーザーの質問に二文で答えてください",
      "今日は天気がいいので散歩に行きましょう",
    ],
    ["Thai", "ตอบคำถามของผู้ใช้สั้นๆ", "ตอบคำถามของผู้ใช้ยาวๆ", "วันนี้อากาศดีมากไปเดินเล่นกัน"],
    [
      "Russian",
      "Ответь на вопрос пользователя коротко",
      "Ответь на вопрос пользователя вежливо",
      "Сегодня хорошая погода, пойдём гулять",
    ],
    ["emoji", "👍 ok 👎 no 👩‍👩‍👧 family", "👍 ok 👎 no 👩‍👩‍👦 family", "🚀🚀🚀 🎉🎉🎉"],
  ])("goes by words or characters in %s", (_script, before, near, far) => {
    expect(tooFarFrom(before, near, 0.25)).toBeUndefined();
    expect(tooFarFrom(before, far, 0.5)).toMatch(/at most 50%/);
  });

  describe("of 100 KB", () => {
    const words = (seed: number): string[] =>
      Array.from({ length: 16_000 }, (_, place) => `w${(place * 7919 + seed * 104_729) % 5003}`);
    const long = words(1).join(" ");

    it("a change in one place is measured exactly", () => {
      const changed = [...words(1)];
      changed.splice(8000, 10, "entirely", "new");
      expect(tooFarFrom(long, changed.join(" "), 0.01)).toBeUndefined();
      expect(tooFarFrom(long, changed.join(" "), 0.0001)).toMatch(/at most 0%/);
    });

    it("changes all over are measured, too", () => {
      const changed = words(1).map((word, place) => (place % 20 === 0 ? "new" : word));
      expect(tooFarFrom(long, changed.join(" "), 0.2)).toBeUndefined();
      expect(tooFarFrom(long, changed.join(" "), 0.02)).toMatch(/at most 2%/);
    });

    it("other words, and the same in another order, are too far", () => {
      expect(
        tooFarFrom(
          long,
          words(2)
            .map((word) => `x${word}`)
            .join(" "),
          0.5,
        ),
      ).toMatch(/at most 50%/);
      expect(tooFarFrom(long, words(1).sort().join(" "), 0.5)).toMatch(/at most 50%/);
    });
  });
});
