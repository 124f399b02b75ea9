/**
 * `docs/searches.md` has a row for every search, and says what a step of it costs.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import * as algorithms from "opto/algorithms";
import type { Appetite, SearchPolicy } from "opto/search";
import { describe, expect, it } from "vitest";
import { algorithmNames } from "../src/algorithms/to-algorithm.ts";

const page = readFileSync("docs/searches.md", "utf8");

/** The cells of the table of all searches, by name. */
const rows = new Map(
  page.split("\n").flatMap((line): [string, string[]][] => {
    const [, name, ...cells] = line.split("|").map((cell) => cell.trim());
    return name !== undefined && /^`\w+`$/.test(name) && cells.length === 9 ? [[name.slice(1, -1), cells]] : [];
  }),
);

const policies = new Map<string, unknown>(Object.entries(algorithms));

/** Rollouts of one step, as the page writes them. */
function rolloutsOf({ forward, scored }: Appetite): string {
  const counts = { b: forward, V: 0, "": 0 };
  for (const { candidates, on } of scored) {
    if (on === "batch") counts.b += candidates;
    else if (on === "validation") counts.V += candidates;
    else counts[""] += candidates * on;
  }
  const terms = Object.entries(counts).filter(([, count]) => count > 0);
  return terms.map(([unit, count]) => (count === 1 && unit !== "" ? unit : `${count}${unit}`)).join(" + ");
}

describe("the page about searches", () => {
  it("has every algorithm that has a name in its table", () => {
    expect([...rows.keys()].sort()).toEqual(algorithmNames.toSorted());
  });

  it.each(algorithmNames.filter((name) => !name.endsWith("Algorithm")))("says what a step of %s costs", (name) => {
    const make = policies.get(name) as () => SearchPolicy;
    const appetite = make().appetite();
    expect(rows.get(name)?.slice(4, 6)).toEqual([rolloutsOf(appetite), String(appetite.proposals)]);
  });

  it.each(algorithmNames.filter((name) => !name.endsWith("Algorithm")))("states the defaults of %s for a run", (name) => {
    const make = policies.get(name) as () => SearchPolicy;
    const { batchSize, evalFrequency = 1 } = make().defaults ?? {};
    expect(rows.get(name)?.slice(6, 8)).toEqual([String(batchSize), String(evalFrequency)]);
  });

  it("writes a search in 60 lines at most", () => {
    const [, body = ""] = /\nfunction evolution([\s\S]*?)\n}\n/.exec(page) ?? [];
    expect(body.split("\n").length).toBeGreaterThan(10);
    expect(body.split("\n").length).toBeLessThan(60);
  });
});
