import { describe, expect, it } from "vitest";
import { type AmbientEvent, atPosition, currentPosition } from "../graph/scope.ts";
import { Pool } from "./pool.ts";
import { runTask } from "./rollout.ts";

const rateLimit = Object.assign(new Error("slow down"), { status: 429 });

async function run(works: (() => Promise<{ result: string; score: number | null; error?: string }>)[], signal?: AbortSignal) {
  const events: AmbientEvent[] = [];
  const labels = works.map((_, index) => `example/${index}`);
  const rollouts = atPosition(
    "iteration/2",
    () =>
      runTask(labels, (index) => (works[index] as (typeof works)[number])(), {
        pool: new Pool(2),
        description: "Testing",
        label: "test",
        signal,
      }),
    { emit: (event) => events.push(event) },
  );
  return { rollouts: await rollouts, events };
}

describe("runTask", () => {
  it("tells scored, failed and unscored apart and reports each at its position", async () => {
    const { rollouts, events } = await run([
      async () => ({ result: currentPosition(), score: 1 }),
      async () => ({ result: currentPosition(), score: 0, error: "boom" }),
      async () => Promise.reject(rateLimit),
    ]);
    expect(rollouts).toEqual([
      { status: "scored", result: "iteration/2/test/example/0", score: 1 },
      { status: "failed", result: "iteration/2/test/example/1", score: 0, error: "boom" },
      { status: "unscored", score: null, cause: rateLimit, error: "Error: slow down" },
    ]);
    expect(events[0]).toEqual({ type: "task-start", position: "iteration/2/test", description: "Testing", total: 3 });
    expect(events.slice(1, 4)).toContainEqual({
      type: "rollout-end",
      position: "iteration/2/test/example/1",
      status: "failed",
      score: 0,
      error: "boom",
    });
    expect(events[4]).toEqual({
      type: "task-end",
      position: "iteration/2/test",
      description: "Testing",
      meanScore: 0.5,
      scores: [1, 0, null],
      scored: 1,
      failed: 1,
      unscored: 1,
    });
  });

  it("a bug passes unchanged", async () => {
    const bug = new TypeError("bug");
    await expect(run([async () => Promise.reject(bug)])).rejects.toBe(bug);
  });

  it("an abort is not an unscored rollout: its reason is thrown", async () => {
    const controller = new AbortController();
    const reason = new Error("stop");
    const work = async (): Promise<never> => {
      controller.abort(reason);
      throw new DOMException("This operation was aborted", "AbortError");
    };
    await expect(run([work], controller.signal)).rejects.toBe(reason);
  });
});
