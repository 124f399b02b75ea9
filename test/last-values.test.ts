/**
 * With an `evalFrequency` above 1 the values of the last iteration are judged all the same, and a run that continues after all has not looked at them.
 *
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunEvent, type SearchPolicy, train } from "opto";
import { estimateRun, MinibatchAlgorithm, PolicySearch, racingSearch } from "opto/algorithms";
import type { ObjectiveLike } from "opto/data";
import { runDirectory } from "opto/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { distance, line, points, ScriptedOptimizer, setting } from "./support/line-fitting.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-last-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Comes closer in every iteration; 2 is right. */
const closer = [0.25, 0.5, 1, 1.5, 2] as const;

interface Start {
  readonly id?: string;
  readonly maxIterations?: number;
  readonly evalFrequency?: number;
  readonly validateDataset?: ReturnType<typeof points>;
  readonly objective?: ObjectiveLike;
  readonly rollouts?: number;
  readonly batchSize?: number;
  readonly deadline?: string;
}

function start({ id, maxIterations, evalFrequency = 3, validateDataset, objective, rollouts, batchSize = 1, deadline }: Start) {
  const { agent } = line(0);
  const events: RunEvent[] = [];
  const trainer = new MinibatchAlgorithm(agent, setting(agent, ...closer), {
    logger: { onEvent: (event) => void events.push(event) },
  });
  const result = trainer.train(distance, points(5), {
    evalFrequency,
    batchSize,
    testDataset: points(4),
    ...(validateDataset && { validateDataset }),
    ...(objective === undefined ? {} : { objective }),
    ...(rollouts === undefined ? {} : { budget: { rollouts } }),
    stop: { maxIterations, ...(deadline === undefined ? {} : { deadline }) },
    keeper: id === undefined ? null : runDirectory({ dir: folder, id }),
  });
  return { result, events };
}

/** The history that counts, without moments, and without what the run planned to do. */
async function historyOf(id: string): Promise<string[]> {
  const lines = (await readFile(join(folder, id, "events.jsonl"), "utf8")).trim().split("\n");
  let events: { seq: number; line: string }[] = [];
  for (const text of lines) {
    const { seq, mark, after, time: _time, rollouts: _planned, ...event } = JSON.parse(text);
    if (mark === "run-resumed") events = events.filter((one) => one.seq <= after);
    else if (mark === undefined) events.push({ seq, line: JSON.stringify(event) });
  }
  return events.map(({ line }) => line);
}

describe("the values of the last iteration", () => {
  it.each<{ name: string; options: Start; iteration: number }>([
    { name: "at the planned end", options: {}, iteration: 5 },
    { name: "at `maxIterations`", options: { maxIterations: 4 }, iteration: 4 },
    { name: "on validation data", options: { maxIterations: 4, validateDataset: points(3) }, iteration: 4 },
    { name: "by several metrics", options: { objective: { mode: "pareto" } }, iteration: 5 },
    { name: "where nothing else was evaluated", options: { evalFrequency: 99 }, iteration: 5 },
  ])("are judged $name", async ({ options, iteration }) => {
    const { result, events } = start(options);
    const { best, parameters, report } = await result;
    expect(best).toMatchObject({ iteration, parameters: { a: closer[iteration - 1] } });
    expect(parameters).toEqual(best.parameters);
    expect(report.gain).toBeGreaterThan(0);
    const last = options.validateDataset === undefined ? "test" : "validation";
    const tasks = events.flatMap((event) => (event.type === "task-start" ? [event.position] : []));
    expect(tasks.filter((position) => position === `iteration/${iteration}/${last}`)).toHaveLength(1);
  });

  it("are not evaluated again where they were before", async () => {
    const { agent } = line(0);
    const tasks: string[] = [];
    const onEvent = (event: RunEvent): void => {
      if (event.type === "task-start") tasks.push(event.position);
    };
    // Nothing changes after the second iteration.
    const trainer = new MinibatchAlgorithm(agent, setting(agent, 1, 2), { logger: { onEvent } });
    await trainer.train(distance, points(5), { evalFrequency: 3 });
    expect(tasks.filter((position) => position.endsWith("/test"))).toEqual(["iteration/0/test", "iteration/3/test"]);
  });

  it("of a search that measures a part of the validation data are judged on all of it", async () => {
    const { agent } = line(0);
    const optimizer = new ScriptedOptimizer(agent, (position) => ({
      a: closer[Number(/iteration\/(\d+)/.exec(position)?.[1]) - 1] ?? 0,
    }));
    const policy = racingSearch({
      preflight: 16,
      blockSize: 16,
      numLeaders: 1,
      specialist: false,
      mergeEvery: 0,
      screen: "none",
    });
    const { best } = await new PolicySearch(agent, optimizer, policy).train(distance, points(5), {
      validateDataset: points(32),
      batchSize: 1,
      evalFrequency: 9,
      stop: { maxIterations: 5 },
    });
    expect(best.iteration).toBe(5);
    expect(best.score).not.toBeNull();
  });
});

