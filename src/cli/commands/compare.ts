/**
 * `opto eval a b`: whether the agent is better with one set of parameters than with another.
 *
 * @module
 */
import { jsonEqual, textOf } from "../../data/json.ts";
import { counted } from "../../data/number-text.ts";
import { objective, toldScore } from "../../data/objectives.ts";
import { seenExamples } from "../../data/shared-examples.ts";
import { comparePaired, gainText, isImprovement, type PairedComparison } from "../../data/statistics/compare-paired.ts";
import { mcnemarTest } from "../../data/statistics/paired-tests.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { Module } from "../../graph/module.ts";
import { formatNumber } from "../../loggers/format-number.ts";
import { abridged, onOneLine } from "../../loggers/printable.ts";
import { tableOf } from "../../search/evaluation-table.ts";
import { type PairedRows, pairedRows } from "../../search/paired-rows.ts";
import type { Evaluation } from "../../trainer/evaluation.ts";
import { type CommandCall, type ExitCode, exitCodes } from "../command.ts";
import type { OptoConfig } from "../define-config.ts";
import { checkedGuide, type EvaluationPlace, evaluateAgent } from "../evaluate-agent.ts";
import { readParameters } from "../parameter-source.ts";
import { runFolder } from "../run-folder.ts";
import { textTable } from "../text-table.ts";
import { configuredAgent, evalDataset, usedDatasets } from "../to-train-options.ts";

/** How many of the examples that changed most are shown. */
const mostChanges = 10;

/** Evaluates both on the same examples; exit code 1 when the interval of the gain is not above `--threshold`. */
export async function compareCommand(call: CommandCall, config: OptoConfig): Promise<ExitCode> {
  const { flags, out } = call;
  const agent = await configuredAgent(config);
  const start = agent.candidate();
  const [a, b] = [await sideOf(call, config, 0), await sideOf(call, config, 1)];
  const take = (parameters: Side["parameters"]): unknown => {
    agent.apply(start);
    if (parameters !== undefined) agent.apply(parameters);
    return agent.candidate();
  };
  const values = [take(a.parameters), take(b.parameters)] as const;
  if (jsonEqual(values[0] as never, values[1] as never)) {
    throw new InvalidArgumentError(`${a.name} and ${b.name} have the same parameters: there is nothing to compare`);
  }
  const guide = await checkedGuide(call, config);
  const place = { call, config, guide, ...(await evalDataset(config)) };
  const evaluations: Evaluation[] = [];
  for (const { name, parameters } of [a, b]) {
    take(parameters);
    evaluations.push(await evaluateAgent(agent as Module, place, { what: name }));
  }
  const [before, after] = evaluations as [Evaluation, Evaluation];
  const compared = compareEvaluations(before, after, place);
  const { threshold } = flags;
  const { interval } = compared.comparison;
  const passed = threshold === undefined || (interval !== null && interval[0] > threshold);
  const seen = seenExamples(place.dataset, await usedDatasets(config)).size;
  const shown = { a: a.name, b: b.name, before, after, compared, place, seen, passed };
  out.result(lines(shown), document(shown) as never);
  return passed ? exitCodes.done : exitCodes.failed;
}

/** One of two that are compared. */
interface Side {
  readonly name: string;
  /** `undefined`: as the config defines the agent. */
  readonly parameters?: Parameters<Module["apply"]>[0];
}

async function sideOf(call: CommandCall, config: OptoConfig, index: 0 | 1): Promise<Side> {
  const source = call.args[index] as string;
  if (source === "start") return { name: source };
  return { ...(await readParameters(source, { runDir: runFolder(call, config), cwd: call.cwd })), name: source };
}

interface Compared {
  readonly comparison: PairedComparison;
  readonly paired: PairedRows;
  /** McNemar's test, where answers are right or wrong. */
  readonly mcnemar: number | null;
  readonly changes: readonly { readonly example: number; readonly before: number; readonly after: number }[];
}

function compareEvaluations(before: Evaluation, after: Evaluation, { config, guide }: EvaluationPlace): Compared {
  const { numEvalSamples = 1, minScore } = config;
  const scale = { minScore, scoreRange: guide.scoreRange };
  const tables = [tableOf(before, numEvalSamples), tableOf(after, numEvalSamples)] as const;
  const by = objective(config.objective ?? {});
  const paired = pairedRows(tables, { objective: by, scale, meaning: guide.meaning });
  const { rows, examples, bounds } = paired;
  const comparison = comparePaired(rows[0], rows[1], { range: bounds, seed: config.seed });
  const isRightOrWrong = rows.flat().every((score) => score === null || score === 0 || score === 1);
  const changes = examples
    .flatMap((example, at) => {
      const [from, to] = [toldScore(rows[0][at] ?? null, by), toldScore(rows[1][at] ?? null, by)];
      return from === null || to === null || from === to ? [] : [{ example, before: from, after: to }];
    })
    .sort((one, other) => Math.abs(other.after - other.before) - Math.abs(one.after - one.before));
  return { comparison, paired, mcnemar: isRightOrWrong ? mcnemarTest(comparison) : null, changes: changes.slice(0, mostChanges) };
}

