/**
 * JSON found in what models write.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonCandidates, withoutThoughts } from "./json-candidates.ts";

describe("jsonCandidates", () => {
  it.each<{ name: string; text: string; expected: unknown[] }>([
    { name: "JSON alone", text: '{"a":1}', expected: [{ a: 1 }] },
    { name: "a word of JSON alone", text: '"yes"', expected: ["yes"] },
    { name: "words around it", text: 'Sure! Here it is: {"a": [1, {"b": 2}]}. Anything else?', expected: [{ a: [1, { b: 2 }] }] },
    { name: "a code fence", text: 'Here:\n```json\n{"a":1}\n```\nDone.', expected: [{ a: 1 }] },
    { name: "several values", text: 'First {"a":1}, then {"a":2} and [3].', expected: [{ a: 1 }, { a: 2 }, [3]] },
    { name: "brackets in strings", text: 'So: {"a":"} ] \\" {"}!', expected: [{ a: '} ] " {' }] },
    { name: "a value after what is none", text: 'In {…} and {x}: {"a":1}', expected: [{ a: 1 }] },
    { name: "a comma too many", text: '```\n{"a":1,}\n```', expected: [{ a: 1 }] },
    { name: "Python's words and marks", text: "It is {'a': True, 'b': None}.", expected: [{ a: true, b: null }] },
    { name: "a line break in a string", text: '{"a":"x\ny"}', expected: [{ a: "x\ny" }] },
    { name: "quotation marks in a string", text: '{"a":"he said "hi" to me"}', expected: [{ a: 'he said "hi" to me' }] },
    { name: "an odd mark that hides the end", text: '{"a":"5" tall", "b": 1}', expected: [{ a: '5" tall', b: 1 }] },
    { name: "nothing beside a value that cannot be read", text: 'He: {"a":1}. I: {"a" "b" {"c": 1', expected: [] },
    { name: "nothing inside of one", text: '{"say": "He: {"a":1}", "a": 0}', expected: [] },
    { name: "no JSON", text: "I do not know.", expected: [] },
    { name: "open brackets", text: "[[[ {{{", expected: [] },
    { name: "a name of the language", text: '{"__proto__": {"x": 1}}', expected: [JSON.parse('{"__proto__": {"x": 1}}')] },
  ])("finds $name", ({ text, expected }) => {
    expect(jsonCandidates(text)).toEqual(expected);
  });

  it("makes no guess about a text that was cut off", () => {
    expect(jsonCandidates('{"a":[1,2', "none")).toEqual([]);
    expect(jsonCandidates('{"a":1} {"b":', "none")).toEqual([]);
    expect(jsonCandidates('{"a":1} and so', "none")).toEqual([{ a: 1 }]);
  });

  it("repairs only what is closed, where a part must not pass for the whole", () => {
    expect(jsonCandidates(`{"a":"5" tall"}`, "closed")).toEqual([]);
    expect(jsonCandidates(`{"a":{"b":"so {c}`, "closed")).toEqual([]);
    expect(jsonCandidates(`{'a':"x\ny",}`, "closed")).toEqual([{ a: "x\ny" }]);
  });

  it("finds any JSON value between words", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.object(), fc.array(fc.jsonValue())),
        fc.constantFrom("", "Here: ", "```json\n"),
        (value, before) => {
          const json = JSON.stringify(value);
          fc.pre(json !== undefined);
          expect(jsonCandidates(`${before}${json}${before === "" ? "" : "\n```"}`)).toEqual([JSON.parse(json)]);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it.each(["{", "[", '{"', '"', "{[", '{"a":', "}", '[\\"', "{…}"])("ends soon for %s repeated", (piece) => {
    const started = performance.now();
    jsonCandidates(piece.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe("withoutThoughts", () => {
  it.each([
    ["<think>\nMaybe {}\n</think>\n\n 5 ", "5"],
    ["<thinking>no</thinking>yes", "yes"],
    ["<think>without an end", "<think>without an end"],
    [" plain ", "plain"],
  ])("of %j is %j", (text, expected) => {
    expect(withoutThoughts(text)).toBe(expected);
  });
});
