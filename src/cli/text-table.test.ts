/**
 * Tables and bars.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { sparkline, textTable } from "./text-table.ts";

describe("textTable", () => {
  const columns = [{ title: "run" }, { title: "best", align: "right" }, { title: "started", dispensable: 1 }] as const;
  const rows = [
    ["a-1", "0.5", "today"],
    ["日本-10", "0.25", ""],
  ];

  it("lines up columns by what they take on a terminal", () => {
    expect(textTable(columns, rows, 80)).toEqual(["run      best  started", "a-1       0.5  today", "日本-10  0.25"]);
  });

  it("leaves out what finds no room, never what is needed", () => {
    expect(textTable(columns, rows, 20)).toEqual(["run      best", "a-1       0.5", "日本-10  0.25"]);
    expect(textTable(columns, rows, 3)).toEqual(textTable(columns, rows, 20));
  });
});

describe("sparkline", () => {
  it.each([
    { values: [], width: 8, bars: "" },
    { values: [1], width: 8, bars: "▄" },
    { values: [null, null], width: 8, bars: "  " },
    { values: [0, 0.5, null, 1], width: 8, bars: "▁▅ █" },
    { values: [-3, -3], width: 8, bars: "▄▄" },
    { values: [0, 9, 1, 9, 2, 9], width: 3, bars: "▄▄▄" },
  ])("draws $values", ({ values, width, bars }) => {
    expect(sparkline(values, width)).toBe(bars);
  });
});
