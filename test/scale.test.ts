/**
 * Many candidates at once, long chains, wide graphs, and graphs that nobody holds.
 *
 * @module
 */
import fc from "fast-check";
import { backward, model, type Node, node, operators, parameter, withValues } from "opto/graph";
import { batchify } from "opto/trainer";
import { describe, expect, it } from "vitest";

declare const gc: (() => void) | undefined;

describe("withValues", () => {
  it("64 evaluations of different candidates on one agent each see only their own values, however they interleave", async () => {
    const agent = model(
      { a: parameter(0), nested: { b: parameter("none") }, untouched: parameter("same") },
      async ({ a, nested, untouched }, waits: readonly number[]) => {
        const seen: unknown[] = [];
        for (const wait of waits) {
          seen.push([a.value, nested.b.value, untouched.value]);
          if (wait === 0) await null;
          else await new Promise((resolve) => (wait === 1 ? setImmediate(resolve) : setTimeout(resolve, wait - 2)));
        }
        return seen;
      },
    );
    const interleavings = fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }), {
      minLength: 64,
      maxLength: 64,
    });
    await fc.assert(
      fc.asyncProperty(interleavings, async (rollouts) => {
        const outputs = await Promise.all(
          rollouts.map((waits, index) =>
            withValues(agent, { a: index, "nested.b": `b${index}` }, () => agent.clone().call(waits)),
          ),
        );
        for (const [index, output] of outputs.entries()) {
          expect(output.value).toEqual(rollouts[index]?.map(() => [index, `b${index}`, "same"]));
        }
        expect(agent.candidate()).toEqual({ a: 0, "nested.b": "none", untouched: "same" });
      }),
      { numRuns: 20, seed: 1 },
    );
  });
});

describe("backward", () => {
  it("goes through a chain of 100,000 operations", () => {
    const start = parameter(0, { name: "start" });
    let end: Node<number> = operators.add(start, 1);
    for (let step = 1; step < 100_000; step++) end = operators.add(end, 1);
    const graph = backward(end, "too high").get(start);
    expect(end.value).toBe(100_000);
    // The parameter, 100,000 sums, and the 1 that each adds.
    expect(graph?.nodes).toHaveLength(200_001);
    expect(graph?.nodes[0]).toBe(start);
    expect(graph?.nodes.at(-1)).toBe(end);
  });

  it("hears of 10,000 outputs that share one parameter, each with its own feedback", () => {
    const shared = parameter(2, { name: "shared" });
    const outputs = Array.from({ length: 10_000 }, (_, index) => operators.multiply(shared, index));
    const graph = backward(
      outputs,
      outputs.map((_, index) => `feedback ${index}`),
    ).get(shared);
    expect(graph?.targets).toHaveLength(10_000);
    expect(graph?.targets[9_999]?.feedback.feedback).toBe("feedback 9999");
    expect(graph?.nodes).toHaveLength(20_001);
  });

  it("D-31, T8 looks at every node and every edge once", () => {
    let reads = 0;
    const counted = (depth: number): Node<number> => {
      let end: Node<number> = operators.add(parameter(1), 1);
      for (let step = 1; step < depth; step++) end = operators.add(end, end);
      return end;
    };
    // A diamond on a diamond: 2^n paths, but only 2n edges. Anything that follows paths would not end.
    const end = counted(1_000);
    for (const graph of backward(end, "fine").values()) reads += graph.nodes.length;
    expect(reads).toBe(1_002);
  });

  it("through batchify over 10,000 outputs", () => {
    const shared = parameter(2, { name: "shared" });
    const joined = batchify(...Array.from({ length: 10_000 }, () => operators.add(shared, 1)));
    expect(backward(joined, "fine").get(shared)?.targets).toHaveLength(1);
  });
});

describe("a finished graph", () => {
  it("D-30, T7 is garbage: parameters and constants hold nothing that was computed from them", async () => {
    const shared = parameter("x", { name: "shared" });
    const agent = model({ shared }, async ({ shared: text }, x: string) => operators.concat(text, x, "y".repeat(1_000)));
    const references: WeakRef<Node>[] = [];
    const heard: WeakRef<object>[] = [];
    const constant = node("z");
    for (let round = 0; round < 200; round++) {
      const output = await agent.call(`${round}`);
      const longer = operators.concat(output, constant);
      references.push(new WeakRef<Node>(output), new WeakRef<Node>(longer));
      for (const graph of backward(longer, "fine").values()) heard.push(new WeakRef(graph));
    }
    expect(heard).toHaveLength(200);
    // References are only cleared between turns of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(gc, "tests run with --expose-gc").toBeTypeOf("function");
    gc?.();
    const alive = [...references, ...heard].filter((reference) => reference.deref() !== undefined).length;
    expect(alive).toBeLessThan(10);
  });
});