describe("a run that is stopped and continues", () => {
  it.each<[string, Start]>([
    ["by the score", {}],
    ["on validation data", { validateDataset: points(3) }],
    ["by several metrics", { objective: { mode: "pareto" } }],
  ])("comes to the same as one that was not (%s)", async (name, options) => {
    const id = name.replaceAll(" ", "-");
    const whole = await start({ ...options, id: `${id}-whole` }).result;
    for (const maxIterations of [1, 2, 4, undefined]) {
      const { best } = await start({ ...options, id: `${id}-cut`, ...(maxIterations === undefined ? {} : { maxIterations }) })
        .result;
      expect(best.parameters).toEqual({ a: closer[(maxIterations ?? 5) - 1] });
      const file = JSON.parse(await readFile(join(folder, `${id}-cut`, "best.json"), "utf8"));
      expect(JSON.stringify(file)).toContain(`"a":${closer[(maxIterations ?? 5) - 1]}`);
    }
    const again = await start({ ...options, id: `${id}-cut` }).result;
    const { usage: _usage, run: _run, ...expected } = whole;
    expect(again).toMatchObject(expected);
    expect(await historyOf(`${id}-cut`)).toEqual(await historyOf(`${id}-whole`));
  });

  it("is ended by a budget while there is enough left to judge it, and continues with a larger one", async () => {
    // 4 before the first iteration, 2 batches, and 4 in the end; a third batch would leave 3.
    const cut = await start({ id: "budget", evalFrequency: 99, rollouts: 10 }).result;
    expect(cut).toMatchObject({ stopReason: "budget", iterations: 2, best: { iteration: 2, parameters: { a: 0.5 } } });
    expect(cut.usage.rollouts).toBe(10);
    const whole = await start({ id: "budget", evalFrequency: 99 }).result;
    expect(whole).toMatchObject({ stopReason: "completed", best: { iteration: 5, parameters: { a: 2 } } });
  });
});

