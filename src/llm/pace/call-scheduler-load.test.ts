/**
 * Throughput against simulated providers, in virtual time: what of a provider's own limit the scheduler makes use of, and how
 * many requests it wastes. Set `SHOW_LOAD=1` to see the table.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { callers, calls, loads, measureLoad } from "../../../test/support/provider-loads.ts";

describe("with 64 callers and a provider of", () => {
  it.each(loads)("$name", async (load) => {
    const { share, refused, requests, seconds, left, provider } = await measureLoad(load, 1);
    if (process.env.SHOW_LOAD) {
      const parts = [
        `${(100 * share).toFixed(0)}% of the limit`,
        `${requests.toFixed(2)} requests an answer`,
        `${refused.toFixed(2)} over the limit`,
      ];
      console.log(`${load.name}: ${parts.join(", ")}, ${seconds.toFixed(0)} s`);
    }
    expect(provider.answered).toBe(calls);
    expect(share).toBeGreaterThanOrEqual(load.least);
    expect(refused).toBeLessThanOrEqual(load.mostRefused);
    expect(left).toBe(0);
  });

  it("no limit and many chance refusals keeps most callers busy", async () => {
    const { provider } = await measureLoad({ ...loads[1]!, faults: { refused: 0.5 } }, 3);
    expect(provider.mostInFlight).toBeGreaterThan(callers / 2);
  });
});
