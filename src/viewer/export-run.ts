/**
 * `exportRun`: one run as a file of its own, which opens from the disk: the page with the answers to what it asks.
 *
 * @module
 */
import type { ViewerInfo } from "./api.ts";
import { candidateView } from "./candidate-view.ts";
import { heatView } from "./heat-view.ts";
import { lineageView } from "./lineage-view.ts";
import { pageWithAnswers, type ViewerPage } from "./page.ts";
import { candidatePath, heatPath, lineagePath, rolloutPath, rolloutsPath, runPath, runsPath, viewerPath } from "./requests.ts";
import { rolloutList, rolloutView } from "./rollout-view.ts";
import { runSummary, runView } from "./run-view.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** How much of a run goes into a file. A browser reads all of it before it shows anything. */
export interface ExportLimits {
  /** Characters of candidates and rollouts in full, each. @default 8 million */
  readonly characters?: number | undefined;
  /** Cells of each heat map. @default 500,000 */
  readonly cells?: number | undefined;
}

/** Candidates in the lineage of a file. */
const mostCandidates = 5_000;
/** After this many in a row that do not fit, the rest is left out: a large run is not read as a whole to fill a small gap. */
const mostMisfits = 100;
const everything = Number.MAX_SAFE_INTEGER;

/**
 * The text of the file. Of what does not fit the most useful goes in: the path to the best candidate, what failed, and the newest.
 *
 * @param version of the program
 */
export async function exportRun(
  run: ViewedRun,
  page: ViewerPage,
  version: string,
  { characters = 8_000_000, cells = 500_000 }: ExportLimits = {},
): Promise<string> {
  const info: ViewerInfo = { version, folder: run.folder, run: run.id, isExport: true, actions: [] };
  const lineage = lineageView(run, 0, mostCandidates);
  const view = runView(run);
  const answers: Record<string, unknown> = {
    [viewerPath]: info,
    [runsPath]: [runSummary(run.files, run)],
    [runPath(run.id)]: view,
    [lineagePath(run.id)]: lineage,
    [`${runPath(run.id)}/corrections`]: run.notes.corrections,
  };
  const ids = new Set([...lineage.path, ...lineage.nodes.toReversed().map(({ id }) => id)]);
  await fill(
    answers,
    ids,
    (id) => candidatePath(run.id, id),
    (id) => candidateView(run, id),
    characters,
  );
  for (const dataset of view.measuredDatasets) {
    const width = Math.max(1, run.fold.candidates.examples.get(dataset)?.length ?? 1);
    const count = Math.max(1, Math.floor(cells / width));
    const whole = { from: 0, count, columns: 0, width, rows: "proposed", sort: "example", filter: "all", q: "" } as const;
    for (const metric of view.metrics)
      answers[heatPath(run.id, { dataset, metric })] = heatView(run, { dataset, metric, ...whole });
  }
  await addRollouts(run, answers, characters);
  return pageWithAnswers(page, answers);
}

async function addRollouts(run: ViewedRun, answers: Record<string, unknown>, characters: number): Promise<void> {
  const nothing = { candidate: undefined, dataset: undefined, example: undefined, status: undefined };
  const all = rolloutList(run, { ...nothing, from: 0, count: everything });
  const isFailed = ({ status }: { readonly status: string }): boolean => status !== "scored";
  const sorted = [...all.rollouts.filter(isFailed), ...all.rollouts.filter((rollout) => !isFailed(rollout))];
  const positions = sorted.map(({ position }) => position);
  // While a run trains, one may have been replaced meanwhile.
  const view = (position: string): Promise<unknown> => rolloutView(run, position).catch(() => undefined);
  const kept = await fill(answers, positions, (position) => rolloutPath(run.id, position), view, characters);
  const rollouts = all.rollouts.filter(({ position }) => kept.has(position));
  const isCut = rollouts.length < all.rollouts.length;
  const cut = `This file has ${rollouts.length} of ${all.total} rollouts; \`opto view ${run.id}\` has all of them`;
  const missing = isCut ? [cut, all.missing].filter((sentence) => sentence !== null).join(". ") : all.missing;
  answers[rolloutsPath(run.id)] = { ...all, rollouts, missing };
}

/** Adds the answers that fit. @returns whose went in */
async function fill(
  answers: Record<string, unknown>,
  ids: Iterable<string>,
  pathOf: (id: string) => string,
  make: (id: string) => unknown,
  characters: number,
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  let [left, misfits] = [characters, 0];
  for (const id of ids) {
    const answer = await make(id);
    if (answer === undefined) continue;
    const { length } = JSON.stringify(answer);
    if (length > left) {
      misfits++;
      if (misfits === mostMisfits) break;
      continue;
    }
    [left, misfits] = [left - length, 0];
    answers[pathOf(id)] = answer;
    kept.add(id);
  }
  return kept;
}
