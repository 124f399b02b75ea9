/**
 * The traced graph of a rollout; a click on a node shows its text.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { GraphNodeView, RolloutGraph } from "../../api.ts";
import { onOneLine } from "../control-characters.ts";
import { plural } from "../format.ts";
import { box, layOutGraph, type PlacedGraphNode } from "../graph-layout.ts";
import { ModelText } from "./model-text.tsx";

export function GraphDrawing({ graph }: { readonly graph: RolloutGraph }): ComponentChildren {
  const layout = useMemo(() => layOutGraph(graph), [graph]);
  const [chosen, choose] = useState(graph.target ?? graph.nodes.length - 1);
  const node = graph.nodes[chosen];
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="graph" aria-label="Traced graph" tabIndex={0}>
        <svg width={layout.width} height={layout.height} role="none">
          {graph.edges.map(({ from, to, name }) => (
            <Edge
              key={`${from} ${to} ${name}`}
              from={layout.nodes[from]}
              to={layout.nodes[to]}
              isChosen={to === chosen || from === chosen}
            />
          ))}
          {layout.nodes.map((placed) => {
            const shown = graph.nodes[placed.place];
            return shown === undefined ? null : (
              <Box
                key={placed.place}
                node={shown}
                placed={placed}
                isChosen={placed.place === chosen}
                isTarget={placed.place === graph.target}
                onChoose={choose}
              />
            );
          })}
        </svg>
      </section>
      {graph.omitted === 0 ? null : <p class="quiet">{plural(graph.omitted, "more node")} left out.</p>}
      {node === undefined ? null : <NodeText node={node} />}
    </>
  );
}

function NodeText({ node }: { readonly node: GraphNodeView }): ComponentChildren {
  return (
    <div class="graph-text">
      <h3>
        <code>{onOneLine(node.name, 80)}</code> <span class="quiet">{kindText(node)}</span>
      </h3>
      {node.description === null ? null : <p class="quiet">{onOneLine(node.description, 400)}</p>}
      <ModelText text={node.text} label={`Value of ${node.name}`} most={2000} />
    </div>
  );
}

interface BoxProps {
  readonly node: GraphNodeView;
  readonly placed: PlacedGraphNode;
  readonly isChosen: boolean;
  readonly isTarget: boolean;
  readonly onChoose: (place: number) => void;
}

function Box({ node, placed: { place, x, y }, isChosen, isTarget, onChoose }: BoxProps): ComponentChildren {
  const name = onOneLine(node.path ?? node.name, 20);
  const below = onOneLine(node.text === "" ? kindText(node) : node.text, 21);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button inside a drawing
    <g
      role="button"
      // Attributes of a drawing keep their case, and this is the one that counts.
      tabindex={0}
      aria-pressed={isChosen}
      aria-label={`${kindText(node)} ${name} ${below}${isTarget ? ", the output" : ""}`}
      class={`box kind-${kindClass(node.kind)}${isChosen ? " chosen" : ""}${isTarget ? " target" : ""}`}
      transform={`translate(${x} ${y})`}
      onClick={() => onChoose(place)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onChoose(place);
      }}
    >
      <rect width={box.width} height={box.height} rx={["operation", "message"].includes(node.kind) ? 4 : box.height / 2} />
      <text class="name" x={box.width / 2} y="19" text-anchor="middle">
        {name}
      </text>
      <text class="kind" x={box.width / 2} y="34" text-anchor="middle">
        {below}
      </text>
    </g>
  );
}

interface EdgeProps {
  readonly from: PlacedGraphNode | undefined;
  readonly to: PlacedGraphNode | undefined;
  readonly isChosen: boolean;
}

function Edge({ from, to, isChosen }: EdgeProps): ComponentChildren {
  if (from === undefined || to === undefined) return null;
  const [startX, startY] = [from.x + box.width, from.y + box.height / 2];
  const [endX, endY] = [to.x, to.y + box.height / 2];
  const bend = Math.max(24, Math.min(80, (endX - startX) / 2));
  return (
    <path
      class={isChosen ? "edge family" : "edge"}
      d={`M${startX} ${startY} C${startX + bend} ${startY} ${endX - bend} ${endY} ${endX} ${endY}`}
    />
  );
}

function kindText({ kind, operation }: GraphNodeView): string {
  return operation === null || operation === kind ? kind : `${kind} ${onOneLine(operation, 40)}`;
}

/** Kinds that the styles know; a name that someone wrote never becomes a class. */
function kindClass(kind: string): string {
  return ["parameter", "operation", "exception"].includes(kind) ? kind : "other";
}
