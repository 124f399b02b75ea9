/**
 * How a run, a candidate, or a rollout stands: a shape, a colour, and a word.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { CandidateStatus, RunState } from "../../api.ts";
import { onOneLine } from "../control-characters.ts";

const runShapes: Readonly<Record<RunState, string>> = {
  running: "▶",
  stopped: "❙❙",
  finished: "✓",
  damaged: "!",
  unreadable: "?",
};

export function RunStatus({ state, reason }: { readonly state: RunState; readonly reason: string | null }): ComponentChildren {
  return (
    <span class={`status run-${state}`}>
      <span class="shape" aria-hidden="true">
        {runShapes[state]}
      </span>
      {state}
      {reason === null || reason === "completed" ? null : <span class="quiet"> ({onOneLine(reason)})</span>}
    </span>
  );
}

/** A shape of its own for each, so that none is known by its colour alone. */
export const candidateShapes: Readonly<Record<CandidateStatus, string>> = {
  start: "◆",
  current: "◉",
  selected: "◉",
  accepted: "●",
  rejected: "○",
  dropped: "✕",
  merged: "▲",
  measured: "◍",
  proposed: "◌",
};

export function CandidateState({
  status,
  isBest,
}: {
  readonly status: CandidateStatus;
  readonly isBest: boolean;
}): ComponentChildren {
  return (
    <span class={`status candidate-${status}`}>
      <span class="shape" aria-hidden="true">
        {candidateShapes[status]}
      </span>
      {status}
      {isBest ? <span class="best">★ best</span> : null}
    </span>
  );
}

export function RolloutStatus({ status }: { readonly status: "scored" | "failed" | "unscored" }): ComponentChildren {
  const shapes = { scored: "✓", failed: "✕", unscored: "–" };
  return (
    <span class={`status rollout-${status}`}>
      <span class="shape" aria-hidden="true">
        {shapes[status]}
      </span>
      {status}
    </span>
  );
}
