/**
 * `opto train` and `opto resume`: train what the config says.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InvalidArgumentError } from "../../errors.ts";
import { train } from "../../train.ts";
import type { TrainOptions } from "../../train-options.ts";
import type { CommandCall } from "../command.ts";
import type { OptoConfig } from "../define-config.ts";
import { outcomeDocument, outcomeLines, type TrainOutcome } from "../describe-outcome.ts";
import { estimate } from "../estimate.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "../exit-codes.ts";
import { findRun, findRuns, idOfName } from "../find-runs.ts";
import type { Flags } from "../flags.ts";
import { loadConfig } from "../load-config.ts";
import { runFolder } from "../run-folder.ts";
import { readScores } from "../run-scores.ts";
import { ScoreWatch } from "../score-watch.ts";
import { tellError } from "../tell-error.ts";
import { type TrainArguments, toTrainOptions } from "../to-train-options.ts";

/** Trains, or with `--dry-run` says what that would cost. */
export async function trainCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out, cwd } = call;
  const { config } = await loadConfig(cwd, flags.config);
  const run = await ownId(call, config);
  if (flags.dryRun !== true) return trainAndTell(call, config, flags, run);
  const { text, document } = await estimate(await toTrainOptions(config, flags, { out, run }), flags);
  out.result([text], document);
  return exitCodes.done;
}

/** Continues a run: the one that is named, else the newest that is not finished. */
export async function resumeCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, cwd } = call;
  const { config } = await loadConfig(cwd, flags.config);
  const isMeant = ({ state }: { readonly state: string }): boolean => state === "stopped";
  const run = await findRun(runFolder(call, config), call.args[0], { isMeant, what: "unfinished run" });
  if (run.state === "finished") {
    throw new InvalidArgumentError(`${run.id} is finished. \`opto apply ${run.id}\` writes its best parameters`);
  }
  // The seed may have come from the command line that began the run.
  const seed = flags.seed ?? (typeof run.seed === "number" ? run.seed : undefined);
  return trainAndTell(call, config, { ...flags, ...(seed === undefined ? {} : { seed }) }, run.id);
}

async function trainAndTell(call: CommandCall, config: OptoConfig, flags: Flags, run: string | undefined): Promise<ExitCode> {
  const { out, cwd } = call;
  const options = await toTrainOptions(config, flags, { out, run });
  const watch = new ScoreWatch();
  let outcome: TrainOutcome;
  try {
    outcome = await start({ ...options, logger: [...options.logger, watch] });
  } catch (error) {
    return tellError(error, out, { isBegun: watch.hasBegun });
  }
  const folder = folderOf(outcome, runFolder(call, config));
  const recorded = folder === null ? [] : await readScores(folder);
  const place = {
    scores: recorded.length > 0 ? recorded : watch.points,
    folder,
    cwd,
    flags,
    paint: out.paint,
    columns: out.columns,
  };
  out.result(outcomeLines(outcome, place), outcomeDocument(outcome, place));
  return exitCodeOf(outcome.stopReason ?? "completed");
}

/** The one place where options that were put together by name become those of `train`, which checks them. */
async function start(options: TrainArguments): Promise<TrainOutcome> {
  return train(options as unknown as TrainOptions<unknown, unknown, unknown>);
}

/** The id for a config that names its runs. */
async function ownId(call: CommandCall, config: OptoConfig): Promise<string | undefined> {
  const { name } = config;
  if (name === undefined) return undefined;
  return idOfName(await findRuns(runFolder(call, config)), name, call.flags.resume !== false);
}

function folderOf({ run }: TrainOutcome, runDir: string): string | null {
  const folder = run == null ? undefined : join(runDir, run);
  return folder !== undefined && existsSync(folder) ? folder : null;
}
