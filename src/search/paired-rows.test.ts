import { describe, expect, it } from "vitest";
import { objective } from "../data/objectives.ts";
import { tableOfTrials, trialOfCell } from "./evaluation-table.ts";
import { pairedRows } from "./paired-rows.ts";

const table = (...cells: readonly (number | "failed" | "unscored")[]) => tableOfTrials(cells.map((cell) => trialOfCell(cell)));

describe("pairedRows", () => {
  it.each<{ name: string; by: object; scoreRange?: readonly [number, number]; rows: number[][]; metric: string | undefined }>([
    {
      name: "higher is better",
      by: {},
      rows: [
        [2, 0, 4],
        [1, 3, 3],
      ],
      metric: undefined,
    },
    {
      name: "lower is better",
      by: { minimize: ["score"] },
      rows: [
        [-2, -4, -4],
        [-1, -3, -3],
      ],
      metric: "`score`",
    },
    {
      name: "lower is better, on a front",
      by: { mode: "pareto", minimize: ["score"] },
      rows: [
        [-2, -4, -4],
        [-1, -3, -3],
      ],
      metric: "`score`",
    },
    {
      name: "lower is better, with a declared range",
      by: { minimize: ["score"] },
      scoreRange: [0, 10],
      rows: [
        [-2, -10, -4],
        [-1, -3, -3],
      ],
      metric: "`score`",
    },
  ])("counts a failure as the worst where $name", ({ by, scoreRange, rows, metric }) => {
    const paired = pairedRows([table(2, "failed", 4), table(1, 3, 3)], { objective: objective(by), scale: { scoreRange } });
    expect(paired.rows).toEqual(rows);
    expect([paired.unit.metric, paired.unit.lowerIsBetter]).toEqual([metric, metric && true]);
    expect(paired.bounds).toEqual(scoreRange && [-10, 0]);
  });
});
