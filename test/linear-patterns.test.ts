/**
 * Holds regular expressions to linear time: prompts, inputs, replies and errors may be long, and may be one long word. The second half proves
 * that the rule can fail.
 *
 * @module
 */
import { expect, it } from "vitest";
import { slowRun, superlinear } from "./rules/pattern-rules.ts";
import { readSourceFiles, sourceFile } from "./rules/source-file.ts";

/** Patterns that see short texts only, with what keeps these short. */
const known: Readonly<Record<string, string>> = {
  'src/cli/run-use.ts: /0+$/ takes too many steps for "0"': "a price of three digits",
  'src/code/clean-source.ts: /[ \\t]*$/ takes too many steps for " "': "the source of a function of the program",
  'src/code/limits.ts: /\\B(?=(\\d{3})+$)/g takes too many steps for "1"': "a number",
  'src/code/source.ts: /\\s*=>\\s*$/ takes too many steps for " "': "the source of a function of the program",
  'src/code/source.ts: /\\n\\s*\\*[ \\t]?/g takes too many steps for "\\n"': "a comment of the program",
  'src/code/source.ts: /\\n\\s*@[\\s\\S]*$/ takes too many steps for "\\n"': "a comment of the program",
  'src/guides/llm-judge.ts: /\\s*(?:points?|stars?)?[.]?\\s*$/i takes too many steps for " "':
    "a score of at most 100 characters",
  'src/llm/pace/rate-limit-headers.ts: /(\\d+(?:\\.\\d+)?)(ms|s|m|h|d)/g takes too many steps for "1"':
    "a header that is such a time from its beginning to its end",
};

it("no pattern takes more than linear time", () => {
  const files = readSourceFiles();
  expect(files.length).toBeGreaterThan(0);
  expect(superlinear(files)).toEqual(Object.keys(known));
});

it("none that is put together does", async () => {
  const original = globalThis.RegExp;
  const made: RegExp[] = [];
  const construct = (target: RegExpConstructor, given: unknown[]): RegExp => {
    const pattern = Reflect.construct(target, given) as RegExp;
    if (new Error().stack?.includes("/src/")) made.push(pattern);
    return pattern;
  };
  globalThis.RegExp = new Proxy(original, { construct });
  await import("../src/index.ts").finally(() => {
    globalThis.RegExp = original;
  });
  expect(made.length).toBeGreaterThan(10);
  expect(made.filter(({ source, flags }) => slowRun(source, flags) !== undefined)).toEqual([]);
});

it.each<[pattern: RegExp, run: string | undefined]>([
  [/[\w-]*\d[\w.-]*/g, "a"],
  [/\s+$/, " "],
  [/(?<=\bbearer\s+)\w{8,}/i, " "],
  [/(?:ab?)*c/, "a"],
  [/^\d+\.?\d*$/, "1"],
  [/^\d+(?:\.\d*)?$/, undefined],
  [/\s+/g, undefined],
  [/[\w-][\w.-]*/g, undefined],
  [/a{1,3}$/, undefined],
  [/\s*:/y, undefined],
])("%s with %j", ({ source, flags }, run) => {
  expect(slowRun(source, flags)).toBe(run);
});

it("names the file, the pattern, and the run", () => {
  expect(superlinear([sourceFile("src/a.ts", "const blank = /[ \\t]+$/;")])).toEqual([
    'src/a.ts: /[ \\t]+$/ takes too many steps for " "',
  ]);
});
