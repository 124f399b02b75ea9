import { expect, it } from "vitest";
import type { HeatWindow } from "../api.ts";
import { heatPath, lineagePath, rolloutsPath, searchPath } from "../requests.ts";
import { answerFrom } from "./embedded-answers.ts";

const row = (id: string, mean: number, cells: HeatWindow["rows"][number]["cells"], differences: readonly (number | null)[]) => ({
  id,
  index: 0,
  iteration: 0,
  mean,
  n: 3,
  failed: cells.filter((cell) => cell === "failed").length,
  isBest: false,
  parent: "start",
  cells,
  differences,
});
const heat: HeatWindow = {
  dataset: "validate",
  metric: "score",
  metrics: ["score"],
  datasets: ["validate"],
  totalRows: 3,
  totalColumns: 3,
  from: 0,
  columnsFrom: 0,
  columns: [
    { example: 0, mean: 0.9, failed: 0 },
    { example: 1, mean: 0.1, failed: 1 },
    { example: 2, mean: null, failed: 0 },
  ],
  rows: [
    row("start", 0.3, [1, 0, null], [null, null, null]),
    row("a", 0.5, [1, "failed", null], [0, null, null]),
    row("b", 0.9, [1, 0.8, null], [0, 0.8, null]),
  ],
  range: [0, 1],
};
const rollouts = [
  { position: "p/0", candidate: "a", dataset: "validate", example: 1, status: "failed" },
  { position: "p/1", candidate: "b", dataset: "validate", example: 1, status: "scored" },
];
const embedded = {
  [heatPath("r", { dataset: "validate", metric: "score" })]: heat,
  [rolloutsPath("r")]: { total: 2, from: 0, rollouts, missing: null },
  [lineagePath("r")]: "the lineage",
  "/api/runs/r/candidates/a": {
    id: "a",
    values: { prompt: "Ask for the order number" },
    reasoning: null,
    proposal: { calls: [{ position: "a", messages: [{ text: "Improve the order" }], reply: null, error: null }] },
  },
  "/api/runs/r": { warnings: [{ message: "An order was late" }], error: null },
  "/api/runs/r/rollouts/p%2F0": {
    position: "p/0",
    candidate: "a",
    inputValue: { text: "in order" },
    calls: [{ position: "p/0/call/0", messages: [], reply: "no order", error: null }],
  },
};
const ask = { dataset: "validate", metric: "score" } as const;

it.each([
  ["all of it", {}, ["start", "a", "b"], [0, 1, 2]],
  ["by score and difficulty", { rows: "score", sort: "difficulty" }, ["b", "a", "start"], [1, 0, 2]],
  ["failures", { filter: "failed" }, ["a"], [1]],
  ["what beats its parent", { filter: "better" }, ["b"], [0, 1, 2]],
  ["a window", { from: 1, count: 1, columns: 1, width: 5 }, ["a"], [1, 2]],
  ["a name", { q: "ST" }, ["start"], [0, 1, 2]],
] as const)("gives %s of a heat map", (_, query, ids, examples) => {
  const window = answerFrom(embedded, heatPath("r", { ...ask, ...query })) as HeatWindow;
  expect(window.rows.map(({ id }) => id)).toEqual(ids);
  expect(window.columns.map(({ example }) => example)).toEqual(examples);
  expect(
    window.rows.every(({ cells, differences }) => cells.length === examples.length && differences.length === examples.length),
  ).toBe(true);
});

it("filters rollouts, and searches candidates, warnings, rollouts, and calls", () => {
  expect(answerFrom(embedded, rolloutsPath("r", { example: 1, status: "failed" }))).toMatchObject({
    total: 1,
    rollouts: [{ position: "p/0" }],
  });
  expect(answerFrom(embedded, searchPath("r", "ORDER"))).toMatchObject({
    hits: [
      { kind: "candidate", candidate: "a", before: "Ask for the ", match: "order", after: " number" },
      { kind: "prompt", candidate: "a", position: "a" },
      { kind: "warning", candidate: null, rollout: null },
      { kind: "input", rollout: "p/0" },
      { kind: "reply", rollout: "p/0", before: "no " },
    ],
  });
});

it("gives the whole lineage under any window, and nothing that is not there", () => {
  expect(answerFrom(embedded, lineagePath("r", 2000))).toBe("the lineage");
  expect(answerFrom(embedded, heatPath("r", { ...ask, metric: "brevity" }))).toBeUndefined();
  expect(answerFrom(embedded, "/api/runs/r/candidates/b")).toBeUndefined();
  expect(answerFrom(embedded, "constructor")).toBeUndefined();
});
