/**
 * A request to stop a run in order, as a file in its folder: it reaches the process also from another machine that shares the folder, and
 * a process that listens to no signals.
 *
 * @module
 */
import { existsSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { writeJsonFile } from "../data/json-file.ts";
import { StopError } from "../errors.ts";
import type { RunControl } from "../trainer/run-control.ts";
import { fileNames } from "./run-files.ts";

/** How often the process of a run looks for a request, in milliseconds. */
const lookMs = 1_000;

/**
 * Asks the process of a run to stop as the first Ctrl-C does: work in flight ends, and the run can be resumed.
 *
 * @param at ISO 8601
 */
export async function requestStop(folder: string, at: string): Promise<void> {
  await writeJsonFile(join(folder, fileNames.stop), { format: "opto-stop", version: 1, at, host: hostname(), pid: process.pid });
}

/**
 * Stops a run when it is asked to. A request that an earlier process was sent is void.
 *
 * @returns a function that looks no more
 */
export function watchForStop(folder: string, control: RunControl): () => void {
  const path = join(folder, fileNames.stop);
  rmSync(path, { force: true });
  const look = (): void => {
    if (!existsSync(path)) return;
    end();
    control.stop(new StopError("interrupted", "Stopped by a request from outside the process"), { isAsked: true });
  };
  const timer = setInterval(look, lookMs).unref();
  const end = (): void => {
    clearInterval(timer);
    rmSync(path, { force: true });
  };
  return end;
}
