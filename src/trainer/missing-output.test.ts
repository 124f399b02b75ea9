/**
 * A `forward` that returns nothing.
 *
 * @module
 */
import { expect, it, vi } from "vitest";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { evaluate } from "./evaluate.ts";
import { standardOptimizationStep } from "./standard-optimization-step.ts";

it("is warned of once, by name, and is scored like any other answer", async () => {
  const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const agent = model({ p: parameter("x") }, function triage({ p }, _x: string): undefined {
    p.value;
  });
  const guide = (_x: string, answer: unknown) => (answer === undefined ? 0.25 : 1);
  expect((await evaluate(agent, guide, ["a", "b"], [null, null])).scores).toEqual([0.25, 0.25]);
  expect(await standardOptimizationStep(agent, "a", guide, null)).toMatchObject({ score: 0.25 });
  expect(emitWarning.mock.calls).toEqual([
    [expect.stringMatching(/^`forward` of triage returned undefined.* Return the answer, or null/), "OptoWarning"],
  ]);
  emitWarning.mockRestore();
});

it("that returns null says so on purpose", async () => {
  const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  await standardOptimizationStep(
    model({ p: parameter("x") }, () => null),
    "a",
    () => 1,
    null,
  );
  expect(emitWarning).not.toHaveBeenCalled();
  emitWarning.mockRestore();
});

it("that returns a stream is warned of", async () => {
  const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const streaming = model({ p: parameter("x") }, async function* triage({ p }, _x: string) {
    yield p.value;
  });
  const responding = model({ p: parameter("x") }, function fetchAnswer({ p }, _x: string) {
    return new Response(p.value);
  });
  await standardOptimizationStep(streaming, "a", () => 1, null);
  await standardOptimizationStep(responding, "a", () => 1, null);
  expect(emitWarning.mock.calls.map(([text]) => text)).toEqual([
    expect.stringMatching(/^`forward` of triage returned a stream.* Read it to its end/),
    expect.stringMatching(/^`forward` of fetchAnswer returned a stream/),
  ]);
  emitWarning.mockRestore();
});
