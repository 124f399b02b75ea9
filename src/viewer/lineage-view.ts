/**
 * Candidates in the order in which they were proposed: who came from whom, and what became of each.
 *
 * @module
 */
import type { CandidateNode, CandidateStatus, Lineage } from "./api.ts";
import type { CandidateRow } from "./candidate-table.ts";
import { isRejected, scoreOf, standingOf } from "./run-view.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** From here on what is outside of the window is summed up. */
const grouped = 3_000;
/** Into this many groups at most. */
const mostGroups = 200;

/** What is the same for all nodes of an answer. */
interface Known {
  readonly best: string | undefined;
  readonly front: ReadonlySet<string>;
  readonly marked: ReadonlySet<string>;
}

/** A window of the lineage. */
export function lineageView(run: ViewedRun, from: number, count: number): Lineage {
  const { rows } = run.fold.candidates;
  const known = knownOf(run);
  const path = pathTo(run, run.best);
  return {
    total: rows.length,
    from,
    nodes: rows.slice(from, from + count).map((row) => nodeOf(run, row, known)),
    path: path.map(({ id }) => id),
    pathNodes: path.map((row) => nodeOf(run, row, known)),
    groups: rows.length > grouped ? groupsOf(run) : [],
  };
}

/** One candidate as a node. */
export function candidateNode(run: ViewedRun, row: CandidateRow): CandidateNode {
  return nodeOf(run, row, knownOf(run));
}

/** What became of a candidate. */
export function statusOf(run: ViewedRun, row: CandidateRow): CandidateStatus {
  if (row.id === run.fold.current) return "current";
  if (row.id === "start") return "start";
  if (row.wasAccepted) return "accepted";
  if (row.wasSelected) return "selected";
  if (row.wasDropped) return "dropped";
  if (row.parents.length > 1) return "merged";
  if (isRejected(run, row)) return "rejected";
  return row.measured.size > 0 ? "measured" : "proposed";
}

function knownOf(run: ViewedRun): Known {
  return {
    best: run.best?.id,
    front: new Set(run.front.front),
    marked: new Set(run.notes.marks.map(({ candidate }) => candidate)),
  };
}

function nodeOf(run: ViewedRun, row: CandidateRow, { best, front, marked }: Known): CandidateNode {
  const { id, index, iteration, parents, origin, changed } = row;
  return {
    id,
    index,
    iteration,
    parents,
    origin,
    status: statusOf(run, row),
    isBest: id === best,
    isFront: front.has(id),
    isMarked: marked.has(id),
    ...standingOf(run, row),
    changed,
  };
}

/** From the start to a candidate, by first parents. */
function pathTo({ fold }: ViewedRun, row: CandidateRow | undefined): CandidateRow[] {
  const path = new Set<CandidateRow>();
  for (let at = row; at !== undefined && !path.has(at); at = fold.candidates.get(at.parents[0] ?? "")) path.add(at);
  return [...path].reverse();
}

function groupsOf(run: ViewedRun): Lineage["groups"] {
  const { rows } = run.fold.candidates;
  const size = Math.ceil(rows.length / mostGroups);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, group) => {
    const own = rows.slice(group * size, (group + 1) * size);
    const [first, last] = [own[0] as CandidateRow, own.at(-1) as CandidateRow];
    const scores = own.map((row) => scoreOf(run, row)).filter((score) => score !== null);
    return {
      fromIteration: first.iteration,
      toIteration: last.iteration,
      from: first.index,
      count: own.length,
      bestScore: scores.length === 0 ? null : Math.max(...scores),
      accepted: own.filter(({ wasAccepted, wasSelected }) => wasAccepted || wasSelected).length,
    };
  });
}
