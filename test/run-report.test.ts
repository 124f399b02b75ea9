/**
 * What a run reports of its gain: in its result, its journal, its console and `opto show`, on which data, and what it costs.
 *
 * @module
 */
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import {
  BasicSearchAlgorithm,
  ConsoleLogger,
  exactMatch,
  MinibatchAlgorithm,
  model,
  parameter,
  type RunEvent,
  train,
} from "opto";
import { racingSearch } from "opto/algorithms";
import { afterAll, describe, expect, it } from "vitest";
import { CliProjects, opto } from "./support/cli-project.ts";
import { distance, line, points, proposing, setting } from "./support/line-fitting.ts";

const projects = new CliProjects();
afterAll(() => projects.remove());

const quiet = { logger: [], run: null } as const;

/** Answers rightly on the inputs below its level; on those of `lost` it is not scored. */
function levelled(start = 0, lost: (level: number, x: number) => boolean = () => false) {
  const agent = model({ a: parameter(start) }, ({ a }, x: number) => {
    if (lost(a.value, x)) throw Object.assign(new Error("slow down"), { statusCode: 429 });
    return x < a.value ? "yes" : "no";
  });
  return agent;
}

function asked(count: number, from = 0) {
  return Array.from({ length: count }, (_, index) => ({ input: from + index, info: "yes" }));
}

const guide = exactMatch();

