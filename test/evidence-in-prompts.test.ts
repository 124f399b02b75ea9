/**
 * What a proposal is shown besides its batch: failures on other training examples, outputs that vary, attempts against the current values, what the
 * parents of a merge win, hypotheses, and nothing of data that decide.
 *
 * @module
 */
import { bundle, model, OptoPrime, parameter, range, text, train } from "opto";
import { bestOf, freshAdvice, freshOrigin, PolicySearch } from "opto/algorithms";
import type { SearchPolicy, Step } from "opto/search";
import { type ScriptedModel, scriptedModel } from "opto/testing";
import type { RunEvent } from "opto/trainer";
import { describe, expect, it } from "vitest";

/** Answers with how far its slope gets on an example; example n needs a slope of n. */
function climber(start = 0) {
  const climb = bundle((slope: number, x: string) => `${Number(x.slice(5)) <= slope ? "there" : "short of it"}`, {
    name: "climb",
  });
  return model({ slope: parameter(start, { domain: range(0, 9, { integer: true }) }) }, ({ slope }, x: string) =>
    climb(slope, x),
  );
}

const named = (kind: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({ input: `${kind}${at}`, info: `summit ${kind}${at}` }));
const guide = Object.assign(
  (_x: string, answer: string) => ({ score: answer === "there" ? 1 : 0, feedback: `You are ${answer}.` }),
  {
    scoreRange: [0, 1] as const,
  },
);

/** A policy that does the same in every iteration. */
function always(iterate: SearchPolicy["iterate"]): SearchPolicy {
  const appetite = () => ({ forward: 1, proposals: 4, scored: [{ candidates: 5, on: "validation" as const }] });
  return { name: "Always", settings: {}, start: null, appetite, iterate };
}

async function promptsOf(
  policy: SearchPolicy,
  replies: (index: number) => string,
  { memorySize = 2, ...options }: { readonly memorySize?: number; readonly [option: string]: unknown } = {},
): Promise<ScriptedModel> {
  const script = scriptedModel(({ index }) => replies(index));
  const agent = climber();
  const optimizer = new OptoPrime(agent, { model: script, memorySize, maxRerolls: 0 });
  const data = { validateDataset: named("valid", 6), batchSize: 2, shuffle: false, evalFrequency: 0 };
  await new PolicySearch(agent, optimizer, policy).train(guide as never, named("train", 6), { ...data, ...options } as never);
  return script;
}

const setting = (slope: number, why = "Higher.") => `<reasoning>${why}</reasoning><variable name="slope">${slope}</variable>`;

describe("failures on other training examples", () => {
  it("are those that the current values were measured on, the worst first, and never those of the validation data", async () => {
    const script = await promptsOf(bestOf({ numProposals: 1 }), () => setting(0));
    const [first, second, third] = script.calls.map(({ prompt }) => prompt) as [string, string, string];
    expect(first).not.toContain("# Further failures");
    expect(second).toContain("# Further failures\nTraining examples outside this batch");
    expect(second).toContain('<value name="input" score="0" expected="summit train1">train1</value>');
    expect(third).toContain('expected="summit train3">train3</value>');
    for (const { prompt } of script.calls) expect(prompt).not.toContain("valid");
  });

  it("are those of the whole data where these serve for both", async () => {
    const script = await promptsOf(bestOf({ numProposals: 1 }), () => setting(0), { validateDataset: null });
    expect(script.calls[1]?.prompt).toContain('expected="summit train5">train5</value>');
  });
});

