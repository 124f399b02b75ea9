/**
 * `opto eval`: the score of the agent, as it is or with the parameters of a run or file; or how two of these compare.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { relative } from "node:path";
import { type Cell, countCells, isCovered, reaches, sureMean } from "../../data/comparison.ts";
import { counted } from "../../data/number-text.ts";
import { CheckpointError, InvalidArgumentError } from "../../errors.ts";
import type { Module } from "../../graph/module.ts";
import { formatCompared, formatNumber } from "../../loggers/format-number.ts";
import { metricsText } from "../../loggers/metrics-text.ts";
import { onOneLine } from "../../loggers/printable.ts";
import { describeCoverage } from "../../search/compare.ts";
import type { Evaluation } from "../../trainer/evaluation.ts";
import { type CommandCall, type ExitCode, exitCodes } from "../command.ts";
import type { OptoConfig } from "../define-config.ts";
import { checkedGuide, evaluateAgent, scoreIsMinimized } from "../evaluate-agent.ts";
import { loadTraining } from "../load-config.ts";
import { isAgentFile, parametersOfFile, readParameters } from "../parameter-source.ts";
import { outputOf, runFolder } from "../run-folder.ts";
import { configuredAgent, evalDataset } from "../to-train-options.ts";
import { compareCommand } from "./compare.ts";

/** Evaluates; exit code 1 when the score is worse than `--threshold`, or when there is none. With two names it compares them. */
export async function evalCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out, args } = call;
  const config = await loadTraining(call, { trains: false });
  if (args[1] !== undefined) return compareCommand(call, config);
  const agent = await configuredAgent(config);
  const source = await takeParameters(agent, call, config);
  const guide = await checkedGuide(call, config);
  const { name, dataset } = await evalDataset(config);
  const evaluation = await evaluateAgent(agent, { call, config, guide, name, dataset });
  const { threshold } = flags;
  const lowerIsBetter = scoreIsMinimized(config);
  const sure = sureMean(evaluation.cells, { minScore: config.minScore, scoreRange: guide.scoreRange, lowerIsBetter });
  const passed = threshold === undefined || reaches(sure, threshold, lowerIsBetter);
  const document = {
    dataset: name,
    parameters: source ?? null,
    examples: dataset.length,
    threshold: threshold ?? null,
    passed,
    ...evaluation,
  };
  out.result(lines(evaluation, { name, examples: dataset.length, source, passed, lowerIsBetter, call }), document);
  return passed ? exitCodes.done : exitCodes.failed;
}

/**
 * Gives the agent the parameters that are to be scored: those that are named, else those that `opto apply` has written, which
 * are what is going to be used; with `--start` none.
 *
 * @returns where they come from
 */
async function takeParameters(agent: Module, call: CommandCall, config: OptoConfig): Promise<string | undefined> {
  const [named] = call.args;
  if (named !== undefined) {
    agent.apply((await readParameters(named, { runDir: runFolder(call, config), cwd: call.cwd })).parameters);
    return named;
  }
  const output = outputOf(call, config);
  if (call.flags.start === true || !existsSync(output)) return undefined;
  // By its default name it may be a file of anybody's.
  if (config.output === undefined && !(await isAgentFile(output))) return undefined;
  const name = relative(call.cwd, output);
  // Values that come from files of their own are there already: `opto apply` has written them into those files.
  const ofAgent = agent.namedParameters();
  const parameters = Object.entries(await parametersOfFile(output)).filter(([path]) => ofAgent.get(path)?.origin === undefined);
  if (parameters.length === 0) return undefined;
  try {
    agent.apply(Object.fromEntries(parameters));
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const way = "`opto apply` writes it again; `opto eval --start` scores the agent as the config defines it";
    throw new CheckpointError(`${name} does not fit the agent: ${error.message}. ${way}`, { cause: error });
  }
  return name;
}

interface About {
  readonly name: string;
  readonly examples: number;
  readonly source: string | undefined;
  readonly passed: boolean;
  readonly lowerIsBetter: boolean;
  readonly call: CommandCall;
}

function lines({ mean, means, failed, unscored, cells }: Evaluation, about: About): string[] {
  const { paint } = about.call.out;
  const { threshold } = about.call.flags;
  const facts = [
    counted(about.examples, "example"),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unscored > 0 ? [`${unscored} unscored`] : []),
  ];
  const what = about.source === undefined ? "" : ` with the parameters of ${onOneLine(about.source)}`;
  const isApplied = about.source !== undefined && about.call.args[0] === undefined;
  const score = mean === null ? "none, because no rollout was scored" : paint("bold", scoreText(mean, about));
  const verdict = about.passed ? paint("green", "reached") : paint("red", "not reached");
  return [
    `Score on ${about.name}${what}: ${score} (${facts.join(", ")})`,
    ...(Object.keys(means).length > 1 ? [metricsText(means)] : []),
    ...(isApplied && !about.call.out.isQuiet
      ? [paint("dim", "opto eval --start scores the agent as the config defines it")]
      : []),
    ...(threshold === undefined ? [] : [`Threshold ${threshold}: ${verdict}${reasonOf(cells, mean, about)}`]),
  ];
}

/** With the digits that it takes to see on which side of the threshold it is. */
function scoreText(mean: number, { lowerIsBetter, call }: Pick<About, "lowerIsBetter" | "call">): string {
  const { threshold } = call.flags;
  return threshold === undefined || reaches(mean, threshold, lowerIsBetter)
    ? formatNumber(mean)
    : formatCompared(mean, threshold)[0];
}

/** Why a score that is better than the threshold does not reach it. */
function reasonOf(cells: readonly Cell[], mean: number | null, { passed, lowerIsBetter, call }: About): string {
  if (passed || !reaches(mean, call.flags.threshold as number, lowerIsBetter)) return "";
  const counts = countCells(cells);
  if (!isCovered(counts)) return `, because ${describeCoverage(counts)}`;
  return `, because the ${counts.unscored} unscored of ${counts.total} rollouts might have failed`;
}
