/**
 * Cells of CSV, whoever wrote what is in them.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { cell } from "./download.ts";

describe("a cell of CSV", () => {
  it.each([
    ["plain", "plain"],
    [0.25, "0.25"],
    [-1, "-1"],
    [true, "true"],
    [null, ""],
    [undefined, ""],
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["  =1+1", "'  =1+1"],
    ["\t=1", "'\t=1"],
    ["\r=1", '"\'\r=1"'],
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    ["=a,b", '"\'=a,b"'],
    [{ a: "=1" }, '"{""a"":""=1""}"'],
  ])("of %j is %j", (value, expected) => {
    expect(cell(value)).toBe(expected);
  });
});
