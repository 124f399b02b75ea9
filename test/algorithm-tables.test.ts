/**
 * Small runs that a reader can check by hand: `y = a * x`, right is a = 2, score = -|y - 2x|, examples in order.
 *
 * @module
 */
import {
  BasicSearchAlgorithm,
  type BasicSearchTrainOptions,
  MinibatchAlgorithm,
  type MinibatchTrainOptions,
} from "opto/algorithms";
import type { Optimizer } from "opto/optimizers";
import type { RunEvent } from "opto/trainer";
import { describe, expect, it } from "vitest";
import { distance, type Line, line, points, proposing, type ScriptedOptimizer, setting } from "./support/line-fitting.ts";

type Logged = [name: string, value: unknown, step: number];

async function runMinibatch(size: number, script: (agent: Line) => Optimizer, options: MinibatchTrainOptions<number, number>) {
  const { agent, calls } = line();
  const events: RunEvent[] = [];
  const optimizer = script(agent);
  const trainer = new MinibatchAlgorithm(agent, optimizer, { logger: { onEvent: (event) => events.push(event) } });
  const result = await trainer.train(distance, points(size), { shuffle: false, ...options });
  return { agent, calls, result, events, log: logged(events), optimizer };
}

async function runSearch(
  size: number,
  script: (agent: Line) => ScriptedOptimizer,
  options: BasicSearchTrainOptions<number, number, number>,
) {
  const { agent, calls } = line();
  const events: RunEvent[] = [];
  const optimizer = script(agent);
  const search = new BasicSearchAlgorithm(agent, optimizer, { logger: { onEvent: (event) => events.push(event) } });
  const result = await search.train(distance, points(size), { shuffle: false, ...options });
  return { agent, calls, result, events, log: logged(events), optimizer };
}

function logged(events: readonly RunEvent[]): Logged[] {
  return events.flatMap((event): Logged[] => (event.type === "log" ? [[event.name, event.data, event.step]] : []));
}

function ofType<T extends RunEvent["type"]>(events: readonly RunEvent[], type: T): Extract<RunEvent, { type: T }>[] {
  return events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
}

