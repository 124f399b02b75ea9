/**
 * Throughput against simulated providers, in virtual time: what of a provider's own limit the scheduler makes use of, and how
 * many requests it wastes. Set `SHOW_LOAD=1` to see the table.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { type ProviderFaults, type ProviderLimit, SimulatedProvider } from "../../../test/support/simulated-provider.ts";
import { VirtualTime } from "../../../test/support/virtual-time.ts";
import { CallScheduler } from "./call-scheduler.ts";

interface Load {
  readonly name: string;
  readonly limit: ProviderLimit;
  readonly meanMs: number;
  readonly faults?: ProviderFaults;
  readonly retryAfter?: boolean;
  readonly headers?: boolean;
  /** Answers a second that the limit allows in the long run, were there no faults. */
  readonly allowed: number;
  /** The least share of it that must be reached. */
  readonly least: number;
  /** The most requests refused because of the limit, for each answer. */
  readonly mostRefused: number;
}

const callers = 64;
const calls = 4000;
const faults: ProviderFaults = { refused: 0.3, malformed: 0.05, reset: 0.05, hang: 0.02 };
const sixteen = { limit: { kind: "in-flight", most: 16 }, meanMs: 1000, allowed: 16, least: 0.7, mostRefused: 0.6 } as const;
const bucket = { meanMs: 500, allowed: 10, least: 0.7, mostRefused: 0.6 };
const tenAtOnce: ProviderLimit = { kind: "bucket", perMinute: 600, capacity: 10 };
/** The strictest there is: the second of two requests that come within a tenth of a second is refused. */
const oneAtOnce: ProviderLimit = { kind: "bucket", perMinute: 600, capacity: 1 };
const aMinuteAtOnce: ProviderLimit = { kind: "bucket", perMinute: 600, capacity: 600 };
const byTheClock: ProviderLimit = { kind: "window", perMinute: 600 };

const loads: readonly Load[] = [
  { name: "no limit", limit: { kind: "none" }, meanMs: 1000, allowed: callers, least: 0.8, mostRefused: 0 },
  // Here the calls that sleep are what is missing: sleeping callers send nothing.
  {
    name: "no limit, 30% refused",
    limit: { kind: "none" },
    meanMs: 1000,
    faults: { refused: 0.3 },
    allowed: callers,
    least: 0.6,
    mostRefused: 0,
  },
  { name: "16 in flight", ...sixteen, least: 0.8, mostRefused: 0.3 },
  { name: "16 in flight, retry-after", ...sixteen, retryAfter: true, least: 0.8, mostRefused: 0.3 },
  { name: "16 in flight, 30% refused", ...sixteen, faults: { refused: 0.3 } },
  { name: "16 in flight, all faults", ...sixteen, faults },
  { name: "2 in flight", limit: { kind: "in-flight", most: 2 }, meanMs: 300, allowed: 2 / 0.3, least: 0.75, mostRefused: 0.4 },
  { name: "600 a minute, 10 at once", ...bucket, limit: tenAtOnce, least: 0.9, mostRefused: 0.3 },
  { name: "600 a minute, 10 at once, retry-after", ...bucket, limit: tenAtOnce, retryAfter: true, least: 0.9, mostRefused: 0.3 },
  { name: "600 a minute, 10 at once, headers", ...bucket, limit: tenAtOnce, headers: true, least: 0.9, mostRefused: 0.2 },
  { name: "600 a minute, 10 at once, 30% refused", ...bucket, limit: tenAtOnce, faults: { refused: 0.3 } },
  { name: "600 a minute, 10 at once, all faults", ...bucket, limit: tenAtOnce, faults },
  { name: "600 a minute, one each 100 ms", ...bucket, limit: oneAtOnce, least: 0.6 },
  { name: "600 a minute, 600 at once", ...bucket, limit: aMinuteAtOnce, least: 0.9, mostRefused: 0.3 },
  { name: "600 a minute, 600 at once, headers", ...bucket, limit: aMinuteAtOnce, headers: true, least: 0.85, mostRefused: 0.01 },
  { name: "600 a minute, 600 at once, all faults", ...bucket, limit: aMinuteAtOnce, faults },
  { name: "600 in each minute", ...bucket, limit: byTheClock, mostRefused: 0.3 },
  { name: "600 in each minute, retry-after", ...bucket, limit: byTheClock, retryAfter: true, mostRefused: 0.2 },
  { name: "600 in each minute, all faults", ...bucket, limit: byTheClock, faults },
];

async function measure({ limit, allowed, ...load }: Load, seed: number) {
  const time = new VirtualTime();
  const provider = new SimulatedProvider(time, { limit, ...load, seed });
  const scheduler = new CallScheduler({ clock: time, sleep: time.sleep, timeoutMs: 2000, seed });
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let index = next++; index < calls; index = next++) {
      const label = `call/${index}`;
      await scheduler.run({ model: "test/model", label, estimatedTokens: 1, attempt: (signal) => provider.answer(signal) });
    }
  };
  await time.run(Promise.all(Array.from({ length: callers }, caller)));
  const seconds = time.monotonic() / 1000;
  // What may be taken at once comes on top of what flows in; a minute of the clock that has begun counts whole.
  const most = {
    none: allowed * seconds,
    "in-flight": allowed * seconds,
    bucket: allowed * seconds + ("capacity" in limit ? limit.capacity : 0),
    window: Math.ceil(seconds / 60) * 60 * allowed,
  }[limit.kind];
  const share = provider.answered / most;
  return {
    share,
    refused: provider.overLimit / calls,
    requests: provider.requests / calls,
    seconds,
    left: time.sleeping,
    provider,
  };
}

describe("with 64 callers and a provider of", () => {
  it.each(loads)("$name", async (load) => {
    const { share, refused, requests, seconds, left, provider } = await measure(load, 1);
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
    const { provider } = await measure({ ...loads[1]!, faults: { refused: 0.5 } }, 3);
    expect(provider.mostInFlight).toBeGreaterThan(callers / 2);
  });
});
