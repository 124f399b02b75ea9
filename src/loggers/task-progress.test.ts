import { describe, expect, it } from "vitest";
import { TasksInFlight } from "./task-progress.ts";

function start(tasks: TasksInFlight, position: string): void {
  tasks.start({ type: "task-start", position, description: position, total: 3 }, 0);
}

function end(position: string): Parameters<TasksInFlight["end"]>[0] {
  return { type: "task-end", position, description: "", meanScore: null, scores: [], scored: 0, failed: 0, unscored: 0 };
}

describe("TasksInFlight", () => {
  it("counts rollouts by how they ended, with the mean of all scores and failures and the first error", () => {
    const tasks = new TasksInFlight();
    start(tasks, "t");
    tasks.advance({ type: "rollout-end", position: "t", status: "scored", score: 1 });
    tasks.advance({ type: "rollout-end", position: "t", status: "failed", score: 0, error: "first" });
    tasks.advance({ type: "rollout-end", position: "t", status: "failed", score: null, error: "second" });
    tasks.advance({ type: "rollout-end", position: "t", status: "unscored", score: null, error: "third" });
    const [task] = tasks.all;
    expect(task).toMatchObject({ done: 4, failed: 2, unscored: 1, meanScore: 1 / 3, firstError: "first" });
    expect(tasks.end(end("t"))).toBe(task);
    expect(tasks.isEmpty).toBe(true);
  });

  it("has no mean before the first score", () => {
    const tasks = new TasksInFlight();
    start(tasks, "t");
    expect(tasks.all[0]?.meanScore).toBeNull();
  });

  it.each([
    ["the task itself", "iteration/1/validate", { "iteration/1": 0, "iteration/1/validate": 1 }],
    ["a rollout below it", "iteration/1/validate/example/3/sample/0", { "iteration/1": 0, "iteration/1/validate": 1 }],
    ["the nearest task above", "iteration/1/forward/example/0", { "iteration/1": 1, "iteration/1/validate": 0 }],
    ["a sibling with the same beginning", "iteration/1/validated", { "iteration/1": 1, "iteration/1/validate": 0 }],
    ["a position outside of all tasks", "iteration/10/forward", { "iteration/1": 0, "iteration/1/validate": 0 }],
    ["an empty position", "", { "iteration/1": 0, "iteration/1/validate": 0 }],
  ])("credits a rollout at the position of %s", (_, position, expected) => {
    const tasks = new TasksInFlight();
    start(tasks, "iteration/1");
    start(tasks, "iteration/1/validate");
    tasks.advance({ type: "rollout-end", position, status: "scored", score: 1 });
    expect(Object.fromEntries(tasks.all.map(({ description, done }) => [description, done]))).toEqual(expected);
  });

  it("begins again when a task at the same position does, and knows nothing of one that it never saw", () => {
    const tasks = new TasksInFlight();
    start(tasks, "t");
    tasks.advance({ type: "rollout-end", position: "t", status: "scored", score: 1 });
    start(tasks, "t");
    expect(tasks.all).toHaveLength(1);
    expect(tasks.all[0]?.done).toBe(0);
    expect(tasks.end(end("other"))).toBeUndefined();
  });
});
