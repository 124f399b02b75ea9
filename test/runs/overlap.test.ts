/**
 * Overlap and pruning leave no trace: journals, results and checkpoints are the same whatever the concurrency, with and without.
 *
 * @module
 */

import { hash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BasicSearchAlgorithm, MinibatchAlgorithm } from "opto/algorithms";
import type { JsonValue } from "opto/data";
import { type Candidate, model, parameter, range } from "opto/graph";
import type { Logger } from "opto/loggers";
import { type StepOptions, TPE } from "opto/optimizers";
import { runDirectory } from "opto/runs";
import { RecordingLogger } from "opto/testing";
import type { RunEvent } from "opto/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { milestone } from "../support/milestone.ts";
import { historyOf } from "./train-support.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-overlap-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A number from 0 to 1 that depends on the text alone. */
const chance = (text: string): number => hash("sha256", text, "buffer").readUInt32LE(0) / 2 ** 32;
const examples = (count: number) => Array.from({ length: count }, (_, input) => ({ input, info: 10 * input }));

interface Options {
  readonly numThreads?: number;
  readonly rollouts?: { readonly overlapEvaluation: boolean };
  readonly ensureImprovement?: boolean;
  readonly stop?: { readonly maxIterations: number };
  readonly fails?: boolean;
  /** Whether the guide declares its range. */
  readonly isRanged?: boolean;
  readonly logger?: RecordingLogger;
  readonly onRollout?: (a: number, x: number) => void;
}

/** A search for `a`, by an agent that takes its time by chance and answers by a rule; now and then it fails or the network does. */
async function searchFor(run: string, { onRollout, numThreads = 4, logger, fails = true, isRanged = true, ...options }: Options) {
  const agent = model({ a: parameter(0, { domain: range(-20, 20, { integer: true }) }) }, async ({ a }, x: number) => {
    onRollout?.(a.value, x);
    await sleep(Math.random() * 3);
    const luck = chance(`${a.value} ${x}`);
    if (fails && luck < 0.03) throw new RangeError(`no answer to ${x}`);
    if (fails && luck > 0.98) throw Object.assign(new Error("slow down"), { status: 503 });
    return a.value * x + luck;
  });
  const guide = Object.assign((_x: number, y: number, right: number) => Math.max(0, 1 - Math.abs(y - right) / (right + 1)), {
    scoreRange: isRanged ? ([0, 1] as const) : undefined,
  });
  const search = new BasicSearchAlgorithm(agent, new TPE(agent, { seed: 3 }), { numThreads, ...(logger ? { logger } : {}) });
  return search.train(guide, examples(12), {
    batchSize: 4,
    numEpochs: 2,
    numProposals: 5,
    testDataset: examples(9),
    validateDataset: examples(30),
    minScore: fails ? 0 : null,
    keeper: runDirectory({ dir: folder, id: run }),
    ...options,
  });
}

async function traceOf(run: string): Promise<{ history: string; checkpoint: unknown; best: string }> {
  const {
    savedAt: _at,
    sha256: _sum,
    spent: _spent,
    run: _run,
    ...checkpoint
  } = JSON.parse(await readFile(join(folder, run, "checkpoint.json"), "utf8"));
  const best = JSON.parse(await readFile(join(folder, run, "best.json"), "utf8"));
  const history = (await historyOf(folder, run)).map((line) => line.replace(/"numThreads":\d+/, "")).join("\n");
  return { history, checkpoint, best: JSON.stringify({ ...best, run: undefined }) };
}

