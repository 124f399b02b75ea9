/**
 * Where less of a score is better, optimizers show the guide's own numbers with that direction in words, and a failure is never the best score.
 *
 * @module
 */
import {
  BasicSearchAlgorithm,
  bundle,
  MinibatchAlgorithm,
  model,
  type Optimizer,
  OptoPrime,
  parameter,
  type RunEvent,
  range,
  TPE,
  train,
} from "opto";
import { bestOf, PolicySearch } from "opto/algorithms";
import type { ObjectiveLike } from "opto/data";
import { type ScriptedCall, scriptedModel } from "opto/testing";
import { describe, expect, it } from "vitest";
import { partOf, subjects } from "./support/every-optimizer.ts";

const data = Array.from({ length: 4 }, (_, input) => ({ input, info: null }));

/** Its distance to 5; fails on the example 3. */
function lossAgent() {
  const distance = bundle(
    (slope: number, x: number) => {
      if (x === 3) throw new Error("no answer here");
      return Math.abs(5 - slope);
    },
    { name: "distance" },
  );
  return model({ slope: parameter(1, { domain: range(0, 9, { integer: true }) }) }, ({ slope }, x: number) => distance(slope, x));
}

const lossGuide = (_x: number, y: number) => ({ score: y, feedback: `Off by ${y}.`, scores: { size: 2 * y } });

type Make = (agent: ReturnType<typeof lossAgent>, options: { model: ReturnType<typeof scriptedModel> }) => Optimizer;

async function promptsOf(
  make: Make,
  objective: ObjectiveLike,
  search: "policy" | "batch",
  scoreRange?: readonly [number, number],
) {
  const calls: ScriptedCall[] = [];
  const script = scriptedModel((call) => {
    calls.push(call);
    return `<reasoning>Closer.</reasoning><variable name="slope">${calls.length % 4}</variable>`;
  });
  const agent = lossAgent();
  const optimizer = make(agent, { model: script });
  const trainer =
    search === "policy"
      ? new PolicySearch(agent, optimizer, bestOf({ numProposals: 2 }))
      : new MinibatchAlgorithm(agent, optimizer, {});
  const guide = scoreRange === undefined ? lossGuide : Object.assign((x: number, y: number) => lossGuide(x, y), { scoreRange });
  const options = {
    batchSize: 4,
    numEpochs: 3,
    objective,
    evalFrequency: 0,
    ...(search === "batch" && { ensureImprovement: true }),
  };
  // The models of some never give a usable reply here; what they were asked is all that counts.
  await trainer.train(guide as never, data, options as never).catch(() => undefined);
  return calls.filter((call) => partOf(call) !== "choice").map(({ system, messages }) => `${system}\n${messages[0]?.content}`);
}

