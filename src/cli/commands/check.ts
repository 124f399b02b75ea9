/**
 * `opto check`: what a training is likely to show and to cost, by a few rollouts of the agent as it is.
 *
 * @module
 */

import { planTraining } from "../../algorithms/plan-training.ts";
import type { Cell } from "../../data/comparison.ts";
import { datasetOf } from "../../data/data-loader.ts";
import { type Dataset, toDataset } from "../../data/dataset.ts";
import type { JsonValue } from "../../data/json.ts";
import { counted, grouped } from "../../data/number-text.ts";
import { isByOwnScore, minimizesScore, objective } from "../../data/objectives.ts";
import { describeShared, type SharedExample, sharedExamples } from "../../data/shared-examples.ts";
import { differenceText, type GainUnit } from "../../data/statistics/compare-paired.ts";
import { scoreRangeOf } from "../../guides/guide.ts";
import { Ledger } from "../../llm/spend/ledger.ts";
import { formatNumber } from "../../loggers/format-number.ts";
import type { TrainOptions } from "../../train-options.ts";
import { type CommandCall, type ExitCode, exitCodes } from "../command.ts";
import { checkedGuide } from "../evaluate-agent.ts";
import { loadTraining } from "../load-config.ts";
import { advisedBatchSize, type Detectable, detectableOn, detectableText, type Preflight, preflightOf } from "../preflight.ts";
import { probe } from "../probe.ts";
import { describeUse } from "../run-use.ts";
import { factLines } from "../text-table.ts";
import { type TrainArguments, toTrainOptions } from "../to-train-options.ts";
import { type Estimate, estimateTraining } from "./train.ts";

/** Checks; exit code 1 when there is a reason not to train yet. With `--dry-run` nothing is run. */
export async function checkCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out } = call;
  const config = await loadTraining(call);
  const options = await toTrainOptions(config, flags, { out });
  const data = datasetsOf(options);
  const guide = await checkedGuide(call, config);
  const cost = await estimateTraining(options, flags);
  const range = scoreRangeOf(guide);
  const by = objective(config.objective ?? {});
  const scale = { minScore: config.minScore, scoreRange: range, lowerIsBetter: minimizesScore(by) };
  const ledger = new Ledger({ budget: { calls: flags.maxCalls, usd: flags.budget }, prices: config.calls?.prices });
  const probed =
    flags.dryRun === true
      ? undefined
      : await probe(options, { call, config, guide, name: data.choice, dataset: data.chosen }, ledger);
  const isByScore = by.mode === "scalar" && isByOwnScore(by);
  const preflight = probed && preflightOf(probed, scale, { isByScore, numSamples: config.numEvalSamples });
  const hoped = flags.gain ?? (range === undefined ? undefined : (range[1] - range[0]) / 20 || undefined);
  // Before anything is known: as right and wrong answers, half of each.
  const deviation = preflight?.standardDeviation ?? (range === undefined ? null : (range[1] - range[0]) / 2);
  const detectable = deviation === null ? [] : detectableOn(data.deciding, deviation, hoped);
  const { sizes, shared, choice } = data;
  const unit = unitOf(range, probed?.first ?? []);
  const checked: Checked = {
    sizes,
    shared,
    choice,
    isByScore,
    lowerIsBetter: scale.lowerIsBetter,
    preflight,
    error: probed?.error,
    detectable,
    hoped,
    unit,
    cost,
    ledger,
  };
  const problems = problemsOf(checked);
  out.result(lines(checked, problems, call), document(checked, problems));
  return problems.length === 0 ? exitCodes.done : exitCodes.failed;
}

/** In what gains are shown: of the declared range, else of the scores that were seen. */
function unitOf(range: GainUnit["range"], cells: readonly (Cell | undefined)[]): GainUnit {
  const seen = cells.filter((cell) => typeof cell === "number");
  const ofSeen = seen.length === 0 ? undefined : ([Math.min(...seen), Math.max(...seen)] as const);
  return { range: range ?? ofSeen, isDeclared: range !== undefined };
}

interface Checked {
  readonly sizes: Readonly<Record<string, number>>;
  readonly shared: readonly SharedExample[];
  /** What the examples are that the best values are chosen on. */
  readonly choice: string;
  /** Whether the training compares by the score of the guide. */
  readonly isByScore: boolean;
  /** Whether less of it is better. */
  readonly lowerIsBetter: boolean;
  readonly preflight: Preflight | undefined;
  readonly error: string | undefined;
  readonly detectable: readonly Detectable[];
  readonly hoped: number | undefined;
  readonly unit: GainUnit;
  readonly cost: Estimate;
  readonly ledger: Ledger;
}

interface CheckedData extends Pick<Checked, "sizes" | "shared" | "choice"> {
  readonly chosen: Dataset<unknown, unknown>;
  /** Sizes of the data that say whether anything was gained. */
  readonly deciding: Readonly<Record<string, number>>;
}

/** The datasets of a training, as it would use them. */
function datasetsOf(options: TrainArguments): CheckedData {
  const given = options as unknown as TrainOptions<unknown, unknown, unknown>;
  const plan = planTraining(given);
  const train = datasetOf(plan.trainDataset, "trainDataset");
  const { validateDataset, testDataset } = plan.datasets;
  const validation = validateDataset ? toDataset(validateDataset, "validateDataset") : train;
  const test = testDataset ? toDataset(testDataset, "testDataset") : validation;
  const named = new Map<Dataset<unknown, unknown>, string>([[train, "training"]]);
  for (const [dataset, name] of [
    [validation, "validation"],
    [test, "test"],
  ] as const) {
    if (!named.has(dataset)) named.set(dataset, name);
  }
  const datasets = Object.fromEntries([...named].map(([dataset, name]) => [name, dataset]));
  const sizes = Object.fromEntries([...named].map(([{ length }, name]) => [name, length]));
  const choice = named.get(validation) as string;
  const deciding = Object.fromEntries(
    [...new Set([validation, test])].map((dataset) => [named.get(dataset) as string, dataset.length]),
  );
  return { sizes, shared: sharedExamples(datasets), choice, chosen: validation, deciding };
}