it("only what failed is called failed, whatever the objective", async () => {
  const climb = bundle(
    (slope: number, x: string) => {
      if (x === "train1") throw new Error("no way up");
      return Number(x.slice(5)) <= slope ? "there" : "short of it";
    },
    { name: "climb" },
  );
  const agent = model({ slope: parameter(0) }, ({ slope }, x: string) => climb(slope, x));
  const script = scriptedModel("<unchanged/>");
  const trainer = new PolicySearch(agent, new OptoPrime(agent, { model: script }), bestOf({ numProposals: 1 }));
  const costly = Object.assign((x: string, y: string) => ({ ...guide(x, y), scores: { cost: x === "train2" ? 2 : 1 } }), {
    scoreRange: [0, 1] as const,
  });
  const options = { objective: { weights: { score: 1, cost: 0.1 }, minimize: ["cost"] }, batchSize: 2, shuffle: false };
  await trainer.train(costly as never, named("train", 6), {
    ...options,
    validateDataset: named("valid", 6),
    numEpochs: 2,
  } as never);
  const prompt = script.calls.at(-1)?.prompt;
  expect(prompt).toContain('<value name="input" score="failed" expected="summit train1">train1</value>');
  expect(prompt).toContain('<value name="input" expected="summit train2">train2</value>');
});

it.each([
  ["are not told", {}, /2 of 6 examples failed\./, /No way up valid/],
  ["are told where they are the training data", { validateDataset: null }, /No way up train1/, /examples failed\./],
])("errors on validation data %s", async (_title, options, told, untold) => {
  const agent = model({ slope: parameter(0, { domain: range(0, 9, { integer: true }) }) }, ({ slope }, x: string) => {
    if (slope.value > 0 && ["valid1", "valid3", "train1"].includes(x)) throw new Error(`No way up ${x}`);
    return slope.value < 3 ? "short of it" : "there";
  });
  const script = scriptedModel(({ index }) => setting(index + 1));
  const optimizer = new OptoPrime(agent, { model: script, memorySize: 5 });
  const heard: string[] = [];
  optimizer.observe = (_candidate, _score, feedback = "") => heard.push(feedback);
  const data = { validateDataset: named("valid", 6), batchSize: 2, shuffle: false, evalFrequency: 0, stop: { maxIterations: 3 } };
  const search = new PolicySearch(agent, optimizer, bestOf({ numProposals: 1 }));
  await search.train(guide as never, named("train", 6), { ...data, ...options } as never);
  const prompts = script.calls.map(({ prompt }) => prompt.slice(prompt.indexOf("# Earlier attempts")));
  for (const said of [prompts.at(-1), heard.join("\n")]) {
    expect(said).toMatch(told);
    expect(said).not.toMatch(untold);
  }
});

it("outputs that vary for one input are shown side by side", async () => {
  let calls = 0;
  const flip = bundle((prompt: string, x: string) => `${prompt} ${x} ${calls++ % 2 === 0 ? "yes" : "no"}`, { name: "flip" });
  const agent = model({ prompt: parameter("Say") }, ({ prompt }, x: string) => flip(text`${prompt}`, x));
  const script = scriptedModel("<unchanged/>");
  const policy = always(async (step) => {
    await step.propose([step.current], { on: { dataset: "train", examples: [0], samples: 2 } });
    return { current: step.current, memo: null };
  });
  const trainer = new PolicySearch(agent, new OptoPrime(agent, { model: script }), policy, { numThreads: 1 });
  const score = (_x: string, answer: string) => [answer.endsWith("yes") ? 1 : 0, ""] as [number, string];
  await trainer.train(score as never, named("train", 1), { evalFrequency: 0, stop: { maxIterations: 1 } } as never);
  const { prompt = "" } = script.calls[0] ?? {};
  expect(prompt).toContain("# Unstable outputs");
  expect(prompt).toMatch(
    /<value name="output" score="1">Say train0 yes<\/value>\n<value name="output" score="0">Say train0 no<\/value>/,
  );
});

