/**
 * A run that is killed at random moments, in short; `npm run test:kill` does it a hundred times.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { damageFiles } from "./damage-files.ts";
import { killRuns } from "./kill-runs.ts";

describe("a run that is killed with SIGKILL and started again", () => {
  it("comes to the same parameters, scores and events, and pays for no answer twice", { timeout: 300_000 }, async () => {
    const { kills, requests, repeated } = await killRuns({ kills: 4, seed: 11, options: { numEpochs: 1 } });
    expect(kills).toBe(4);
    expect(repeated).toBeLessThan(requests / 4);
  });

  it("comes to the same when its files are damaged as well", { timeout: 300_000 }, async () => {
    const { kills } = await killRuns({ kills: 5, seed: 12, options: { numEpochs: 1 }, damage: damageFiles });
    expect(kills).toBe(5);
  });
});
