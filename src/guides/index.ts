/**
 * Guides: what scores an answer and says why.
 *
 * @module
 */
export type { Feedback, FeedbackLike, ScorerResult } from "../data/feedback.ts";
export { type CascadeOptions, cascade, type PanelOptions, panel } from "./combined-guides.ts";
export { type ExactMatchOptions, exactMatch, type Match } from "./exact-match.ts";
export { type FromScorerOptions, fromScorer, type Scorer } from "./from-scorer.ts";
export { Guide, type GuideContext, type GuideFunction, type GuideLike, toGuide } from "./guide.ts";
export { type JudgeExample, LLMJudge, type LLMJudgeOptions } from "./llm-judge.ts";
export { type NumericMatchOptions, numericMatch } from "./numeric-match.ts";
export { type OverlapMeasure, type OverlapOptions, overlap } from "./overlap.ts";
export { type PairwisePreferenceOptions, pairwisePreference } from "./pairwise-preference.ts";
export type { ReferenceOptions, TextOptions } from "./reference.ts";
export type { PromptfooAssertion } from "./scorers/promptfoo.ts";
export type { ScorerInput } from "./scorers/scorer-input.ts";
export { type EditSimilarityOptions, editSimilarity, type SemanticSimilarityOptions, semanticSimilarity } from "./similarity.ts";
export { type ContainsOptions, contains, type RegexMatchOptions, regexMatch } from "./text-match.ts";
export { type ValidJsonOptions, validJson } from "./valid-json.ts";
export { type RubricItem, rubric, type WeightedGuide, weighted } from "./weighted.ts";
