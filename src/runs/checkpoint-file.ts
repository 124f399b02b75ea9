/**
 * The checkpoint of a run: one JSON file that is always whole, and the one before it.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fingerprint } from "../data/fingerprint.ts";
import { isPlainObject } from "../data/json.ts";
import { refuseNewer, writeTextFile } from "../data/json-file.ts";
import type { RunCheckpoint, RunIdentity } from "../trainer/run-keeper.ts";
import { fileNames } from "./run-files.ts";

const version = 1;

/** A checkpoint with what the file adds. */
export interface StoredCheckpoint extends RunCheckpoint {
  readonly run: string;
  /** ISO 8601. */
  readonly savedAt: string;
  /** Fingerprints of the code by which its scores were measured; missing in files of an earlier opto. */
  readonly code?: RunIdentity["code"];
  /** The number of the last event that it counts on. */
  readonly seq: number;
}

/** What became of reading a checkpoint: none there, damaged, or whole. */
export type CheckpointRead =
  | { readonly state: "missing" }
  | { readonly state: "damaged"; readonly problem: string }
  | { readonly state: "whole"; readonly checkpoint: StoredCheckpoint };

/** The text of a checkpoint file. */
export function checkpointText(checkpoint: StoredCheckpoint): string {
  const content = { format: "opto-checkpoint", version, ...checkpoint };
  return `${JSON.stringify({ ...content, sha256: fingerprint(content) })}\n`;
}

/**
 * Writes a checkpoint aside, flushes it, keeps the one before, and puts the new one in its place.
 * After a crash at any moment the newest whole one of the two is there.
 */
export async function writeCheckpoint(folder: string, text: string): Promise<void> {
  await writeTextFile(join(folder, fileNames.checkpoint), text, { previous: join(folder, fileNames.previous) });
}

/** Takes away what a crash has left: files that were written aside and never renamed. Those of the lock may belong to others. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder);
  const leftovers = names.filter((name) => name.endsWith(".tmp") && !name.startsWith(fileNames.lock));
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { force: true })));
}

/**
 * Reads one of the two files.
 *
 * @throws CheckpointError when a newer opto wrote it
 */
export function readCheckpoint(path: string): CheckpointRead {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { state: "missing" };
    return { state: "damaged", problem: (error as Error).message };
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { state: "damaged", problem: `it is not complete JSON (${text.length} characters)` };
  }
  if (!isPlainObject(content) || content.format !== "opto-checkpoint") {
    return { state: "damaged", problem: 'expected "format": "opto-checkpoint"' };
  }
  refuseNewer(path, content.version, version, "resume this run");
  const { sha256, ...rest } = content;
  if (sha256 !== fingerprint(rest)) return { state: "damaged", problem: "its checksum does not match its content" };
  return { state: "whole", checkpoint: rest as unknown as StoredCheckpoint };
}