describe("the report of a run", () => {
  // Levels of 10 and 25 are right on that many of 40.
  const data = {
    trainDataset: asked(4),
    validateDataset: asked(40),
    testDataset: asked(40).map(({ input }) => ({ input: input + 0.5, info: "yes" })),
    algorithm: "BasicSearchAlgorithm",
  } as const;

  it("says by how much the best values are better than the start, on held-out examples", async () => {
    const agent = levelled(10);
    const result = await train({
      ...quiet,
      ...data,
      agent,
      guide,
      optimizer: setting(agent as never, 25, 20),
      numEpochs: 2,
      batchSize: 4,
    });
    expect(result.best.parameters).toEqual({ a: 25 });
    expect(result.report).toEqual({
      text: expect.stringMatching(/^\+37\.5 points \(95% interval 2\d\.\d to 5\d\.\d\) on 40 held-out examples$/),
      gain: 0.375,
      interval: [expect.closeTo(0.22, 1), expect.closeTo(0.53, 1)],
      pValue: expect.closeTo(2 / 2 ** 15, 12),
      examples: 40,
      dataset: "test",
      isChosenOn: false,
      confirmed: true,
    });
  });

  it.each([
    [
      "a gain that chance explains",
      10,
      14,
      /^No evidence of improvement: \+10\.0 points \(95% interval 0\.0 to 2\d\.\d\) on 40 held-out examples$/,
    ],
    [
      "values that are worse elsewhere",
      25,
      26,
      /^The best values are worse than those of the start: -62\.5 points \(95% interval .*\) on 40 held-out/,
    ],
  ])("claims nothing of %s", async (_, start, best, text) => {
    const agent = levelled(start, () => false);
    // On the test dataset a level of 26 is right about nothing.
    const testDataset = best === 26 ? data.testDataset.map((example) => ({ ...example, info: "yes" })) : data.testDataset;
    const strict =
      best === 26
        ? Object.assign((x: number, y: string) => Number(y === "yes" && !(x % 1 > 0 && agent.a.value === 26)), {
            scoreRange: [0, 1] as const,
          })
        : guide;
    const { report } = await train({
      ...quiet,
      ...data,
      testDataset,
      agent,
      guide: strict,
      optimizer: setting(agent as never, best),
      batchSize: 4,
    });
    expect(report.text).toMatch(text);
    expect(report.confirmed).toBe(false);
  });

  it("says so when nothing was better than the start", async () => {
    const agent = levelled(10);
    const { report } = await train({ ...quiet, ...data, agent, guide, optimizer: setting(agent as never, 5), batchSize: 4 });
    expect(report).toMatchObject({
      text: "No evidence of improvement: no other values were better than those of the start on the validation examples",
      gain: 0,
      confirmed: false,
      dataset: "validation",
    });
  });

  it("compares with nothing where nothing was proposed, or none of it was measured", async () => {
    const reportOf = async (values: readonly number[], budget?: { readonly rollouts: number }) => {
      const agent = levelled(10);
      const optimizer = setting(agent as never, ...values);
      return (await train({ ...quiet, ...data, agent, guide, optimizer, batchSize: 4, budget })).report.text;
    };
    expect(await reportOf([10])).toBe("No evidence of improvement: no other values were proposed");
    expect(await reportOf([25], { rollouts: 84 })).toBe(
      "No evidence of improvement: no other values were measured on the validation examples",
    );
  });

  it.each([2, 3])("is about the values of the last iteration, too, with an evalFrequency of %d", async (evalFrequency) => {
    const agent = levelled(10);
    const { validateDataset } = data;
    const options = { ...quiet, validateDataset, trainDataset: asked(3), guide, batchSize: 1, numEpochs: 1, evalFrequency };
    const optimizer = setting(agent as never, 5, 5, 25);
    const { report } = await train({ ...options, agent, optimizer, algorithm: "MinibatchAlgorithm" });
    expect(report.text).toMatch(/^\+37\.5 points /);
  });

  it("calls a gain on the data that the values were chosen on what it is", async () => {
    const agent = levelled(10);
    const { testDataset: _, ...rest } = data;
    const { report } = await train({
      ...quiet,
      ...rest,
      agent,
      guide,
      optimizer: setting(agent as never, 25),
      batchSize: 4,
    });
    expect(report).toMatchObject({ dataset: "validation", isChosenOn: true, confirmed: false, gain: 0.375, examples: 40 });
    expect(report.text).toMatch(
      /^\+37\.5 points \(.*\) on 40 validation examples\. The best values were chosen on these, so the gain is likely to be overstated; a testDataset of about 20 examples would show by how much$/,
    );
  });

  it("names the part that was set aside as `chosenOn` does", async () => {
    const agent = levelled(3);
    const result = await train({
      ...quiet,
      trainDataset: asked(40),
      agent,
      guide,
      optimizer: setting(agent as never, 38),
      stop: { maxIterations: 1 },
    });
    expect([result.chosenOn.dataset, result.report.dataset]).toEqual(["split", "split"]);
  });

  it("says that a run which ended at its target has looked", async () => {
    const agent = levelled(10);
    const stop = { targetScore: 0.6 };
    const { report, stopReason } = await train({
      ...quiet,
      ...data,
      agent,
      guide,
      optimizer: setting(agent as never, 25),
      batchSize: 4,
      stop,
    });
    expect(stopReason).toBe("target-score");
    expect(report).toMatchObject({ dataset: "test", isChosenOn: true, confirmed: false });
    expect(report.text).toContain(
      "`stop.targetScore` ended the run by its score on these, so the gain is likely to be overstated",
    );
  });

  it("names the scale and its meaning where it is another one", async () => {
    const { agent } = line(0);
    const stars = Object.assign((_x: number, y: number, right: number) => 10 - Math.min(10, Math.abs(y - right)), {
      scoreRange: [0, 10] as const,
      meaning: "closeness to the right number",
    });
    const options = {
      ...quiet,
      trainDataset: points(12),
      testDataset: points(20).map(({ input }) => ({ input: input - 0.5, info: 2 * input - 1 })),
      agent,
      guide: stars,
      optimizer: setting(agent, 1),
      batchSize: 12,
    };
    const { report } = await train(options);
    expect(report.text).toMatch(
      /^\+\d\.\d+ on a scale from 0 to 10 \(closeness to the right number\) \(95% interval .*\) on 20 held-out examples$/,
    );
  });

  it("leaves out test examples that the run has learned or chosen from, and says so", async () => {
    const report = async (testDataset: ReturnType<typeof asked>) => {
      const agent = levelled(10);
      const datasets = { ...data, testDataset };
      return (await train({ ...quiet, ...datasets, agent, guide, optimizer: setting(agent as never, 25), batchSize: 4 })).report;
    };
    const some = await report([...asked(5), ...data.testDataset]);
    expect(some).toMatchObject({ gain: 0.375, examples: 40, dataset: "test", confirmed: true });
    expect(some.text).toContain(
      "on 40 held-out examples; 5 test examples that are also in the training or validation data are left out",
    );
    const copied = await report(asked(40));
    expect(copied).toMatchObject({ gain: 0.375, examples: 40, isChosenOn: true, confirmed: false });
    expect(copied.text).toMatch(
      /on 40 test examples\. All of them are training or validation examples, so the gain is likely to be overstated$/,
    );
  });

  it("takes the scores that were seen for no bounds of a scale that the guide does not declare", async () => {
    const agent = levelled(0);
    const [trainDataset, validateDataset, testDataset] = [asked(4), asked(12, 4), asked(12, 16)];
    const undeclared = (_x: number, y: string): number => (y === "yes" ? 1 : 0);
    const datasets = { trainDataset, validateDataset, testDataset };
    const optimizer = setting(agent as never, 50);
    const { report } = await train({ ...quiet, ...datasets, agent, guide: undeclared, optimizer, batchSize: 4 });
    expect(report).toMatchObject({ gain: 1, interval: null, confirmed: false, dataset: "test" });
    expect(report.text).toContain(
      "(no interval, because all differences are equal and the range of scores is not known) on 12 held-out examples",
    );
  });

  it("counts what the best values left unscored as failed, and says so", async () => {
    const agent = levelled(10, (level, x) => level === 25 && x % 1 > 0 && x < 6);
    const { report } = await train({
      ...quiet,
      ...data,
      agent,
      guide,
      optimizer: setting(agent as never, 25),
      batchSize: 4,
      calls: { retry: { maxRetries: 0 } },
    });
    expect(report.gain).toBeCloseTo((19 - 10) / 40, 9);
    expect(report.text).toContain(
      "on 40 held-out examples, of which 6 that could not be scored with the best values count as failed",
    );
  });

  it("says that nothing was evaluated where that is so, and costs nothing", async () => {
    const start = (algorithm?: "MinibatchAlgorithm") => {
      const agent = levelled(10);
      const options = { ...quiet, ...data, agent, guide, optimizer: setting(agent as never, 25), batchSize: 4, evalFrequency: 0 };
      return train({ ...options, algorithm });
    };
    const { report, usage } = await start("MinibatchAlgorithm");
    const text = "No evidence of improvement: nothing was evaluated";
    expect(report).toMatchObject({ text, dataset: "none", gain: null, interval: null });
    expect(usage.rollouts).toBe(4);
    // A search has measured validation data for its own decisions; 40 for each of the two candidates.
    const search = await start();
    expect(search.report).toMatchObject({ dataset: "validation", gain: 0.375, isChosenOn: true });
    expect(search.usage.rollouts).toBe(84);
  });

  describe("of a search that measures a part of the validation data, where nothing is evaluated", () => {
    const algorithm = racingSearch({
      preflight: 8,
      blockSize: 8,
      numLeaders: 1,
      specialist: false,
      mergeEvery: 0,
      screen: "none",
    });
    const start = (others: object, events: RunEvent[] = []) => {
      const agent = levelled(10);
      return train({
        logger: { onEvent: (event: RunEvent) => void events.push(event) },
        run: null,
        trainDataset: asked(12),
        validateDataset: data.validateDataset,
        agent,
        guide,
        algorithm,
        optimizer: setting(agent as never, 25),
        batchSize: 4,
        evalFrequency: 0,
        ...others,
      });
    };

    it("is about the examples that it has measured, and names them", async () => {
      const events: RunEvent[] = [];
      const { best, chosenOn, report } = await start({}, events);
      expect(best.parameters).toEqual({ a: 25 });
      const trials = events.flatMap((event) => {
        const isOfBest = event.type === "candidate-measured" && event.dataset === "validate" && event.candidate !== "start";
        return isOfBest ? event.examples : [];
      });
      const right = trials.filter((example) => example < 25).length;
      expect(trials.length).toBeGreaterThan(0);
      expect(trials.length).toBeLessThan(40);
      expect(best).toMatchObject({ iteration: 3, score: right / trials.length, examples: trials.length });
      expect(chosenOn).toEqual({ dataset: "validation", examples: trials.length });
      expect(report).toMatchObject({ dataset: "validation", isChosenOn: true, confirmed: false });
      expect(report.examples).toBeLessThanOrEqual(trials.length);
      expect(report.text).toMatch(
        new RegExp(
          ` on ${report.examples} of 40 validation examples\\. The best values were chosen on these, so the gain is likely`,
        ),
      );
      expect(events.at(-1)).toMatchObject({ type: "run-end", best: { score: best.score, chosenOn } });
      expect(events.some((event) => event.type === "task-start" && /(test|validation)$/.test(event.position))).toBe(false);
    });

    it("names the training data where these are the validation data", async () => {
      const { best, chosenOn } = await start({ trainDataset: asked(39), validateDataset: undefined });
      expect(best.score).not.toBeNull();
      expect(chosenOn).toEqual({ dataset: "train", examples: best.examples });
    });

    it("says that nothing was evaluated where it has measured nothing", async () => {
      const { best, chosenOn, report } = await start({ budget: { rollouts: 2 } });
      expect(best).toEqual({ iteration: 0, score: null, parameters: { a: 10 } });
      expect(chosenOn).toEqual({ dataset: "none", examples: 0 });
      expect(report.text).toBe("No evidence of improvement: nothing was evaluated");
    });

    it("is the same of a run that was stopped and continues", async () => {
      const run = { dir: await mkdtemp(join(tmpdir(), "opto-partial-")), id: "cut" };
      const whole = await start({});
      const cut = await start({ run, stop: { maxIterations: 1 } });
      expect(cut.best.examples).toBeLessThan(whole.best.examples as number);
      const { best, chosenOn, report } = await start({ run });
      expect({ best, chosenOn, report }).toEqual({ best: whole.best, chosenOn: whole.chosenOn, report: whole.report });
      expect(JSON.parse(await readFile(join(run.dir, run.id, "best.json"), "utf8"))).toMatchObject({ score: best.score });
    });
  });

  it("compares by the objective where that is another one", async () => {
    const { agent } = line(0);
    const several = (_x: number, y: number, right: number) => ({
      score: 0,
      scores: { near: -Math.abs(y - right), size: Math.abs(y) },
    });
    const objective = { weights: { near: 1, size: 0.1 }, minimize: ["size"] };
    const { report } = await train({
      ...quiet,
      trainDataset: points(12),
      agent,
      guide: several,
      objective,
      optimizer: setting(agent, 2),
      batchSize: 12,
    });
    expect(report.text).toMatch(
      /^\+\d+\.\d in the objective \(95% interval .*\) on 12 training examples\. The best values were chosen on these/,
    );
  });
});

