/**
 * Providers under load in virtual time: limits, faults, and what a scheduler makes of them.
 *
 * @module
 */

import { CallScheduler } from "../../src/llm/pace/call-scheduler.ts";
import type { CallLaneOptions, Lane } from "../../src/llm/pace/lane.ts";
import { type ProviderFaults, type ProviderLimit, SimulatedProvider } from "./simulated-provider.ts";
import { VirtualTime } from "./virtual-time.ts";

/** A provider under load, and what is expected of the scheduler. */
export interface Load {
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

export const callers = 64;
export const calls = 4000;
const faults: ProviderFaults = { refused: 0.3, malformed: 0.05, reset: 0.05, hang: 0.02 };
const sixteen = { limit: { kind: "in-flight", most: 16 }, meanMs: 1000, allowed: 16, least: 0.7, mostRefused: 0.6 } as const;
const bucket = { meanMs: 500, allowed: 10, least: 0.7, mostRefused: 0.6 };
const tenAtOnce: ProviderLimit = { kind: "bucket", perMinute: 600, capacity: 10 };
/** The strictest there is: the second of two requests that come within a tenth of a second is refused. */
const oneAtOnce: ProviderLimit = { kind: "bucket", perMinute: 600, capacity: 1 };
const aMinuteAtOnce: ProviderLimit = { kind: "bucket", perMinute: 600, capacity: 600 };
const byTheClock: ProviderLimit = { kind: "window", perMinute: 600 };

export const loads: readonly Load[] = [
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

/** What 64 callers get of it. @param makeLane what keeps the pace; by default opto's own */
export async function measureLoad(
  { limit, allowed, ...load }: Load,
  seed: number,
  makeLane?: (options: CallLaneOptions) => Lane,
) {
  const time = new VirtualTime();
  const provider = new SimulatedProvider(time, { limit, ...load, seed });
  const scheduler = new CallScheduler({ clock: time, sleep: time.sleep, timeoutMs: 2000, seed }, makeLane);
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
