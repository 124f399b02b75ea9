/**
 * Every search policy by its name. Another search is one more file, and one more line here.
 *
 * @module
 */
export { type AcePlaybookOptions, acePlaybook } from "./ace-playbook.ts";
export { type BestOfNOptions, bestOfN, sequentialRefinement } from "./baselines.ts";
export { type BeamSearchOptions, beamSearch, beamSearchWithHistory } from "./beam-search.ts";
export { type BestOfOptions, bestOf } from "./best-of.ts";
export { type BootstrapFewShotOptions, bootstrapFewShot } from "./bootstrap-few-shot.ts";
export { type CoproOptions, copro } from "./copro.ts";
export { type FeedbackDescentOptions, feedbackDescent } from "./feedback-descent.ts";
export { type GepaOptions, gepa } from "./gepa.ts";
export { type MapElitesOptions, mapElites } from "./map-elites.ts";
export { type MiproOptions, mipro } from "./mipro.ts";
export { type ParetoSearchOptions, paretoSearch } from "./pareto-search.ts";
export { type PolcaOptions, polca } from "./polca.ts";
export { type PrioritySearchOptions, prioritySearch, sequentialSearch, sequentialUpdate } from "./priority-search.ts";
export { type ProTeGiOptions, proTeGi } from "./pro-te-gi.ts";
export { type RacingSearchOptions, racingSearch } from "./racing-search.ts";
export { type SimbaOptions, simba } from "./simba.ts";
export { type SkillPatchesOptions, skillPatches } from "./skill-patches.ts";
export { type StreamingSearchOptions, streamingSearch } from "./streaming-search.ts";
export { type UCBSearchOptions, ucbSearch } from "./ucb-search.ts";
