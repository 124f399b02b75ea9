/**
 * Guides: what scores an answer and says why.
 *
 * @module
 */
export type { Feedback, FeedbackLike, ScorerResult } from "../data/feedback.ts";
export { type ExactMatchOptions, exactMatch, type Match } from "./exact-match.ts";
export { fromScorer, type Scorer, type ScorerInput } from "./from-scorer.ts";
export { Guide, type GuideContext, type GuideFunction, type GuideLike, toGuide } from "./guide.ts";
export { LLMJudge, type LLMJudgeOptions } from "./llm-judge.ts";
