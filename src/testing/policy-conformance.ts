/**
 * What every search policy must hold to, as cases for any test runner.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PolicySearch, type SearchTrainOptions } from "../algorithms/policy-search.ts";
import { canonicalJson } from "../data/json.ts";
import { objective } from "../data/objectives.ts";
import type { Candidate } from "../graph/with-values.ts";
import { runDirectory } from "../runs/run-directory.ts";
import { SearchArchive } from "../search/archive.ts";
import { trialsOf } from "../search/measured-event.ts";
import type { Appetite, SearchPolicy } from "../search/search.ts";
import type { TrainResult } from "../search/train-result.ts";
import { isMark, type RunEvent } from "../trainer/events.ts";
import {
  type ConformanceOptions,
  closeness,
  examples,
  isFaulty,
  lineAgent,
  type Trouble,
  WalkOptimizer,
} from "./conformance-world.ts";

export type { ConformanceOptions };

/** One thing that is checked. */
export interface ConformanceCase {
  readonly name: string;
  /** @throws an assertion error when the policy does not hold to it */
  readonly run: () => Promise<void>;
}

interface Ran {
  readonly events: readonly RunEvent[];
  readonly result: TrainResult | undefined;
  readonly error: unknown;
}

const [numIterations, batchSize] = [4, 3];
const numExamples = examples.length;

/**
 * The cases for one policy. Each runs it with an agent, a guide, and an optimizer of its own, without a language model.
 *
 * @param make makes the policy; called once for each run
 * @param world what the agent of the cases is like
 * @example
 * describe("my search", () => {
 *   for (const { name, run } of policyConformance(() => mySearch({ width: 2 }))) it(name, run);
 * });
 */
export function policyConformance(make: () => SearchPolicy, world: ConformanceOptions = {}): ConformanceCase[] {
  const objectives = { mode: "pareto", paretoMetrics: ["score", "size"], minimize: ["size"] } as const;
  const measured = async (ran: Promise<Ran>): Promise<void> => assertMeasuredOnce((await ran).events);
  let first: Promise<Ran> | undefined;
  const undisturbed = (): Promise<Ran> => {
    first ??= runOnce(make(), world, { numThreads: 4 });
    return first;
  };
  const same = (trouble: Trouble, options?: SearchTrainOptions): Promise<Ran> => {
    return withAnySlots(make, { ...world, ...trouble }, options);
  };
  return [
    { name: "decides the same with 1 and with 16 slots", run: async () => ends(await same({})) },
    { name: "measures nothing twice", run: () => measured(undisturbed()) },
    {
      name: "asks for no more than its appetite says",
      run: async () => assertWithin(make().appetite(), (await undisturbed()).events),
    },
    { name: "decides the same with failing rollouts", run: async () => void (await same({ failures: 0.2 })) },
    { name: "continues, and decides the same, despite outages", run: () => measured(same({ outages: 0.1 })) },
    { name: "never holds a candidate with outages of its own", run: () => avoidsFaulty(make, world) },
    {
      name: "takes a Pareto objective",
      run: async () => void (await same({}, { objective: objective(objectives) })),
    },
    {
      name: "takes an objective that minimizes the score",
      run: async () => void (await same({}, { objective: objective({ minimize: ["score"] }) })),
    },
    { name: "is the same after a resume at every iteration", run: () => resumes(make, world) },
    { name: "ends when a budget is used up, and continues", run: async () => exhausts(make, world, await undisturbed()) },
    { name: "has settings, a memo, and an appetite that are plain data", run: () => isPlain(make()) },
  ];
}

/** Runs the policy with 1 and with 16 slots, which must make no difference. */
async function withAnySlots(make: () => SearchPolicy, trouble: Trouble, options: SearchTrainOptions = {}): Promise<Ran> {
  const one = await runOnce(make(), trouble, { ...options, numThreads: 1 });
  const many = await runOnce(make(), trouble, { ...options, numThreads: 16 });
  assertSame(many, one, "with 16 slots as with 1");
  return one;
}

function ends({ result }: Ran): void {
  assert.equal(result?.stopReason, "max-iterations");
}

