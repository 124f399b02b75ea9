/**
 * A run: its name and state, the way to its views, and the view that the address names.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { DownloadName, RunView, ViewerAction } from "../../api.ts";
import { downloadPath, runPath } from "../../requests.ts";
import { useAnswer } from "../answer.ts";
import { onOneLine } from "../control-characters.ts";
import { dateTime } from "../format.ts";
import { runHref } from "../links.ts";
import { liveState } from "../live.ts";
import { isExport } from "../load.ts";
import { Absent, Answered } from "../parts/notice.tsx";
import { RunStatus } from "../parts/status.tsx";
import { Candidate } from "./candidate.tsx";
import { HeatMap } from "./heat-map.tsx";
import { LineageView } from "./lineage.tsx";
import { Overview } from "./overview.tsx";
import { Rollout } from "./rollout.tsx";
import { Rollouts } from "./rollout-list.tsx";
import { Search } from "./search.tsx";
import { StopButton } from "./stop.tsx";

interface RunPageProps {
  readonly run: string;
  /** What of the address comes after the run. */
  readonly rest: readonly string[];
  readonly actions: readonly ViewerAction[];
}

const views = [
  [undefined, "Overview"],
  ["lineage", "Lineage"],
  ["examples", "Examples"],
  ["rollouts", "Rollouts"],
] as const;

export function RunPage({ run, rest, actions }: RunPageProps): ComponentChildren {
  const answer = useAnswer<RunView>(runPath(run));
  const [part, name] = rest;
  return (
    <>
      <RunHead id={run} run={answer.data} part={part} actions={actions} />
      {part === "candidate" || part === "rollout" || part === "rollouts" || part === "search" || part === "lineage" ? (
        <Part run={run} part={part} name={name} actions={actions} />
      ) : (
        <Answered answer={answer}>
          {(view) => {
            if (part === undefined) return <Overview run={view} />;
            if (part !== "examples") return <Absent>There is no such view.</Absent>;
            return view.measuredDatasets.length > 0 ? <HeatMap run={view} /> : <Absent>No candidate was measured yet.</Absent>;
          }}
        </Answered>
      )}
    </>
  );
}

interface PartProps {
  readonly run: string;
  readonly part: string;
  readonly name: string | undefined;
  readonly actions: readonly ViewerAction[];
}

/** Views that do not wait for the run as a whole. */
function Part({ run, part, name = "", actions }: PartProps): ComponentChildren {
  if (part === "lineage") return <LineageView run={run} />;
  if (part === "search") return <Search run={run} />;
  if (part === "rollouts") return <Rollouts run={run} />;
  if (part === "candidate") return <Candidate run={run} id={name} actions={actions} />;
  return <Rollout run={run} position={name} actions={actions} />;
}

interface RunHeadProps {
  readonly id: string;
  readonly run: RunView | undefined;
  readonly part: string | undefined;
  readonly actions: readonly ViewerAction[];
}

function RunHead({ id, run, part, actions }: RunHeadProps): ComponentChildren {
  const shown = part === "candidate" ? "lineage" : part;
  const current = shown === "rollout" ? "rollouts" : shown;
  // A candidate and a rollout have a title of their own.
  const Title = part === "candidate" || part === "rollout" ? "p" : "h1";
  return (
    <div class="run-head">
      <div class="run-title">
        <Title>
          <a class="run-link" href={runHref(id)}>
            {onOneLine(run?.name ?? id, 80)}
          </a>
        </Title>
        {run === undefined ? null : (
          <>
            <RunStatus state={run.state} reason={run.reason} />
            {run.state === "running" && liveState.value === "live" ? <span class="live on">live</span> : null}
            <span class="quiet">
              {[run.algorithm, run.optimizer].flatMap((one) => (one === null ? [] : onOneLine(one, 60))).join(" · ")}
            </span>
            <span class="quiet">{dateTime(run.started)}</span>
          </>
        )}
      </div>
      <nav class="tabs" aria-label="Views of the run">
        {views.map(([view, label]) => (
          <a key={label} href={runHref(id, view)} aria-current={current === view ? "page" : undefined}>
            {label}
          </a>
        ))}
        <span class="space" />
        {run?.state === "running" && actions.includes("stop") ? <StopButton run={id} /> : null}
        {run === undefined ? null : <Downloads run={id} />}
      </nav>
    </div>
  );
}

/** The data of a run as files. */
const downloads = ["candidates", "scores", "trials", "spend", "rollouts", "corrections", "warnings"] satisfies DownloadName[];

function Downloads({ run }: { readonly run: string }): ComponentChildren {
  // There is no server to ask.
  if (isExport) return null;
  return (
    <details class="menu">
      <summary>Download</summary>
      <div class="menu-items">
        {downloads.map((name) => (
          <span key={name} class="menu-item">
            {name}
            <a download href={downloadPath(run, name, "csv")} aria-label={`${name} as CSV`}>
              CSV
            </a>
            <a download href={downloadPath(run, name, "json")} aria-label={`${name} as JSON`}>
              JSON
            </a>
          </span>
        ))}
      </div>
    </details>
  );
}
