/**
 * The recording logger.
 *
 * @module
 */
import { expect, expectTypeOf, it } from "vitest";
import type { Logger } from "../trainer/events.ts";
import { RecordingLogger } from "./recording-logger.ts";

it("keeps events and logged values in order", () => {
  const logger = new RecordingLogger();
  const listener: Logger = logger;
  listener.onEvent?.({ type: "warning", message: "a" });
  listener.onEvent?.({ type: "iteration-start", iteration: 0, epoch: 0, batchSize: 1, examples: [0] });
  listener.onEvent?.({ type: "warning", message: "b" });
  listener.log?.("score", 0.5, 3);
  void listener.close?.();
  expect(logger.events.map(({ type }) => type)).toEqual(["warning", "iteration-start", "warning"]);
  expect(logger.logs).toEqual([{ name: "score", data: 0.5, step: 3 }]);
  expect(logger.closed).toBe(1);
  const warnings = logger.ofType("warning");
  expectTypeOf(warnings[0]?.message).toEqualTypeOf<string | undefined>();
  expect(warnings.map(({ message }) => message)).toEqual(["a", "b"]);
});
