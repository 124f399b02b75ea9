/**
 * The contract of searches: a policy decides, the engine does the work, the archive remembers.
 *
 * A search improves candidates in iterations. In each one the engine hands the policy a `Step`; the policy chooses parents, asks for
 * proposals, has candidates scored, and returns the candidate that the agent holds from then on. Everything else is the engine's:
 * the batch, the pool, pruning, overlap, budgets, the journal, and resume. Everything measured is in the archive.
 *
 * `docs/searches.md` walks through writing a policy.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { ObjectiveConfig } from "../data/objectives.ts";
import type { Random } from "../data/random.ts";
import type { Scores } from "../data/scores.ts";
import type { Domain } from "../graph/domain.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { HistoryView } from "../optimizers/optimizer.ts";
import type { WorkedExample } from "./demonstrations.ts";

/** A candidate that was tried. Equal values are one entry, however often they are proposed. */
export interface Entry {
  /** The logical position of its proposal, such as `iteration/3/proposal/2`; `"start"` for the values at the start of the run. */
  readonly id: string;
  /** A value for every parameter of the agent, by path. Frozen. */
  readonly values: Candidate;
  /** The ids of the candidates it was made from; empty for the start. */
  readonly parents: readonly string[];
  /** What made it: the name of an optimizer, or what the policy calls it, such as `"merge"`. */
  readonly origin: string;
  /** Why it was proposed, in the words of the optimizer's model, at most 500 characters; missing where it did not say. */
  readonly reasoning?: string;
}

/** One rollout that counted. */
export interface Trial {
  /** Every metric by name; `score` is the guide's own. `null`: it could not be scored, or it failed and there is no `minScore`. */
  readonly scores: Scores | null;
  /** Whether the agent threw. Such a trial counts as the lowest score. */
  readonly failed: boolean;
  readonly error?: string;
}

/** The datasets of a search. The test dataset is not among them: no decision may depend on it. */
export type SearchDataset = "train" | "validate";

/** Some examples of one dataset. Trials are kept by dataset and example, so samples may overlap at no cost. */
export interface Sample {
  readonly dataset: SearchDataset;
  /** Indices of the examples, each at most once. */
  readonly examples: readonly number[];
  /** Rollouts for each example, at least 1. @default 1 */
  readonly samples?: number;
}

/** All candidates, with everything that was measured about them. Append-only; a policy can only read it. */
export interface Archive {
  /** How candidates are compared. */
  readonly objective: ObjectiveConfig;
  /** In logical order of their proposal. */
  readonly entries: readonly Entry[];
  /** @throws InvalidArgumentError when there is no entry of this id */
  get(id: string): Entry;
  /** The entry with these values. @param values a value for every parameter */
  find(values: Candidate): Entry | undefined;
  /** The trials of an entry: a list for each example of the sample, in the order of the sample; empty for an example without trials. */
  trials(entry: Entry, on: Sample): readonly (readonly Trial[])[];
  /** The examples of a dataset that any candidate was run on, in order. */
  measured(dataset: SearchDataset): readonly number[];
  /** How many rollouts of an entry have counted, on both datasets. */
  count(entry: Entry): number;
  /**
   * The mean of every metric. Each example counts once, and failed trials count as the lowest score; trials that could not be scored
   * are left out.
   *
   * @param on @default everything measured
   * @returns `null` when nothing was scored, or nothing by a metric that the objective names
   */
  mean(entry: Entry, on?: Sample): Scores | null;
  /**
   * `mean` when trials that could not be scored count as failed, too: what candidates are ranked by, so that none gains by what it leaves unscored.
   *
   * @param on @default everything measured
   */
  sureMean(entry: Entry, on?: Sample): SureMean;
  /**
   * One number for each entry, by the objective; entries that violate a constraint have lower numbers than all others. The first entry
   * is the one that the others have to beat: examples on which it could not be scored are left out for all entries, and examples on
   * which another entry could not be scored count as failed for that entry.
   *
   * @returns `null` for an entry that was not run on all of the examples, or scored on less than 80% of them
   */
  compare(entries: readonly Entry[], on: Sample): readonly (number | null)[];
  /** The best `count` entries by the objective, best first, of those that `compare` has a number for. Ties go to the earlier in the list. */
  top(entries: readonly Entry[], count: number, on: Sample): readonly Entry[];
  /**
   * The entries that are best on at least one example, with the number of such examples. Under a `pareto` objective, an entry is best on
   * an example if no other entry beats it there in every metric. Constraints are ignored, because they are about means. On an example,
   * only entries with a trial there take part.
   */
  front(on: Sample): ReadonlyMap<Entry, number>;
  /** The entry, its first parent, the first parent of that, … up to the start. */
  lineage(entry: Entry): readonly Entry[];
}