interface Shown {
  readonly a: string;
  readonly b: string;
  readonly before: Evaluation;
  readonly after: Evaluation;
  readonly compared: Compared;
  readonly place: EvaluationPlace;
  /** How many of the examples runs of the config learn or choose from. */
  readonly seen: number;
  readonly passed: boolean;
}

function lines({ a, b, before, after, compared, place, seen, passed }: Shown): string[] {
  const { comparison, mcnemar, paired, changes } = compared;
  const { paint, columns } = place.call.out;
  const { threshold } = place.call.flags;
  const { better, worse, equal, pValue, examples } = comparison;
  const [first, second] = [onOneLine(a), onOneLine(b)];
  const gain =
    comparison.gain === null
      ? "no example was scored with both"
      : `${gainText(comparison, paired.unit)} on ${counted(examples, "example")} of ${place.name}`;
  const test = mcnemar === null ? "paired permutation test" : "McNemar's exact test";
  const lost = paired.unscored === 0 ? [] : [`${paired.unscored} that could not be scored with ${second} count as failed`];
  const scores = [
    ["parameters", "score", "failed", "unscored"],
    ...[
      [first, before],
      [second, after],
    ].map(([name, evaluation]) => {
      const { mean, failed, unscored } = evaluation as Evaluation;
      return [name as string, mean === null ? "none" : formatNumber(mean), String(failed), String(unscored)];
    }),
  ];
  const [titles = [], ...rows] = scores;
  const aligned = titles.map((title, index) => ({ title, align: index === 0 ? ("left" as const) : ("right" as const) }));
  return [
    paint("bold", `${second} against ${first}: ${isImprovement(comparison) ? "" : "no evidence of improvement: "}${gain}`),
    `Better on ${better}, worse on ${worse}, equal on ${equal}; p = ${pText(mcnemar ?? pValue)} (${test})`,
    ...lost,
    ...seenLines(place, seen),
    "",
    ...textTable(aligned, rows, columns),
    ...(changes.length === 0 ? [] : ["", paint("bold", "examples that changed most")]),
    ...changes.map(({ example, before: from, after: to }) => {
      const input = onOneLine(abridged(textOf(place.dataset[example]?.input))).slice(0, 80);
      return `  ${example}: ${formatNumber(from)} → ${formatNumber(to)}  ${input}`;
    }),
    ...(threshold === undefined ? [] : ["", thresholdText(threshold, passed, paint)]),
  ];
}

/** What a comparison on training data is worth. */
const learnedFrom = "Runs have learned from the examples of trainDataset, so the gain is likely to be overstated";

function seenLines(place: EvaluationPlace, seen: number): string[] {
  if (isLearnedFrom(place)) return [`${learnedFrom}: set an \`evalDataset\` or \`testDataset\` for a fair comparison`];
  if (seen === 0) return [];
  const who = `${seen} of the ${counted(place.dataset.length, "example")} of ${place.name} ${seen === 1 ? "is" : "are"}`;
  return [
    `${who} also in the training or validation data, so the gain of a run is likely to be overstated: remove them for a fair comparison`,
  ];
}

function isLearnedFrom({ name }: EvaluationPlace): boolean {
  return name === "trainDataset";
}

function thresholdText(threshold: number, passed: boolean, paint: CommandCall["out"]["paint"]): string {
  const verdict = passed ? paint("green", "it is") : paint("red", "it is not");
  return `The interval has to be above ${threshold}: ${verdict}`;
}

function pText(pValue: number | null): string {
  if (pValue === null) return "none";
  return pValue < 0.0001 ? "below 0.0001" : formatNumber(pValue);
}

function document({ a, b, before, after, compared, place, seen, passed }: Shown): object {
  const { comparison, mcnemar, paired, changes } = compared;
  const side = (name: string, { mean, means, coverage, scores, failed, unscored }: Evaluation): object => {
    return { parameters: name, mean, means, coverage, scores, failed, unscored };
  };
  return {
    dataset: place.name,
    isLearnedFrom: isLearnedFrom(place),
    seen,
    threshold: place.call.flags.threshold ?? null,
    passed,
    a: side(a, before),
    b: side(b, after),
    ...comparison,
    text: comparison.gain === null ? null : gainText(comparison, paired.unit),
    isImprovement: isImprovement(comparison),
    mcnemarPValue: mcnemar,
    countedAsFailed: paired.unscored,
    changes,
  };
}
