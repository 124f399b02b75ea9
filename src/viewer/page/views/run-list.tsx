/**
 * All runs of the folder, the newest first; two of them can be compared.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { RunSummary } from "../../api.ts";
import { runsPath } from "../../requests.ts";
import { useAnswer } from "../answer.ts";
import { onOneLine } from "../control-characters.ts";
import { count, dateTime, dollars, duration, score, signed } from "../format.ts";
import { compareHref, runHref } from "../links.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { InlineText } from "../parts/model-text.tsx";
import { Absent, Answered } from "../parts/notice.tsx";
import { RunStatus } from "../parts/status.tsx";
import { goTo } from "../route.ts";

export function RunList(): ComponentChildren {
  const answer = useAnswer<readonly RunSummary[]>(runsPath);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const pick = (id: string): void =>
    setPicked(picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id].slice(-2));
  const [a, b] = picked;
  return (
    <>
      <div class="title">
        <h1>Runs</h1>
        <div class="tools">
          <span class="quiet">{picked.length === 2 ? "" : "Pick two to compare them"}</span>
          <button type="button" disabled={a === undefined || b === undefined} onClick={() => goTo(compareHref(a ?? "", b ?? ""))}>
            Compare
          </button>
        </div>
      </div>
      <Answered answer={answer}>
        {(runs) =>
          runs.length === 0 ? (
            <Absent>There are no runs here yet. A training writes one where it has a run directory.</Absent>
          ) : (
            <DataTable
              label="Runs"
              columns={columnsOf(picked, pick)}
              rows={runs}
              keyOf={({ id }) => id}
              onOpen={({ id }) => goTo(runHref(id))}
            />
          )
        }
      </Answered>
    </>
  );
}

function columnsOf(picked: readonly string[], pick: (id: string) => void): Column<RunSummary>[] {
  return [
    {
      title: "Run",
      by: ({ id }) => id,
      cell: ({ id, name }) => (
        <span class="run-name">
          <input type="checkbox" aria-label={`Compare ${id}`} checked={picked.includes(id)} onChange={() => pick(id)} />
          <a class="cut" href={runHref(id)}>
            <InlineText text={name ?? id} />
          </a>
          {name === null || name === id ? null : <small class="quiet">{id}</small>}
        </span>
      ),
    },
    ...otherColumns,
  ];
}

const otherColumns: readonly Column<RunSummary>[] = [
  { title: "State", by: ({ state }) => state, cell: ({ state, reason }) => <RunStatus state={state} reason={reason} /> },
  { title: "Start", by: ({ start }) => start, cell: ({ start }) => score(start), isNumber: true, isMinor: true },
  { title: "Best", by: ({ best }) => best, cell: ({ best }) => <b>{score(best)}</b>, isNumber: true },
  { title: "Difference", by: differenceOf, cell: (run) => signed(differenceOf(run)), isNumber: true },
  { title: "Cost", by: ({ usd }) => usd, cell: ({ usd }) => dollars(usd), isNumber: true, isMinor: true },
  {
    title: "Took",
    by: ({ elapsedMs }) => elapsedMs,
    cell: ({ elapsedMs }) => duration(elapsedMs),
    isNumber: true,
    isMinor: true,
  },
  {
    title: "Iterations",
    by: ({ iterations }) => iterations,
    cell: ({ iterations }) => count(iterations),
    isNumber: true,
    isMinor: true,
  },
  {
    title: "Candidates",
    by: ({ candidates }) => candidates,
    cell: ({ candidates }) => count(candidates),
    isNumber: true,
    isMinor: true,
  },
  { title: "Warnings", by: ({ warnings }) => warnings, cell: ({ warnings }) => count(warnings), isNumber: true, isMinor: true },
  {
    title: "Started",
    by: ({ started }) => started,
    cell: ({ started }) => <span class="nowrap">{dateTime(started)}</span>,
    isMinor: true,
  },
  {
    title: "Algorithm",
    by: ({ algorithm }) => algorithm,
    cell: ({ algorithm, optimizer }) => (
      <span class="stack">
        {onOneLine(algorithm ?? "", 60)}
        <small class="quiet">{onOneLine(optimizer ?? "", 60)}</small>
      </span>
    ),
    isMinor: true,
  },
];

function differenceOf({ start, best }: RunSummary): number | null {
  return start === null || best === null ? null : best - start;
}