/** What candidates leave unscored by their own doing does not help them. */
async function avoidsFaulty(make: () => SearchPolicy, world: ConformanceOptions): Promise<void> {
  const faulty = 0.5;
  const policy = make();
  const held: Candidate[] = [];
  const watched: SearchPolicy = {
    name: policy.name,
    settings: policy.settings,
    start: policy.start,
    appetite: () => policy.appetite(),
    iterate: async (step, memo) => {
      const verdict = await policy.iterate(step, memo);
      held.push(verdict.current.values);
      return verdict;
    },
  };
  const { result, error } = await runOnce(watched, { ...world, faulty }, { numThreads: 4 });
  if (error !== undefined) throw error;
  for (const values of [...held, result?.best.parameters ?? {}]) {
    assert.ok(
      !isFaulty(values, faulty),
      `it holds ${JSON.stringify(values)}, of which 1 of ${numExamples} examples could be scored`,
    );
  }
}

async function isPlain({ settings, start, appetite }: SearchPolicy): Promise<void> {
  assert.deepEqual(JSON.parse(JSON.stringify({ settings, start })), { settings, start });
  const { forward, proposals, scored } = appetite();
  for (const count of [forward, proposals, ...scored.map(({ candidates }) => candidates)]) assert.ok(count >= 0);
}

/** Is stopped after every iteration but the last, and resumed each time. */
async function resumes(make: () => SearchPolicy, world: ConformanceOptions): Promise<void> {
  const trouble = { ...world, failures: 0.1 };
  const undisturbed = await runOnce(make(), trouble, { numThreads: 4 });
  await inFolder(async (runDir) => {
    const keeper = () => runDirectory({ dir: runDir, id: "conformance" });
    const parts: Ran[] = [];
    for (let last = 1; last < numIterations; last++) {
      const stop = new AbortController();
      const stopAfter = (event: RunEvent): void => {
        if (event.type === "iteration-end" && event.iteration === last) stop.abort(new Error("stopped for the test"));
      };
      const part = await runOnce(make(), trouble, { numThreads: 4, keeper: keeper(), signal: stop.signal }, stopAfter);
      assert.equal((part.error as Error | undefined)?.message, "stopped for the test");
      parts.push(part);
    }
    const after = await runOnce(make(), trouble, { numThreads: 4, keeper: keeper() });
    assertContinued(parts, after, undisturbed, "after a resume at every iteration");
  });
}

async function exhausts(make: () => SearchPolicy, world: ConformanceOptions, undisturbed: Ran): Promise<void> {
  const rollouts = Math.ceil((undisturbed.result?.usage.rollouts ?? 0) / 2);
  await inFolder(async (runDir) => {
    const run = () => runDirectory({ dir: runDir, id: "conformance" });
    const ended = await runOnce(make(), world, { numThreads: 1, keeper: run(), budget: { rollouts } });
    assert.equal(ended.result?.stopReason, "budget");
    const after = await runOnce(make(), world, { numThreads: 4, keeper: run() });
    assertContinued([ended], after, undisturbed, "when it continues after a budget");
  });
}

async function runOnce(
  policy: SearchPolicy,
  trouble: Trouble,
  options: SearchTrainOptions,
  listen: (event: RunEvent) => void = () => {},
): Promise<Ran> {
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent): void => {
    if (!isMark(event.type)) events.push(event);
    listen(event);
  };
  const agent = lineAgent(trouble);
  const logger = { order: "logical" as const, onEvent };
  const search = new PolicySearch<number, number, number>(agent, new WalkOptimizer(agent), policy, { logger });
  const settings = { batchSize, numEpochs: 9, stop: { maxIterations: numIterations }, evalFrequency: 0, shuffle: true, seed: 1 };
  try {
    const result = await search.train(closeness, examples, { ...settings, ...(options as object) });
    return { events, result, error: undefined };
  } catch (error) {
    return { events, result: undefined, error };
  }
}

function assertSame(one: Ran, other: Ran, when: string): void {
  assert.deepEqual(comparable(one.events), comparable(other.events), `the events are not the same ${when}`);
  assertSameResult(one, other, when);
}

