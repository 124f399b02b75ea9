/**
 * Datasets, loaders, seeded randomness, scores and objectives, time and JSON.
 *
 * @module
 */
export { type Clock, systemClock } from "./clock.ts";
export {
  type Cell,
  type CellCounts,
  type Comparison,
  type ComparisonOptions,
  cellsToRepeat,
  compareCandidates,
  type FailureScale,
  failureScore,
  leastCoverage,
  pessimisticMean,
  type Row,
  reaches,
  type Standing,
  sureMean,
} from "./comparison.ts";
export { type Batch, DataLoader, type DataLoaderOptions } from "./data-loader.ts";
export {
  type Dataset,
  type DatasetLike,
  type Example,
  toDataset,
} from "./dataset.ts";
export type { Feedback, FeedbackLike, ScorerResult } from "./feedback.ts";
export {
  beats,
  type ChebyshevOptions,
  type ConfidenceOptions,
  chebyshev,
  confidentlyBeats,
  crowdingDistance,
  type EstimatedVolume,
  epsilonIndicator,
  estimateHypervolume,
  type HypervolumeOptions,
  hypervolume,
  hypervolumeContributions,
  hypervolumeImprovement,
  kneePoint,
  paretoFront,
  type Vector,
} from "./fronts.ts";
export { canonicalJson, type JsonValue, jsonEqual } from "./json.ts";
export { type DatasetRow, type LoadDatasetOptions, loadDataset, type RowMapping } from "./load-dataset.ts";
export {
  type Constraints,
  type MetricBounds,
  type ObjectiveConfig,
  type ObjectiveLike,
  objective,
  scalarScore,
  weightedScore,
} from "./objectives.ts";
export type { OptionRow, OptionRule, OptionTable } from "./option-table.ts";
export { Random, type Seed } from "./random.ts";
export type { Range } from "./range.ts";
export { meanScores, type Scores, type ScoresLike, toScores } from "./scores.ts";
export { dominates, frontOf, paretoRanks, selectBest, selectTop } from "./selection.ts";
export { type ExamplePlace, type SharedExample, sharedExamples } from "./shared-examples.ts";
export { type SplitDatasetOptions, splitDataset } from "./split-dataset.ts";
export {
  type BettingOptions,
  type BettingTest,
  type BettingVerdict,
  bet,
  bettingVerdict,
  challengerAlpha,
  noBets,
} from "./statistics/betting-test.ts";
export {
  type ComparePairedOptions,
  comparePaired,
  type GainUnit,
  gainText,
  isImprovement,
  type PairedComparison,
} from "./statistics/compare-paired.ts";
export type { Interval } from "./statistics/intervals.ts";
export {
  type ExampleGroups,
  type PairedDifference,
  pairedDifferences,
  type ScoresByExample,
} from "./statistics/paired-differences.ts";
export {
  type Alternative,
  type Discordant,
  detectableGain,
  examplesToDetect,
  holm,
  mcnemarTest,
  type PowerOptions,
  type SignFlipOptions,
  signFlipTest,
  type TestResult,
} from "./statistics/paired-tests.ts";