/** A mean that holds whatever could not be scored. */
export interface SureMean {
  /** As `mean`; `null` when nothing was scored, or nothing by a metric that the objective names. */
  readonly means: Scores | null;
  /** Whether at least 80% of the examples that were tried were scored or have failed. */
  readonly isCovered: boolean;
}

/** Which candidates need not be scored to the end: those that cannot be among the best `keep`. */
export interface Drop {
  /** At least 1. */
  readonly keep: number;
  /** Also drops candidates that are probably not among the best: the probability of dropping one of the best, above 0 and below 1. @default none */
  readonly errorProbability?: number | undefined;
}

/** Options of `propose`. */
export interface ProposeOptions {
  /** Proposals from each parent, at least 1. @default 1 */
  readonly count?: number | undefined;
  /** The examples whose feedback the optimizer receives. @default the batch */
  readonly on?: Sample | undefined;
  /** Paths of the trainable parameters that may change. @default all of them */
  readonly parameters?: readonly string[] | undefined;
  /** Further candidates that each proposal may take from, for merges: they are parents, too. @default none */
  readonly others?: readonly Entry[] | undefined;
  /** Further text for the optimizer; a list has one for each proposal from a parent, and starts over where it is shorter. @default none */
  readonly advice?: string | readonly string[] | undefined;
  /** The name of the optimizer, if the run has several. @default the first */
  readonly optimizer?: string | undefined;
  /** What the proposals are called, such as `"merge"` or `"fresh"`. @default the name of the optimizer */
  readonly origin?: string | undefined;
}

/** What a parameter may be. */
export interface ParameterRules {
  /** The values that it may take, where it declares them. */
  readonly domain: Domain | undefined;
  /** The objections to a value, as text; empty when it may be tried. */
  problems(value: JsonValue): readonly string[];
}

/** An example of the data. Not to be changed. */
export interface SearchExample {
  readonly input: unknown;
  /** What the guide knows of it, such as the right answer. */
  readonly info: unknown;
}

/** What a rollout with feedback returned. */
export interface ForwardOutput<Output = unknown> {
  readonly entry: Entry;
  readonly example: number;
  readonly output: Output;
}

/**
 * One iteration as a policy sees it. Its verbs take lists and register their results in logical order, so a policy never sees
 * timing. Await each verb before the next.
 */
