/**
 * Shows what was measured: as a table for the terminal, and as the section of the documentation.
 *
 * @module
 */
import { reasonForLoss } from "./losses.ts";
import { type Group, groups, type Row, rowsOf } from "./measurements.ts";
import { bareClient, peers } from "./peers.ts";
import { describeQuiet } from "./quiet.ts";
import type { Cell, Results } from "./results.ts";

/** What stands around the section in `docs/benchmarks.md`. */
export const sectionMarkers = {
  begin: "<!-- peers: written by `npm run bench:peers` from bench/peers/results.json -->",
  end: "<!-- peers: end -->",
} as const;

/** A peer is faster when it takes less than this part of what opto takes; closer than that is noise. */
const clearly = 0.95;

/** A place where a peer beats opto. */
export interface Loss {
  readonly peer: string;
  readonly row: Row;
  readonly ratio: number;
  readonly reason: string | undefined;
}

/** The tables, each cell a median with its ratio to that of opto. */
export function terminalReport(results: Results): string {
  return groups.map((group) => `${group.title}\n${aligned(cellsOf(group, results))}`).join("\n\n");
}

/** What stands between the markers. */
export function documentSection(results: Results): string {
  const { taken, rounds, machine, serverLateMs, otherWork } = results;
  const late = serverLateMs === null ? "" : ` Its replies were at most ${shown(serverLateMs)} ms late (99th percentile).`;
  return [
    `Taken ${taken}: ${rounds === 1 ? "one round" : `medians of ${rounds} rounds`} on ${machine.processor} (${machine.cores} cores), Node ${machine.node}, Python ${machine.python}; ${versionsOf(results)}.`,
    "",
    ...(otherWork === undefined ? [] : [describeQuiet(otherWork), ""]),
    `Every value comes from a process of its own, and the peers take turns. All ask the same server, another process of this machine, which answers by a fixed script after an exact time.${late} Caches are off, nothing is retried. Behind each value is its ratio to opto; lower is always better.${hasIntervals(results) ? intervalNote : ""}`,
    ...groups.flatMap((group) => ["", `### ${group.title}`, "", group.about, "", ...markdown(cellsOf(group, results))]),
    ...notes(results),
    "",
    "### Where a peer is ahead",
    "",
    ...lossLines(results),
    "",
    "### What each ran",
    "",
    ...[...peers, bareClient].flatMap(({ id, evaluation, iteration }) => [
      `- **${id}**, evaluation: ${evaluation}${iteration === "" ? "" : ` Iteration: ${iteration}`}`,
    ]),
  ].join("\n");
}

/** Puts a section between the markers of a document. @throws when the document has no markers */
export function withSection(document: string, section: string): string {
  const start = document.indexOf(sectionMarkers.begin);
  const end = document.indexOf(sectionMarkers.end);
  if (start === -1 || end < start)
    throw new Error(`Expected the document to have the lines ${Object.values(sectionMarkers).join(" and ")}`);
  return `${document.slice(0, start + sectionMarkers.begin.length)}\n${section}\n${document.slice(end)}`;
}

/** Every place where a peer is clearly faster or smaller. */
export function lossesOf(results: Results): Loss[] {
  return groups.flatMap(rowsOf).flatMap((row) => {
    return peers.slice(1).flatMap(({ id }) => {
      const ratio = ratioOf(results, row, id);
      if (ratio === null || ratio >= clearly) return [];
      return [{ peer: id, row, ratio, reason: reasonForLoss(id, row.id) }];
    });
  });
}

function lossLines(results: Results): string[] {
  const losses = lossesOf(results);
  if (losses.length === 0) return ["None."];
  return losses.map(({ peer, row, ratio, reason }) => {
    return `- ${peer}, ${groupOf(row).title.toLowerCase()}, ${row.title} (${shown(ratio)}x): ${reason ?? "the reason is not known yet"}.`;
  });
}

/** A heading, then a line for each row. */
function cellsOf(group: Group, results: Results): string[][] {
  const rows = rowsOf(group);
  const columns = [...peers, bareClient]
    .map(({ id }) => id)
    .filter((id) => rows.some((row) => cellAt(results, row, id) !== undefined));
  return [
    ["", ...columns],
    ...rows.map((row) => [`${row.title} (${row.unit})`, ...columns.map((id) => cellText(results, row, id))]),
  ];
}

function cellText(results: Results, row: Row, peer: string): string {
  const cell = cellAt(results, row, peer);
  if (cell === undefined || cell.without !== undefined) return "–";
  if (cell.median === null) return "failed";
  const ratio = peer === "opto" ? null : ratioOf(results, row, peer);
  const value = `${shown(cell.median)}${interval(cell)}`;
  return ratio === null ? value : `${value} (${shown(ratio)}x)`;
}

/** From so many rounds on the lowest and the highest value are an interval that says something of the median. */
const fewestForInterval = 5;

const intervalNote =
  " In brackets stand the lowest and the highest of at least five rounds: with five the true median is between them with a probability of 94%. What has none was far behind in the first round and not measured again.";

function interval({ samples }: Cell): string {
  return samples.length < fewestForInterval ? "" : ` [${shown(Math.min(...samples))} to ${shown(Math.max(...samples))}]`;
}

function hasIntervals({ rows }: Results): boolean {
  return Object.values(rows).some((cells) => Object.values(cells).some(({ samples }) => samples.length >= fewestForInterval));
}

/** Why cells are empty: one line for each reason in each group. */
function notes(results: Results): string[] {
  const lines = groups.flatMap((group) => notesOf(group, results));
  return lines.length === 0 ? [] : ["", "### What is missing", "", ...lines];
}

function notesOf(group: Group, results: Results): string[] {
  const rows = rowsOf(group);
  const byReason = new Map<string, { readonly ids: Set<string>; readonly titles: Set<string> }>();
  for (const { id } of [...peers, bareClient]) {
    for (const row of rows) {
      const { failed, without, samples = [] } = cellAt(results, row, id) ?? {};
      const reason = without ?? (failed && `failed${samples.length === 0 ? "" : " in some rounds"}: ${failed}`);
      if (reason === undefined) continue;
      const known = byReason.get(reason) ?? { ids: new Set(), titles: new Set() };
      byReason.set(reason, known);
      known.ids.add(id);
      known.titles.add(row.title);
    }
  }
  return [...byReason].map(([reason, { ids, titles }]) => {
    const where = titles.size === rows.length ? "" : `, ${[...titles].join("; ")}`;
    return `- ${group.title}${where}: ${[...ids].join(", ")}: ${reason}.`;
  });
}

function cellAt({ rows }: Results, row: Row, peer: string): Cell | undefined {
  return rows[row.id]?.[peer];
}

/** How many times what opto takes; `null` when either is unknown, opto takes nothing, or the row is not for comparing. */
function ratioOf(results: Results, row: Row, peer: string): number | null {
  if (row.comparable === false) return null;
  const [own, other] = [cellAt(results, row, "opto")?.median ?? 0, cellAt(results, row, peer)?.median ?? null];
  return own > 0 && other !== null ? Math.max(0, other) / own : null;
}

function groupOf(row: Row): Group {
  return groups.find((group) => rowsOf(group).some(({ id }) => id === row.id)) as Group;
}

function versionsOf({ versions }: Results): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

function markdown([heading = [], ...rows]: readonly string[][]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)];
}

function aligned(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** Three digits that count, and no exponent. */
function shown(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
