import { describe, expect, it } from "vitest";
import { StopError } from "../errors.ts";
import { atPosition } from "../graph/scope.ts";
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
    await expect(new Pool(1).map([1], async () => started++, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(started).toBe(0);
    const controller = new AbortController();
    const run = new Pool(1).map(
      [1, 2, 3],
      async () => {
        started++;
        controller.abort(reason);
      },
      controller.signal,
    );
    await expect(run).rejects.toBe(reason);
    expect(started).toBe(1);
  });

  it("an abort does not wait for work that never ends", async () => {
    const controller = new AbortController();
    const run = new Pool(2).map([1, 2, 3], () => new Promise(() => {}), controller.signal);
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
});
