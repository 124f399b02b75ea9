/**
 * Two runs side by side.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { CompareView, RunView } from "../../api.ts";
import { comparePath } from "../../requests.ts";
import { useAnswer } from "../answer.ts";
import { onOneLine } from "../control-characters.ts";
import { count, dollars, duration, score, signed } from "../format.ts";
import { candidateHref, runHref } from "../links.ts";
import { DiffText } from "../parts/diff-text.tsx";
import { valueText } from "../parts/model-text.tsx";
import { Absent, Answered } from "../parts/notice.tsx";
import { RowTable } from "../parts/row-table.tsx";
import { ScoreChart } from "../parts/score-chart.tsx";
import { Section } from "../parts/section.tsx";
import { RunStatus } from "../parts/status.tsx";
import { goTo } from "../route.ts";
import { Parameter } from "./changes.tsx";
import { Comparison } from "./comparison.tsx";
import { axes, linesOf } from "./scores.tsx";

export function Compare({ a, b }: { readonly a: string; readonly b: string }): ComponentChildren {
  const answer = useAnswer<CompareView>(comparePath(a, b));
  return (
    <>
      <div class="title">
        <h1>
          <a href={runHref(a)}>{onOneLine(a, 60)}</a> <span class="quiet">and</span> <a href={runHref(b)}>{onOneLine(b, 60)}</a>
        </h1>
      </div>
      <Answered answer={answer}>{(compared) => <Shown compared={compared} />}</Answered>
    </>
  );
}

function Shown({ compared }: { readonly compared: CompareView }): ComponentChildren {
  const { a, b, values, differences, comparison } = compared;
  const changed = values.filter(({ isSame }) => !isSame);
  return (
    <>
      <Numbers a={a} b={b} />
      <Section title="Scores" note="on the data that each chose its best on">
        <Charts a={a} b={b} />
      </Section>
      {comparison === null ? (
        <Section title="Best against best">
          <Absent>The two runs were not measured on the same examples.</Absent>
        </Section>
      ) : (
        <Comparison
          run={b.id}
          candidate={b.bestCandidate?.id ?? ""}
          comparison={comparison}
          title={`The best of ${onOneLine(b.id, 40)} against that of ${onOneLine(a.id, 40)}`}
        />
      )}
      <Section title="Best values" note={`${changed.length} of ${values.length} parameters differ`}>
        {changed.map(({ path, a: left, b: right }) => (
          <Parameter key={path} path={path}>
            <DiffText
              label={`Difference of ${path}`}
              before={left === null ? "" : valueText(left)}
              after={right === null ? "" : valueText(right)}
            />
          </Parameter>
        ))}
        {changed.length === 0 ? <Absent>Both have the same values.</Absent> : null}
      </Section>
      <Section title="What differs in their set-up">
        {differences.length === 0 ? <Absent>Nothing.</Absent> : <Differences differences={differences} a={a.id} b={b.id} />}
      </Section>
    </>
  );
}

const numbers: readonly (readonly [name: string, of: (run: RunView) => ComponentChildren])[] = [
  ["state", ({ state, reason }) => <RunStatus state={state} reason={reason} />],
  ["start", ({ start }) => score(start)],
  ["best", (run) => <Best run={run} />],
  ["difference", ({ best, start }) => signed(best === null || start === null ? null : best - start)],
  ["iterations", ({ iterations }) => count(iterations)],
  ["candidates", ({ counts }) => count(counts.candidates)],
  ["rollouts", ({ counts }) => count(counts.rollouts)],
  ["model calls", ({ spend }) => count(spend.total.calls)],
  ["cost", ({ spend }) => dollars(spend.total.usd)],
  ["time", ({ elapsedMs }) => duration(elapsedMs)],
  ["report", ({ report }) => (report === null ? "" : onOneLine(report.text, 300))],
];

function Numbers({ a, b }: Pick<CompareView, "a" | "b">): ComponentChildren {
  const rows = numbers.map(([name, of]) => ({ key: name, name, cells: [of(a), of(b)] }));
  return <RowTable label="Two runs in numbers" titles={titlesOf(a.id, b.id)} rows={rows} />;
}

function Best({ run: { id, best, bestCandidate } }: { readonly run: RunView }): ComponentChildren {
  const text = score(best);
  return <b>{bestCandidate === null ? text : <a href={candidateHref(id, bestCandidate.id)}>{text}</a>}</b>;
}

function titlesOf(...ids: readonly string[]): string[] {
  return ids.map((id) => onOneLine(id, 60));
}

function Charts({ a, b }: Pick<CompareView, "a" | "b">): ComponentChildren {
  const lines = useMemo(() => {
    const of = (run: RunView, kind: "validate" | "other") => {
      const metric = run.metrics[0] ?? "score";
      const marked = run.series.filter((series) => series.metric === metric && series.best !== null);
      const chosen = marked[0] ?? run.series.find((series) => series.metric === metric);
      return chosen === undefined
        ? []
        : linesOf([chosen], metric, "iteration").map((line) => ({
            ...line,
            kind,
            label: `${onOneLine(run.id, 40)}, ${line.label}`,
          }));
    };
    return [...of(a, "validate"), ...of(b, "other")];
  }, [a, b]);
  if (lines.length === 0) return <Absent>No score was measured.</Absent>;
  const open = (candidate: string): void =>
    goTo(candidateHref(a.startCandidate?.id === candidate ? a.id : runWith(candidate, a, b), candidate));
  return <ScoreChart label="Scores of both runs" lines={lines} axis={axes.iteration} onOpen={open} />;
}

/** The run that has a candidate: ids are positions, so both may have one of the same name. */
function runWith(candidate: string, a: RunView, b: RunView): string {
  return a.series.some((series) => series.candidate.includes(candidate)) ? a.id : b.id;
}

interface DifferencesProps extends Pick<CompareView, "differences"> {
  readonly a: string;
  readonly b: string;
}

function Differences({ differences, a, b }: DifferencesProps): ComponentChildren {
  const rows = differences.map(({ name, a: left, b: right }) => {
    return { key: name, name: onOneLine(name, 60), cells: [left, right].map((value) => onOneLine(valueText(value), 300)) };
  });
  return <RowTable label="Differences of the set-up" titles={titlesOf(a, b)} rows={rows} />;
}
