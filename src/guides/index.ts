/**
 * Guides: what scores an answer and says why.
 *
 * @module
 */
export type { Feedback, FeedbackLike, ScorerResult } from "../data/feedback.ts";
export { type CascadeOptions, cascade } from "./cascade.ts";
export { type ContainsOptions, contains } from "./contains.ts";
export { type EditSimilarityOptions, editSimilarity } from "./edit-similarity.ts";
export { type ExactMatchOptions, exactMatch, type Match } from "./exact-match.ts";
export { type FromScorerOptions, fromScorer, type Scorer } from "./from-scorer.ts";
export { Guide, type GuideContext, type GuideFunction, type GuideLike, toGuide } from "./guide.ts";
export { type JudgeExample, LLMJudge, type LLMJudgeOptions } from "./llm-judge.ts";
export { type NumericMatchOptions, numericMatch } from "./numeric-match.ts";
export { type OverlapMeasure, type OverlapOptions, overlap } from "./overlap.ts";
export { type PairwisePreferenceOptions, pairwisePreference } from "./pairwise-preference.ts";
export { type PanelOptions, panel } from "./panel.ts";
export type { ReferenceOptions, TextOptions } from "./reference.ts";
export { type RegexMatchOptions, regexMatch } from "./regex-match.ts";
export { type RubricItem, rubric } from "./rubric.ts";
export type { PromptfooAssertion } from "./scorers/promptfoo.ts";
export type { ScorerInput } from "./scorers/scorer-input.ts";
export { type SemanticSimilarityOptions, semanticSimilarity } from "./semantic-similarity.ts";
export { type ValidJsonOptions, validJson } from "./valid-json.ts";
export { type WeightedGuide, weighted } from "./weighted.ts";