describe("a search with pruning and overlap", () => {
  it.each([{ ensureImprovement: false }, { ensureImprovement: true }])(
    "has the same journal, checkpoint and result with 1, 4 and 16 rollouts at once, overlapping or not ($ensureImprovement)",
    async ({ ensureImprovement }) => {
      const {
        usage: _usage,
        run: _run,
        ...expected
      } = await searchFor("alone", {
        numThreads: 1,
        rollouts: { overlapEvaluation: false },
        ensureImprovement,
      });
      const trace = await traceOf("alone");
      expect(trace.history).toContain('"type":"candidate-dropped"');
      for (const numThreads of [1, 4, 16]) {
        for (const overlapEvaluation of [true, false]) {
          const name = `with-${numThreads}-${overlapEvaluation}`;
          const {
            usage: _u,
            run: _r,
            ...result
          } = await searchFor(name, { numThreads, rollouts: { overlapEvaluation }, ensureImprovement });
          expect(result).toEqual(expected);
          expect(await traceOf(name)).toEqual(trace);
        }
      }
    },
  );

  it("chooses what it would choose without a range", async () => {
    const chosen = async (run: string): Promise<unknown[]> =>
      (await historyOf(folder, run))
        .map((line) => JSON.parse(line) as RunEvent)
        .flatMap((event) => (event.type === "candidate-selected" ? [[event.candidate, event.score]] : []));
    // One step: what the optimizer is told of a dropped candidate is an estimate, so later proposals may be others.
    await searchFor("pruned", { fails: false, stop: { maxIterations: 1 } });
    await searchFor("whole", { fails: false, stop: { maxIterations: 1 }, isRanged: false });
    expect((await chosen("pruned")).length).toBe(1);
    expect(await chosen("pruned")).toEqual(await chosen("whole"));
  });

  it("tells live listeners of one iteration after the other", async () => {
    const logger = new RecordingLogger();
    await searchFor("told", { numThreads: 16, logger });
    const numbers = logger.events.flatMap((event) => {
      const [, number] = /^iteration\/(\d+)/.exec("position" in event ? event.position : "") ?? [];
      return number === undefined ? [] : [Number(number)];
    });
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(logger.logs.filter(({ name }) => name === "Average test score").map(({ step }) => step)).toEqual([
      0, 1, 2, 3, 4, 5, 6,
    ]);
  });
});

describe("an evaluation beside the training", () => {
  it("sees the parameters of its own iteration, and training goes on meanwhile", async () => {
    const seen: string[] = [];
    const agent = model({ a: parameter(0, { domain: range(-50, 50, { integer: true }) }) }, async ({ a }, x: number) => {
      seen.push(`${x >= 100 ? "test" : "train"} ${a.value}`);
      await sleep(x >= 100 ? 30 : 1);
      return a.value;
    });
    const trainer = new MinibatchAlgorithm(agent, new TPE(agent, { seed: 1 }), { numThreads: 3 });
    const { trainScores } = await trainer.train((_x, y: number) => y, examples(4), { testDataset: [{ input: 100, info: 0 }] });
    // The score of a batch is the value before the update.
    const values = [...trainScores, agent.a.peek()];
    expect(seen.filter((line) => line.startsWith("test")).map((line) => Number(line.slice(5)))).toEqual(values);
    expect(seen.indexOf(`train ${values[1]}`)).toBeLessThan(seen.indexOf(`test ${values[1]}`) + 2);
  });

  it("that fails ends the run as if nothing had been trained ahead of it", async () => {
    const logger = new RecordingLogger();
    const agent = model({ a: parameter(0, { domain: range(-50, 50, { integer: true }) }) }, async ({ a }, x: number) => {
      await sleep(x >= 100 ? 20 : 1);
      return a.value;
    });
    let tests = 0;
    const guide = (x: number, y: number) => {
      if (x >= 100 && ++tests === 2) throw new Error("a bug");
      return y;
    };
    const trainer = new MinibatchAlgorithm(agent, new TPE(agent, { seed: 1 }), { numThreads: 4, logger });
    const options = { testDataset: [{ input: 100, info: 0 }], keeper: runDirectory({ dir: folder, id: "broken" }) };
    await expect(trainer.train(guide, examples(6), options)).rejects.toThrow(/a bug/);
    expect(logger.events.some((event) => "iteration" in event && event.iteration > 1)).toBe(false);
    const checkpoint = JSON.parse(await readFile(join(folder, "broken", "checkpoint.json"), "utf8"));
    expect(checkpoint.iteration).toBe(0);
    expect(agent.a.peek()).toBe(0);
  });
});

/** Tests on inputs from 100 on; `testMs` says how long the n-th test takes, or what it waits for. */
function testedAgent(testMs: (test: number) => number | Promise<void>) {
  let tests = 0;
  return model({ a: parameter(0, { domain: range(-50, 50, { integer: true }) }) }, async ({ a }, x: number) => {
    const takes = x >= 100 ? testMs(++tests) : 1;
    await (typeof takes === "number" ? sleep(takes) : takes);
    return a.value;
  });
}

