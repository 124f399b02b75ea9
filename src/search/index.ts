/**
 * The search engine: the contract of search policies, and the archive.
 *
 * @module
 */
export { type ArchiveOptions, SearchArchive } from "./archive.ts";
export type { WorkedExample } from "./demonstrations.ts";
export type {
  Appetite,
  Archive,
  Drop,
  Entry,
  ForwardOutput,
  ParameterRules,
  ProposeOptions,
  Sample,
  SearchDataset,
  SearchDefaults,
  SearchExample,
  SearchPolicy,
  Step,
  SureMean,
  Trial,
  Verdict,
} from "./search.ts";
