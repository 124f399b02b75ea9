/**
 * What is said while calls wait for a limit, in virtual time: when, how often, and that it is over.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { VirtualTime } from "../../../test/support/virtual-time.ts";
import { httpError } from "../../testing/provider-errors.ts";
import type { ScheduledCall } from "../call-services.ts";
import type { CallSchedulerOptions } from "./call-options.ts";
import { CallScheduler } from "./call-scheduler.ts";
import type { WaitReport } from "./limit-wait.ts";

interface Told extends WaitReport {
  readonly at: number;
}

function setUp(options: CallSchedulerOptions = {}) {
  const time = new VirtualTime();
  const scheduler = new CallScheduler({ clock: time, sleep: time.sleep, ...options });
  const told: Told[] = [];
  const over: number[] = [];
  const answers: boolean[] = [];
  const call = (attempt: ScheduledCall<string>["attempt"]): Promise<unknown> =>
    scheduler
      .run({
        model: "test/model",
        label: "call",
        estimatedTokens: 10,
        attempt,
        onWait: (wait) => told.push({ ...wait, at: time.monotonic() }),
        onWaitEnd: (waitedMs, isAnswered) => {
          over.push(waitedMs);
          answers.push(isAnswered);
        },
      })
      .catch((error: unknown) => error);
  return { time, told, over, answers, call };
}

const limited = httpError(429, "Rate limit reached for requests per min");

describe("a wait for a limit", () => {
  it("without a time is reported within ten seconds, then once a minute, and when it is over", async () => {
    const { time, told, over, call } = setUp();
    const attempt = async (): Promise<{ value: string }> => {
      if (time.monotonic() < 150_000) throw limited;
      return { value: "ok" };
    };
    await time.run(Promise.all(Array.from({ length: 8 }, () => call(attempt))));
    const [first] = told as [Told];
    expect(first.at).toBeLessThan(10_000);
    expect(first.reason).toBe("status 429: Rate limit reached for requests per min");
    // Those that are being tried this very moment do not wait.
    expect(first.calls).toBeGreaterThanOrEqual(4);
    expect(first.calls).toBeLessThanOrEqual(8);
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told.length).toBeLessThanOrEqual(3);
    expect((told[1] as Told).at - first.at).toBeGreaterThanOrEqual(60_000);
    expect((told[1] as Told).waitedMs).toBeGreaterThanOrEqual(60_000);
    expect(over).toHaveLength(1);
    expect(over[0]).toBeGreaterThan(140_000);
  });

  it("with a time is reported at once, one that is over in a moment not at all", async () => {
    const long = setUp();
    const once =
      (headers: Record<string, string>) =>
      async (_: AbortSignal, attempt: number): Promise<{ value: string }> => {
        if (attempt === 1) throw httpError(429, "Slow down", headers);
        return { value: "ok" };
      };
    await long.time.run(long.call(once({ "retry-after": "45" })));
    expect(long.told).toMatchObject([{ at: 0, calls: 1, waitedMs: 0, reason: "status 429: Slow down" }]);
    expect(long.told[0]?.delayMs).toBeGreaterThanOrEqual(45_000);
    expect(long.over).toHaveLength(1);
    expect(long.answers).toEqual([true]);
    const short = setUp();
    await short.time.run(short.call(once({ "retry-after": "2" })));
    expect(short).toMatchObject({ told: [], over: [] });
  });

  it("that ends with the patience of all calls is over, too, without an answer", async () => {
    const { time, told, over, answers, call } = setUp({ retry: { maxWaitMs: 30_000 } });
    await time.run(Promise.all([call(() => Promise.reject(limited)), call(() => Promise.reject(limited))]));
    expect(told).toHaveLength(1);
    expect(over).toHaveLength(1);
    expect(answers).toEqual([false]);
  });

  it("of the user's own names that limit", async () => {
    const { time, told, over, call } = setUp({ limits: { "*": { requestsPerMinute: 2 } } });
    await time.run(Promise.all(Array.from({ length: 4 }, () => call(async () => ({ value: "ok" })))));
    expect(told[0]).toMatchObject({ reason: "`requestsPerMinute: 2`" });
    expect(over.length).toBe(told.length);
  });

  it("that headers announce is reported to those that wait", async () => {
    const { time, told, call } = setUp();
    const headers = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "30s" };
    await time.run(call(async () => ({ value: "ok", headers })));
    await time.run(call(async () => ({ value: "ok" })));
    expect(told).toMatchObject([{ calls: 1, delayMs: 30_000, reason: expect.stringContaining("headers") }]);
  });

  it("is none for server errors and for slow answers", async () => {
    const { time, told, call } = setUp({ limits: { "*": { concurrency: 1 } } });
    const slow = async (signal: AbortSignal): Promise<{ value: string }> => {
      await time.sleep(60_000, signal);
      return { value: "ok" };
    };
    const broken = async (_: AbortSignal, attempt: number): Promise<{ value: string }> => {
      if (attempt < 6) throw httpError(503);
      return { value: "ok" };
    };
    await time.run(Promise.all([call(slow), call(slow), call(broken)]));
    expect(told).toEqual([]);
  });
});
