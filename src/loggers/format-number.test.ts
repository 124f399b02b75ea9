import { describe, expect, it } from "vitest";
import { formatCompared, formatDuration, formatNumber, formatRate } from "./format-number.ts";

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [1, "1"],
    [0.5, "0.5"],
    [2 / 3, "0.6667"],
    [-2 / 3, "-0.6667"],
    [12.345678, "12.346"],
    [1234.5678, "1234.6"],
    [98_765_432.123, "98765432.1"],
    [1_234_567, "1234567"],
    [0.00012345, "0.0001"],
    [0.000012345, "0.0000123"],
    [1.2345e-9, "1.23e-9"],
    [0.1 + 0.2, "0.3"],
    [1e21, "1e+21"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("shows %d as %s", (value, expected) => {
    expect(formatNumber(value)).toBe(expected);
  });
});

describe("formatCompared", () => {
  it.each([
    [0.5, 0.75, ["0.5", "0.75"]],
    [0.66123, 0.66124, ["0.66123", "0.66124"]],
    [0.5, 0.5, ["0.5", "0.5"]],
    [0.1 + 0.2, 0.3, ["0.30000000000000004", "0.3"]],
    [null, 0.5, ["none", "0.5"]],
    [null, null, ["none", "none"]],
  ])("tells %d and %d apart", (left, right, expected) => {
    expect(formatCompared(left, right)).toEqual(expected);
  });
});

describe("formatDuration and formatRate", () => {
  it.each([
    [0, "0.0s"],
    [420, "0.4s"],
    [9_949, "9.9s"],
    [9_950, "10s"],
    [59_499, "59s"],
    [59_500, "1m 00s"],
    [125_000, "2m 05s"],
    [3_599_600, "1h 00m"],
    [3_780_000, "1h 03m"],
  ])("%d ms are %s", (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });

  it.each([
    [0.25, "0.25/s"],
    [0.04, "2.4/min"],
    [3.44, "3.4/s"],
    [9.99, "10/s"],
    [1_234.5, "1235/s"],
  ])("%d a second is %s", (perSecond, expected) => {
    expect(formatRate(perSecond)).toBe(expected);
  });
});
