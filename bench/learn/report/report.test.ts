import { Random } from "opto/data";
import { describe, expect, it } from "vitest";
import type { StageResult } from "../cell.ts";
import { type CellResult, readResults, resultLines } from "../results.ts";
import { readSettings } from "../settings.ts";
import { bootstrapInterval } from "./bootstrap.ts";
import { reportRows } from "./rows.ts";
import { seedTest } from "./seed-test.ts";
import { reportFiles } from "./write-report.ts";

const settings = readSettings(["--seeds", "3"]);

/** A cell whose test scores are 1 for the first `right` of 40 examples. */
function cell(arm: string, seed: number, right: number, more: Partial<StageResult> = {}): CellResult {
  const stage = (share: number): StageResult => ({
    share,
    values: {},
    spent: { taskCalls: 100, optimizerCalls: 5, tokens: 1000, dollars: 0.5 },
    ms: 60_000,
    isOver: false,
    test: Array.from({ length: 40 }, (_, at) => Number(at < right)),
    rows: Array.from({ length: 40 }, (_, at) => `${seed}-${at}`),
    validation: 0.9,
    ...more,
  });
  const searched = arm.endsWith("original") ? "original" : "opto";
  const kind = arm === "start" ? "fixed" : searched;
  return { task: "t", title: "A <task>", arm, kind, seed, stages: [0.25, 0.5, 1].map(stage) };
}

const seeds = [0, 1, 2];
const results = [
  ...seeds.map((seed) => cell("start", seed, 10)),
  ...seeds.map((seed) => cell("gepa", seed, 20 + seed)),
  ...seeds.map((seed) => cell("bestOf", seed, seed === 0 ? 8 : 11)),
  ...seeds.map((seed) => cell("gepa-original", seed, 30, { version: "0.1.4" })),
];

describe("reportRows", () => {
  it("pairs every cell with its start, and ranks by gain", () => {
    const rows = reportRows(results);
    expect(rows.map(({ arm }) => arm)).toEqual(["gepa-original", "gepa", "bestOf", "start"]);
    const [original, gepa, bestOf] = rows;
    expect(gepa?.gain.mean).toBeCloseTo(11 / 40);
    expect([original, gepa, bestOf].map((row) => row?.confirmed)).toEqual([true, true, false]);
    expect(bestOf?.belowStart).toBeCloseTo(1 / 3);
    expect(gepa?.gap).toBeCloseTo(0.9 - 21 / 40);
    expect(gepa?.dollarsPerPoint).toBeCloseTo(0.5 / 27.5);
    expect(bestOf?.dollarsPerPoint).toBeNull();
    expect(gepa?.minutes).toBe(1);
  });

  it("confirms nothing in nearly all tables where labels have nothing to do with answers", () => {
    const random = new Random(0, "shuffled labels");
    const tables = Array.from({ length: 10 }, () => {
      const arms = ["start", "gepa", "bestOf", "mipro", "gepa-original"];
      const shuffled = arms.flatMap((arm) => {
        return seeds.map((seed) => cell(arm, seed, 0, { test: Array.from({ length: 40 }, () => Number(random.next() < 0.3)) }));
      });
      return reportRows(shuffled).some(({ confirmed }) => confirmed);
    });
    expect(tables.filter((hasConfirmed) => hasConfirmed).length).toBeLessThanOrEqual(1);
  });

  it("confirms no gain of an algorithm whose runs differ by more than they gain", () => {
    // In each run all examples change together, to the better or to the worse.
    const random = new Random(7, "runs");
    const noisy = (): CellResult[] =>
      [0, 1, 2, 3, 4].flatMap((seed) => {
        const rows = Array.from({ length: 40 }, (_, at) => `${seed}-${at}`);
        const level = 0.5 + random.normal(0, 0.2);
        const drawn = (chance: number) => ({ rows, test: rows.map(() => Number(random.next() < chance)) });
        return [cell("start", seed, 0, drawn(0.5)), cell("gepa", seed, 0, drawn(level))];
      });
    const tables = Array.from({ length: 30 }, () => reportRows(noisy()).some(({ confirmed }) => confirmed));
    expect(tables.filter((hasConfirmed) => hasConfirmed).length).toBeLessThanOrEqual(3);
  });

  it("confirms nothing with two seeds, and says so", () => {
    const few = results.filter(({ seed }) => seed < 2);
    expect(reportRows(few).some(({ confirmed }) => confirmed)).toBe(false);
    expect(reportFiles(few, settings).get("report.md")).toContain("No gain can be confirmed here: that takes at least 3 seeds");
    expect(reportFiles(results, settings).get("report.md")).not.toContain("No gain can be confirmed");
  });

  it("leaves out what could not be scored on either side", () => {
    const partly = cell("gepa", 0, 20, { test: Array.from({ length: 40 }, (_, at) => (at < 10 ? null : Number(at < 20))) });
    const [row] = reportRows([cell("start", 0, 10), partly]);
    expect(row?.gain.mean).toBeCloseTo(10 / 30);
  });
});

