/**
 * Lines of what was measured, parsed one after the other, say what `JSON.parse` says.
 *
 * @module
 */
import { expect, it } from "vitest";
import { LineParser } from "./line-parser.ts";

function parsed(parser: LineParser, text: string, type = "candidate-measured"): unknown {
  const bytes = Buffer.from(`before${text}after`);
  const end = bytes.length - "after".length;
  return parser.parse({ type, seq: 1, bytes, start: "before".length, end, offset: 0 });
}

const about = { seq: 1, time: "2026-11-25T08:30:00.000Z", type: "candidate-measured", candidate: "a" };
const lines: readonly (readonly [string, object])[] = [
  ["a list", { ...about, examples: [0, 1, 2], scores: { score: [1, null, 0] } }],
  ["the same list, of another candidate", { ...about, candidate: "b", examples: [0, 1, 2], scores: { score: [0, 0, 0.5] } }],
  ["a longer list that begins the same", { ...about, examples: [0, 1, 2, 3], scores: { score: [0, 0, 0.5, 1] } }],
  ["a list of the same length", { ...about, examples: [0, 1, 9], scores: { score: [0, 0, 0.5] } }],
  ["a metric of this name, before and after the list", { ...about, scores: { examples: [0, 1, 9] }, examples: [4], failed: [0] }],
  ["a metric of this name after the list", { ...about, examples: [4], scores: { examples: [0, 1, 9] } }],
  ["a name that has the bytes of the field", { ...about, candidate: '"examples":[0,1,9]', examples: [4], scores: {} }],
  ["a name with a brace", { ...about, candidate: "{x", examples: [4], scores: {} }],
  ["no list", { ...about, scores: {} }],
  ["an empty list", { ...about, examples: [], scores: {} }],
  ["the empty list again", { ...about, examples: [], scores: { score: [] } }],
  ["nested lists", { ...about, examples: [[1], [2]], scores: {} }],
  ["nested lists again", { ...about, examples: [[1], [3]], scores: {} }],
  ["a list far behind", { ...about, candidate: "c".repeat(2_000), examples: [4], scores: {} }],
];

it.each(lines)("%s", (_name, event) => {
  const parser = new LineParser();
  // Whatever has come before.
  for (const [, other] of lines) {
    parsed(parser, JSON.stringify(other));
    expect(parsed(parser, JSON.stringify(event))).toEqual(event);
    expect(parsed(parser, JSON.stringify(event))).toEqual(event);
  }
});

it("takes nothing of a damaged line", () => {
  const parser = new LineParser();
  const damaged = '{"examples":[0,1,"scores":{"score":[1]}}';
  expect(parsed(parser, damaged)).toBeUndefined();
  expect(parsed(parser, damaged)).toBeUndefined();
  expect(parsed(parser, '{"examples":[0,1],"scores":{"score":[1')).toBeUndefined();
  expect(parsed(parser, '{"examples":[0,1],"scores":{}}')).toEqual({ examples: [0, 1], scores: {} });
  expect(parsed(parser, '{"examples":[0,1],"scores":{')).toBeUndefined();
});