describe("a run that continues and comes to no further iteration", () => {
  // 4 on the test data and as many on validation data before the first iteration, batches of 1 or 2, and 4 in the end.
  it.each<[name: string, common: Start, last: number, first: number, then: number]>([
    ["at the same budget", {}, 2, 10, 10],
    ["where a part of an iteration could be made", { batchSize: 2 }, 1, 10, 11],
    ["by several metrics", { objective: { mode: "pareto" } }, 2, 10, 10],
    ["on validation data", { validateDataset: points(4) }, 2, 19, 19],
  ])("returns no worse values than the run before it (%s)", async (name, common, last, first, then) => {
    const id = `again-${name.replaceAll(" ", "-")}`;
    const options = { ...common, evalFrequency: 99, id };
    const values = { a: closer[last - 1] };
    const cut = await start({ ...options, maxIterations: last, rollouts: first }).result;
    expect(cut).toMatchObject({ stopReason: "max-iterations", best: { iteration: last, parameters: values } });
    // One that continues after that knows as much.
    for (const maxIterations of [undefined, last, undefined]) {
      const again = await start({ ...options, rollouts: then, ...(maxIterations && { maxIterations }) }).result;
      const { best, parameters, chosenOn, testScore, iterations, report } = again;
      expect({ best, parameters, chosenOn, testScore, iterations, gain: report.gain }).toEqual({
        best: cut.best,
        parameters: cut.parameters,
        chosenOn: cut.chosenOn,
        testScore: cut.testScore,
        iterations: last,
        gain: cut.report.gain,
      });
      expect(again.usage.rollouts).toBeLessThanOrEqual(then);
      const file = JSON.parse(await readFile(join(folder, id, "best.json"), "utf8"));
      expect(JSON.stringify(file)).toContain(`"a":${values.a}`);
    }
    const whole = await start(options).result;
    expect(whole.best.parameters).toEqual({ a: closer[whole.iterations - 1] });
    expect(whole).toMatchObject({ stopReason: "completed" });
  });

  it("after its deadline, too", async () => {
    const options = { evalFrequency: 99, id: "deadline" } as const;
    const cut = await start({ ...options, maxIterations: 2 }).result;
    const { best, stopReason } = await start({ ...options, deadline: "2000-01-01" }).result;
    expect({ best, stopReason }).toEqual({ best: cut.best, stopReason: "deadline" });
  });

  it("has never made that evaluation where an iteration follows", async () => {
    const options = { evalFrequency: 99, rollouts: 10 } as const;
    await start({ ...options, id: "further", maxIterations: 2 }).result;
    await start({ ...options, id: "further" }).result;
    const { best } = await start({ evalFrequency: 99, id: "further", maxIterations: 3 }).result;
    expect(best).toMatchObject({ iteration: 3, parameters: { a: 1 } });
    const whole = await start({ evalFrequency: 99, id: "further" }).result;
    const { usage: _usage, run: _run, ...expected } = await start({ evalFrequency: 99, id: "never-cut" }).result;
    expect(whole).toMatchObject(expected);
    expect(await historyOf("further")).toEqual(await historyOf("never-cut"));
  });
});

describe("a budget ends a search whose iterations differ in cost", () => {
  /** Every fourth iteration takes twelve rollouts, the others take one; each comes closer. */
  const uneven: SearchPolicy<null> = {
    name: "Uneven",
    settings: {},
    start: null,
    appetite: () => ({ forward: 0, proposals: 0, added: 1, scored: [{ candidates: 1, on: 12 }] }),
    async iterate(step) {
      const closest = step.add({ a: 2 - 1 / step.iteration }, [step.current], "test");
      const examples = Array.from({ length: step.iteration % 4 === 1 ? 12 : 1 }, (_, example) => example);
      await step.score([closest], { dataset: "train", examples });
      return { current: closest, memo: null };
    },
  };
  const search = (rollouts: number, id?: string, last?: number) => {
    const { agent } = line(0);
    const abort = new AbortController();
    const onEvent = (event: RunEvent): void => {
      if (event.type === "iteration-end" && event.iteration === last) abort.abort();
    };
    return new PolicySearch(agent, setting(agent), uneven, { logger: { onEvent } }).train(distance, points(30), {
      validateDataset: points(10),
      testDataset: points(1),
      evalFrequency: 99,
      budget: { rollouts },
      signal: abort.signal,
      keeper: id === undefined ? null : runDirectory({ dir: folder, id }),
    });
  };

  it("while there is enough left to judge what it has", async () => {
    for (let rollouts = 36; rollouts <= 70; rollouts++) {
      const { best, usage, iterations } = await search(rollouts);
      expect(best.iteration, `with ${rollouts} rollouts`).toBe(iterations);
      expect(iterations).toBeGreaterThan(0);
      expect(usage.rollouts).toBeLessThanOrEqual(rollouts);
    }
  });

  it("at the same point where it was cut short before", async () => {
    for (const rollouts of [46, 47, 50]) {
      const whole = await search(rollouts);
      for (const last of [1, 2, 3]) await search(rollouts, `uneven-${rollouts}`, last).catch(() => {});
      const { stopReason, iterations, best } = await search(rollouts, `uneven-${rollouts}`);
      expect({ stopReason, iterations, best }).toEqual({ stopReason: "budget", iterations: whole.iterations, best: whole.best });
    }
  });
});

