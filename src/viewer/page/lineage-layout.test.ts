import { expect, it } from "vitest";
import type { CandidateNode } from "../api.ts";
import { inView, layOutLineage, neighbour } from "./lineage-layout.ts";

function node(id: string, iteration: number, parents: readonly string[]): CandidateNode {
  return {
    id,
    index: iteration,
    iteration,
    parents,
    origin: "test",
    status: "rejected",
    isBest: false,
    isFront: false,
    isMarked: false,
    score: 0,
    n: 1,
    changed: [],
  };
}

const nodes = [
  node("start", 0, []),
  node("a", 1, ["start"]),
  node("b", 1, ["start"]),
  node("c", 3, ["b"]),
  node("d", 3, ["b", "a"]),
];

it("has a column for each iteration that is there, and the way to the best in the first lane", () => {
  const { nodes: placed, edges, columns } = layOutLineage(nodes, ["start", "b", "d"]);
  const at = Object.fromEntries(placed.map(({ node: { id }, x, y }) => [id, { x, y }]));
  expect(columns.map(({ iteration }) => iteration)).toEqual([0, 1, 3]);
  expect([at.b?.y, at.d?.y]).toEqual([at.start?.y, at.start?.y]);
  expect(at.a?.y).toBeGreaterThan(at.b?.y ?? 0);
  expect(at.c?.x).toBe(at.d?.x);
  expect(edges.filter(({ isPath }) => isPath).map(({ from, to }) => [from.node.id, to.node.id])).toEqual([
    ["start", "b"],
    ["b", "d"],
  ]);
});

it("draws what is in view, and the ways that cross it", () => {
  const far = layOutLineage(
    [...nodes, ...Array.from({ length: 100 }, (_, index) => node(`n${index}`, 4 + index, ["start"]))],
    ["start"],
  );
  const view = inView(far, { left: 4000, top: 0, width: 300, height: 300 });
  expect(view.nodes.length).toBeLessThan(10);
  expect(view.nodes.map(({ node: { id } }) => id)).toContain("n42");
  expect(view.edges.map(({ to }) => to.node.id)).toContain("n99");
  expect(view.edges.map(({ to }) => to.node.id)).not.toContain("c");
});

it("is walked by arrows", () => {
  const layout = layOutLineage(nodes, ["start", "b", "d"]);
  const walk = (id: string, ...keys: readonly string[]): string | undefined =>
    keys.reduce<string | undefined>((at, key) => (at === undefined ? undefined : neighbour(layout, at, key)), id);
  expect(walk("start", "ArrowRight")).toBe("b");
  expect(walk("b", "ArrowDown")).toBe("a");
  expect(walk("c", "ArrowLeft", "ArrowLeft")).toBe("start");
  expect(walk("start", "ArrowLeft")).toBeUndefined();
});
