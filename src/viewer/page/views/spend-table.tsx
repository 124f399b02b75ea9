/**
 * What a run cost: by role and model, and over iterations.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { Spend, SpendLine } from "../../api.ts";
import { count, dollars } from "../format.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { InlineText } from "../parts/model-text.tsx";
import { Absent } from "../parts/notice.tsx";

type Line = Spend["byRole"][number];

const columns: readonly Column<Line>[] = [
  { title: "Role", by: ({ role }) => role, cell: ({ role }) => <Role text={role} /> },
  { title: "Model", by: ({ model }) => model, cell: ({ model }) => <InlineText text={model} /> },
  { title: "Calls", by: ({ calls }) => calls, cell: ({ calls }) => count(calls), isNumber: true },
  {
    title: "Input",
    by: ({ inputTokens }) => inputTokens,
    cell: ({ inputTokens }) => count(inputTokens),
    isNumber: true,
    isMinor: true,
  },
  {
    title: "Cached",
    by: ({ cachedInputTokens }) => cachedInputTokens,
    cell: ({ cachedInputTokens }) => count(cachedInputTokens),
    isNumber: true,
    isMinor: true,
  },
  {
    title: "Output",
    by: ({ outputTokens }) => outputTokens,
    cell: ({ outputTokens }) => count(outputTokens),
    isNumber: true,
    isMinor: true,
  },
  {
    title: "Reasoning",
    by: ({ reasoningTokens }) => reasoningTokens,
    cell: ({ reasoningTokens }) => count(reasoningTokens),
    isNumber: true,
    isMinor: true,
  },
  { title: "Cost", by: ({ usd }) => usd, cell: ({ usd }) => dollars(usd), isNumber: true },
];

/** The library's own roles are words that look odd when they are broken. */
function Role({ text }: { readonly text: string }): ComponentChildren {
  return (
    <span class={text.length > 12 ? undefined : "nowrap"}>
      <InlineText text={text} />
    </span>
  );
}

export function SpendTable({ spend }: { readonly spend: Spend }): ComponentChildren {
  if (spend.byRole.length === 0) return <Absent>No model call was paid for.</Absent>;
  return (
    <>
      <DataTable
        label="Cost by role and model"
        columns={columns}
        rows={spend.byRole}
        keyOf={({ role, model }) => `${role} ${model}`}
      />
      <ByIteration spend={spend} />
    </>
  );
}

const height = 64;

interface BarOfIteration {
  readonly iteration: number;
  /** Of each role. */
  readonly parts: readonly number[];
  readonly sum: number;
}

interface BarProps {
  readonly bar: BarOfIteration;
  readonly scale: number;
  readonly x: number;
  readonly width: number;
  readonly textOf: (amount: number) => string;
}

function Bar({ bar: { iteration, parts, sum }, scale, x, width, textOf }: BarProps): ComponentChildren {
  let top = height;
  return (
    <g>
      <title>{`Iteration ${iteration}: ${textOf(sum)}`}</title>
      {parts.map((part, role) => {
        top -= part * scale;
        return <rect key={role} class={`part-${role % 4}`} x={x} y={top} width={width * 0.8} height={part * scale} />;
      })}
    </g>
  );
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

/** Columns of dollars, else of tokens, one for each iteration, with a part for each role. */
function ByIteration({ spend: { byIteration, groups } }: { readonly spend: Spend }): ComponentChildren {
  const iterations = [...new Set(byIteration.map(({ iteration }) => iteration))].filter((iteration) => iteration !== null);
  if (iterations.length < 2) return null;
  const isPriced = byIteration.every(({ usd }) => usd !== null) && byIteration.some(({ usd }) => (usd ?? 0) > 0);
  const amountOf = (line: SpendLine): number => (isPriced ? (line.usd ?? 0) : line.inputTokens + line.outputTokens);
  const textOf = isPriced ? dollars : count;
  const roles = [...new Set(byIteration.map(({ role }) => role))];
  const bars = iterations.map((iteration): BarOfIteration => {
    const lines = byIteration.filter((line) => line.iteration === iteration);
    const parts = roles.map((role) => sumOf(lines.filter((line) => line.role === role).map(amountOf)));
    return { iteration, parts, sum: sumOf(parts) };
  });
  const most = Math.max(...bars.map(({ sum }) => sum));
  const shape = { scale: most === 0 ? 0 : height / most, width: 100 / bars.length, textOf };
  return (
    <figure class="bars">
      <svg
        viewBox={`0 0 100 ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Cost by iteration, at most ${textOf(most)}`}
      >
        {bars.map((bar, place) => (
          <Bar key={bar.iteration} bar={bar} x={place * shape.width} {...shape} />
        ))}
      </svg>
      <figcaption class="legend">
        {roles.map((role, place) => (
          <span key={role}>
            <i class={`square part-${place % 4}`} aria-hidden="true" />
            <InlineText text={role} />
          </span>
        ))}
        <span class="quiet">
          {isPriced ? "dollars" : "tokens"} by {groups > 1 ? `${groups} iterations` : "iteration"}, at most <b>{textOf(most)}</b>
        </span>
      </figcaption>
    </figure>
  );
}
