/**
 * Files that are either the old version or the new one, never a torn one, JSON above all; the folders they are in, and paths of other systems.
 *
 * @module
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { type FileHandle, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CheckpointError, InvalidArgumentError } from "../errors.ts";
import { describeValue, type JsonValue, shorten } from "./json.ts";
import { nodeCrypto } from "./load-on-demand.ts";

/**
 * Writes `value` as indented JSON: aside, flushed to the disk, renamed over `path`, folder flushed.
 * Missing folders are made. After a crash at any moment `path` holds the old text or the new one.
 */
export async function writeJsonFile(path: string, value: JsonValue): Promise<void> {
  await writeTextFile(path, jsonText(value));
}

/** Writes it aside only, as `stageFile` does. Missing folders are made. */
export async function stageJsonFile(path: string, value: JsonValue): Promise<StagedFile> {
  makeFolders(dirname(path));
  return stageFile(path, jsonText(value));
}

/** How a file is written. */
export interface WriteFileOptions {
  /** Where the old file is kept; a crash then leaves the newest of the two whole. @default it is replaced */
  readonly previous?: string | undefined;
}

/** The same for any text. */
export async function writeTextFile(path: string, text: string, options: WriteFileOptions = {}): Promise<void> {
  makeFolders(dirname(path));
  const staged = await stageFile(path, text);
  await staged.commit(options);
}

/** A file that is on the disk beside its final path. */
export interface StagedFile {
  /** Renames it over its path. After a failure neither path has it. */
  commit(options?: WriteFileOptions): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

/**
 * Writes a file aside and flushes it, to be renamed later: together with others, when all of them could be written.
 *
 * @param options.mode its permissions, @default those of a new file
 */
export async function stageFile(
  path: string,
  content: string | Uint8Array,
  { mode }: { readonly mode?: number } = {},
): Promise<StagedFile> {
  const aside = `${path}.${nodeCrypto().randomBytes(6).toString("hex")}.tmp`;
  const discard = (): Promise<void> => rm(aside, { force: true });
  const orDiscard = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      await discard();
      throw error;
    }
  };
  await orDiscard(
    withFile(aside, "wx", async (file) => {
      await file.writeFile(content);
      if (mode !== undefined) await file.chmod(mode);
      await file.sync();
    }),
  );
  const commit = async ({ previous }: WriteFileOptions = {}): Promise<void> => {
    if (previous !== undefined) await rename(path, previous).catch(ignoreMissing);
    await rename(aside, path);
  };
  return {
    commit: async (options) => {
      await orDiscard(commit(options));
      await withFile(dirname(path), "r", (folder) => folder.sync()).catch(ignoreUnsyncableFolder);
    },
    discard,
  };
}

/**
 * Reads a JSON file.
 *
 * @throws CheckpointError when it is missing or not JSON; the message says what is there.
 */
export async function readJsonFile(path: string): Promise<JsonValue> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new CheckpointError(`Could not read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new CheckpointError(
      `${path} is not complete JSON (${text.length} characters, ending in ${JSON.stringify(shorten(text.slice(-40), 40))}): ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * Refuses a file of a newer version.
 *
 * @param known the newest version that this program reads
 * @param purpose what an update would allow: "load it"
 * @throws CheckpointError saying both versions
 */
export function refuseNewer(path: string, version: unknown, known: number, purpose: string): void {
  if (typeof version === "number" && version <= known) return;
  throw new CheckpointError(
    `${path} has version ${String(version)}; this program reads versions up to ${known}. Update opto to ${purpose}`,
  );
}

function jsonText(value: JsonValue): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function withFile(path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

/** Some file systems refuse to flush a folder; the rename itself has happened. */
function ignoreUnsyncableFolder(error: NodeJS.ErrnoException): void {
  if (!["EISDIR", "EPERM", "EINVAL", "ENOTSUP", "EACCES"].includes(error.code ?? "")) throw error;
}

/**
 * Makes a folder and the missing ones around it, one by one. (`mkdir` of Node with `recursive` never returns where a file system
 * says of a folder that is there that it is missing, as `/proc` does.)
 *
 * @throws the error of the file system
 */
export function makeFolders(path: string): void {
  const missing: string[] = [];
  for (let folder = resolve(path); !existsSync(folder) && dirname(folder) !== folder; folder = dirname(folder)) {
    missing.push(folder);
  }
  if (missing.length === 0 && !statSync(path).isDirectory()) mkdirSync(path);
  for (const folder of missing.reverse()) makeFolder(folder);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * The path itself.
 *
 * @param what what it is given as, for the message: "`runDir`"
 * @throws InvalidArgumentError when it is written as on Windows and this is another system
 */
export function ownPath(path: string, what: string, platform: string = process.platform): string {
  if (platform === "win32" || !/\\|^[a-z]:\//i.test(path)) return path;
  throw new InvalidArgumentError(
    `Expected ${what} to be a path of this system (${platform}), got ${describeValue(path)}, which is a Windows path. Separate folders with /`,
  );
}
