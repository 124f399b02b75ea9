/**
 * Candidates under two metrics, with the front: what can only be bettered in one by losing in the other.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { EvaluatedPoint, RunView } from "../../api.ts";
import { score, ticks } from "../format.ts";
import { candidateHref } from "../links.ts";
import { Absent } from "../parts/notice.tsx";
import { Choice } from "../parts/switch.tsx";
import { useWidth } from "../parts/use-viewport.ts";
import { goTo, route, setQuery } from "../route.ts";

const size = { height: 320, left: 56, right: 16, top: 24, bottom: 40 } as const;

interface Spot {
  readonly point: EvaluatedPoint;
  readonly x: number;
  readonly y: number;
}

export function FrontChart({ run }: { readonly run: RunView }): ComponentChildren {
  const { query } = route.value;
  const names = [...new Set(run.evaluated.flatMap(({ scores }) => Object.keys(scores)))];
  const across = query.across ?? names[1] ?? names[0] ?? "score";
  const up = query.up ?? names[0] ?? "score";
  const spots = run.evaluated.flatMap((point): Spot[] => {
    const [x, y] = [point.scores[across], point.scores[up]];
    return x === undefined || y === undefined || x === null || y === null ? [] : [{ point, x, y }];
  });
  const options = names.map((name) => [name, name] as const);
  return (
    <>
      <div class="toolbar">
        <Choice label="Up" value={up} options={options} onChange={(name) => setQuery({ up: name })} />
        <Choice label="Across" value={across} options={options} onChange={(name) => setQuery({ across: name })} />
      </div>
      {spots.length === 0 ? (
        <Absent>No candidate has both metrics.</Absent>
      ) : (
        <Scatter run={run} spots={spots} across={across} up={up} />
      )}
    </>
  );
}

interface ScatterProps {
  readonly run: RunView;
  readonly spots: readonly Spot[];
  readonly across: string;
  readonly up: string;
}

function Scatter({ run, spots, across, up }: ScatterProps): ComponentChildren {
  const box = useRef<HTMLElement>(null);
  // Before it is laid out it has no width.
  const width = Math.max(size.left + size.right + 1, useWidth(box) - 26);
  const [xs, ys] = [spots.map(({ x }) => x), spots.map(({ y }) => y)];
  const [toX, xTicks] = scaleOf(xs, size.left, width - size.right);
  const [toY, yTicks] = scaleOf(ys, size.height - size.bottom, size.top);
  const front = spots.filter(({ point }) => point.isFront).toSorted((a, b) => a.x - b.x);
  return (
    <figure ref={box} class="scatter">
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing with links in it */}
      <svg
        width={width}
        height={size.height}
        viewBox={`0 0 ${width} ${size.height}`}
        role="group"
        aria-label={`${spots.length} candidates by ${up} and ${across}, ${front.length} on the front`}
      >
        <UpAxis name={up} values={yTicks} toY={toY} width={width} />
        <AcrossAxis name={across} values={xTicks} toX={toX} width={width} />
        <polyline class="front" points={front.map(({ x, y }) => `${toX(x)},${toY(y)}`).join(" ")} />
        {spots.map(({ point, x, y }) => (
          <SpotMark
            key={point.id}
            point={point}
            x={toX(x)}
            y={toY(y)}
            text={`${point.id}: ${up} ${score(y)}, ${across} ${score(x)}`}
            onOpen={() => goTo(candidateHref(run.id, point.id))}
          />
        ))}
      </svg>
      <Legend />
    </figure>
  );
}

function Legend(): ComponentChildren {
  return (
    <figcaption class="legend">
      <span>■ on the front</span>
      <span>○ not on it</span>
      <span>▣ the best</span>
    </figcaption>
  );
}

interface AxisProps {
  readonly name: string;
  readonly values: readonly number[];
  readonly width: number;
}

function UpAxis({ name, values, toY, width }: AxisProps & { readonly toY: (value: number) => number }): ComponentChildren {
  return (
    <>
      {values.map((tick, place) => (
        <g key={tick} class="tick">
          <line x1={size.left} x2={width - size.right} y1={toY(tick)} y2={toY(tick)} />
          <text x={size.left - 8} y={toY(tick) + 4} text-anchor="end">
            {ticks(values)[place]}
          </text>
        </g>
      ))}
      <text class="axis-name" x="4" y="12">
        {name}
      </text>
    </>
  );
}

function AcrossAxis({ name, values, toX, width }: AxisProps & { readonly toX: (value: number) => number }): ComponentChildren {
  const bottom = size.height - size.bottom;
  return (
    <>
      {values.map((tick, place) => (
        <g key={tick} class="tick">
          <line x1={toX(tick)} x2={toX(tick)} y1={size.top} y2={bottom} />
          <text x={toX(tick)} y={bottom + 18} text-anchor="middle">
            {ticks(values)[place]}
          </text>
        </g>
      ))}
      <text class="axis-name" x={(size.left + width) / 2} y={size.height - 4} text-anchor="middle">
        {name}
      </text>
    </>
  );
}

interface SpotMarkProps {
  readonly point: EvaluatedPoint;
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly onOpen: () => void;
}

function SpotMark({ point, x, y, text, onOpen }: SpotMarkProps): ComponentChildren {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a link inside a drawing
    <g
      role="link"
      tabindex={point.isFront ? 0 : -1}
      class={spotClass(point)}
      onClick={onOpen}
      onKeyDown={(event) => event.key === "Enter" && onOpen()}
    >
      <title>{text}</title>
      {point.isFront ? <rect x={x - 5} y={y - 5} width="10" height="10" /> : <circle cx={x} cy={y} r="4" />}
    </g>
  );
}

function spotClass({ isFront, isBest }: EvaluatedPoint): string {
  return ["spot", isFront ? "on-front" : "", isBest ? "is-best" : ""].join(" ").trim();
}

/** A linear scale with some margin, and a few round numbers on it. */
function scaleOf(values: readonly number[], from: number, to: number): [scale: (value: number) => number, ticks: number[]] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = high > low ? (high - low) * 0.08 : Math.abs(high) * 0.1 || 1;
  const [first, last] = [low - margin, high + margin];
  const rough = (last - first) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const start = Math.ceil(first / step);
  const ticks = Array.from({ length: Math.max(0, Math.floor(last / step) - start + 1) }, (_, place) =>
    Number(((start + place) * step).toPrecision(12)),
  );
  return [(value) => from + ((value - first) / (last - first)) * (to - from), ticks];
}
