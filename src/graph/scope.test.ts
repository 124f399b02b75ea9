import { describe, expect, it } from "vitest";
import { ids } from "../../test/support/nodes.ts";
import { backward } from "./backward.ts";
import { bundle } from "./bundle.ts";
import type { ExecutionError } from "./execution-error.ts";
import { node } from "./node.ts";
import { parameter } from "./parameter.ts";
import { type AmbientEvent, atPosition, currentPosition, currentRun, emitEvent, noTrace } from "./scope.ts";
import { withValues } from "./with-values.ts";

const p = parameter(1, { name: "p" });
const add = bundle((x: number, y: number) => x + y + p.value);
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("noTrace", () => {
  it("computes the same without inputs", () => {
    const traced = add(1, 2);
    const untraced = noTrace(() => add(node(1), 2));
    expect([traced.value, untraced.value]).toEqual([4, 4]);
    expect([traced.inputs.length, untraced.inputs.length]).toEqual([3, 0]);
    expect(backward(untraced, "nobody asks").size).toBe(0);
  });

  it("nests, and ends where it ends", () => {
    noTrace(() => {
      void noTrace(() => add(1, 2));
      expect(add(1, 2).inputs).toEqual([]);
    });
    expect(add(1, 2).inputs).toHaveLength(3);
  });

  it("ends when it is left by an error", () => {
    expect(() =>
      noTrace(() => {
        throw new RangeError("out");
      }),
    ).toThrow(RangeError);
    expect(add(1, 2).inputs).toHaveLength(3);
  });

  it("leaves other calls in flight alone", async () => {
    const slow = bundle(async (x: number) => {
      await tick();
      return x + p.value;
    });
    const [traced, untraced, again] = await Promise.all([slow(1), noTrace(() => slow(1)), slow(1)]);
    expect([traced, untraced, again].map(({ inputs }) => inputs.length)).toEqual([2, 0, 2]);
  });

  it("hides what is read inside from the operation around it", () => {
    const outer = bundle((x: number) => noTrace(() => add(x, p.value).value));
    expect(outer(1).inputs).toHaveLength(1);
  });

  it("still turns failures into exception nodes", () => {
    const broken = bundle((_x: number) => {
      throw new Error("boom");
    });
    try {
      void noTrace(() => broken(1));
      expect.unreachable();
    } catch (error) {
      expect((error as ExecutionError).exceptionNode).toMatchObject({ kind: "exception", inputs: [] });
    }
  });

  it("keeps the values that are bound around it", () => {
    expect(withValues([p], { p: 5 }, () => noTrace(() => p.value))).toBe(5);
    expect(noTrace(() => withValues([p], { p: 5 }, () => add(1, 2)))).toMatchObject({ value: 8, inputs: [] });
  });
});

describe("positions", () => {
  it("nest by labels, over await", async () => {
    expect(currentPosition()).toBe("");
    expect(currentRun()).toBeUndefined();
    const seen = await atPosition("iteration/3", () =>
      Promise.all(
        [2, 0, 1].map((index) =>
          atPosition(`proposal/${index}`, async () => {
            await tick();
            return currentPosition();
          }),
        ),
      ),
    );
    expect(seen).toEqual(["iteration/3/proposal/2", "iteration/3/proposal/0", "iteration/3/proposal/1"]);
  });

  it("stay what they are at an empty label", () => {
    expect(atPosition("", currentPosition)).toBe("");
    expect(atPosition("example/1", () => atPosition("", () => atPosition("test", currentPosition)))).toBe("example/1/test");
  });

  it("carry the signal and the listener of the outer one, or their own", () => {
    const events: AmbientEvent[] = [];
    const outer = new AbortController();
    const inner = new AbortController();
    emitEvent({ type: "nobody-listens" });
    atPosition(
      "a",
      () => {
        emitEvent({ type: "outer" });
        atPosition("b", () => emitEvent({ type: "inner" }));
        expect(atPosition("b", () => currentRun()?.signal)).toBe(outer.signal);
        expect(atPosition("b", () => currentRun()?.signal, { signal: inner.signal })).toBe(inner.signal);
      },
      { signal: outer.signal, emit: (event) => events.push(event) },
    );
    expect(events.map(({ type }) => type)).toEqual(["outer", "inner"]);
  });

  it("count the calls made there and not those below", () => {
    atPosition("a", () => {
      const run = currentRun();
      if (run) run.calls++;
      expect(atPosition("b", () => currentRun()?.calls)).toBe(0);
      expect(bundle(() => currentRun()?.calls)().value).toBe(1);
    });
  });

  it("leave tracing as it is", () => {
    const result = bundle(() => atPosition("a", () => p.value))();
    expect(ids(result.inputs)).toEqual(ids([p]));
  });
});
