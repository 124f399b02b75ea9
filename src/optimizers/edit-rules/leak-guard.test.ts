import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../errors.ts";
import { leakGuard } from "./leak-guard.ts";

const answers = ["The quick brown fox jumps over the lazy dog.", "Paris"];

describe("leakGuard", () => {
  it.each<[string, string]>([
    ["a quotation", "Say: the quick brown fox jumps over it"],
    ["in capitals, with other punctuation", "THE QUICK, BROWN — FOX: JUMPS OVER!"],
    ["over several lines", "the quick\nbrown\tfox\n\njumps over"],
    ["with characters in another form", "the ｑｕｉｃｋ brown fox jumps over"],
  ])("finds %s", (_title, text) => {
    expect(leakGuard(answers).problem(text, "")).toMatch(/^expected no answer quoted from the training data, got "/);
  });

  it.each<[string, string]>([
    ["fewer words in a row", "the quick brown fox jumps"],
    ["the same words in another order", "over jumps fox brown quick the"],
    ["a word in between", "the quick brown red fox jumps over the dog"],
    ["a short answer, which is not guarded", "Paris"],
    ["nothing", ""],
  ])("lets %s pass", (_title, text) => {
    expect(leakGuard(answers).problem(text, "")).toBeUndefined();
  });

  it("quotes the place as it is written", () => {
    expect(leakGuard(answers).problem("Well: The quick, brown fox jumps OVER it", "")).toContain(
      '"The quick, brown fox jumps OVER"',
    );
  });

  it("lets stand what stood there before, and nothing more", () => {
    const before = "Example: the quick brown fox jumps over";
    expect(leakGuard(answers).problem(`${before} hedges`, before)).toBeUndefined();
    expect(leakGuard(answers).problem(`${before} the lazy dog`, before)).toMatch(/"quick brown fox jumps over the"/);
  });

  it.each<[string, unknown[], string]>([
    ["texts", ["a b c"], "x a b c"],
    ["data with texts inside", [{ deep: [{ er: "a b c" }] }], "x a b c"],
    ["examples, by their info", [{ input: "d e f", info: { right: "a b c" } }], "x a b c"],
  ])("guards %s", (_title, given, leak) => {
    expect(leakGuard(given, { words: 3 }).problem(leak, "")).toMatch(/no answer quoted/);
  });

  it("lets a prompt mention the inputs of examples", () => {
    expect(leakGuard([{ input: "d e f", info: "a b c" }], { words: 3 }).problem("d e f", "")).toBeUndefined();
  });

  it.each<[string, string, string, string]>([
    ["Chinese", "法国的首都是巴黎，人口两百万", "记住：法国的首都是巴黎！", "请用一句话回答问题"],
    ["Japanese", "フランスの首都はパリです", "答え「フランスの首都はパリ」", "質問に答えてください"],
    [
      "Russian",
      "Столица Франции это красивый город Париж на Сене",
      "Запомни: столица Франции это красивый город Париж",
      "Ответь на вопрос коротко и вежливо пожалуйста",
    ],
  ])("works in %s", (_script, answer, leak, fine) => {
    const guard = leakGuard([answer]);
    expect(guard.problem(leak, "")).toMatch(/no answer quoted/);
    expect(guard.problem(fine, "")).toBeUndefined();
  });

  it("takes texts of 100 KB, and ten thousand answers", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `answer number ${index} says that all is well here`);
    const guard = leakGuard(many);
    const long = Array.from({ length: 20_000 }, (_, index) => `w${index % 977}`).join(" ");
    expect(guard.problem(long, long)).toBeUndefined();
    expect(guard.problem(`${long} number 9999 says that all is well`, long)).toMatch(/no answer quoted/);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no answers", () => leakGuard([]), /at least one text/],
    ["answers without a text", () => leakGuard([1, null, { a: [true] }]), /at least one text/],
    ["too few words", () => leakGuard(["a"], { words: 1 }), /whole number of at least 2, got 1/],
    ["an unknown option", () => leakGuard(["a"], { word: 3 } as never), /word/],
  ])("refuses %s", (_title, make, message) => {
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });
});