export interface Step<Output = unknown> {
  /** Counted from 1. */
  readonly iteration: number;
  readonly archive: Archive;
  /** The candidate that the agent holds. */
  readonly current: Entry;
  /** The loader's next examples. */
  readonly batch: Sample;
  /** All of the validation dataset. */
  readonly validation: Sample;
  readonly objective: ObjectiveConfig;
  /** The lowest and the highest score that the training guide can give, where it declares them. */
  readonly scoreRange: readonly [lowest: number, highest: number] | undefined;
  /** The archive as the optimizer reads it: by the optimizer's names, with scores over the examples of the current candidate. */
  readonly history: HistoryView;
  /** Paths of the trainable parameters. */
  readonly parameters: readonly string[];
  /** The random stream of this iteration; the same in every process. */
  readonly random: Random;
  /** The examples of a sample, in its order. */
  data(on: Sample): readonly SearchExample[];
  /** What a trainable parameter may be. @throws InvalidArgumentError for a path that is none of `parameters` */
  rulesOf(path: string): ParameterRules;
  /** Paths of the trainable parameters that the feedback on some rollouts is about; all of them for an optimizer that reads no feedback. */
  reached(outputs: readonly ForwardOutput<Output>[]): readonly string[];
  /**
   * What the operations that read a parameter were given in a rollout, and what they made of it, as the trace has it. Empty for a rollout that
   * failed, and where a training algorithm of your own returns other outputs than `standardOptimizationStep`.
   */
  workedExamples(output: ForwardOutput<Output>, path: string): readonly WorkedExample[];
  /**
   * Rollouts with feedback, whose scores also go to the archive. Rollouts that could not be scored are left out.
   *
   * @param on @default the batch
   * @throws InvalidArgumentError like every verb: for entries of another archive, for examples that the dataset does not have, and when it
   * is called before the previous verb has finished
   */
  forward(parents: readonly Entry[], on?: Sample): Promise<readonly ForwardOutput<Output>[]>;
  /**
   * `forward` of every parent, then `count` proposals from each. A proposal that changes nothing, or that failed, is its parent.
   *
   * @returns in order of the parents, `count` for each
   * @throws InfrastructureError when none of several proposals could be made, or the optimizer's model returned no usable answer in
   * several steps in a row
   */
  propose(parents: readonly Entry[], options?: ProposeOptions): Promise<readonly Entry[]>;
  /** Adds a candidate that no optimizer was asked for. @param values parameters that it does not name have the first parent's values */
  add(values: Candidate, parents: readonly Entry[], origin?: string): Entry;
  /** Scores entries on those examples of the sample that they have not been scored on yet. */
  score(entries: readonly Entry[], on: Sample, drop?: Drop): Promise<void>;
}

/** The result of an iteration. */
export interface Verdict<Memo extends JsonValue = JsonValue> {
  /**
   * What the agent holds from now on. The result of the run is the best of the candidates that were current, by validation data; with
   * `keep: "last"` the last one.
   */
  readonly current: Entry;
  /** What the policy wants to remember, as plain JSON. */
  readonly memo: Memo;
  /** The train score of the iteration, for logs. @default the mean of the first candidate that was run with feedback */
  readonly score?: number | null | undefined;
}

/** The most work that one iteration asks for. Estimates are based on it. */
export interface Appetite {
  /** Candidates that are run on the batch, with feedback. Estimates assume that it is at least one, unless this is 0. */
  readonly forward: number;
  /** Proposals of the optimizer, shared equally among the candidates that are run. */
  readonly proposals: number;
  /** Whether an iteration may do with fewer rollouts with feedback than its batch has examples, or none, and without proposals. @default false */
  readonly mayRest?: boolean | undefined;
  /** Candidates that are added without the optimizer. @default 0 */
  readonly added?: number | undefined;
  readonly scored: readonly {
    readonly candidates: number;
    /** `"batch"`, `"validation"` for all of the validation data, or a number of validation examples. */
    readonly on: "batch" | "validation" | number;
    /** Rollouts for each example. @default 1 */
    readonly samples?: number | undefined;
  }[];
}

/** The decisions of a search. A policy has no state but its memo, reads no clock, and does no I/O, so a run resumes from archive and memo alone. */
export interface SearchPolicy<Memo extends JsonValue = JsonValue, Output = unknown> {
  readonly name: string;
  /** The settings that affect its decisions, as part of the run's identity. */
  readonly settings: Readonly<Record<string, JsonValue>>;
  /** The memo of the first iteration. */
  readonly start: Memo;
  /** Makes the decisions of one iteration. */
  iterate(step: Step<Output>, memo: Memo): Promise<Verdict<Memo>>;
  /** The most work that an iteration asks for. */
  appetite(): Appetite;
  /** Options of the run that suit it, where they are not given. @default those of `train` */
  readonly defaults?: SearchDefaults | undefined;
}

/** Defaults of a search for options of `train`. */
export interface SearchDefaults {
  /** Examples in a batch, at least 1; a `DataLoader` has its own. */
  readonly batchSize?: number | undefined;
  /** Iterations between evaluations, at least 1. With `stop.targetScore` or `stop.patience`, which wait for scores, it stays 1. */
  readonly evalFrequency?: number | undefined;
}