/** Why training should wait, a sentence each. */
function problemsOf({ shared, preflight, error, lowerIsBetter }: Checked): string[] {
  const leak = describeShared(shared);
  const problems = leak === undefined ? [] : [leak];
  if (preflight === undefined) return problems;
  const { mean, headroom, noise, examples, failed } = preflight;
  if (examples === 0) return [...problems, "No example was run, because the limit of calls was reached first. Raise --max-calls"];
  if (mean === null) {
    const cause = error === undefined ? "" : `. ${error}`;
    return [...problems, `No example could be scored: ${failed} of ${examples} failed${cause}`];
  }
  if (headroom !== null && headroom <= 0)
    problems.push(
      `The starting values already have the ${bestOf(lowerIsBetter)} score on every example that was run, so there is nothing to gain on these data`,
    );
  else if (headroom !== null && noise !== null && noise.standardDeviation > headroom) {
    problems.push(
      "Scores of the same example vary by more than there is to gain: set `numEvalSamples`, or make the guide more consistent",
    );
  }
  return problems;
}

function lines(checked: Checked, problems: readonly string[], { out, flags }: CommandCall): string[] {
  const { sizes, shared, preflight, detectable, hoped, unit, cost, ledger } = checked;
  const facts = [
    [
      "data",
      `${Object.entries(sizes)
        .map(([name, size]) => `${grouped(size)} ${name}`)
        .join(", ")} ${Object.values(sizes).at(-1) === 1 ? "example" : "examples"}`,
    ],
    ["leaks", shared.length === 0 ? leaksText(sizes) : counted(shared.length, "shared example")],
    ...(preflight === undefined ? [] : probeFacts(preflight, checked)),
    ["can show", detectable.map((one) => detectableText(one, hoped, unit)).join("\n")],
    ["a run", cost.text],
    ["used", flags.dryRun === true ? "" : describeUse(ledger.usage())],
  ] as const;
  const verdict = problems.length === 0 ? [] : ["", ...problems.map((problem) => out.paint("yellow", problem))];
  return [...factLines(facts, out), ...verdict];
}

function leaksText(sizes: Checked["sizes"]): string {
  return Object.keys(sizes).length > 1
    ? "none: these datasets share no example"
    : "the same examples train and choose, so a gain on them is likely to be overstated";
}

function probeFacts(
  preflight: Preflight,
  { choice, unit, isByScore, lowerIsBetter }: Pick<Checked, "choice" | "unit" | "isByScore" | "lowerIsBetter">,
): (readonly [string, string])[] {
  const { examples, failed, unscored, mean, headroom, noise } = preflight;
  const lost = [...(failed > 0 ? [`${failed} failed`] : []), ...(unscored > 0 ? [`${unscored} unscored`] : [])];
  const batch = advisedBatchSize(preflight);
  return [
    [
      "start",
      `score ${mean === null ? "none" : formatNumber(mean)} on ${[counted(examples, `${choice} example`), ...lost].join(", ")}`,
    ],
    [
      "headroom",
      headroom === null
        ? `unknown: ${mean === null ? "nothing was scored" : unknownHeadroom(isByScore)}`
        : `${differenceText(headroom, unit)} ${lowerIsBetter ? "down" : "up"} to the ${bestOf(lowerIsBetter)} score`,
    ],
    ["noise", noise === null ? "" : noiseText(noise, unit)],
    ["batches", batch === null ? "" : batchText(batch, preflight.belowTop ?? 0, lowerIsBetter)],
  ];
}

function unknownHeadroom(isByScore: boolean): string {
  return isByScore ? "the guide declares no `scoreRange`" : "the objective does not compare by the score of the guide alone";
}

/** Which score is the best one. */
function bestOf(lowerIsBetter: boolean): string {
  return lowerIsBetter ? "lowest" : "highest";
}

function batchText(size: number, belowTop: number, lowerIsBetter: boolean): string {
  const side = `${lowerIsBetter ? "above" : "below"} the ${bestOf(lowerIsBetter)} score`;
  const share = `${Math.round(100 * belowTop)}% of the examples are ${side}`;
  const isEnough = (1 - belowTop) ** size <= 0.1 + 1e-9;
  return isEnough
    ? `of ${size} examples: ${share}, so nine of ten batches of this size have one of these`
    : `of ${size} examples or more: only ${share}`;
}

function noiseText({ repeated, changed, standardDeviation }: NonNullable<Preflight["noise"]>, unit: GainUnit): string {
  const what = `${changed} of ${counted(repeated, "example")} scored differently the second time`;
  return changed === 0
    ? what
    : `${what}; the score of an example varies by ${differenceText(standardDeviation, unit)} (standard deviation)`;
}

function document(
  { sizes, shared, choice, preflight, detectable, hoped, cost, ledger }: Checked,
  problems: readonly string[],
): JsonValue {
  const start = preflight === undefined ? null : { dataset: choice, ...preflight, batchSize: advisedBatchSize(preflight) };
  return {
    datasets: sizes,
    shared,
    start,
    hopedGain: hoped ?? null,
    detectable,
    run: cost.document,
    usage: ledger.usage(),
    problems,
  } as unknown as JsonValue;
}