describe("MinibatchAlgorithm", () => {
  it("4 examples, batch size 1: scores before each update, test scores after it", async () => {
    // The mean of |2x - ax| over x = 1..4 is 2.5 |2 - a|.
    const { result, log } = await runMinibatch(4, (agent) => setting(agent, 1, 2, 3, 2), { batchSize: 1 });
    //                          a = 0, x = 1   a = 1, x = 2   a = 2, x = 3   a = 3, x = 4
    expect(result.trainScores).toEqual([-2, -2, -0, -4].map((score) => score + 0));
    expect(result.testScore).toBe(0);
    expect(log).toEqual([
      ["Average test score", -5, 0],
      ["Average test score", -2.5, 1],
      ["Instantaneous train score", -2, 1],
      ["Average train score", -2, 1],
      ["Parameter: a", 1, 1],
      ["Average test score", 0, 2],
      ["Instantaneous train score", -2, 2],
      ["Average train score", -2, 2],
      ["Parameter: a", 2, 2],
      ["Average test score", -2.5, 3],
      ["Instantaneous train score", 0, 3],
      ["Average train score", -4 / 3, 3],
      ["Parameter: a", 3, 3],
      ["Average test score", 0, 4],
      ["Instantaneous train score", -4, 4],
      ["Average train score", -2, 4],
      ["Parameter: a", 2, 4],
    ]);
  });

  it("5 examples, batch size 3, two epochs: the last batch of an epoch is smaller", async () => {
    const { result, log, events } = await runMinibatch(5, (agent) => setting(agent, 1, 2, 2, 4), { batchSize: 3, numEpochs: 2 });
    // Batches {1,2,3} {4,5} {1,2,3} {4,5} with a = 0, 1, 2, 2 before the update.
    expect(result.trainScores).toEqual([-4, -4.5, 0, 0]);
    expect(ofType(events, "iteration-start").map(({ epoch, batchSize }) => [epoch, batchSize])).toEqual([
      [0, 3],
      [0, 2],
      [1, 3],
      [1, 2],
    ]);
    // The mean of |2x - ax| over x = 1..5 is 3 |2 - a|; a = 0, 1, 2, 2, 4.
    expect(log.filter(([name]) => name === "Average test score")).toEqual(
      [-6, -3, 0, 0, -6].map((score, step) => ["Average test score", score, step]),
    );
    expect(result).toMatchObject({ testScore: -6, iterations: 4, unscored: 0, parameters: { a: 4 } });
  });

  it("6 examples, batch size 6, two epochs: one iteration for each epoch", async () => {
    const { result, log } = await runMinibatch(6, (agent) => setting(agent, 3, 2), {
      batchSize: 6,
      numEpochs: 2,
      evalFrequency: 2,
    });
    // The mean of |2x - ax| over x = 1..6 is 3.5 |2 - a|; a = 0, then 3.
    expect(result.trainScores).toEqual([-7, -3.5]);
    expect(log).toEqual([
      ["Average test score", -7, 0],
      ["Average test score", 0, 2],
      ["Instantaneous train score", -3.5, 2],
      ["Average train score", -5.25, 2],
      ["Parameter: a", 2, 2],
    ]);
  });

  it("ensureImprovement keeps what scores higher on its batch and takes back the rest", async () => {
    const { agent, events, result } = await runMinibatch(4, (agent) => setting(agent, 1, 5, 1, 3), {
      batchSize: 1,
      ensureImprovement: true,
      evalFrequency: 0,
    });
    //  iteration  x  a before  score  proposal  new score
    //  1          1  0         -2     1         -1          kept
    //  2          2  1         -2     5         -6          taken back
    //  3          3  1         -3     1         (no change: nothing is measured)
    //  4          4  1         -4     3         -4          equal: taken back
    expect(
      events.flatMap((event) =>
        event.type === "update-accepted" || event.type === "update-rejected"
          ? [[event.type, event.iteration, event.currentScore, event.newScore]]
          : [],
      ),
    ).toEqual([
      ["update-accepted", 1, -2, -1],
      ["update-rejected", 2, -2, -6],
      ["update-rejected", 4, -4, -4],
    ]);
    expect(agent.a.value).toBe(1);
    expect(result.trainScores).toEqual([-2, -2, -3, -4]);
  });

  it("ensureImprovement measures only the changed parameters: the old scores are those of the forward pass", async () => {
    const { calls } = await runMinibatch(4, (agent) => setting(agent, 1), {
      batchSize: 4,
      ensureImprovement: true,
      evalFrequency: 0,
    });
    expect(calls.sort()).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });

  it.each([
    { threshold: 0.5, kept: true },
    { threshold: 1, kept: false },
    { threshold: -1.5, kept: true },
  ])("an improvement of exactly 1 with improvementThreshold $threshold: kept is $kept", async ({ threshold, kept }) => {
    const { agent } = await runMinibatch(1, (agent) => setting(agent, 1), {
      ensureImprovement: true,
      improvementThreshold: threshold,
    });
    expect(agent.a.value).toBe(kept ? 1 : 0);
  });

  it("joins outputs and feedback of a batch under ID [i]", async () => {
    const { optimizer } = await runMinibatch(4, (agent) => setting(agent, 3, 3), { batchSize: 2, evalFrequency: 0 });
    const { heard } = optimizer as ScriptedOptimizer;
    expect(heard.map(({ feedback }) => feedback)).toEqual([
      [{ score: -3, feedback: "ID [0]: too low\nID [1]: too low\n" }],
      [{ score: -3.5, feedback: "ID [0]: fine or too high\nID [1]: fine or too high\n" }],
    ]);
    expect(heard.map(({ targets }) => targets.map((target) => target.peek()))).toEqual([
      ["ID [0]: 0\nID [1]: 0\n"],
      ["ID [0]: 9\nID [1]: 12\n"],
    ]);
  });

  it("says the scores of a guide that says nothing else", async () => {
    const { agent } = line(2);
    const optimizer = setting(agent, 3);
    const onlyScores = (x: number, y: number): boolean => x === 1 && y === 2;
    await new MinibatchAlgorithm(agent, optimizer).train(onlyScores, points(2), {
      batchSize: 2,
      evalFrequency: 0,
      shuffle: false,
    });
    expect(optimizer.heard[0]?.feedback).toEqual([{ score: 0.5, feedback: "ID [0]: Score 1\nID [1]: Score 0\n" }]);
  });
});

