import { afterEach, expect, it, vi } from "vitest";
import { StopError } from "../errors.ts";
import { RunControl } from "../trainer/run-control.ts";
import { stopOnSignals } from "./stop-signals.ts";

const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
afterEach(() => exit.mockClear());

it.each([
  ["that goes on", undefined, "interrupted"],
  ["that was stopping already, for another reason", new StopError("budget", "spent"), "budget"],
] as const)("ends a run %s in an orderly way at the first signal and exits at the second", (_, stopped, reason) => {
  const control = new RunControl();
  if (stopped !== undefined) control.stop(stopped);
  const heard: string[] = [];
  const before = process.listenerCount("SIGINT");
  const listenNoMore = stopOnSignals(control, (signal) => heard.push(signal));
  process.emit("SIGINT", "SIGINT");
  expect([control.stopped?.reason, heard, exit.mock.calls]).toEqual([reason, ["SIGINT"], []]);
  process.emit("SIGTERM", "SIGTERM");
  expect(exit.mock.calls).toEqual([[143]]);
  listenNoMore();
  expect(process.listenerCount("SIGINT")).toBe(before);
});
