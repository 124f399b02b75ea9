import { describe, expect, it } from "vitest";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { evaluate } from "./evaluate.ts";
import { beginInTurn, letTurn } from "./event-loop.ts";

const compute = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until) {}
};
const examples = Array.from({ length: 40 }, (_, input) => ({ input, info: input }));

/** How often the event loop turned meanwhile, by a chain of immediates. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const next = (): void => {
    turns++;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  await work();
  isOver = true;
  return turns;
}

describe("rollouts that wait for nothing", () => {
  it.each<[string, (x: number) => unknown]>([
    ["synchronous", (x) => [compute(5), x][1]],
    [
      "asynchronous, in many steps",
      async (x) => {
        for (let step = 0; step < 10; step++) {
          compute(0.5);
          await null;
        }
        return x;
      },
    ],
  ])("let the event loop turn in between: %s", async (_, forward) => {
    const agent = model({ a: parameter(1) }, (_parts, x: number) => forward(x) as number);
    let scores: readonly (number | null)[] = [];
    const turns = await turnsDuring(async () => {
      ({ scores } = await evaluate(agent, (_x, y) => y, examples, { numThreads: 16 }));
    });
    // 200 ms of work, of which a stretch begins no more than 10 ms; one rollout takes 5.
    expect(turns).toBeGreaterThan(9);
    expect(scores).toEqual(examples.map(({ input }) => input));
  });

  let heavyPieces = 0;
  const heavy = (x: unknown): unknown => [compute(12), x, heavyPieces++][1];
  it.each<[name: string, forward: (x: number) => unknown, guide: (x: number) => unknown]>([
    ["the agent, before it waits", heavy, () => 1],
    ["the agent, behind an await", async (x) => heavy(await x), () => 1],
    ["the agent, from the 10th example on", async (x) => ((await x) < 10 ? x : heavy(x)), () => 1],
    ["the guide", (x) => x, heavy],
    ["the guide, behind an await", (x) => x, async (x) => heavy(await x)],
  ])("let it turn after each piece that computes for longer than a stretch: %s", async (_, forward, guide) => {
    heavyPieces = 0;
    const agent = model({ a: parameter(1) }, (_parts, x: number) => forward(x) as number);
    const judge = async (x: number) => [await guide(x), 1][1] as number;
    const turns = await turnsDuring(() => evaluate(agent, judge, examples, { numThreads: 16 }));
    // The first may come before turns are counted, the last after.
    expect(heavyPieces).toBeGreaterThan(29);
    expect(turns).toBeGreaterThanOrEqual(heavyPieces - 2);
  });

  it.each<[string, (x: number) => unknown]>([
    ["synchronous", (x) => [compute(20), x][1]],
    ["asynchronous", async (x) => [compute(20), x][1]],
  ])("have all of their time, however long the others compute: %s", async (_, forward) => {
    const agent = model({ a: parameter(1) }, (_parts, x: number) => forward(x) as number);
    const options = { numThreads: 40, rollouts: { timeoutMs: 150 } };
    expect(await evaluate(agent, () => 1, examples, options)).toMatchObject({ mean: 1, unscored: 0 });
  });

  it("let it turn between agent and guide", async () => {
    // What ran before has had its turn.
    await new Promise((resolve) => setImmediate(resolve));
    const order: string[] = [];
    const agent = model({ a: parameter(1) }, (_parts, x: number) => {
      compute(15);
      order.push("agent");
      return x;
    });
    setImmediate(() => order.push("turn"));
    await evaluate(agent, () => order.push("guide"), [{ input: 1, info: 1 }]);
    expect(order).toEqual(["agent", "turn", "guide"]);
  });

  it("follow each other without a turn where they are short", async () => {
    const agent = model({ a: parameter(1) }, (_parts, x: number) => x);
    const many = Array.from({ length: 2_000 }, (_, input) => ({ input, info: input }));
    await evaluate(agent, (_x, y) => y, many);
    expect(await turnsDuring(() => evaluate(agent, (_x, y) => y, many))).toBeLessThan(500);
  });
});

describe("beginInTurn", () => {
  it("begins pieces in the order in which they came, the next one after what a piece does before it waits", async () => {
    const begun: string[] = [];
    await new Promise((resolve) => setImmediate(resolve));
    for (const name of ["a", "b", "c", "d", "e", "f"]) beginInTurn(() => begun.push(name));
    expect(begun).toEqual(["a"]);
    await letTurn();
    await new Promise<void>((resolve) => beginInTurn(resolve));
    expect(begun).toEqual(["a", "b", "c", "d", "e", "f"]);
  });
});
