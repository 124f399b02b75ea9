/**
 * Rollouts that are kept in full.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { DatasetName, RolloutBrief, RolloutList } from "../../api.ts";
import { rolloutsPath } from "../../requests.ts";
import { useAnswer } from "../answer.ts";
import { onOneLine } from "../control-characters.ts";
import { count, dateTime, duration, score } from "../format.ts";
import { candidateHref, rolloutHref } from "../links.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { InlineText } from "../parts/model-text.tsx";
import { Absent, Answered } from "../parts/notice.tsx";
import { RolloutStatus } from "../parts/status.tsx";
import { Switch } from "../parts/switch.tsx";
import { goTo, replaceWith, route, setQuery } from "../route.ts";
import { datasetText } from "./scores.tsx";

const mostShown = 500;

type StatusFilter = "all" | RolloutBrief["status"];

export function Rollouts({ run }: { readonly run: string }): ComponentChildren {
  const { candidate, dataset, example, status } = route.value.query;
  const answer = useAnswer<RolloutList>(
    rolloutsPath(run, {
      ...(candidate === undefined ? {} : { candidate }),
      ...(dataset === undefined ? {} : { dataset: dataset as DatasetName }),
      ...(example === undefined ? {} : { example: Number(example) }),
      ...(status === undefined ? {} : { status }),
      from: 0,
      count: mostShown,
    }),
    { stays: true },
  );
  const only = example !== undefined && answer.data?.rollouts.length === 1 ? answer.data.rollouts[0]?.position : undefined;
  useEffect(() => {
    // One on this example: there is nothing to choose. Back leads to where the example was chosen.
    if (only !== undefined) replaceWith(rolloutHref(run, only));
  }, [run, only]);
  return (
    <>
      <RolloutTools run={run} query={route.value.query} />
      <Answered answer={answer}>{(list) => <RolloutTable run={run} list={list} />}</Answered>
    </>
  );
}

const statuses = [
  ["all", "All"],
  ["failed", "Failed"],
  ["unscored", "Unscored"],
  ["scored", "Scored"],
] as const;

function RolloutTools({ run, query }: { readonly run: string; readonly query: typeof route.value.query }): ComponentChildren {
  const { candidate, dataset, example, status } = query;
  return (
    <div class="toolbar">
      <Switch<StatusFilter>
        label="Show"
        value={(status as StatusFilter | undefined) ?? "all"}
        options={statuses}
        onChange={(value) => setQuery({ status: value === "all" ? undefined : value })}
      />
      {candidate === undefined ? null : (
        <span>
          of <a href={candidateHref(run, candidate)}>{onOneLine(candidate, 60)}</a>
          {example === undefined
            ? ""
            : ` on ${datasetText((dataset ?? "train") as DatasetName)} example #${onOneLine(example, 20)}`}
        </span>
      )}
    </div>
  );
}

function RolloutTable({ run, list }: { readonly run: string; readonly list: RolloutList }): ComponentChildren {
  const { rollouts, total, missing } = list;
  return (
    <>
      {missing === null ? null : <Absent>{missing}</Absent>}
      {rollouts.length === 0 ? (
        <Absent>No rollout of this kind is kept in full.</Absent>
      ) : (
        <DataTable
          label="Rollouts"
          columns={columnsFor(run)}
          rows={rollouts}
          keyOf={({ position }) => position}
          onOpen={({ position }) => goTo(rolloutHref(run, position))}
        />
      )}
      {rollouts.length < total ? (
        <p class="quiet hint">
          The newest {count(rollouts.length)} of {count(total)}.
        </p>
      ) : null}
    </>
  );
}

function columnsFor(run: string): Column<RolloutBrief>[] {
  return [
    { title: "Status", by: ({ status }) => status, cell: ({ status }) => <RolloutStatus status={status} /> },
    { title: "Score", by: (rollout) => rollout.score, cell: (rollout) => score(rollout.score), isNumber: true },
    {
      title: "Example",
      by: ({ example }) => example,
      cell: ({ example, dataset }) => (
        <span>
          {example === null ? "" : `#${example}`} <span class="quiet">{dataset === null ? "" : datasetText(dataset)}</span>
        </span>
      ),
    },
    {
      title: "Input",
      cell: ({ input, position }) => (
        <a class="cut" href={rolloutHref(run, position)}>
          <InlineText text={onOneLine(input, 140)} />
        </a>
      ),
    },
    {
      title: "Candidate",
      by: ({ candidate }) => candidate,
      cell: ({ candidate }) => (candidate === null ? "" : <a href={candidateHref(run, candidate)}>{onOneLine(candidate, 40)}</a>),
      isMinor: true,
    },
    {
      title: "Took",
      by: ({ durationMs }) => durationMs,
      cell: ({ durationMs }) => duration(durationMs),
      isNumber: true,
      isMinor: true,
    },
    { title: "At", by: ({ at }) => at, cell: ({ at }) => dateTime(at), isMinor: true },
  ];
}
