/**
 * Comparing a batch before and after an update, by the optimizer's names.
 *
 * @module
 */
import { type Cell, compareCandidates, declaredFailureScore, type FailureScale, sureMean } from "../data/comparison.ts";
import { textLength } from "../data/json.ts";
import { isByScore, minimizesScore, type ObjectiveConfig, toldScore } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { selectTop } from "../data/selection.ts";
import type { Module } from "../graph/module.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { EvaluateInPoolOptions, KnownScore } from "../trainer/evaluate.ts";
import type { Evaluation } from "../trainer/evaluation.ts";
import type { RunEvent } from "../trainer/events.ts";
import type { TrainerEvaluateOptions } from "../trainer/trainer.ts";
import { type CompareOptions, compareTables, describeCoverage } from "./compare.ts";
import { tableOf, tableOfTrials, trialOfCell } from "./evaluation-table.ts";
import { namesOf } from "./names.ts";
import { reportScore } from "./report-score.ts";

/** What is compared, and by whom. */
export interface ImprovementCheck {
  /** The agent with the new values. */
  readonly agent: Module<never, unknown>;
  readonly optimizer: Optimizer;
  readonly emit: (event: RunEvent) => void;
  readonly evaluate: (
    options: TrainerEvaluateOptions & Pick<EvaluateInPoolOptions, "label" | "known" | "from">,
  ) => Promise<Evaluation>;
  readonly iteration: number;
  readonly scale: FailureScale;
  /** Rollouts for each example of the evaluation. */
  readonly numSamples: number;
  /** Whether the optimizer is told what was measured. */
  readonly reportsScores: boolean;
  /** Scores of the new values that need not be measured again. */
  readonly known: readonly (KnownScore | null)[] | undefined;
  /** The mean before; it counts where the outputs have no scores of their own. */
  readonly currentScore: number | null;
  /** Before, example by example. */
  readonly currentCells: readonly Cell[];
  /** The further metrics of the same. */
  readonly currentMetrics: readonly (Scores | undefined)[];
  readonly objective: ObjectiveConfig;
  /** The worst value of each metric that any candidate has had. */
  readonly worst: CompareOptions["worst"];
  /** The values before. */
  readonly backup: Candidate;
  readonly threshold: number;
}

/** Measures the new values, reports both sides to the optimizer and in events, and returns whether they are better. */
export async function checkImprovement(check: ImprovementCheck): Promise<boolean> {
  const { agent, optimizer, emit, iteration, scale, numSamples, known, threshold } = check;
  const description = `Checking improvement (iteration ${iteration})`;
  const lowerIsBetter = minimizesScore(check.objective);
  const evaluation = await check.evaluate({
    minScore: declaredFailureScore({ ...scale, lowerIsBetter }),
    lowerIsBetter,
    numSamples,
    known: known && ((example) => known[example] ?? undefined),
    description,
    label: "improvement",
  });
  const compare = isByScore(check.objective) ? improvementOf : improvementByObjective;
  const { isImprovement, before, after, shortfall } = compare(check, evaluation);
  if (check.reportsScores) {
    const { toOptimizer } = namesOf(agent, optimizer);
    reportScore(optimizer, toOptimizer(check.backup), before);
    reportScore(optimizer, toOptimizer(agent.candidate()), after);
  }
  if (shortfall !== undefined) emit({ type: "warning", message: `${description}: ${shortfall}` });
  const type = isImprovement ? "update-accepted" : "update-rejected";
  const [currentScore, newScore] = [before, after].map((score) => toldScore(score, check.objective)) as [
    typeof before,
    typeof after,
  ];
  emit({ type, iteration, currentScore, newScore, threshold });
  return isImprovement;
}

/** What a comparison says. */
interface Improvement {
  readonly isImprovement: boolean;
  /** The scores that were compared; `null` where too little was scored. */
  readonly before: number | null;
  readonly after: number | null;
  /** Which side could not be compared and why, with counts. */
  readonly shortfall?: string | undefined;
}

/** Whether the new values are better by the rule of `compareCandidates`. */
function improvementOf(check: ImprovementCheck, evaluation: Evaluation): Improvement {
  const { currentScore, currentCells, numSamples, scale, threshold } = check;
  const { cells } = evaluation;
  if (currentCells.every((cell) => cell === "unscored")) {
    const after = sureMean(cells, scale);
    return {
      isImprovement: currentScore !== null && after !== null && after > currentScore + threshold,
      before: currentScore,
      after,
    };
  }
  const before = currentCells.flatMap((cell) => new Array<Cell>(numSamples).fill(cell));
  const { winner, standings } = compareCandidates([before, cells], { ...scale, threshold });
  const [current, next] = standings;
  const hidden = [["current", current] as const, ["new", next] as const].find(([, side]) => side?.isEligible === false);
  return {
    isImprovement: winner === 1,
    before: current?.mean ?? null,
    after: next?.mean ?? null,
    shortfall: hidden?.[1] && `Of the ${hidden[0]} values ${describeCoverage(hidden[1])}`,
  };
}

/** Whether the new values are better by an objective: under `pareto` when they beat the current ones, or are the better compromise. */
function improvementByObjective(check: ImprovementCheck, evaluation: Evaluation): Improvement {
  const { agent, backup, objective, worst, currentCells, currentMetrics, numSamples, scale, threshold } = check;
  const trials = currentCells.map((cell, index) => trialOfCell(cell, currentMetrics[index]));
  const examples = [...trials.keys()];
  const tables = [tableOfTrials(trials), tableOf(evaluation, numSamples)];
  const [current, next] = compareTables(tables, examples, { objective, scoreRange: scale.scoreRange, worst });
  const hidden = [["current", current] as const, ["new", next] as const].find(([, side]) => side?.isEligible === false);
  const [before, after] = [current?.score ?? null, next?.score ?? null];
  const isComparable = current?.means != null && next?.means != null && next.isEligible;
  const isBetter = (): boolean => {
    const lengthOf = (index: number): number => textLength(index === 0 ? backup : agent.candidate());
    const [winner] = selectTop([current?.means ?? {}, next?.means ?? {}], 1, objective, lengthOf);
    return winner === 1 && (threshold === 0 || (after as number) > (before as number) + threshold);
  };
  return {
    isImprovement: isComparable && isBetter(),
    before,
    after,
    shortfall: hidden?.[1] && `Of the ${hidden[0]} values ${describeCoverage(hidden[1].counts)}`,
  };
}
