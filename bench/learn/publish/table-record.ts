/**
 * A table in one small file: its results, and the replies that a replay needs. Requests are left out: a replay makes them again.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { cellName, recordedStages, type StageResult, shares } from "../cell.ts";
import { type RecordedCall, readCalls } from "../proxy/cell-calls.ts";
import type { SharedReply } from "../proxy/shared-replies.ts";
import type { CellResult } from "../results.ts";
import { sharedRepliesOf } from "../run-cell.ts";
import { type CompactReply, compactReply, completeReply } from "./compact-reply.ts";

/** What a table was made with. */
export interface TableHead {
  /** The options of the command that decide about results. */
  readonly options: readonly string[];
  /** What it ran on, in words. */
  readonly hardware: string;
  /** Cells of the command that have not finished, by name. */
  readonly unfinished: readonly string[];
  /** `settings.json` of its folder. */
  readonly settings: string;
}

/** One finished cell: its note, its results, and what only this cell has asked. */
interface PackedCell {
  readonly cell: Omit<CellResult, "stages">;
  readonly stages: readonly StageResult[];
  readonly calls: readonly (Omit<RecordedCall, "request" | "reply"> & {
    readonly reply?: unknown;
    readonly compact?: CompactReply;
  })[];
  /** Files of cells that another library has run, by name. */
  readonly files: Readonly<Record<string, string>>;
}

interface PackedReply {
  readonly key: string;
  readonly ms: number;
  readonly compact: CompactReply;
}

type Line = { readonly head: TableHead } | { readonly reply: PackedReply } | { readonly packed: PackedCell };

const originalFiles = ["choices.jsonl", "ended.json"] as const;

/** The finished cells of a folder, compressed. The same folder makes the same bytes. */
export function packTable(out: string, head: Omit<TableHead, "settings">): Buffer {
  const shared = sharedRepliesOf(out, true);
  const used = new Set<string>();
  const cells = finishedFolders(out).map((folder) => packedCell(folder, used));
  const replies = [...used].toSorted().map((key): Line => {
    const found = shared.find(key);
    if (found === undefined) throw new Error(`Reply ${key} is missing in ${out}`);
    return { reply: { key, ms: found.ms, compact: compactReply(found.reply) } };
  });
  const settings = readFileSync(join(out, "settings.json"), "utf8");
  const lines: Line[] = [{ head: { ...head, settings } }, ...replies, ...cells.map((packed) => ({ packed }))];
  return gzipSync(lines.map((line) => JSON.stringify(line)).join("\n"), { level: 9 });
}

/** What a packed table was made with. */
export function headOf(record: Buffer): TableHead {
  const [line] = linesIn(record);
  if (line === undefined || !("head" in line)) throw new Error("This file is not the record of a table");
  return line.head;
}

/** The results in a packed table. */
export function resultsIn(record: Buffer): CellResult[] {
  return linesIn(record).flatMap((line) => ("packed" in line ? [{ ...line.packed.cell, stages: line.packed.stages }] : []));
}

/** Makes the folder of a table from its record, as far as a replay needs it. */
export function unpackTable(record: Buffer, out: string): void {
  mkdirSync(out, { recursive: true });
  const lines = linesIn(record);
  const replies = lines.flatMap((line): SharedReply[] => {
    return "reply" in line ? [{ key: line.reply.key, ms: line.reply.ms, reply: completeReply(line.reply.compact) }] : [];
  });
  writeFileSync(join(out, "replies.jsonl"), jsonLines(replies));
  for (const line of lines) if ("packed" in line) unpackCell(line.packed, out);
  // Last: the folder is one of a table from now on.
  writeFileSync(join(out, "settings.json"), headOf(record).settings);
}

function unpackCell({ cell, stages, calls, files }: PackedCell, out: string): void {
  const folder = join(out, "cells", cellName(cell.task, cell.arm, cell.seed));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cell.json"), `${JSON.stringify(cell)}\n`);
  writeFileSync(join(folder, "stages.jsonl"), jsonLines(stages));
  const full = calls.map(({ compact, ...call }) => (compact === undefined ? call : { ...call, reply: completeReply(compact) }));
  writeFileSync(join(folder, "calls.jsonl"), jsonLines(full));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

function packedCell(folder: string, used: Set<string>): PackedCell {
  const cell = JSON.parse(readFileSync(join(folder, "cell.json"), "utf8")) as PackedCell["cell"];
  const calls = readCalls(join(folder, "calls.jsonl"), true);
  // What another library has chosen is read, so only its scores are replayed.
  const needed = cell.kind === "original" ? calls.filter(({ role }) => role === "held-out") : calls;
  for (const { shared } of needed) if (shared !== undefined) used.add(shared);
  const own = needed.filter(({ shared }) => shared === undefined);
  return {
    cell,
    stages: recordedStages(folder),
    calls: own.map(({ request: _, reply, ...call }) => {
      return call.status === undefined ? { ...call, compact: compactReply(reply) } : { ...call, reply };
    }),
    files: Object.fromEntries(
      originalFiles
        .filter((name) => existsSync(join(folder, name)))
        .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
    ),
  };
}

function finishedFolders(out: string): string[] {
  const cells = join(out, "cells");
  const folders = readdirSync(cells)
    .toSorted()
    .map((name) => join(cells, name));
  return folders.filter((folder) => recordedStages(folder).length === shares.length);
}

function linesIn(record: Buffer): Line[] {
  return gunzipSync(record)
    .toString("utf8")
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

function jsonLines(items: readonly unknown[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join("");
}