it("attempts say how they did against the current values, example by example, and further ones only their idea", async () => {
  const slopes = [3, 1, 2, 0, 4];
  const script = await promptsOf(bestOf({ numProposals: 1 }), (index) => setting(slopes[index] as number, `Idea ${index}.`), {
    memorySize: 1,
    batchSize: 6,
    numEpochs: 5,
  });
  const { prompt = "" } = script.calls.at(-1) ?? {};
  expect(prompt).toContain("`against` compares with the current values");
  // Slope 3 gets to 4 of 6; 2 to 3 of these.
  expect(prompt).toMatch(
    /<attempt score="0.5" spread="1 on 3, 0 on 3" against="better on 0, worse on 1 of 6">\n<reasoning>Idea 2\.<\/reasoning>/,
  );
  expect(prompt).toContain("Further ideas that were tried, oldest first, without their values:");
  expect(prompt).toMatch(/<reasoning score="0.3333" against="better on 0, worse on 2 of 6">Idea 1\.<\/reasoning>/);
});

it("a merge says what the other parent wins and loses", async () => {
  const policy = always(async (step) => {
    const other = step.add({ slope: 4 }, [step.current]);
    await step.score([step.current, other], step.validation);
    await step.propose([step.current], { others: [other], origin: "merge" });
    return { current: step.current, memo: null };
  });
  const script = await promptsOf(policy, () => setting(5), { stop: { maxIterations: 1 } });
  expect(script.calls[0]?.prompt).toMatch(
    /# Other candidates\n[^<]*<attempt score="0.8333" spread="1 on 5, 0 on 1" against="better on 4, worse on 0 of 6">/,
  );
});

it("a proposal can be made afresh, from examples and hypotheses", async () => {
  const origins: string[] = [];
  const advice: string[] = [];
  const policy = always(async (given) => {
    const step = given as Step;
    const fresh = freshAdvice(step);
    advice.push(fresh);
    const [child = step.current] = await step.propose([step.current], { advice: fresh, origin: freshOrigin });
    await step.score([step.current, child], step.validation);
    origins.push(child.origin);
    return { current: child, memo: null };
  });
  const script = await promptsOf(policy, (index) => setting(index + 2, `Climb ${index}.`), { stop: { maxIterations: 3 } });
  expect(origins).toEqual(["fresh", "fresh", "fresh"]);
  expect(advice[2]).toContain("Write the values from scratch");
  expect(advice[2]).toMatch(/- "train(\d)" → "summit train\1"/);
  expect(advice[2]).toContain('- "Climb 0." (better on 6 examples)');
  expect(advice[2]).not.toContain("valid");
  expect(script.calls[2]?.prompt).toContain("# Advice\nWrite the values from scratch");
});

it("parallel proposals pursue different hypotheses, and know what the first pursues", async () => {
  const script = await promptsOf(bestOf({ numProposals: 4 }), (index) => setting(index), { stop: { maxIterations: 1 } });
  const hypotheses = script.calls.map(({ prompt }) => /Yours: (.*?\.) /.exec(prompt)?.[1]);
  expect(hypotheses.filter((one) => one === undefined)).toHaveLength(1);
  expect(new Set(hypotheses).size).toBe(4);
});

