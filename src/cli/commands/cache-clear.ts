/**
 * `opto cache clear`: throws away the recorded model answers.
 *
 * @module
 */

import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeTextFile } from "../../data/json-file.ts";
import { counted, grouped } from "../../data/number-text.ts";
import { InvalidArgumentError } from "../../errors.ts";
import { readJsonLines } from "../../runs/append-file.ts";
import { findRuns, type RunFiles } from "../../runs/read-run-files.ts";
import { fileNames } from "../../runs/run-files.ts";
import { takeLock } from "../../runs/run-lock.ts";
import { type CommandCall, type ExitCode, exitCodes } from "../command.ts";
import { findRun, readingPlace } from "../run-folder.ts";

/** Clears one run, or all that are finished. What was used stays counted. */
export async function cacheClearCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out } = call;
  const { runDir } = await readingPlace(call);
  const [id] = call.args;
  const candidates = id === undefined ? await findRuns(runDir) : [await findRun(runDir, id)];
  const busy = candidates.find(({ state }) => state === "running");
  if (id !== undefined && busy !== undefined) {
    throw new InvalidArgumentError(`${busy.id} is running (process ${busy.holder?.pid} on ${busy.holder?.host}); stop it first`);
  }
  const isMeant = ({ state }: RunFiles): boolean => state === "finished" || (state !== "running" && flags.force === true);
  const runs = candidates.filter(isMeant);
  if (id !== undefined && runs.length === 0) {
    throw new InvalidArgumentError(
      `${id} is not finished: without its recorded answers it would pay for them again. --force clears them anyway`,
    );
  }
  const cleared = await Promise.all(runs.map(clear));
  const answers = cleared.reduce((sum, run) => sum + run.answers, 0);
  const bytes = cleared.reduce((sum, run) => sum + run.bytes, 0);
  const where = id ?? counted(runs.length, "finished run");
  const text = `Cleared ${counted(answers, "answer")} of ${where} (${grouped(Math.ceil(bytes / 1024))} KiB)`;
  out.result([text], { runs: cleared.map(({ run }) => run), answers, bytes });
  return exitCodes.done;
}

/** What was asked of models stays counted: only the answers leave their lines. Rollouts are nothing but what they gave. */
async function clear(run: RunFiles): Promise<{ run: string; answers: number; bytes: number }> {
  // A run that begins now would go on writing to the file that is being replaced.
  const lock = await takeLock(run.folder);
  try {
    return await clearHeld(run);
  } finally {
    lock.release();
  }
}

async function clearHeld({ id, folder }: RunFiles): Promise<{ run: string; answers: number; bytes: number }> {
  const [calls, rollouts] = [join(folder, fileNames.calls), join(folder, fileNames.rollouts)];
  const before = (await sizeOf(calls)) + (await sizeOf(rollouts));
  const lines: string[] = [];
  let answers = 0;
  for await (const { text, value } of readJsonLines(calls)) {
    if (value?.content === undefined) {
      lines.push(text);
      continue;
    }
    const { content: _, sha256: _ofContent, ...use } = value;
    lines.push(JSON.stringify(use));
    answers++;
  }
  if (answers > 0) await writeTextFile(calls, lines.map((line) => `${line}\n`).join(""));
  await rm(rollouts, { force: true });
  return { run: id, answers, bytes: before - (await sizeOf(calls)) };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