describe("BasicSearchAlgorithm", () => {
  it("4 proposals, the third is the best", async () => {
    const { agent, log, optimizer, calls } = await runSearch(4, (agent) => proposing(agent, 4, 1, 2, 3), {
      batchSize: 4,
      evalFrequency: 0,
    });
    expect(agent.a.value).toBe(2);
    // 2.5 |2 - a|: the current 0 scores -5, the proposals -5, -2.5, 0, -2.5.
    expect(optimizer.observed.map(({ candidate, score }) => [candidate.a, score])).toEqual([
      [0, -5],
      [4, -5],
      [1, -2.5],
      [2, 0],
      [3, -2.5],
    ]);
    expect(log[0]).toEqual(["Validation score", 0, 1]);
    // 4 forward passes, then 5 candidates on 4 examples.
    expect(calls).toHaveLength(4 + 5 * 4);
  });

  it.each([
    { title: "a tie with the current values keeps them", proposals: [4, 4, 4, 4], chosen: null, a: 0 },
    { title: "a tie between proposals goes to the earlier", proposals: [4, 3, 1, 3], chosen: 1, a: 3 },
    { title: "the current values again are not a change", proposals: [0, 0, 0, 0], chosen: null, a: 0 },
  ])("$title", async ({ proposals, chosen, a }) => {
    const { agent, events } = await runSearch(4, (agent) => proposing(agent, ...proposals), { batchSize: 4, evalFrequency: 0 });
    expect(agent.a.value).toBe(a);
    expect(ofType(events, "candidate-selected").map(({ candidate }) => candidate)).toEqual([
      chosen === null ? "start" : `iteration/1/proposal/${chosen}`,
    ]);
  });

  it("validates equal values once, in whichever iteration", async () => {
    const { calls, log } = await runSearch(4, (agent) => proposing(agent, 1, 1, 1, 2), { batchSize: 2, evalFrequency: 0 });
    // Two batches of 2 forward passes. First step: current 0, 1 and 2 on 4 examples. Second: both are known.
    expect(calls).toHaveLength(2 * 2 + 3 * 4);
    expect(log.filter(([name]) => name === "Validation score")).toEqual([
      ["Validation score", 0, 1],
      ["Validation score", 0, 2],
    ]);
  });

  it("a proposal that throws loses, without minScore and with it", async () => {
    for (const minScore of [null, -100, 0]) {
      const { agent, optimizer } = await runSearch(4, (agent) => proposing(agent, -1, -1, 1, -1), {
        batchSize: 4,
        evalFrequency: 0,
        minScore,
      });
      // With minScore 0 the failing proposal really scores best: that is what was asked for.
      expect(agent.a.peek()).toBe(minScore === 0 ? -1 : 1);
      // Without a minScore failures count as the worst score seen on any example: a = 0 on x = 4.
      const told = optimizer.observed.find(({ candidate }) => candidate.a === -1);
      expect(told).toMatchObject({
        feedback: "(RangeError) a is -1",
        score: { null: -8, "-100": -100, "0": 0 }[String(minScore)],
      });
    }
  });

  it("when everything throws, the current values stay", async () => {
    const { agent } = line(-1);
    const search = new BasicSearchAlgorithm(agent, proposing(agent, -2, -3, -4, -5));
    const training = search.train(distance, points(2), { batchSize: 2, evalFrequency: 0 });
    await expect(training).rejects.toThrow("Nothing could be scored in this run");
    expect(agent.a.peek()).toBe(-1);
  });

  it("does not measure the current values again when ensureImprovement took the choice back", async () => {
    // The validation set prefers a = 4 (its targets are 4x), the training batch does not.
    const validateDataset = [{ input: 1, info: 4 }];
    const { agent, optimizer } = await runSearch(2, (agent) => proposing(agent, 4, 5, 4, 5), {
      batchSize: 1,
      evalFrequency: 0,
      ensureImprovement: true,
      validateDataset,
    });
    expect(agent.a.value).toBe(0);
    // 0, 4 and 5; after the rollback to 0 all of them are known.
    expect(optimizer.observed.map(({ candidate }) => candidate.a)).toEqual([0, 4, 5]);
  });

  it("measures the current values anew when something else has changed them", async () => {
    const { agent } = line();
    const optimizer = proposing(agent, 1, 1, 1, 1);
    const guide = (x: number, y: number, right: number) => {
      if (agent.a.value !== 3 && optimizer.observed.length > 0) agent.a.set(3);
      return distance(x, y, right);
    };
    await new BasicSearchAlgorithm(agent, optimizer).train(guide, points(2), {
      evalFrequency: 0,
      numThreads: 1,
      shuffle: false,
      validateGuide: distance,
    });
    expect(optimizer.observed.map(({ candidate, score }) => [candidate.a, score])).toEqual([
      [0, -3],
      [1, -1.5],
      [3, -1.5],
    ]);
  });
});
