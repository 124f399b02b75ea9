/**
 * The search engine: the contract of search policies, and the archive.
 *
 * @module
 */
export { type ArchiveOptions, SearchArchive } from "./archive.ts";
export type {
  Appetite,
  Archive,
  Drop,
  Entry,
  ForwardOutput,
  ProposeOptions,
  Sample,
  SearchDataset,
  SearchPolicy,
  Step,
  Trial,
  Verdict,
} from "./search.ts";
