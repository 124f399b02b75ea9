/**
 * Scores over iterations, or over what they cost.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { DatasetName, RunView, ScoreSeries } from "../../api.ts";
import { count, dollars, duration, number, plural, score } from "../format.ts";
import { candidateHref } from "../links.ts";
import type { ChartAxis, ChartLine } from "../parts/chart-options.ts";
import { Absent } from "../parts/notice.tsx";
import { RowTable } from "../parts/row-table.tsx";
import { ScoreChart } from "../parts/score-chart.tsx";
import { Choice, Switch } from "../parts/switch.tsx";
import { goTo, route, setQuery } from "../route.ts";

/** What a score can be seen over. */
export type Axis = "iteration" | "calls" | "tokens" | "usd" | "seconds";

const time = (seconds: number): string => duration(seconds * 1000);

export const axes: Readonly<Record<Axis, ChartAxis>> = {
  iteration: { label: "iterations", text: number, amount: (x) => plural(x, "iteration") },
  calls: { label: "calls", text: count, amount: (x) => plural(x, "call") },
  tokens: { label: "tokens", text: count, amount: (x) => plural(x, "token") },
  usd: { label: "dollars", text: dollars, amount: dollars },
  seconds: { label: "time", text: time, amount: time },
};

const choices = (Object.keys(axes) as Axis[]).map((name) => {
  const { label } = axes[name];
  return [name, `${label[0]?.toUpperCase()}${label.slice(1)}`] as const;
});

export function Scores({ run }: { readonly run: RunView }): ComponentChildren {
  const { query } = route.value;
  const metric = query.metric ?? run.metrics[0] ?? "score";
  const chosen = choices.find(([name]) => name === query.over)?.[0] ?? "iteration";
  const axis = axes[chosen];
  const lines = useMemo(() => linesOf(run.series, metric, chosen), [run.series, metric, chosen]);
  const metrics = run.metrics.map((name) => [name, name] as const);
  if (run.series.length === 0) return <Absent>No score was measured yet.</Absent>;
  return (
    <>
      <div class="toolbar">
        <Switch label="Over" value={chosen} options={choices} onChange={(over) => setQuery({ over })} />
        {metrics.length > 1 ? (
          <Choice label="Metric" value={metric} options={metrics} onChange={(name) => setQuery({ metric: name })} />
        ) : null}
      </div>
      {chosen === "iteration" || chosen === "seconds" ? null : (
        <p class="quiet hint">
          Counted by the answers that were used, also those that were not paid for, such as those of a cache.
        </p>
      )}
      {lines.length === 0 ? (
        <Absent>{chosen === "usd" ? "The price of a model is not known." : "No score of this metric was measured."}</Absent>
      ) : (
        <ScoreChart
          label={`Scores over ${axis.label}`}
          lines={lines}
          axis={axis}
          onOpen={(candidate) => goTo(candidateHref(run.id, candidate))}
        />
      )}
      <details class="as-table">
        <summary>As a table</summary>
        <Numbers lines={lines} axis={axis} />
      </details>
    </>
  );
}

/** Series as lines of the chart. @param prefix before their labels */
export function linesOf(series: readonly ScoreSeries[], metric: string, axis: Axis, prefix = ""): ChartLine[] {
  return series
    .filter((one) => one.metric === metric)
    .flatMap((one): ChartLine[] => {
      const x = one[axis];
      const places = x.flatMap((value, place) => (value === null ? [] : [place]));
      if (places.length === 0) return [];
      const pick = <T,>(values: readonly T[]): T[] => places.map((place) => values[place] as T);
      return [
        {
          label: `${prefix}${datasetText(one.dataset)}`,
          kind: prefix === "" ? one.dataset : "other",
          x: pick(x) as number[],
          y: pick(one.score),
          // A batch has few examples: its interval would hide all others.
          low: one.dataset === "train" ? [] : pick(one.low),
          high: one.dataset === "train" ? [] : pick(one.high),
          candidate: pick(one.candidate),
          best: one.best === null ? null : places.indexOf(one.best),
        },
      ];
    });
}

export function datasetText(dataset: DatasetName): string {
  return { train: "training", validate: "validation", test: "test" }[dataset];
}

interface NumbersProps {
  readonly lines: readonly ChartLine[];
  readonly axis: ChartAxis;
}

/** What the chart shows, for those who do not see it. */
function Numbers({ lines, axis }: NumbersProps): ComponentChildren {
  const rows = lines.flatMap(({ label, x, y, low, high }) =>
    x.flatMap((at, place) => {
      const [value, from = null, to = null] = [y[place], low[place], high[place]];
      if (value === null || value === undefined) return [];
      const interval = from === null || to === null ? "" : `${score(from)} to ${score(to)}`;
      return [{ key: `${label} ${at}`, name: label, cells: [axis.text(at), score(value), interval] }];
    }),
  );
  return <RowTable label="Scores" titles={[axis.label, "score", "95% interval"]} rows={rows.slice(-500)} isNumbers />;
}
