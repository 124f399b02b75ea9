import { describe, expect, it } from "vitest";
import { Tally } from "./tally.ts";

describe("Tally", () => {
  it("gives the median of what each peer took", () => {
    const tally = new Tally();
    for (const sample of [3, 1, 2.000001]) tally.add("import", "opto", sample);
    tally.add("import", "gepa", 4);
    expect(tally.rows()).toEqual({
      import: { opto: { median: 2, samples: [3, 1, 2] }, gepa: { median: 4, samples: [4] } },
    });
  });

  it("keeps what was measured before a failure, and why there is nothing", () => {
    const tally = new Tally();
    tally.add("import", "opto", 3);
    tally.fail("import", "opto", "took more than 60 s");
    tally.leaveOut("import", "gepa", "has none");
    expect(tally.rows()).toEqual({
      import: {
        opto: { median: 3, samples: [3], failed: "took more than 60 s" },
        gepa: { median: null, samples: [], without: "has none" },
      },
    });
  });

  it("knows who is far behind", () => {
    const tally = new Tally();
    tally.add("import", "opto", 100);
    tally.add("import", "gepa", 199);
    tally.add("import", "dspy", 200);
    expect(["opto", "gepa", "dspy", "ax"].map((peer) => tally.isFarBehind("import", peer, "opto", 2))).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it("gives up what failed twice", () => {
    const tally = new Tally();
    tally.fail("import", "opto", "broken");
    expect(tally.isHopeless("import", "opto")).toBe(false);
    tally.fail("import", "opto", "broken");
    expect(tally.isHopeless("import", "opto")).toBe(true);
    expect(tally.isHopeless("import", "gepa")).toBe(false);
  });
});