describe("reportFiles", () => {
  it("does not depend on the order of cells, and names where opto is not first", () => {
    const files = reportFiles(results, settings);
    expect(reportFiles(results.toReversed(), settings)).toEqual(files);
    expect(files.get("report.md")).toContain("A <task>: `gepa-original` (+50.0) is ahead of `gepa` (+27.5)");
    expect(files.get("report.md")).toContain(
      "`gepa-original` is ahead of `gepa` (+27.5), the best of 2 searches of opto, chosen on these scores",
    );
    expect(files.get("report.md")).toContain("gepa-original 0.1.4");
    expect(files.get("t.svg")).toContain("A &lt;task&gt;");
    expect(files.get("t.svg")?.match(/<polyline/g)).toHaveLength(4);
    expect(readResults(resultLines(results))).toHaveLength(results.length);
  });
});

describe("lossesText", () => {
  const lossesOf = (gains: Readonly<Record<string, number>>): string[] => {
    const cells = Object.entries({ start: 0, ...gains }).flatMap(([arm, gain]) =>
      seeds.map((seed) => cell(arm, seed, 20 + gain)),
    );
    const lines = (reportFiles(cells, settings).get("report.md") ?? "").split("\n");
    return lines.filter((line) => /^- .* ahead of/.test(line)).map((line) => line.replaceAll("A <task>: ", ""));
  };

  it("compares with searches that were named before, and says which one was chosen afterwards", () => {
    expect(lossesOf({ default: -2, gepa: -1, copro: 5, "gepa-original": 4 })).toEqual([
      "- `gepa-original` (+10.0) is ahead of `gepa` (−2.5).",
      "- `gepa-original` (+10.0) is ahead of `default` (−5.0).",
      "- `start` (+0.0) is ahead of `default` (−5.0).",
      "- nothing else is ahead of `copro` (+12.5), the best of 3 searches of opto, chosen on these scores.",
    ]);
  });

  it("does not compare algorithms of different kinds", () => {
    expect(lossesOf({ default: 8, mipro: 2, "gepa-original": 4 })).toEqual([]);
    expect(lossesOf({ default: 8, gepa: 9, "gepa-original": 7 })).toEqual([]);
  });
});

describe("seedTest", () => {
  it.each([
    [[1, 2, 3], 0.0371],
    [[1, 2, 3, 4], 0.0152],
    [[-1, 2, 3, 4, 1], 0.0523],
    [[-1, 2, 3, 4, 1, 0], 0.0534],
    [[0.1, 0.1], 1],
    [[-1, -2, -3], 1],
  ])("has the tail of Student's t for %j", (gains, pValue) => {
    expect(seedTest(gains)).toBeCloseTo(pValue, 3);
  });
});

describe("bootstrapInterval", () => {
  it("is as wide as seeds and examples differ", () => {
    expect(bootstrapInterval([])).toBeNull();
    expect(bootstrapInterval([[null], []])).toBeNull();
    expect(bootstrapInterval([[0.5, 0.5, null], [0.5]])).toEqual([0.5, 0.5]);
    const [low, high] = bootstrapInterval([Array.from({ length: 100 }, (_, at) => at % 2)]) as [number, number];
    expect(high - low).toBeGreaterThan(0.15);
    expect(high - low).toBeLessThan(0.25);
  });
});
