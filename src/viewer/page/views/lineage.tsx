/**
 * Who came from whom: candidates as a tree over iterations.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { Lineage } from "../../api.ts";
import { lineagePath } from "../../requests.ts";
import { useAnswer } from "../answer.ts";
import { count, plural, score } from "../format.ts";
import { Absent, Answered } from "../parts/notice.tsx";
import { candidateShapes } from "../parts/status.tsx";
import { route, setQuery } from "../route.ts";
import { LineageTree } from "./lineage-tree.tsx";

const windowSize = 2000;

const shownStatuses = ["start", "current", "accepted", "rejected", "dropped", "merged", "measured", "proposed"] as const;

export function LineageView({ run }: { readonly run: string }): ComponentChildren {
  const from = Number(route.value.query.from ?? 0);
  const answer = useAnswer<Lineage>(lineagePath(run, from, windowSize), { stays: true });
  return (
    <Answered answer={answer}>
      {(lineage) =>
        lineage.nodes.length === 0 ? (
          <Absent>No candidates yet.</Absent>
        ) : (
          <>
            <div class="toolbar">
              <span>
                <b>{plural(lineage.total, "candidate")}</b>
                {lineage.nodes.length < lineage.total ? `, ${count(lineage.nodes.length)} shown` : ""}
              </span>
              <span class="key">
                {shownStatuses.map((status) => (
                  <span key={status} class={`status candidate-${status}`}>
                    <span class="shape" aria-hidden="true">
                      {candidateShapes[status]}
                    </span>
                    {status}
                  </span>
                ))}
                <span class="status">
                  <span class="best">★</span> best
                </span>
              </span>
            </div>
            <Windows lineage={lineage} from={from} />
            <LineageTree run={run} lineage={lineage} />
            <p class="quiet hint">Arrows move between a candidate, its parent, and its children; Enter opens it.</p>
          </>
        )
      }
    </Answered>
  );
}

/** Parts of a long run, to choose from. */
function Windows({ lineage: { groups }, from }: { readonly lineage: Lineage; readonly from: number }): ComponentChildren {
  if (groups.length === 0) return null;
  return (
    <nav class="windows" aria-label="Parts of the run">
      {groups.map((group) => (
        <button
          type="button"
          key={group.from}
          class={group.from === from ? "small chosen" : "small"}
          onClick={() => setQuery({ from: String(group.from) })}
        >
          iterations {group.fromIteration}–{group.toIteration}
          <span class="quiet">
            {" "}
            {count(group.count)}, best {score(group.bestScore)}
          </span>
        </button>
      ))}
    </nav>
  );
}