describe("the test dataset in the end", () => {
  const data = { validateDataset: points(6), testDataset: points(5) };
  const searching = (agent: ReturnType<typeof line>["agent"], events: RunEvent[]) =>
    new BasicSearchAlgorithm(agent, proposing(agent, 1, 3), { logger: { onEvent: (event) => void events.push(event) } });
  const tested = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === "task-start" && /(?:^|\/)test$/.test(event.position) ? [event.position] : []));

  it("is used once more where no iteration has evaluated the best values", async () => {
    const { agent } = line(0);
    const events: RunEvent[] = [];
    const { report, best } = await searching(agent, events).train(distance, points(3), {
      ...data,
      numProposals: 2,
      evalFrequency: 9,
    });
    expect(best.parameters).toEqual({ a: 1 });
    expect(tested(events)).toEqual(["iteration/0/test", "report/best/test"]);
    expect(report).toMatchObject({ dataset: "test", gain: 3, examples: 5 });
    expect(agent.a.value).toBe(1);
  });

  it("is not used again where an iteration has", async () => {
    const { agent } = line(0);
    const events: RunEvent[] = [];
    const { report } = await searching(agent, events).train(distance, points(1), { ...data, numProposals: 2 });
    expect(tested(events)).toEqual(["iteration/0/test", "iteration/1/test"]);
    expect(report).toMatchObject({ dataset: "test", gain: 3, examples: 5 });
  });

  it("decides nothing: neither the best values nor the course of the run depend on it", async () => {
    const run = async (testDataset: ReturnType<typeof points> | null) => {
      const { agent } = line(0);
      const events: RunEvent[] = [];
      const { best, stopReason } = await searching(agent, events).train(distance, points(3), {
        ...data,
        testDataset,
        numProposals: 2,
        evalFrequency: 2,
      });
      const course = events.filter(({ type }) =>
        ["candidate-proposed", "candidate-measured", "candidate-selected"].includes(type),
      );
      return { best, stopReason, course };
    };
    expect(await run(points(5))).toEqual(await run(points(5).map(({ input }) => ({ input, info: -9 }))));
  });

  it("is left out when the budget is spent, and the report says that; with a larger one it is used", async () => {
    const dir = await mkdtemp(join(tmpdir(), "opto-report-"));
    const start = (rollouts: number) => {
      const { agent } = line(0);
      const options = {
        ...data,
        agent,
        guide: distance,
        trainDataset: points(1),
        optimizer: proposing(agent, 1, 3),
        numProposals: 2,
        evalFrequency: 9,
      };
      return train({ ...options, logger: [], run: { dir, id: "one" }, budget: { rollouts } });
    };
    // 5 for the test of the start, 1 for the batch, 18 for validation.
    const cut = await start(26);
    expect(cut.stopReason).toBe("completed");
    expect(cut.report).toMatchObject({ dataset: "validation", isChosenOn: true, confirmed: false });
    expect(cut.report.text).toMatch(
      / on 6 validation examples\. .* On the test dataset the best values were not measured, because the budget is spent$/,
    );
    expect(cut.usage.rollouts).toBeLessThanOrEqual(26);
    const whole = await start(40);
    expect(whole.report).toMatchObject({ dataset: "test", gain: 3 });
  });

  it.each([false, true])(
    "may end the run: what is trained counts as without it, also when it goes on (kept: %s)",
    async (isKept) => {
      const dir = await mkdtemp(join(tmpdir(), "opto-report-"));
      const start = (testDataset: ReturnType<typeof points> | null, rollouts?: number, id = "one") => {
        const { agent } = line(0);
        const options = {
          ...data,
          testDataset,
          agent,
          guide: distance,
          trainDataset: points(2),
          optimizer: proposing(agent, 1, 3),
        };
        const run = isKept ? { dir, id } : null;
        return train({
          ...options,
          numProposals: 2,
          logger: [],
          run,
          ...(rollouts === undefined ? {} : { budget: { rollouts } }),
        });
      };
      // 5 for the test of the start, 1 for the batch, 18 for validation; 3 of the 5 for the test of what was chosen.
      const cut = await start(points(5), 27);
      expect(cut).toMatchObject({ stopReason: "budget", iterations: 1, best: { iteration: 1, parameters: { a: 1 } } });
      const without = await start(null, 22, "without");
      expect(cut.best).toEqual(without.best);
      expect(cut.report).toMatchObject({ dataset: "validation", gain: without.report.gain });
      if (!isKept) return;
      const [resumed, whole] = [await start(points(5)), await start(points(5), undefined, "whole")];
      const { best, testScore, iterations, stopReason, report } = whole;
      expect(resumed).toMatchObject({ best, testScore, iterations, stopReason, report });
    },
  );

  it("is left out when a budget ends the run before", async () => {
    const { agent } = line(0);
    const options = {
      ...data,
      agent,
      guide: distance,
      trainDataset: points(3),
      optimizer: proposing(agent, 1, 3),
      numProposals: 2,
      evalFrequency: 9,
    };
    const { report, stopReason } = await train({ ...options, ...quiet, budget: { rollouts: 25 } });
    expect(stopReason).toBe("budget");
    expect(report.text).toContain("On the test dataset not both were measured, because the budget is spent");
  });
});

