/**
 * `opto train` and `opto resume`: train what the config says; with `--dry-run` say what it would take.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type EstimateOptions, estimateRun } from "../../algorithms/estimate-run.ts";
import { planTraining } from "../../algorithms/plan-training.ts";
import type { JsonValue } from "../../data/json.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { GuideLike } from "../../guides/guide.ts";
import { findRuns, readScores, type ScorePoint, testScoreName } from "../../runs/read-run-files.ts";
import { describeEstimate } from "../../search/estimate/sum-estimate.ts";
import { train } from "../../train.ts";
import type { TrainOptions } from "../../train-options.ts";
import { toNamedGuide, toOptimizer } from "../../train-parts.ts";
import type { Logger } from "../../trainer/events.ts";
import { type CommandCall, type ExitCode, exitCodeOf, exitCodes } from "../command.ts";
import type { OptoConfig } from "../define-config.ts";
import { outcomeDocument, outcomeLines, type TrainOutcome } from "../describe-outcome.ts";
import type { Flags } from "../flags.ts";
import { loadTraining } from "../load-config.ts";
import { findRun, idOfName, runFolder } from "../run-folder.ts";
import { tellError } from "../tell-error.ts";
import { type TrainArguments, toTrainOptions } from "../to-train-options.ts";

/** Trains, or with `--dry-run` says what that would cost. */
export async function trainCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out } = call;
  const config = await loadTraining(call);
  const run = await ownId(call, config);
  if (flags.dryRun !== true) return trainAndTell(call, config, flags, run);
  const { text, document } = await estimateTraining(await toTrainOptions(config, flags, { out, run }), flags);
  out.result([text], document);
  return exitCodes.done;
}

/** Continues a run: the one that is named, else the newest that is not finished. */
export async function resumeCommand(call: CommandCall): Promise<ExitCode> {
  const { flags } = call;
  const config = await loadTraining(call);
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
    const training = (): Promise<TrainOutcome> => start({ ...options, logger: [...options.logger, watch] });
    // The page is loaded only where it is wanted.
    outcome = options.view === true ? await (await import("./view.ts")).withApplyingPage(call, training) : await training();
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

/** An estimate for people and for programs. */
export interface Estimate {
  readonly text: string;
  readonly document: JsonValue;
}

/** Options of `train` that do not change what a run asks of models. */
const beside = ["logger", "run", "view", "rollouts"] as const;

/** Estimates calls, tokens and dollars of a run without calling a model. */
export async function estimateTraining(
  { guide, optimizer, ...options }: TrainArguments,
  { allowRequests }: Pick<Flags, "allowRequests">,
): Promise<Estimate> {
  const { algorithm, trainDataset, datasets } = planTraining(options as unknown as TrainOptions<unknown, unknown, unknown>);
  const asked: Record<string, unknown> = { ...options, ...datasets, trainDataset, allowRequests };
  for (const name of beside) delete asked[name];
  const parts = {
    ...asked,
    algorithm: algorithm.meant,
    guide: toNamedGuide(guide as GuideLike | string | undefined),
    optimizer: toOptimizer(optimizer as Parameters<typeof toOptimizer>[0], options.agent, algorithm.asksOptimizer),
  };
  const estimated = await estimateRun(parts as unknown as EstimateOptions<unknown, unknown, unknown>);
  return { text: describeEstimate(estimated), document: estimated as unknown as JsonValue };
}

/** Keeps the test scores that it is told of. */
class ScoreWatch implements Logger {
  readonly #points: ScorePoint[] = [];
  #hasBegun = false;

  /** In order. */
  get points(): readonly ScorePoint[] {
    return this.#points;
  }

  /** Whether there was any event: what goes wrong before has done nothing. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  onEvent(): void {
    this.#hasBegun = true;
  }

  log(name: string, data: JsonValue, step: number): void {
    if (name === testScoreName) this.#points.push({ iteration: step, score: typeof data === "number" ? data : null });
  }
}
