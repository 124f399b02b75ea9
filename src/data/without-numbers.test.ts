/**
 * Failures that differ in numbers alone have one text.
 *
 * @module
 */
import { expect, it } from "vitest";
import { withoutNumbers } from "./without-numbers.ts";

it.each([
  ["no number", "no number"],
  ["request req_7f3a-9 failed", "request # failed"],
  ["took 1.25s, of 30 allowed", "took #, of # allowed"],
  ["api.v2.example refused", "api.# refused"],
  ["a.b.c", "a.b.c"],
  ["…/7/x", "…/#/x"],
  [".5", ".#"],
  ["", ""],
])("%j is %j", (text, expected) => {
  expect(withoutNumbers(text)).toBe(expected);
});
