/**
 * What a few rollouts say before a training: how the agent does, how much its scores vary by chance, and what the data can show.
 *
 * @module
 */

import { type Cell, type DirectedScale, type FailureScale, failureScore } from "../data/comparison.ts";
import { counted, grouped } from "../data/number-text.ts";
import { mean } from "../data/scores.ts";
import { differenceText, type GainUnit } from "../data/statistics/compare-paired.ts";
import { detectableGain, examplesToDetect } from "../data/statistics/paired-tests.ts";

/** What was measured of the agent as it starts. */
export interface Probe {
  /** How each example went; `undefined` where the limit of calls came before. */
  readonly first: readonly (Cell | undefined)[];
  /** The same once more, for the first of these examples. */
  readonly second: readonly (Cell | undefined)[];
}

/** What follows from it. */
export interface Preflight {
  readonly examples: number;
  readonly failed: number;
  readonly unscored: number;
  /** Failures count as the worst score; `null` where nothing was scored. */
  readonly mean: number | null;
  /** The share of examples without the best score, of which a feedback batch should have some; `null` without a range. */
  readonly belowTop: number | null;
  /** From the mean to the best score: the highest, or the lowest where less is better; `null` without a range. */
  readonly headroom: number | null;
  /** How scores of the same example differ, each the mean of as many runs as the training makes; `null` where none was run twice. */
  readonly noise: { readonly repeated: number; readonly changed: number; readonly standardDeviation: number } | null;
  /** Expected of the difference between two candidates by example; `null` where nothing says it. */
  readonly standardDeviation: number | null;
}

/** How a training uses the scores that a probe has measured. */
export interface PreflightOptions {
  /** Whether it compares by the score of the guide, so that the best one is the most there is to gain. @default true */
  readonly isByScore?: boolean | undefined;
  /** How often it runs each example, so that it compares means of as many scores. @default 1 */
  readonly numSamples?: number | undefined;
}

/** Sums up a probe. */
export function preflightOf(
  { first, second }: Probe,
  scale: DirectedScale,
  { isByScore = true, numSamples = 1 }: PreflightOptions = {},
): Preflight {
  const run = first.filter((cell) => cell !== undefined);
  const worth = failureScore([run], scale);
  const numberOf = (cell: Cell | undefined): number | null => {
    if (cell === undefined || cell === "unscored") return null;
    return cell === "failed" ? worth : cell;
  };
  const scores = first.map(numberOf);
  const known = scores.filter((score) => score !== null);
  const isScored = run.some((cell) => typeof cell === "number");
  const average = isScored ? mean(known) : null;
  const best = isByScore ? scale.scoreRange?.[scale.lowerIsBetter === true ? 0 : 1] : undefined;
  const pairs = second.flatMap((cell, at) => {
    const [one, other] = [scores[at] ?? null, numberOf(cell)];
    return one === null || other === null ? [] : [other - one];
  });
  const noise = noiseOf(pairs, numSamples);
  return {
    examples: run.length,
    failed: run.filter((cell) => cell === "failed").length,
    unscored: run.filter((cell) => cell === "unscored").length,
    mean: average,
    belowTop: best === undefined || known.length === 0 ? null : known.filter((score) => score !== best).length / known.length,
    headroom: best === undefined || average === null ? null : Math.abs(best - average),
    noise,
    standardDeviation: isScored
      ? expectedDeviation(known, { noise: noise?.standardDeviation ?? 0, numSamples, range: scale.scoreRange })
      : null,
  };
}

/** @param differences between two scores of the same example */
function noiseOf(differences: readonly number[], numSamples: number): Preflight["noise"] {
  if (differences.length === 0) return null;
  return {
    repeated: differences.length,
    changed: differences.filter((difference) => difference !== 0).length,
    // Each difference has the variance of two scores.
    standardDeviation: Math.sqrt((mean(differences.map((difference) => difference ** 2)) ?? 0) / 2 / numSamples),
  };
}

/**
 * Of the differences between two candidates: what the scores of the start vary by, as two candidates with a correlation of one half would, and at least
 * what chance alone makes of them. Where all scores are equal, at most a share of 3/n is otherwise (the rule of three).
 */
function expectedDeviation(
  scores: readonly number[],
  {
    noise,
    numSamples,
    range,
  }: { readonly noise: number; readonly numSamples: number; readonly range: FailureScale["scoreRange"] },
): number {
  const center = mean(scores) ?? 0;
  const variance = scores.reduce((sum, score) => sum + (score - center) ** 2, 0) / Math.max(1, scores.length - 1);
  const others = 1 - 0.05 ** (1 / Math.max(1, scores.length));
  const least = variance > 0 || range === undefined ? 0 : (range[1] - range[0]) * Math.sqrt(others * (1 - others));
  // The scores seen are of one run each, and vary by what a mean of several does not.
  const ofMeans = Math.max(0, variance - noise ** 2 * (numSamples - 1));
  return Math.max(Math.sqrt(ofMeans), Math.SQRT2 * noise, least);
}

/** How large a batch has to be so that nine of ten have an example without the best score, from 3 to 8; `null` where none is. */
export function advisedBatchSize({ belowTop }: Pick<Preflight, "belowTop">): number | null {
  if (belowTop === null || belowTop === 0) return null;
  return belowTop === 1 ? 3 : Math.min(8, Math.max(3, Math.ceil(Math.log(0.1) / Math.log(1 - belowTop))));
}

/** What a number of examples can show. */
export interface Detectable {
  readonly dataset: string;
  readonly examples: number;
  /** The smallest gain that is found in 8 of 10 cases. */
  readonly gain: number;
  /** How many examples the hoped gain needs; `null` where none is hoped for. */
  readonly needed: number | null;
}

/** What each dataset can show. */
export function detectableOn(
  sizes: Readonly<Record<string, number>>,
  standardDeviation: number,
  hoped: number | undefined,
): Detectable[] {
  return Object.entries(sizes).map(([dataset, examples]) => ({
    dataset,
    examples,
    gain: detectableGain(examples, { standardDeviation }),
    needed: hoped === undefined ? null : examplesToDetect(hoped, { standardDeviation }),
  }));
}

/** "20 validation examples show a gain of 31.1 points or more in 8 of 10 cases; 5.0 points need about 785". */
export function detectableText(
  { dataset, examples, gain, needed }: Detectable,
  hoped: number | undefined,
  unit: GainUnit,
): string {
  const count = `${counted(examples, `${dataset} example`)} ${examples === 1 ? "shows" : "show"}`;
  const shown = `${count} a gain of ${differenceText(gain, unit)} or more in 8 of 10 cases`;
  if (hoped === undefined || needed === null) return shown;
  const enough = needed <= examples ? "are enough" : "are needed";
  return `${shown}; for ${differenceText(hoped, unit)} about ${grouped(needed)} ${enough}`;
}
