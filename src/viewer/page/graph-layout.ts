/**
 * Where the nodes of a traced graph stand: inputs at the left, each node in the column after its last input.
 *
 * @module
 */
import type { RolloutGraph } from "../api.ts";

export interface PlacedGraphNode {
  /** Place in the graph's nodes. */
  readonly place: number;
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  readonly nodes: readonly PlacedGraphNode[];
  readonly width: number;
  readonly height: number;
}

export const box = { width: 168, height: 44, across: 56, down: 14, margin: 12 } as const;

export function layOutGraph({ nodes, edges }: RolloutGraph): GraphLayout {
  const inputs = nodes.map((_, place) => edges.filter(({ to, from }) => to === place && from < place).map(({ from }) => from));
  const columns: number[] = [];
  // Inputs come before their users.
  for (const [place, from] of inputs.entries()) columns[place] = Math.max(-1, ...from.map((input) => columns[input] ?? 0)) + 1;
  pullInputs(columns, nodes.length, edges);
  const byColumn: number[][] = [];
  for (const [place, column] of columns.entries()) {
    byColumn[column] ??= [];
    byColumn[column].push(place);
  }
  const lanes: number[] = [];
  for (const column of byColumn) {
    const middleOf = (place: number): number => {
      const of = (inputs[place] ?? []).map((input) => lanes[input] ?? 0);
      return of.length === 0 ? place / 1000 : of.reduce((sum, lane) => sum + lane, 0) / of.length;
    };
    const sorted = (column ?? []).toSorted((a, b) => middleOf(a) - middleOf(b));
    for (const [lane, place] of sorted.entries()) lanes[place] = lane;
  }
  const mostLanes = Math.max(1, ...byColumn.map((column) => column?.length ?? 0));
  const placed = nodes.map((_, place): PlacedGraphNode => {
    const column = columns[place] ?? 0;
    const free = mostLanes - (byColumn[column]?.length ?? 0);
    return {
      place,
      x: box.margin + column * (box.width + box.across),
      y: box.margin + ((lanes[place] ?? 0) + free / 2) * (box.height + box.down),
    };
  });
  return {
    nodes: placed,
    width: box.margin * 2 + byColumn.length * (box.width + box.across) - box.across,
    height: box.margin * 2 + mostLanes * (box.height + box.down) - box.down,
  };
}

/** What has no inputs stands right before its first user, so that lines are short. */
function pullInputs(columns: number[], count: number, edges: RolloutGraph["edges"]): void {
  for (let place = 0; place < count; place++) {
    if (edges.some(({ to }) => to === place)) continue;
    const users = edges.filter(({ from }) => from === place).map(({ to }) => columns[to] ?? 0);
    if (users.length > 0) columns[place] = Math.max(0, Math.min(...users) - 1);
  }
}
