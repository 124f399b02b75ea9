import { exactMatch, train } from "opto";
import { PolicySearch, type RacingSearchOptions, racingSearch } from "opto/algorithms";
import { Random } from "opto/data";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import type { RunEvent } from "opto/trainer";
import { describe, expect, it } from "vitest";
import { shownExamples } from "./demonstration-pools.ts";

/** Changes one of two skills; merges take the higher level of each. */
class Climber extends Optimizer {
  override readonly learnsFromFeedback = true;
  merges = 0;
  protected suggest({ position, from = {}, others = [] }: SuggestionRequest): Suggestion {
    if (others.length > 0) this.merges++;
    const random = new Random("climb").fork(position);
    const skill = random.choice(["a", "b"]);
    const highest = (name: string): number => Math.max(...[from, ...others].map((values) => Number(values[name])));
    const change = others.length > 0 ? 0 : random.integer(-1, 2);
    return { values: new Map(["a", "b"].map((name) => [name, highest(name) + (name === skill ? change : 0)])) };
  }
}

async function climb(options: RacingSearchOptions = {}) {
  const agent = model({ a: parameter(0), b: parameter(0) }, ({ a, b }, at: number) => {
    return Math.max(0, Math.min(1, ((at % 2 === 0 ? a : b).value + (at % 5)) / 20));
  });
  const optimizer = new Climber(agent);
  const events: RunEvent[] = [];
  const search = new PolicySearch(agent, optimizer, racingSearch(options), {
    logger: { onEvent: (event) => events.push(event) },
  });
  const examples = Array.from({ length: 64 }, (_, at) => ({ input: at, info: null }));
  const guide = Object.assign((_: number, right: number) => right, { scoreRange: [0, 1] as const });
  const settings = {
    validateDataset: examples,
    batchSize: 6,
    numEpochs: 9,
    evalFrequency: 0,
    stop: { maxIterations: 15 },
    seed: 1,
  };
  const { parameters } = await search.train(guide, examples, settings);
  const forwarded = events.filter(({ type, ...event }) => {
    return type === "rollout-end" && (event as { position: string }).position.includes("/forward");
  }).length;
  const scored = new Map<string, number>();
  for (const event of events) {
    if (event.type !== "rollout-end" || !event.position.includes("/validate")) continue;
    const [iteration] = event.position.split("/validate");
    scored.set(iteration as string, (scored.get(iteration as string) ?? 0) + 1);
  }
  return {
    level: Number(parameters.a) + Number(parameters.b),
    merges: optimizer.merges,
    forwarded,
    scored: [...scored.values()],
  };
}

describe("racingSearch", () => {
  it("climbs, and scores far fewer than all validation examples of every candidate", async () => {
    const { level, scored } = await climb();
    expect(level).toBeGreaterThan(6);
    // The preflight and one block at first; then a block each for some candidates.
    expect(scored[0]).toBeLessThanOrEqual(24 + 7 * 8);
    expect(Math.max(...scored.slice(1))).toBeLessThan(64);
  });

  it.each([
    [1, true],
    [0, false],
  ])("merges every %i rounds: %s", async (mergeEvery, expected) => {
    expect((await climb({ mergeEvery })).merges > 0).toBe(expected);
  });

  it("runs candidates on further examples of the batch only as long as they do not fail", async () => {
    const fresh = (feedbackSize: number) => climb({ feedbackSize, mergeEvery: 0, screen: "none" });
    const [parts, whole] = [await fresh(1), await fresh(6)];
    // Everything fails at first: each candidate is run on one example, and not on six.
    expect(parts.forwarded).toBeLessThan(whole.forwarded / 3);
  });

  it.each([
    [8, "after one block of 8"],
    [26, "after one block of 8"],
    [27, "not before the second"],
    [64, "not before the second"],
  ])("of %i validation examples a candidate leads %s", async (numExamples, when) => {
    const agent = model({ a: parameter(0) }, ({ a }, x: number) => Number(a.value > 0 && x >= 0));
    class Raising extends Optimizer {
      protected suggest({ from }: SuggestionRequest): Suggestion {
        return { values: new Map([["a", Number(from?.a ?? 0) + 1]]) };
      }
    }
    const examplesOf = (count: number) => Array.from({ length: count }, (_, input) => ({ input, info: null }));
    const search = new PolicySearch(agent, new Raising(agent), racingSearch({ mergeEvery: 0 }));
    const { parameters } = await search.train((_: number, y: number) => y, examplesOf(40), {
      validateDataset: examplesOf(numExamples),
      stop: { maxIterations: 1 },
    });
    expect(parameters.a).toBe(when.startsWith("after") ? 1 : 0);
  });

  it("takes the same decisions when it is run again", async () => {
    expect(await climb()).toEqual(await climb());
  });
});