function assertSameResult(one: Ran, other: Ran, when: string): void {
  if (one.error !== undefined) throw one.error;
  const told = ({ result }: Ran) => result && { best: result.best, parameters: result.parameters, iterations: result.iterations };
  assert.deepEqual(told(one), told(other), `the result is not the same ${when}`);
}

/** The same result, from the same archive. */
function assertContinued(before: readonly Ran[], after: Ran, undisturbed: Ran, when: string): void {
  assertSameResult(after, undisturbed, when);
  const events = [...before.flatMap(keptOf), ...after.events];
  assert.deepEqual(archiveOf(events), archiveOf(undisturbed.events), `the archive is not the same ${when}`);
}

/** The events that a run which was cut short leaves to the one that continues it. */
function keptOf({ events }: Ran): readonly RunEvent[] {
  const ends = events.findLastIndex(({ type }) => type === "iteration-end");
  // What precedes the first iteration is kept also where that one was not completed.
  const last = Math.max(ends, events.findIndex(({ type }) => type === "iteration-start") - 1);
  return events.slice(0, last + 1);
}

/** Every candidate with what was measured of it. */
function archiveOf(events: readonly RunEvent[]): unknown {
  const archive = new SearchArchive();
  for (const event of events) archive.fold(event);
  const all = examples.map((_, example) => example);
  return archive.entries.map((entry) => ({
    ...entry,
    train: archive.trials(entry, { dataset: "train", examples: all }),
    validate: archive.trials(entry, { dataset: "validate", examples: all }),
  }));
}

/** No iteration asks for more than the appetite that estimates are made from. */
function assertWithin({ forward, proposals, added = 0, scored }: Appetite, events: readonly RunEvent[]): void {
  const sizes = { batch: batchSize, validation: numExamples };
  const most: Record<string, number> = {
    "rollouts with feedback": forward * batchSize,
    "rollouts that score": scored.reduce((sum, { candidates, on, samples = 1 }) => {
      return sum + candidates * samples * (typeof on === "number" ? on : sizes[on]);
    }, 0),
    proposals,
    // A policy names what it adds, and may name what it has proposed.
    candidates: proposals + added,
  };
  const counts = new Map<string, number>();
  for (const event of events) {
    for (const kind of kindsOf(event)) {
      const key = `${iterationOf(event)}, ${kind}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      assert.ok((counts.get(key) as number) <= (most[kind] as number), `${key}: more than the ${most[kind]} of the appetite`);
    }
  }
}

/** What work an event reports. */
function kindsOf(event: RunEvent): readonly string[] {
  if (event.type === "candidate-proposed")
    return event.origin === WalkOptimizer.name ? ["proposals", "candidates"] : ["candidates"];
  if (event.type !== "rollout-end") return [];
  const kind = /^iteration\/\d+\/(forward|score|validate)\b/.exec(event.position)?.[1];
  if (kind === undefined) return [];
  return [kind === "forward" ? "rollouts with feedback" : "rollouts that score"];
}

function iterationOf(event: RunEvent): string {
  return /^iteration\/\d+/.exec("position" in event ? event.position : "")?.[0] ?? "";
}

/** Events without what may differ: how many slots there are. */
function comparable(events: readonly RunEvent[]): unknown[] {
  return events.map((event) => (event.type === "run-start" ? { ...event, numThreads: 0 } : event));
}

/** No rollout that was scored, or failed, is made again. */
function assertMeasuredOnce(events: readonly RunEvent[]): void {
  const archive = new SearchArchive();
  const seen = new Set<string>();
  for (const event of events) {
    archive.fold(event);
    if (event.type !== "candidate-measured") continue;
    for (const { example, sample, scores, failed } of trialsOf(event)) {
      if (scores === null && !failed) continue;
      const rollout = canonicalJson([event.candidate, event.dataset, example, sample]);
      assert.ok(!seen.has(rollout), `${rollout} was measured twice`);
      seen.add(rollout);
    }
  }
  const values = archive.entries.map((entry) => canonicalJson(entry.values));
  assert.equal(new Set(values).size, values.length, "equal values are one entry");
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "opto-conformance-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