describe("a batch without failures", () => {
  it.each([
    { name: "higher is better", objective: undefined, from: 9 },
    { name: "lower is better", objective: { minimize: ["score"] }, from: 0 },
  ])("is not asked about where $name, and the search goes on", async ({ objective, from }) => {
    const script = scriptedModel(setting(5));
    const agent = climber(from);
    const skipped: unknown[] = [];
    const { iterations } = await train({
      agent,
      guide: guide as never,
      // Without the first, which every slope reaches.
      trainDataset: named("train", 6).slice(1),
      optimizer: new OptoPrime(agent, { model: script }),
      algorithm: bestOf({ numProposals: 2 }),
      batchSize: 2,
      objective,
      logger: { onEvent: (event) => void (event.type === "update-skipped" && skipped.push(event.score)) },
      run: null,
    });
    expect(script.calls).toEqual([]);
    expect([iterations, new Set(skipped)]).toEqual([3, new Set([objective === undefined ? 1 : 0])]);
  });

  // The batches are two examples each, in order: the first two examples are in iterations 1, 4, 7, 10, and 13.
  it.each([
    { name: "1 was the best score, and a worse one was seen", scores: [0, 1], skipped: [4, 7, 13] },
    { name: "0 was the best of scores of which less is better", scores: [3, 0], minimize: true, skipped: [4, 7, 13] },
    { name: "every score was the same", scores: [1, 1], skipped: [] },
    { name: "the best score was below 1", scores: [0, 0.5], skipped: [] },
    { name: "the best score was above 1", scores: [1, 2], skipped: [] },
  ])(
    "of a guide without a range is not asked about where $name, but for one of several",
    async ({ scores, minimize, skipped }) => {
      const script = scriptedModel("<unchanged/>");
      const agent = climber(2);
      const events: number[] = [];
      const policy = always(async (step) => {
        await step.propose([step.current]);
        return { current: step.current, memo: null };
      });
      const onEvent = (event: RunEvent) => void (event.type === "update-skipped" && events.push(event.iteration));
      const search = new PolicySearch(agent, new OptoPrime(agent, { model: script }), policy, { logger: { onEvent } });
      const unranged = (_x: string, answer: string) => scores[answer === "there" ? 1 : 0] as number;
      const options = { batchSize: 2, numEpochs: 5, shuffle: false, evalFrequency: 0 };
      const objective = minimize === undefined ? undefined : { minimize: ["score"] };
      await search.train(unranged as never, named("train", 6), { ...options, objective } as never);
      expect(events).toEqual(skipped);
      expect(script.calls).toHaveLength(15 - skipped.length);
    },
  );

  it("is asked about where one output failed", async () => {
    const script = scriptedModel("<unchanged/>");
    const agent = model({ slope: parameter(2) }, ({ slope }, x: string) => {
      if (slope.value > 9 || x === "train1") throw new Error("There is no way up.");
      return Number(x.slice(5)) <= slope.value ? "there" : "short of it";
    });
    const policy = always(async (step) => {
      await step.propose([step.current]);
      return { current: step.current, memo: null };
    });
    const search = new PolicySearch(agent, new OptoPrime(agent, { model: script }), policy);
    const unranged = (_x: string, answer: string) => (answer === "there" ? 1 : 0);
    const options = { batchSize: 2, numEpochs: 3, shuffle: false, evalFrequency: 0 };
    await search.train(unranged as never, named("train", 6), options as never);
    expect(script.calls).toHaveLength(9);
  });
});

it("variables say in how many right and wrong outputs they had a part, and what led to right outputs is short", async () => {
  const long = "word ".repeat(200);
  const route = bundle((way: string, x: string) => `${way} ${x}`, { name: "route" });
  const agent = model({ left: parameter("L"), right: parameter("R") }, ({ left, right }, x: string) =>
    route(x.startsWith("a") ? left : right, x),
  );
  const script = scriptedModel("<unchanged/>");
  const trainer = new PolicySearch(agent, new OptoPrime(agent, { model: script }), bestOf({ numProposals: 1 }));
  const data = [`a1 ${long}`, `a2 ${long}`, `b1 ${long}`].map((input) => ({ input, info: null }));
  const score = (x: string) => [x.startsWith("a1") ? 0 : 1, `About ${x}`] as [number, string];
  await trainer.train(score as never, data, { batchSize: 3, evalFrequency: 0, shuffle: false } as never);
  const { prompt = "" } = script.calls[0] ?? {};
  expect(prompt).toMatch(/left \(text\)\n {2}Had a part in 1 of 1 wrong and 1 of 2 right outputs\./);
  expect(prompt).toMatch(/right \(text\)\n {2}Had a part in 0 of 1 wrong and 1 of 2 right outputs\./);
  expect(prompt).toContain(`a1 ${long}`.trim());
  expect(prompt).not.toContain(`a2 ${long}`.trim());
});