describe("a run that is kept", () => {
  const start = async (dir: string, slots: number, maxIterations?: number) => {
    const agent = levelled(10);
    const lines: string[] = [];
    const stream = new Writable({
      write: (piece, _encoding, done) => {
        lines.push(String(piece));
        done();
      },
    });
    const result = await train({
      agent,
      guide,
      trainDataset: asked(3),
      validateDataset: asked(40),
      testDataset: asked(40),
      algorithm: "BasicSearchAlgorithm",
      optimizer: setting(agent as never, 20, 25, 12),
      run: { dir, id: "kept" },
      logger: new ConsoleLogger({ stream: stream as never, color: false, progress: false }),
      numThreads: slots,
      stop: maxIterations === undefined ? {} : { maxIterations },
    });
    return { report: result.report, last: lines.join("").trimEnd().split("\n").at(-1) };
  };

  it("reports the same when it is resumed, with any number of slots, on the console, in its journal, and in `opto show`", async () => {
    const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), "opto-report-"))));
    const whole = await start(folders[0] as string, 1);
    await start(folders[1] as string, 16, 2);
    const resumed = await start(folders[1] as string, 16);
    expect(resumed.report).toEqual(whole.report);
    expect(whole.report.gain).toBe(0.375);
    expect([whole.last, resumed.last]).toEqual([whole.report.text, whole.report.text]);

    const journal = (await readFile(join(folders[1] as string, "kept", "events.jsonl"), "utf8")).trimEnd().split("\n");
    expect(JSON.parse(journal.at(-1) as string)).toMatchObject({ type: "run-end", report: whole.report });

    const project = projects.project({});
    const shown = await opto(project, `show kept --run-dir ${folders[1]}`);
    expect(shown.stdout.replace(/ +/g, " ")).toContain(`gain ${whole.report.text}`);
    const document = await opto(project, `show kept --json --run-dir ${folders[1]}`);
    expect(JSON.parse(document.stdout)).toMatchObject({ report: whole.report });
  });

  it("compares nothing with scores by another guide", async () => {
    const dir = await mkdtemp(join(tmpdir(), "opto-report-"));
    await start(dir, 4, 1);
    const agent = levelled(10);
    const other = Object.assign((_x: number, y: string) => (y === "yes" ? 0.5 : 0), { scoreRange: [0, 1] as const });
    const data = { trainDataset: asked(3), validateDataset: asked(40), testDataset: asked(40) };
    const options = {
      ...data,
      agent,
      guide: other,
      algorithm: "BasicSearchAlgorithm" as const,
      optimizer: setting(agent as never, 20, 25, 12),
      run: { dir, id: "kept" },
      logger: [],
    };
    const { report } = await train(options);
    // The start is measured again, too.
    expect(report).toMatchObject({ gain: 0.1875, dataset: "test", examples: 40 });
  });
});

describe("a training class", () => {
  it("reports in the same way", async () => {
    const { agent } = line(0);
    const { report } = await new MinibatchAlgorithm(agent, setting(agent, 1)).train(distance, points(12), { batchSize: 12 });
    expect(report).toMatchObject({ dataset: "train", isChosenOn: true, gain: 6.5, examples: 12 });
  });
});
