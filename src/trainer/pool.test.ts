import { describe, expect, it } from "vitest";
import { milestone } from "../../test/support/milestone.ts";
import { StopError } from "../errors.ts";
import { atPosition, currentRun } from "../graph/scope.ts";
import { Pool } from "./pool.ts";
import { RunControl } from "./run-control.ts";

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("Pool", () => {
  it("gives results in the order of the items, whatever finishes first", async () => {
    const results = await new Pool(4).map([30, 1, 20, 2, 10], async (ms, index) => {
      await later(ms);
      return `${index}:${ms}`;
    });
    expect(results).toEqual(["0:30", "1:1", "2:20", "3:2", "4:10"]);
  });

  it("is shared: all maps together have at most `width` in flight, and no place stands idle while there is work", async () => {
    const pool = new Pool(3);
    let inFlight = 0;
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      seen.push(++inFlight);
      await later(2);
      inFlight--;
    };
    await Promise.all([pool.map(Array(7), work), pool.map(Array(2), work), pool.map(Array(7), work)]);
    expect(Math.max(...seen)).toBe(3);
    expect(seen.filter((count) => count === 3).length).toBeGreaterThan(9);
  });

  it("takes items one by one, as places become free", async () => {
    let taken = 0;
    function* endless(): Generator<number> {
      for (;;) yield taken++;
    }
    const stop = new Error("enough");
    await expect(
      new Pool(2).map(endless(), async (item) => {
        await later(1);
        if (item === 5) throw stop;
      }),
    ).rejects.toBe(stop);
    expect(taken).toBeLessThan(10);
  });

  it("after a failure starts nothing more, lets the rest end, and throws the error of the earliest item", async () => {
    const ended: number[] = [];
    const work = async (item: number): Promise<void> => {
      await later(item === 0 ? 10 : 1);
      ended.push(item);
      if (item < 2) throw new Error(`item ${item}`);
    };
    await expect(new Pool(3).map([0, 1, 2, 3, 4, 5], work)).rejects.toThrow("item 0");
    expect(ended.sort()).toEqual([0, 1, 2]);
  });

  it("an abort is thrown unchanged, before anything starts or between items", async () => {
    const reason = new Error("stop");
    let started = 0;
    await expect(new Pool(1).map([1], async () => started++, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(started).toBe(0);
    const controller = new AbortController();
    const run = new Pool(1).map(
      [1, 2, 3],
      async () => {
        started++;
        controller.abort(reason);
      },
      { signal: controller.signal },
    );
    await expect(run).rejects.toBe(reason);
    expect(started).toBe(1);
  });

  it("an abort does not wait for work that never ends", async () => {
    const controller = new AbortController();
    const run = new Pool(2).map([1, 2, 3], () => new Promise(() => {}), { signal: controller.signal });
    controller.abort("enough");
    await expect(run).rejects.toBe("enough");
  });

  it("a run that is asked to stop starts nothing more, lets the rest end, and throws the reason", async () => {
    const control = new RunControl();
    const ended: number[] = [];
    const work = async (item: number): Promise<void> => {
      if (item === 1) control.stop(new StopError("interrupted", "enough"));
      await later(1);
      ended.push(item);
    };
    const run = atPosition("", () => new Pool(2).map([0, 1, 2, 3], work), { services: { control } });
    await expect(run).rejects.toMatchObject({ reason: "interrupted" });
    expect(ended).toEqual([0, 1]);
  });

  it.each([0, -1, 1.5, Number.NaN])("a width of %s is refused", (width) => {
    expect(() => new Pool(width)).toThrow(/numThreads.*at least 1/);
  });

  it("nothing to do is done at once", async () => {
    expect(await new Pool(2).map([], async () => 1)).toEqual([]);
  });

  it("work that is waited for comes before work in the background, which fills what is left", async () => {
    const pool = new Pool(2);
    const begun: string[] = [];
    const work = (name: string) => async (item: number) => {
      begun.push(`${name}${item}`);
      await later(2);
    };
    const background = pool.map([0, 1, 2, 3], work("b"), { isBackground: true });
    const urgent = pool.map([0, 1, 2], work("u"));
    await Promise.all([background, urgent]);
    expect(begun).toEqual(["b0", "b1", "u0", "u1", "u2", "b2", "b3"]);
  });

  it("reads an asynchronous sequence one item ahead, and gives its results in order", async () => {
    let read = 0;
    async function* numbers(): AsyncGenerator<number> {
      for (; read < 50; read++) {
        await later(0);
        yield read;
      }
    }
    const ahead: number[] = [];
    let begun = 0;
    const results = await new Pool(3).map(numbers(), async (item) => {
      ahead.push(read - begun++);
      await later(3);
      return item * 2;
    });
    expect(results).toEqual(Array.from({ length: 50 }, (_, index) => index * 2));
    expect(Math.max(...ahead)).toBeLessThan(3);
  });

  it("an asynchronous sequence that fails is an error after what was in work has ended; its end is let known", async () => {
    let isFreed = false;
    async function* failing(): AsyncGenerator<number> {
      try {
        yield 1;
        yield 2;
        throw new Error("no more data");
      } finally {
        isFreed = true;
      }
    }
    const ended: number[] = [];
    const run = new Pool(4).each(failing(), async (item) => {
      await later(5);
      ended.push(item);
    });
    await expect(run).rejects.toThrow("no more data");
    expect([ended, isFreed]).toEqual([[1, 2], true]);
  });

  it("frees a sequence that was not read to its end", async () => {
    let isFreed = false;
    function* numbers(): Generator<number> {
      try {
        for (let index = 0; ; index++) yield index;
      } finally {
        isFreed = true;
      }
    }
    const run = new Pool(1).each(numbers(), async (item) => {
      if (item === 3) throw new Error("three");
    });
    await expect(run).rejects.toThrow("three");
    expect(isFreed).toBe(true);
  });

  it("does not run further ahead of a slow item than allowed", async () => {
    let most = 0;
    const seen = milestone();
    const run = new Pool(2).each(
      Array.from({ length: 40 }, (_, index) => index),
      async (item) => {
        if (item === 0) await seen.reached;
        else most = Math.max(most, item);
      },
      { maxAhead: 10 },
    );
    await later(10);
    expect(most).toBe(9);
    seen.reach();
    await run;
    expect(most).toBe(39);
  });

  it("begins work in the scope of who asked for it, whatever has freed the place", async () => {
    const pool = new Pool(1);
    const positions: (string | undefined)[] = [];
    const note = async (): Promise<void> => {
      positions.push(currentRun()?.position);
      await later(1);
    };
    const one = atPosition("one", () => pool.each([0, 1], note));
    const two = atPosition("two", () => pool.each([0, 1], note, { isBackground: true }));
    await Promise.all([one, two]);
    expect(positions).toEqual(["one", "one", "two", "two"]);
  });
});
