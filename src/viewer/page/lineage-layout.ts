/**
 * Where candidates stand in the drawing of a lineage: a column for each iteration, children beside their parents.
 *
 * @module
 */
import type { CandidateNode } from "../api.ts";

/** A candidate and the middle of its mark. */
export interface PlacedNode {
  readonly node: CandidateNode;
  readonly x: number;
  readonly y: number;
}

/** From a parent to a child. */
export interface PlacedEdge {
  readonly from: PlacedNode;
  readonly to: PlacedNode;
  readonly isPath: boolean;
}

export interface LineageLayout {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
  readonly columns: readonly { readonly iteration: number; readonly x: number }[];
}

export const columnWidth = 92;
export const laneHeight = 34;
const margin = 36;

/** @param path ids from the start to the best; they get the first lane, so that the way is a straight line where it can be. */
export function layOutLineage(nodes: readonly CandidateNode[], path: readonly string[]): LineageLayout {
  const onPath = new Set(path);
  const iterations = [...new Set(nodes.map(({ iteration }) => iteration))].sort((a, b) => a - b);
  const columns = iterations.map((iteration, place) => ({ iteration, x: margin + place * columnWidth }));
  const columnOf = new Map(columns.map(({ iteration, x }) => [iteration, x]));
  const byIteration = groupedBy(nodes);
  const lanes = new Map<string, number>();
  const placed = new Map<string, PlacedNode>();
  for (const iteration of iterations) {
    const laneOfParent = (node: CandidateNode): number => (onPath.has(node.id) ? -1 : (lanes.get(node.parents[0] ?? "") ?? 0));
    const column = (byIteration.get(iteration) ?? []).toSorted((a, b) => laneOfParent(a) - laneOfParent(b) || a.index - b.index);
    for (const [lane, node] of column.entries()) {
      lanes.set(node.id, lane);
      placed.set(node.id, { node, x: columnOf.get(iteration) ?? margin, y: margin + 18 + lane * laneHeight });
    }
  }
  const edges = [...placed.values()].flatMap((to) =>
    to.node.parents.flatMap((parent): PlacedEdge[] => {
      const from = placed.get(parent);
      return from === undefined ? [] : [{ from, to, isPath: onPath.has(parent) && onPath.has(to.node.id) }];
    }),
  );
  const mostLanes = Math.max(1, ...[...byIteration.values()].map((column) => column.length));
  return {
    nodes: [...placed.values()],
    edges,
    columns,
    width: margin * 2 + Math.max(0, columns.length - 1) * columnWidth + 72,
    height: margin * 2 + 18 + (mostLanes - 1) * laneHeight,
  };
}

/** What of a layout is in view, with a margin; an edge also where both of its ends are outside. */
export function inView(
  { nodes, edges, columns }: LineageLayout,
  view: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Pick<LineageLayout, "nodes" | "edges" | "columns"> {
  const [left, right] = [view.left - columnWidth, view.left + view.width + columnWidth];
  const [top, bottom] = [view.top - laneHeight * 2, view.top + view.height + laneHeight * 2];
  const crosses = ({ from, to }: PlacedEdge): boolean =>
    Math.max(from.x, to.x) >= left &&
    Math.min(from.x, to.x) <= right &&
    Math.max(from.y, to.y) >= top &&
    Math.min(from.y, to.y) <= bottom;
  return {
    nodes: nodes.filter(({ x, y }) => x >= left && x <= right && y >= top && y <= bottom),
    edges: edges.filter(crosses),
    columns: columns.filter(({ x }) => x >= left && x <= right),
  };
}

/** The node that an arrow leads to: to the parent, to the first child, or up and down within a column. */
export function neighbour({ nodes }: LineageLayout, id: string, key: string): string | undefined {
  const current = nodes.find(({ node }) => node.id === id);
  if (current === undefined) return nodes[0]?.node.id;
  if (key === "ArrowLeft") return nodes.find(({ node }) => node.id === current.node.parents[0])?.node.id;
  if (key === "ArrowRight") return nodes.find(({ node }) => node.parents.includes(id))?.node.id;
  const step = { ArrowDown: laneHeight, ArrowUp: -laneHeight }[key];
  return nodes.find(({ x, y }) => step !== undefined && x === current.x && y === current.y + step)?.node.id;
}

function groupedBy(nodes: readonly CandidateNode[]): Map<number, CandidateNode[]> {
  const groups = new Map<number, CandidateNode[]>();
  for (const node of nodes) {
    const group = groups.get(node.iteration);
    if (group === undefined) groups.set(node.iteration, [node]);
    else group.push(node);
  }
  return groups;
}