describe("a run that ends while iterations overlap", () => {
  const value = (_x: number, y: number) => y;
  /** Throws in the second test that is scored. */
  const failing = (onFailure: () => void = () => {}) => {
    let tests = 0;
    return (x: number, y: number) => {
      if (x >= 100 && ++tests === 2) {
        onFailure();
        throw new Error("a bug");
      }
      return y;
    };
  };
  const testDataset = [{ input: 100, info: 0 }];
  const kept = (run: string) => ({ testDataset, keeper: runDirectory({ dir: folder, id: run }) });
  const trainerOf = (testMs: (test: number) => number | Promise<void>, logger?: Logger) => {
    const agent = testedAgent(testMs);
    return new MinibatchAlgorithm(agent, new TPE(agent, { seed: 1 }), { numThreads: 4, ...(logger ? { logger } : {}) });
  };

  it("by a test that fails does not wait for a later iteration that waits for its turn", async () => {
    const run = trainerOf(() => 60).train(failing(), examples(6), { testDataset, evalFrequency: 2 });
    await expect(run).rejects.toThrow(/a bug/);
  });

  it("by a deadline does not either", async () => {
    const options = { testDataset, evalFrequency: 2, stop: { deadline: new Date(Date.now() + 300) } };
    const result = await trainerOf(() => 200).train(value, examples(6), options);
    expect(result.stopReason).toBe("deadline");
  });

  it("by a test that fails before that of the iteration before it is over keeps the latter", async () => {
    const failed = milestone();
    // The test of iteration 1 is the second to begin and the third to be scored.
    const trainer = trainerOf((test) => (test === 2 ? failed.reached : 5));
    await expect(trainer.train(failing(failed.reach), examples(6), kept("late"))).rejects.toThrow(/a bug/);
    const checkpoint = JSON.parse(await readFile(join(folder, "late", "checkpoint.json"), "utf8"));
    expect(checkpoint.iteration).toBe(1);
    expect((await historyOf(folder, "late")).at(-1)).toContain('"type":"run-end"');
  });

  it("keeps the optimizer as it was, also one whose state is what it goes on changing", async () => {
    class Diary extends TPE {
      readonly #entries: number[] = [];
      override async step(options?: StepOptions): Promise<Candidate> {
        this.#entries.push(this.#entries.length);
        return super.step(options);
      }
      override state(): JsonValue {
        return { ...(super.state() as Record<string, JsonValue>), entries: this.#entries };
      }
    }
    const agent = testedAgent(() => 60);
    const trainer = new MinibatchAlgorithm(agent, new Diary(agent, { seed: 1 }), { numThreads: 4 });
    let tests = 0;
    const guide = (x: number, y: number) => {
      if (x >= 100 && ++tests === 3) throw new Error("a bug");
      return y;
    };
    await expect(trainer.train(guide, examples(6), kept("diary"))).rejects.toThrow(/a bug/);
    const { iteration, optimizer } = JSON.parse(await readFile(join(folder, "diary", "checkpoint.json"), "utf8"));
    expect([iteration, optimizer.entries]).toEqual([1, [0]]);
  });

  it("by a failure leaves nothing in flight that a search has begun ahead of its turn", async () => {
    let inFlight = 0;
    const agent = model({ a: parameter(0, { domain: range(0, 99, { integer: true }) }) }, async ({ a }, _x: number) => {
      inFlight++;
      await sleep(a.value === 0 ? 1 : 150);
      inFlight--;
      return a.value;
    });
    let batches = 0;
    const guide = (_x: number, y: number) => {
      if (++batches === 2) throw new Error("a bug");
      return y;
    };
    const search = new BasicSearchAlgorithm(agent, new TPE(agent, { seed: 1 }), { numThreads: 16 });
    const validateGuide = Object.assign((_x: number, y: number) => (y === 0 ? 1 : 0), { scoreRange: [0, 1] as const });
    const run = search.train(guide, examples(4), { evalFrequency: 0, validateDataset: examples(8), validateGuide });
    await expect(run).rejects.toThrow(/a bug/);
    expect(inFlight).toBe(0);
  });

  it("by an abort leaves the places of work that hangs behind", async () => {
    let hangs = true;
    const agent = model({ a: parameter(0, { domain: range(0, 9, { integer: true }) }) }, async ({ a }, _x: number) => {
      if (hangs) await new Promise(() => {});
      return a.value;
    });
    const trainer = new MinibatchAlgorithm(agent, new TPE(agent, { seed: 1 }), { numThreads: 2 });
    const aborted = trainer.train(value, examples(3), { signal: AbortSignal.timeout(20) });
    await expect(aborted).rejects.toThrow(/timeout/);
    hangs = false;
    expect((await trainer.train(value, examples(3))).stopReason).toBe("completed");
  });

  it("by an abort at the end of an iteration has its end in the journal", async () => {
    const controller = new AbortController();
    const onEvent = (event: RunEvent): void => {
      if (event.type === "iteration-end") controller.abort(new Error("enough"));
    };
    const run = trainerOf(() => 30, { onEvent }).train(value, examples(6), { ...kept("aborted"), signal: controller.signal });
    await expect(run).rejects.toThrow(/enough/);
    const history = await historyOf(folder, "aborted");
    expect(history.at(-1)).toContain('"type":"run-end"');
    expect(history.filter((line) => line.includes('"type":"iteration-start"'))).toHaveLength(1);
  });
});

describe("a deterministic agent", () => {
  it("is not tested again with the parameters of the last test, also after a restart", async () => {
    const train = (deterministic: boolean, maxIterations: number, run: string) => {
      const calls: number[] = [];
      const agent = Object.assign(
        model({ a: parameter(0, { domain: range(-3, 0, { integer: true }) }) }, ({ a }, x: number) => {
          calls.push(x);
          return a.value;
        }),
        { deterministic },
      );
      const logger = new RecordingLogger();
      const trainer = new MinibatchAlgorithm(agent, new TPE(agent, { seed: 1 }), { logger });
      // 0 is best, so that every update is taken back.
      const options = { ensureImprovement: true, testDataset: [{ input: 100, info: 0 }], stop: { maxIterations } };
      const result = trainer.train((_x, y: number) => y, examples(4), {
        ...options,
        keeper: runDirectory({ dir: folder, id: run }),
      });
      return result.then(({ testScore }) => ({ testScore, logs: logger.logs, tests: calls.filter((x) => x === 100).length }));
    };
    const plain = await train(false, 4, "plain");
    expect(plain.tests).toBe(5);
    const spared = await train(true, 2, "spared");
    expect(spared.tests).toBe(1);
    const goesOn = await train(true, 4, "spared");
    expect([goesOn.tests, goesOn.testScore]).toEqual([0, plain.testScore]);
    expect([...spared.logs, ...goesOn.logs]).toEqual(plain.logs);
  });

  it("is not tested on what the search has just measured", async () => {
    let calls = 0;
    const agent = Object.assign(
      model({ a: parameter(0, { domain: range(0, 9, { integer: true }) }) }, ({ a }, x: number) => {
        calls++;
        return a.value * x;
      }),
      { deterministic: true },
    );
    const search = new BasicSearchAlgorithm(agent, new TPE(agent, { seed: 1 }));
    const dataset = examples(5);
    const guide = (_x: number, y: number) => y;
    const { testScore } = await search.train(guide, dataset, { batchSize: 5, numProposals: 1, evalFrequency: 1 });
    // First test, batch, two candidates; the second test is known.
    expect(calls).toBe(5 + 5 + 2 * 5);
    expect(testScore).toBe(2 * agent.a.peek());
  });
});

describe("ensureImprovement", () => {
  it("takes over what the validation has measured of the new values on the very examples of the batch", async () => {
    const train = async (validateDataset: { input: number; info: number }[] | null): Promise<number> => {
      let calls = 0;
      const agent = model({ a: parameter(0, { domain: range(0, 9, { integer: true }) }) }, ({ a }, x: number) => {
        calls++;
        return a.value * x;
      });
      const search = new BasicSearchAlgorithm(agent, new TPE(agent, { seed: 1 }));
      const options = { batchSize: 5, numProposals: 1, evalFrequency: 0, ensureImprovement: true, validateDataset };
      await search.train((_x, y: number) => y, examples(5), options);
      expect(agent.a.peek()).toBeGreaterThan(0);
      return calls;
    };
    expect(await train(null)).toBe(5 + 2 * 5);
    expect(await train(examples(5))).toBe(5 + 2 * 5 + 5);
  });
});

describe("a guide that breaks its own range", () => {
  it("ends the run with an error that names the example", async () => {
    const agent = model({ a: parameter(0, { domain: range(0, 9, { integer: true }) }) }, ({ a }, x: number) => a.value + x);
    const guide = Object.assign((_x: number, y: number) => y, { scoreRange: [0, 1] as const });
    const search = new BasicSearchAlgorithm(agent, new TPE(agent));
    await expect(search.train(guide, examples(4), { shuffle: false })).rejects.toThrow(/score from 0 to 1.*scoreRange.*got 2/);
    const misspelt = { racing: { errorProbability: 0.05, errorProbabilty: 0.1 } };
    await expect(search.train(guide, examples(4), misspelt)).rejects.toThrow(/Unknown option `errorProbabilty` of `racing`/);
    const unbound = search.train((_x, y: number) => y, examples(4), { racing: { errorProbability: 0.05 } });
    await expect(unbound).rejects.toThrow(/racing.*scoreRange/s);
  });
});
