/**
 * The drawing of a lineage. Only what is in view is drawn, so that ten thousand candidates scroll smoothly.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { CandidateNode, Lineage } from "../../api.ts";
import { onOneLine } from "../control-characters.ts";
import { plural, score } from "../format.ts";
import {
  columnWidth,
  inView,
  laneHeight,
  layOutLineage,
  neighbour,
  type PlacedEdge,
  type PlacedNode,
} from "../lineage-layout.ts";
import { candidateHref } from "../links.ts";
import { candidateShapes } from "../parts/status.tsx";
import { useViewport } from "../parts/use-viewport.ts";
import { goTo } from "../route.ts";

export function LineageTree({ run, lineage }: { readonly run: string; readonly lineage: Lineage }): ComponentChildren {
  const box = useRef<HTMLDivElement>(null);
  const view = useViewport(box, `lineage ${run} ${lineage.from}`);
  const layout = useMemo(() => layOutLineage(allNodes(lineage), lineage.path), [lineage]);
  const [active, setActive] = useState(lineage.path.at(-1) ?? lineage.nodes[0]?.id ?? "");
  const { nodes, edges, columns } = inView(layout, view);
  const family = useMemo(() => ancestorsOf(layout.nodes, active), [layout, active]);
  const placedAs = (id: string): PlacedNode | undefined => layout.nodes.find(({ node }) => node.id === id);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") goTo(candidateHref(run, active));
    const next = neighbour(layout, active, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
    reveal(box.current, placedAs(next));
  };
  return (
    <>
      <div
        ref={box}
        class="tree"
        role="tree"
        tabIndex={0}
        aria-label="Lineage of candidates"
        aria-activedescendant={`node-${active}`}
        onKeyDown={onKeyDown}
      >
        <svg width={layout.width} height={layout.height} role="none">
          <Iterations columns={columns} first={layout.columns[0]?.iteration} />
          <Edges edges={edges} family={family} />
          {nodes.map((placed) => (
            <NodeMark key={placed.node.id} run={run} placed={placed} isActive={placed.node.id === active} onActive={setActive} />
          ))}
        </svg>
      </div>
      <ActiveNode run={run} node={placedAs(active)?.node} />
    </>
  );
}

function ActiveNode({ run, node }: { readonly run: string; readonly node: CandidateNode | undefined }): ComponentChildren {
  return (
    <p class="under" aria-live="polite">
      {node === undefined ? "" : <NodeText run={run} node={node} />}
    </p>
  );
}

interface IterationsProps {
  readonly columns: ReturnType<typeof inView>["columns"];
  readonly first: number | undefined;
}

function Iterations({ columns, first }: IterationsProps): ComponentChildren {
  return columns.map(({ iteration, x }) => (
    <text key={iteration} class="iteration" x={x} y={20} text-anchor="middle">
      {iteration === first ? `iteration ${iteration}` : iteration}
    </text>
  ));
}

interface EdgesProps {
  readonly edges: readonly PlacedEdge[];
  /** The ancestors of the active candidate, whose edges are drawn last. */
  readonly family: ReturnType<typeof ancestorsOf>;
}

function Edges({ edges, family }: EdgesProps): ComponentChildren {
  return edges
    .toSorted((a, b) => rank(a, family) - rank(b, family))
    .map((edge) => (
      <path key={`${edge.from.node.id} ${edge.to.node.id}`} class={edgeClass(edge, family)} d={curve(edge.from, edge.to)} />
    ));
}

interface NodeMarkProps {
  readonly run: string;
  readonly placed: PlacedNode;
  readonly isActive: boolean;
  readonly onActive: (id: string) => void;
}

