/**
 * `opto eval`: the score of the agent, as it is or with the parameters of a run or file.
 *
 * @module
 */
import { atPosition } from "../../graph/scope.ts";
import { ConsoleLogger } from "../../loggers/console-logger.ts";
import { formatNumber } from "../../loggers/format-number.ts";
import { onOneLine } from "../../loggers/printable.ts";
import { evaluate } from "../../trainer/evaluate.ts";
import type { Evaluation } from "../../trainer/evaluation.ts";
import type { RunEvent } from "../../trainer/events.ts";
import type { CommandCall } from "../command.ts";
import { configuredAgent, configuredGuide, evalDataset, guideOf } from "../config-parts.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { loadConfig } from "../load-config.ts";
import { readParameters } from "../parameter-source.ts";
import { runFolder } from "../run-folder.ts";

/** Evaluates; exit code 1 when the score is below `--threshold`, or when there is none. */
export async function evalCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out, cwd } = call;
  const { config } = await loadConfig(cwd, flags.config);
  const agent = await configuredAgent(config);
  const [source] = call.args;
  if (source !== undefined) agent.apply((await readParameters(source, { runDir: runFolder(call, config), cwd })).parameters);
  const guide = guideOf(await configuredGuide(config));
  const { name, dataset } = await evalDataset(config);
  const console = out.isQuiet ? undefined : new ConsoleLogger({ stream: out.progress });
  const emit = (event: object): void => console?.onEvent(event as RunEvent);
  const work = (): Promise<Evaluation> =>
    evaluate(
      agent,
      guide,
      dataset.map(({ input }) => input),
      dataset.map(({ info }) => info),
      {
        minScore: config.minScore,
        numSamples: config.numEvalSamples,
        numThreads: flags.threads ?? config.numThreads,
        description: `Evaluating on ${name}`,
      },
    );
  const evaluation = await atPosition("", work, { emit }).finally(() => console?.close());
  const passed = hasPassed(evaluation, flags.threshold);
  const document = { dataset: name, examples: dataset.length, threshold: flags.threshold ?? null, passed, ...evaluation };
  out.result(lines(evaluation, { name, examples: dataset.length, source, passed, call }), document);
  return passed ? exitCodes.done : exitCodes.failed;
}

function hasPassed({ mean }: Evaluation, threshold: number | undefined): boolean {
  return threshold === undefined || (mean !== null && mean >= threshold);
}

function lines(
  { mean, failed, unscored }: Evaluation,
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
  const score = mean === null ? "none, because rollouts failed and `minScore` is null" : paint("bold", formatNumber(mean));
  const verdict = about.passed ? paint("green", "reached") : paint("red", "not reached");
  return [
    `Score on ${about.name}${what}: ${score} (${facts.join(", ")})`,
    ...(threshold === undefined ? [] : [`Threshold ${formatNumber(threshold)}: ${verdict}`]),
  ];
}
