import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { groups, rowsOf } from "./measurements.ts";
import { peers } from "./peers.ts";
import { documentSection, lossesOf, sectionMarkers, terminalReport, withSection } from "./report.ts";
import type { Cell, Results } from "./results.ts";

function measured(median: number): Cell {
  return { median, samples: [median] };
}

function results(rows: Results["rows"]): Results {
  const machine = { processor: "Test", cores: 2, node: "v20.0.0", python: "3.11.0" };
  return { taken: "2026-01-02", rounds: 3, machine, versions: { opto: "1.2.3", gepa: "0.1.0" }, serverLateMs: 0.5, rows };
}

const some = results({
  "evaluate-16": { opto: measured(1.02), gepa: measured(1.53), "bare client": measured(1.01) },
  iteration: { opto: measured(2), dsts: measured(4) },
  "iteration-bound": { opto: measured(1.4), dsts: measured(1.01) },
  import: { opto: measured(100), gepa: measured(50), dspy: measured(96) },
  memory: { opto: measured(-0.5), gepa: measured(1) },
  "backward-1000": {
    opto: measured(500),
    textgrad: { median: null, samples: [], failed: "RecursionError" },
    dspy: { median: null, samples: [], without: "records no graph" },
  },
});

describe("terminalReport", () => {
  it("shows medians with their ratio to opto", () => {
    const line = terminalReport(some)
      .split("\n")
      .find((text) => text.startsWith("16 in flight"));
    expect(line?.split(/\s{2,}/)).toEqual(["16 in flight (x ideal)", "1.02", "1.53 (1.50x)", "1.01 (0.99x)"]);
  });

  it("shows an interval from five rounds on, and says whether the machine was quiet", () => {
    const rows = { import: { opto: { median: 100, samples: [99, 100, 101, 98, 130] }, gepa: measured(250) } };
    expect(terminalReport(results(rows))).toMatch(/100 \[98\.0 to 130\] +250 \(2\.50x\)/);
    const section = documentSection({ ...results(rows), otherWork: 0.3 });
    expect(section).toContain("The machine was NOT quiet: other work took up to 30% of its processors");
    expect(section).toContain("with five the true median is between them");
    expect(documentSection({ ...results(rows), otherWork: 0.02 })).toContain("The machine was quiet: other work took at most 2%");
  });

  it("shows failures, and no ratio where there is nothing to compare", () => {
    const report = terminalReport(some);
    expect(report).toMatch(/1,000 nodes \(ns\) +500 +– +failed/);
    expect(report).toMatch(/over its lower bound .* 1\.40 +1\.01$/m);
    expect(report).toMatch(/left by 10,000 rollouts \(MB\) +-0.50 .*1\.00$/m);
  });
});

describe("documentSection", () => {
  const section = documentSection(some);

  it("tells machine, versions and rounds", () => {
    expect(section).toContain("medians of 3 rounds on Test (2 cores), Node v20.0.0, Python 3.11.0; opto 1.2.3, gepa 0.1.0");
  });

  it("gives the reason of every empty cell", () => {
    expect(section).toContain("- Graph, backward, each node, 1,000 nodes: textgrad: failed: RecursionError.");
    expect(section).toContain("- Graph, backward, each node, 1,000 nodes: dspy: records no graph.");
  });

  it("lists where a peer is clearly ahead, and why", () => {
    expect(lossesOf(some).map(({ peer, row, ratio }) => [peer, row.id, ratio])).toEqual([["gepa", "import", 0.5]]);
    expect(section).toMatch(/- gepa, footprint, import \(0\.50x\): it loads its language model client/);
  });

  it("counts what takes nothing as ahead of what takes something", () => {
    const left = results({ memory: { opto: measured(20), ax: measured(-3) } });
    expect(lossesOf(left)).toMatchObject([{ peer: "ax", ratio: 0 }]);
  });

  it("says what each peer ran", () => {
    for (const { id } of peers) expect(section).toMatch(new RegExp(`\\*\\*${id}\\*\\*`));
    for (const { iteration } of peers) expect(section).toContain(iteration);
  });
});

describe("withSection", () => {
  it("replaces what stands between the markers and keeps the rest", () => {
    const document = `before\n${sectionMarkers.begin}\nold\n${sectionMarkers.end}\nafter`;
    expect(withSection(document, "new")).toBe(`before\n${sectionMarkers.begin}\nnew\n${sectionMarkers.end}\nafter`);
  });

  it("refuses a document without markers", () => {
    expect(() => withSection("text", "new")).toThrow("Expected the document to have the lines");
  });
});

describe("what is committed", () => {
  it("agrees: the document shows the results, and every loss has its reason", async () => {
    const committed = JSON.parse(await readFile(new URL("results.json", import.meta.url), "utf8")) as Results;
    const document = await readFile(new URL("../../docs/benchmarks.md", import.meta.url), "utf8");
    expect(withSection(document, documentSection(committed))).toBe(document);
    expect(lossesOf(committed).filter(({ reason }) => reason === undefined)).toEqual([]);
    expect(Object.keys(committed.rows).toSorted()).toEqual(
      groups
        .flatMap(rowsOf)
        .map(({ id }) => id)
        .toSorted(),
    );
  });
});
