/**
 * A run that is stopped by a file in its folder.
 *
 * @module
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { range } from "../graph/domain.ts";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import { train } from "../train.ts";
import { requestStop } from "./stop-request.ts";

const dir = mkdtempSync(join(tmpdir(), "opto-stop-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it("tells at once that it stops, and that it was asked to", async () => {
  const logger = new RecordingLogger();
  let isAsked = false;
  const agent = model({ level: parameter(1, { domain: range(1, 9) }) }, async ({ level }, x: number) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (!isAsked) {
      isAsked = true;
      await requestStop(join(dir, "asked"), "2026-01-01T00:00:00.000Z");
    }
    return level.value * x;
  });
  const result = await train({
    agent,
    trainDataset: Array.from({ length: 4 }, (_, index) => ({ input: index, info: 2 * index })),
    guide: (_x: number, answer: number, right: number) => [answer === right ? 1 : 0, "as it is"],
    optimizer: "TPE",
    numEpochs: 10_000,
    logger,
    run: { dir, id: "asked" },
    stop: { onSignals: false },
  });
  expect(result.stopReason).toBe("interrupted");
  expect(logger.ofType("run-stopping")).toEqual([
    expect.objectContaining({
      reason: "Stopped by a request from outside the process: finishing work in flight, then saving the run",
    }),
  ]);
  expect(existsSync(join(dir, "asked", "stop.json"))).toBe(false);
});