function NodeMark({ run, placed: { node, x, y }, isActive, onActive }: NodeMarkProps): ComponentChildren {
  return (
    <g
      id={`node-${node.id}`}
      role="treeitem"
      aria-selected={isActive}
      aria-label={nodeLabel(node)}
      class={`node candidate-${node.status}${isActive ? " active" : ""}${node.isBest ? " is-best" : ""}`}
      data-candidate={node.id}
      transform={`translate(${x} ${y})`}
      onMouseEnter={() => onActive(node.id)}
      onClick={() => goTo(candidateHref(run, node.id))}
    >
      <title>{nodeLabel(node)}</title>
      <rect class="target" x="-14" y="-14" width={node.score === null ? 28 : 74} height="28" rx="6" />
      <text class="shape" text-anchor="middle" y="5">
        {node.isBest ? "★" : candidateShapes[node.status]}
      </text>
      {node.score === null ? null : (
        <text class="score" x="13" y="4">
          {score(node.score)}
        </text>
      )}
      {node.isMarked ? (
        <text class="flag" x="-12" y="-5">
          ⚑
        </text>
      ) : null}
    </g>
  );
}

function NodeText({ run, node }: { readonly run: string; readonly node: CandidateNode }): ComponentChildren {
  return (
    <>
      <a href={candidateHref(run, node.id)}>{onOneLine(node.id)}</a> · {node.status}
      {node.isBest ? ", best" : ""} · by {onOneLine(node.origin, 60)} · {node.score === null ? "not scored" : score(node.score)}
      {node.n === 0 ? "" : ` on ${plural(node.n, "example")}`}
      {node.changed.length === 0 ? "" : ` · changes ${onOneLine(node.changed.join(", "))}`}
    </>
  );
}

function nodeLabel(node: CandidateNode): string {
  const of = node.parents.length === 0 ? "" : `, from ${node.parents.join(" and ")}`;
  return onOneLine(`${node.id}: ${node.status}${node.isBest ? ", best" : ""}, score ${score(node.score)}${of}`, 300);
}

/** With the way from the start to the best, also where it is outside of the window. */
function allNodes({ nodes, pathNodes }: Lineage): CandidateNode[] {
  return [...new Map([...pathNodes, ...nodes].map((node) => [node.id, node])).values()];
}

function ancestorsOf(nodes: readonly PlacedNode[], id: string): ReadonlySet<string> {
  const byId = new Map(nodes.map(({ node }) => [node.id, node]));
  const found = new Set<string>();
  const waiting = [id];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(byId.get(next)?.parents ?? []));
  }
  return found;
}

/** What is marked is drawn over what is not. */
function rank({ from, to, isPath }: PlacedEdge, family: ReadonlySet<string>): number {
  return Number(isPath) + 2 * Number(family.has(from.node.id) && family.has(to.node.id));
}

function edgeClass({ from, to, isPath }: PlacedEdge, family: ReadonlySet<string>): string {
  const isFamily = family.has(from.node.id) && family.has(to.node.id);
  return ["edge", isPath ? "path" : "", isFamily ? "family" : ""].join(" ").trim();
}

/** Leaves after the score, arrives from the left. A way over several columns runs between the lanes, not through what is on them. */
function curve(from: PlacedNode, to: PlacedNode): string {
  const [startX, endX] = [from.x + (from.node.score === null ? 9 : 50), to.x - 11];
  if (to.x - from.x <= columnWidth) {
    const bend = Math.max(14, (endX - startX) / 2);
    return `M${startX} ${from.y} C${startX + bend} ${from.y} ${endX - bend} ${to.y} ${endX} ${to.y}`;
  }
  const between = to.y + (to.y > from.y ? -laneHeight / 2 : laneHeight / 2);
  const [turn, back] = [startX + 30, endX - 30];
  return `M${startX} ${from.y} C${startX + 16} ${from.y} ${turn - 16} ${between} ${turn} ${between} L${back} ${between} C${back + 16} ${between} ${endX - 16} ${to.y} ${endX} ${to.y}`;
}

function reveal(box: HTMLElement | null, placed: PlacedNode | undefined): void {
  if (box === null || placed === undefined) return;
  const { scrollLeft, scrollTop, clientWidth, clientHeight } = box;
  const left = Math.max(placed.x - clientWidth + 100, Math.min(scrollLeft, placed.x - 60));
  const top = Math.max(placed.y - clientHeight + 60, Math.min(scrollTop, placed.y - 60));
  box.scrollTo(left, top);
}