interface Shot {
  readonly input: string;
  readonly output: string;
}

/** Tickets of eight topics; the agent knows one queue by itself, and others from tickets of the topic that it is shown. It knows what it is asked in the words of a demonstration. */
async function triage(options: RacingSearchOptions) {
  const topics = Array.from({ length: 8 }, (_, at) => `topic${at}`);
  const dataset = Array.from({ length: 72 }, (_, at) => ({ input: `${topics[at % 8]} ticket ${at}`, info: `queue${at % 8}` }));
  const asked: string[] = [];
  const agent = model({ shots: parameter([] as readonly Shot[]) }, ({ shots }, ticket: string) => {
    asked.push(ticket);
    const topic = ticket.split(" ")[0];
    return shots.value.find(({ input }) => input.split(" ")[0] === topic)?.output ?? "queue0";
  });
  const { best, usage } = await train({
    agent,
    guide: exactMatch(),
    trainDataset: dataset.slice(0, 32),
    validateDataset: dataset.slice(32),
    algorithm: racingSearch(options),
    batchSize: 8,
    numEpochs: 3,
    evalFrequency: 5,
    seed: 2,
    run: null,
    logger: [],
  });
  return { shots: best.parameters.shots as unknown as readonly Shot[], score: best.score ?? 0, calls: usage.calls, asked };
}

describe("racingSearch with lists of demonstrations", () => {
  const alone = { numLists: 3, numProposals: 0, mergeEvery: 0 } as const;

  it("learns what the agent does not know, without an optimizer, from fewer rollouts than all lists on all validation data", async () => {
    const { shots, score, calls, asked } = await triage({ ...alone, maxLabeled: 8 });
    expect(score).toBeGreaterThan(0.8);
    expect(new Set(shots.map(({ output }) => output)).size).toBeGreaterThan(6);
    expect(calls).toBe(0);
    expect(asked.length).toBeLessThan(12 * 3 * 40);
  });

  it("shows no more of each kind than is allowed", async () => {
    const { shots } = await triage({ ...alone, maxBootstrapped: 1, maxLabeled: 2 });
    expect(shots.length).toBeLessThanOrEqual(3);
  });

  it("refuses a search that would try nothing", () => {
    expect(() => racingSearch({ numProposals: 0, mergeEvery: 0 })).toThrow("RacingSearch has nothing to try");
  });

  it("refuses an agent without such a parameter", async () => {
    await expect(climb({ numLists: 1 })).rejects.toThrow("No trainable parameter holds a list of demonstrations");
  });

  it("does not count answers to examples that a candidate shows", () => {
    const entry = { id: "a", values: { shots: [{ input: "x", output: "y" }] }, parents: [], origin: "demonstrations" };
    const pools = {
      shots: {
        bootstrapped: [{ example: 3, value: { input: "x", output: "y" } }],
        labeled: [{ example: 5, value: { input: "z", output: "y" } }],
      },
    };
    expect(shownExamples(entry, pools)).toEqual(new Set([3]));
    expect(shownExamples({ ...entry, values: { shots: "text" } }, pools).size).toBe(0);
  });
});
