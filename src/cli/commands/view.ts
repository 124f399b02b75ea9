/**
 * `opto view`: a page over the runs of this folder, or one run as a file.
 *
 * @module
 */
import { resolve } from "node:path";
import { systemClock } from "../../data/clock.ts";
import { ownPath, writeTextFile } from "../../data/json-file.ts";
import { packageVersion } from "../../data/load-on-demand.ts";
import { InvalidArgumentError } from "../../errors.ts";
import { PriceList, type Prices } from "../../llm/spend/prices.ts";
import { formatNumber } from "../../loggers/format-number.ts";
import { onOneLine } from "../../loggers/printable.ts";
import type { RunFiles } from "../../runs/read-run-files.ts";
import type { RunSummary } from "../../viewer/api.ts";
import { exportRun } from "../../viewer/export-run.ts";
import { openBrowser } from "../../viewer/open-browser.ts";
import type { PlannedValues, PlanValues } from "../../viewer/run-actions.ts";
import type { RunLibrary } from "../../viewer/run-library.ts";
import { runSummary } from "../../viewer/run-view.ts";
import { ownPage, serveRuns } from "../../viewer/serve-runs.ts";
import { ViewedRun } from "../../viewer/viewed-run.ts";
import { withApplying } from "../../viewer/watch-training.ts";
import { type CommandCall, type ExitCode, exitCodes } from "../command.ts";
import { findRun, readingPlace } from "../run-folder.ts";
import { configIfAny, planApply } from "./apply.ts";

/** Serves the page until Ctrl-C; with `--export` writes a file. */
export async function viewCommand(call: CommandCall): Promise<ExitCode> {
  const { args, flags, out, cwd } = call;
  const { runDir, prices } = await readingPlace(call);
  const named = args[0] === undefined && flags.export === undefined ? undefined : await findRun(runDir, args[0]);
  if (named !== undefined && flags.export !== undefined) return writeExport(call, named, flags.export, prices);
  const server = await serveRuns({
    folder: runDir,
    run: named?.id,
    port: flags.port,
    prices,
    apply: (...given) => planValues(call, ...given),
  });
  const library = await server.library();
  const newest = named?.id ?? (await library.list())[0]?.id;
  const summary = newest === undefined ? `${onOneLine(runDir)} has no runs yet` : await lineOf(newest, library);
  out.result([summary, `Look at it here, and press Ctrl-C to end: ${server.address}`], {
    address: server.address,
    port: server.port,
    folder: runDir,
    run: newest ?? null,
    cwd,
  });
  if (flags.open !== false && !out.isJson && process.stdout.isTTY === true) openBrowser(server.address);
  await untilSignal();
  await server.close();
  return exitCodes.done;
}

async function lineOf(id: string, library: RunLibrary): Promise<string> {
  const run = await library.open(id);
  return summaryLine(runSummary(run.files, run));
}

/** A run in one line, for those who have no browser: `night: running, iteration 12, score 0.5 → 0.82, 31 candidates, $0.12`. */
function summaryLine({ id, state, reason, iterations, start, best, candidates, usd }: RunSummary): string {
  const gained =
    best === null ? "" : `, score ${start === null || start === best ? "" : `${formatNumber(start)} → `}${formatNumber(best)}`;
  const parts = [
    reason === null ? state : `${state} (${onOneLine(reason)})`,
    iterations === null ? "" : `, iteration ${iterations}`,
    gained,
    candidates === null ? "" : `, ${candidates.toLocaleString("en-US")} ${candidates === 1 ? "candidate" : "candidates"}`,
    usd === null || usd === 0 ? "" : `, $${usd.toPrecision(3)}`,
  ];
  return `${onOneLine(id)}: ${parts.join("")}`;
}

async function writeExport(
  { out, cwd }: CommandCall,
  { id, folder }: RunFiles,
  file: string,
  prices: unknown,
): Promise<ExitCode> {
  const path = resolve(cwd, ownPath(file, "--export"));
  const run = new ViewedRun(folder, id, new PriceList((prices ?? {}) as Prices, systemClock.now()));
  await run.refresh();
  const html = await exportRun(run, await ownPage(), packageVersion());
  await writeTextFile(path, html);
  const size = Buffer.byteLength(html);
  out.result([summaryLine(runSummary(run.files, run)), `Written: ${onOneLine(path)} (${(size / 1e6).toFixed(2)} MB)`], {
    run: id,
    file: path,
    bytes: size,
  });
  return exitCodes.done;
}

/** While `work` trains, its page applies values as this one does. */
export function withApplyingPage<R>(call: CommandCall, work: () => R): R {
  return withApplying((...given) => planValues(call, ...given), work);
}

/** As `opto apply` does it, with the config of this folder. */
async function planValues(
  call: CommandCall,
  { id }: Parameters<PlanValues>[0],
  { candidate, iteration, score, parameters, isBest }: Parameters<PlanValues>[1],
): Promise<PlannedValues> {
  const { runDir } = await readingPlace(call);
  const run = await findRun(runDir, id);
  if (Object.keys(parameters).length === 0)
    throw new InvalidArgumentError(`The values of this candidate of ${id} cannot be read`);
  const chosen: RunFiles = { ...run, best: { iteration, score, parameters } };
  const { targets, write } = await planApply(call, await configIfAny(call), chosen, isBest ? "best" : candidate);
  return {
    write,
    targets: targets.map(({ name, isSame, isThere, changes }) => ({
      name,
      same: isSame,
      exists: isThere,
      changes: changes.map(({ path, state, from = null, to = null }) => ({ path, state, from, to })),
    })),
  };
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