describe("a race whose budget ends before its leader can be evaluated", () => {
  const race = (rollouts: number | undefined, { id, guide = distance }: { id?: string; guide?: typeof distance } = {}) => {
    const { agent } = line(0);
    const optimizer = new ScriptedOptimizer(agent, (position) => ({
      a: closer[Number(/iteration\/(\d+)/.exec(position)?.[1]) - 1] ?? 0,
    }));
    const algorithm = racingSearch({ blockSize: 16, numLeaders: 1, specialist: false, mergeEvery: 0, screen: "none" });
    return train({
      ...{ agent, optimizer, algorithm, guide, trainDataset: points(5), validateDataset: points(32), batchSize: 1 },
      evalFrequency: 99,
      ...(rollouts === undefined ? {} : { budget: { rollouts } }),
      run: id === undefined ? null : { dir: folder, id },
      logger: [],
    });
  };

  it("returns the leader, with what was measured of it, and says on how many examples that was", async () => {
    // 32 of the start, 1 with feedback and 16 of the child; 11 are left, of the 32 that an evaluation takes.
    const { best, parameters, chosenOn, report, stopReason } = await race(60);
    expect(best).toEqual({ iteration: 1, score: expect.any(Number), examples: 16, parameters: { a: 0.25 } });
    expect({ parameters, stopReason }).toEqual({ parameters: { a: 0.25 }, stopReason: "budget" });
    expect(chosenOn).toEqual({ dataset: "validation", examples: 16 });
    expect(report).toMatchObject({ dataset: "validation", examples: 16, isChosenOn: true, confirmed: false });
    expect(report.gain).toBeGreaterThan(0);
    expect(report.text).toContain("on 16 of 32 validation examples. The best values were chosen on these");
  });

  it("does so wherever the budget ends after the first iteration", async () => {
    for (let rollouts = 49; rollouts <= 120; rollouts += 6) {
      const { best, iterations } = await race(rollouts);
      expect(best.iteration, `with ${rollouts} rollouts`).toBe(iterations);
    }
  });

  it("keeps the start where the search has measured nothing better", async () => {
    const { best, chosenOn } = await race(60, {
      guide: (...answered) => ({ ...distance(...answered), score: -(distance(...answered).score ?? 0) }),
    });
    expect(best).toMatchObject({ iteration: 0, parameters: { a: 0 } });
    expect(best.examples).toBeUndefined();
    expect(chosenOn.examples).toBe(32);
  });

  it("has never returned it where it continues", async () => {
    const cut = await race(60, { id: "race" });
    const file = JSON.parse(await readFile(join(folder, "race", "best.json"), "utf8"));
    expect(JSON.stringify(file)).toContain(`"a":${cut.parameters.a}`);
    const again = await race(60, { id: "race" });
    expect({ best: again.best, report: again.report.gain }).toEqual({ best: cut.best, report: cut.report.gain });
    await race(undefined, { id: "race" });
    const { usage: _usage, run: _run, ...expected } = await race(undefined, { id: "race-whole" });
    expect(await race(undefined, { id: "race" })).toMatchObject(expected);
    expect(await historyOf("race")).toEqual(await historyOf("race-whole"));
  });
});

it.each([1, 2, 3, 4, 5, 6])("an estimate counts the last evaluation (evalFrequency %d)", async (evalFrequency) => {
  const options = () => {
    const { agent } = line(0);
    const data = { trainDataset: points(5), validateDataset: points(3), testDataset: points(4) };
    return {
      agent,
      ...data,
      guide: distance,
      optimizer: setting(agent, ...closer),
      algorithm: "MinibatchAlgorithm",
      evalFrequency,
    } as const;
  };
  const { work } = await estimateRun(options());
  const counts = { validation: 0, test: 0 };
  const onEvent = (event: RunEvent): void => {
    const [, kind] = (event.type === "rollout-end" && /\/(validation|test)\//.exec(event.position)) || [];
    if (kind !== undefined) counts[kind as keyof typeof counts]++;
  };
  await train({ ...options(), logger: { onEvent }, run: null });
  expect(counts.validation).toBe(work.validation.max);
  expect(counts.test).toBeLessThanOrEqual(work.test.max);
});
