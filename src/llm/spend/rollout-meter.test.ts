/**
 * Tokens, dollars, and milliseconds of a rollout, by a clock that the test moves.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import type { ModelReply } from "../model-request.ts";
import { measuredMetrics, RolloutMeter } from "./rollout-meter.ts";

const reply = (durationMs: number, costUsd: number | null = 0): ModelReply => {
  const usage = { inputTokens: 10, outputTokens: 5 };
  return { text: "", finishReason: "stop", usage, model: "m/m", durationMs, costUsd };
};

function meterAt() {
  let now = 0;
  const meter = new RolloutMeter({ now: () => now, monotonic: () => now });
  const wait = (ms: number): void => {
    now += ms;
  };
  return { meter, wait, latency: () => meter.scores(["latencyMs"]).latencyMs };
}

describe("RolloutMeter", () => {
  it("counts calls with their usage and cost; without a price there are no dollars", () => {
    const { meter } = meterAt();
    meter.beginCall()(reply(1, 0.25));
    meter.beginCall()();
    meter.beginCall()(reply(1, 0.5));
    expect(meter.scores(measuredMetrics)).toMatchObject({ tokens: 30, costUsd: 0.75 });
    meter.beginCall()(reply(1, null));
    expect(meter.scores(["tokens", "costUsd"])).toEqual({ tokens: 45 });
    expect(new RolloutMeter().scores(["tokens", "costUsd"])).toEqual({ tokens: 0, costUsd: 0 });
  });

  it("takes the duration of the provider for a call, whether it waited for a limit or was recorded", () => {
    for (const realMs of [0, 700, 5000]) {
      const { meter, wait, latency } = meterAt();
      wait(10);
      for (const durationMs of [700, 300]) {
        const end = meter.beginCall();
        wait(realMs);
        end(reply(durationMs));
        wait(20);
      }
      expect(latency()).toBe(10 + 700 + 20 + 300 + 20);
    }
  });

  it("overlaps calls that are made concurrently", () => {
    const { meter, wait, latency } = meterAt();
    const ends = [meter.beginCall(), meter.beginCall()];
    wait(900);
    ends[0]?.(reply(900));
    ends[1]?.(reply(400));
    expect(latency()).toBe(900);
  });

  it("counts nothing but the agent's part where that is told apart", async () => {
    const { meter, wait, latency } = meterAt();
    wait(50);
    await meter.time(async () => wait(30));
    wait(500);
    expect(latency()).toBe(30);
  });
});
