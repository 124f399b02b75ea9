/**
 * `opto eval`: the score of the agent, as it is or with the parameters of a run or file.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { type Cell, countCells, isCovered, reaches, sureMean } from "../../data/comparison.ts";
import { CheckpointError, InvalidArgumentError } from "../../errors.ts";
import type { Module } from "../../graph/module.ts";
import { atPosition } from "../../graph/scope.ts";
import { judgeModel } from "../../guides/llm-judge.ts";
import { describeJudge } from "../../loggers/console-lines.ts";
import { ConsoleLogger } from "../../loggers/console-logger.ts";
import { formatCompared, formatNumber } from "../../loggers/format-number.ts";
import { metricsText } from "../../loggers/metrics-text.ts";
import { onOneLine } from "../../loggers/printable.ts";
import { describeCoverage } from "../../search/compare.ts";
import { checkModel, toNamedGuide } from "../../train-parts.ts";
import { AlikeFailures } from "../../trainer/alike-failures.ts";
import { evaluate } from "../../trainer/evaluate.ts";
import type { Evaluation } from "../../trainer/evaluation.ts";
import type { RunEvent } from "../../trainer/events.ts";
import type { CommandCall } from "../command.ts";
import type { OptoConfig } from "../define-config.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { loadTraining } from "../load-training.ts";
import { isAgentFile, parametersOfFile, readParameters } from "../parameter-source.ts";
import { outputOf, runFolder } from "../run-folder.ts";
import { configuredAgent, configuredGuide, evalDataset } from "../to-train-options.ts";
import { withFlags } from "../train-flags.ts";

/** Evaluates; exit code 1 when the score is below `--threshold`, or when there is none. */
export async function evalCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out } = call;
  const config = await loadTraining(call, { trains: false });
  const agent = await configuredAgent(config);
  const source = await takeParameters(agent, call, config);
  const guide = toNamedGuide(await configuredGuide(config));
  await checkModel(guide, { loads: true });
  const { name, dataset } = await evalDataset(config);
  const console = out.isQuiet ? undefined : new ConsoleLogger({ stream: out.progress });
  const judge = judgeModel(guide);
  if (judge !== undefined && !out.isQuiet) out.progress.write(`${describeJudge(judge)}\n`);
  const { numThreads, rollouts } = withFlags({ ...config }, flags) as Pick<OptoConfig, "numThreads" | "rollouts">;
  const { timeoutMs, isInfrastructure } = rollouts ?? {};
  const failures = new AlikeFailures();
  const emit = (event: object): void => {
    const told = event as RunEvent;
    if (told.type === "rollout-end" && told.status !== "scored") failures.add(told.error ?? "", undefined);
    console?.onEvent(told);
  };
  const work = (): Promise<Evaluation> =>
    evaluate(
      agent,
      guide,
      dataset.map(({ input }) => input),
      dataset.map(({ info }) => info),
      {
        minScore: config.minScore,
        numSamples: config.numEvalSamples,
        numThreads,
        rollouts: { timeoutMs, isInfrastructure },
        description: `Evaluating on ${name}`,
      },
    );
  const evaluation = await atPosition("", work, { emit }).finally(() => console?.close());
  // What was never scored has no score, whatever a failure counts as.
  if (evaluation.failed + evaluation.unscored === evaluation.samples.flat().length)
    throw failures.toError(`Evaluating on ${name}`);
  const { threshold } = flags;
  const sure = sureMean(evaluation.cells, { minScore: config.minScore, scoreRange: guide.scoreRange });
  const passed = threshold === undefined || reaches(sure, threshold);
  const document = {
    dataset: name,
    parameters: source ?? null,
    examples: dataset.length,
    threshold: threshold ?? null,
    passed,
    ...evaluation,
  };
  out.result(lines(evaluation, { name, examples: dataset.length, source, passed, call }), document);
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

function lines(
  { mean, means, failed, unscored, cells }: Evaluation,
  about: { name: string; examples: number; source: string | undefined; passed: boolean; call: CommandCall },
): string[] {
  const { paint } = about.call.out;
  const { threshold } = about.call.flags;
  const facts = [
    `${about.examples} ${about.examples === 1 ? "example" : "examples"}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unscored > 0 ? [`${unscored} unscored`] : []),
  ];
  const what = about.source === undefined ? "" : ` with the parameters of ${onOneLine(about.source)}`;
  const isApplied = about.source !== undefined && about.call.args[0] === undefined;
  const score = mean === null ? "none, because no rollout was scored" : paint("bold", scoreText(mean, threshold));
  const verdict = about.passed ? paint("green", "reached") : paint("red", "not reached");
  return [
    `Score on ${about.name}${what}: ${score} (${facts.join(", ")})`,
    ...(Object.keys(means).length > 1 ? [metricsText(means)] : []),
    ...(isApplied && !about.call.out.isQuiet
      ? [paint("dim", "opto eval --start scores the agent as the config defines it")]
      : []),
    ...(threshold === undefined ? [] : [`Threshold ${threshold}: ${verdict}${reasonOf(cells, mean, threshold, about.passed)}`]),
  ];
}

/** With the digits that it takes to see on which side of the threshold it is. */
function scoreText(mean: number, threshold: number | undefined): string {
  return threshold === undefined || reaches(mean, threshold) ? formatNumber(mean) : formatCompared(mean, threshold)[0];
}

/** Why a score above the threshold does not reach it. */
function reasonOf(cells: readonly Cell[], mean: number | null, threshold: number, passed: boolean): string {
  if (passed || !reaches(mean, threshold)) return "";
  const counts = countCells(cells);
  if (!isCovered(counts)) return `, because ${describeCoverage(counts)}`;
  return `, because the ${counts.unscored} unscored of ${counts.total} rollouts might have failed`;
}