describe.each(subjects)("$name", ({ make }) => {
  it.each(["policy", "batch"] as const)("says that lower is better, and shows raw numbers (%s)", async (search) => {
    const prompts = await promptsOf(make as unknown as Make, { minimize: ["score"] }, search);
    expect(prompts.length).toBeGreaterThan(1);
    for (const prompt of prompts) {
      expect(prompt).toContain("Where there is a score, lower is better.");
      expect(prompt).not.toMatch(/higher/i);
      expect(prompt).not.toMatch(/(score|estimate)="-/);
      // The failure: as bad as the worst there was, and not 0.
      expect(prompt).not.toMatch(/score="0"/);
    }
  });
});

const optoPrime = subjects.find(({ name }) => name === "OptoPrime with memory")?.make as unknown as Make;

it("counts a failure as the highest score that the guide declares", async () => {
  const [prompt] = await promptsOf(optoPrime, { minimize: ["score"] }, "policy", [0, 50]);
  expect(prompt).toMatch(/score="50">\n?.*no answer here/);
});

it.each<{ objective: ObjectiveLike; text: string; attempt: RegExp }>([
  {
    objective: { scoreKey: "size", minimize: ["size"] },
    text: "What counts is the metric size: lower is better.",
    attempt: /<attempt scores="size 8"/,
  },
  {
    objective: { weights: { score: 1, size: 2 }, minimize: ["score", "size"] },
    text: "What counts is `total` = -1 × score - 2 × size: higher is better.",
    attempt: /score="4" scores="size 8" total="-20"/,
  },
  {
    objective: { minimize: ["score"], constraints: { size: { max: 3 } } },
    text: "Where there is a score, lower is better. On average these bounds must be kept: size at most 3.",
    // Three examples have a size of 8; the one that failed has none.
    attempt: /score="4" scores="size 8"(.|\n)*Violates a constraint: size is 8, and must be at most 3/,
  },
  {
    objective: { paretoMetrics: ["score", "size"], minimize: ["score", "size"] },
    text: "worse in none: score (lower is better), size (lower is better).",
    attempt: /score="4" scores="size 8"/,
  },
])("says what counts, and shows every metric as the guide returns it: $objective", async ({ objective, text, attempt }) => {
  const prompts = await promptsOf(optoPrime, objective, "policy");
  for (const prompt of prompts) expect(prompt).toContain(text);
  expect(prompts.at(-1)).toMatch(attempt);
});

/** Four examples of which two fail, and a guide that always says 4. */
const halfFailing = () =>
  model({ style: parameter("plain") }, ({ style }, x: number) => {
    if (x % 2 === 1) throw new Error("no answer here");
    return style.value;
  });

it.each([
  { search: "bestOf", scoreRange: [0, 10] as const, score: 7 },
  { search: "bestOf", scoreRange: undefined, score: 4 },
  { search: "MinibatchAlgorithm", scoreRange: [0, 10] as const, score: 7 },
  { search: "MinibatchAlgorithm", scoreRange: undefined, score: 4 },
] as const)("has one score for the same values ($search, $scoreRange)", async ({ search, scoreRange, score }) => {
  const agent = halfFailing();
  const guide = Object.assign(() => ({ score: 4, feedback: "" }), scoreRange && { scoreRange });
  const optimizer = new OptoPrime(agent, { model: scriptedModel(() => "<unchanged/>") });
  const options = { objective: { minimize: ["score"] }, numEpochs: 1, batchSize: 4, run: null, logger: [] };
  const found = await train({
    agent,
    optimizer,
    guide,
    trainDataset: data,
    validateDataset: [...data],
    algorithm: search,
    ...options,
  });
  expect([found.best.score, found.testScore]).toEqual([score, score]);
});

it.each([
  { target: 0.5, reason: "max-iterations" },
  { target: 2.5, reason: "target-score" },
])("ends at a target of $target by $reason", async ({ target, reason }) => {
  const agent = model({ style: parameter("good") }, ({ style }) => style.value);
  const guide = (_x: number, y: string) => ({ score: y === "good" ? 2 : 3, feedback: "" });
  const optimizer = new OptoPrime(agent, { model: scriptedModel(() => '<variable name="style">bad</variable>') });
  const options = { objective: { minimize: ["score"] }, stop: { targetScore: target, maxIterations: 2 }, run: null, logger: [] };
  const found = await train({
    agent,
    optimizer,
    guide,
    trainDataset: data,
    validateDataset: [...data],
    numEpochs: 3,
    ...options,
  });
  expect(found.stopReason).toBe(reason);
});

it.each<{ objective: ObjectiveLike; scored: number[] }>([
  { objective: { minimize: ["score"] }, scored: [3, 2] },
  { objective: { scoreKey: "size", minimize: ["size"] }, scored: [6, 4] },
])("events and report tell the metric as the guide gives it: $objective", async ({ objective, scored }) => {
  for (const search of [{ algorithm: bestOf({ numProposals: 1 }) }, { ensureImprovement: true }]) {
    const agent = model({ style: parameter("plain") }, ({ style }) => style.value);
    const guide = (_x: number, y: string) => {
      const score = y === "good" ? 2 : 3;
      return { score, feedback: "", scores: { size: 2 * score } };
    };
    const optimizer = new OptoPrime(agent, { model: scriptedModel('<variable name="style">good</variable>') });
    const events: RunEvent[] = [];
    const logger = { onEvent: (event: RunEvent) => void events.push(event) };
    const options = { objective, batchSize: 1, stop: { maxIterations: 1 }, run: null, logger, ...search };
    const { report } = await train({
      agent,
      optimizer,
      guide,
      trainDataset: data,
      validateDataset: [...data],
      ...options,
    } as never);
    const numbers = events.flatMap((event) => {
      if (event.type === "candidate-scored" || event.type === "candidate-selected") return [event.score];
      return event.type === "update-accepted" ? [event.currentScore, event.newScore] : [];
    });
    expect(numbers).toEqual([...scored, scored[1], ...("algorithm" in search ? [] : scored)]);
    const [before = 0, after = 0] = scored;
    expect(report.text).toContain(`${before - after} lower in \`${before === 3 ? "score" : "size"}\` (better; `);
    expect(report.gain).toBe(before - after);
  }
});

it("TPE learns from the scores of feedback in the right direction", async () => {
  const agent = lossAgent();
  const optimizer = new TPE(agent, { seed: 3, startupTrials: 5 });
  const trainer = new BasicSearchAlgorithm(agent, optimizer);
  await trainer.train(lossGuide as never, data.slice(0, 3), { objective: { minimize: ["score"] }, numEpochs: 10 } as never);
  expect(agent.candidate().slope).toBe(5);
  const alone = lossAgent();
  const seen = new MinibatchAlgorithm(alone, new TPE(alone, { seed: 3, startupTrials: 3 }));
  const { best } = await seen.train(lossGuide as never, data.slice(0, 3), {
    objective: { minimize: ["score"] },
    numEpochs: 12,
  } as never);
  expect(Math.abs(5 - (best.parameters.slope as number))).toBeLessThanOrEqual(1);
});
