/**
 * Calls that are repeated, refused, aborted and timed out, in virtual time.
 *
 * @module
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { VirtualTime } from "../../../test/support/virtual-time.ts";
import { StopError } from "../../errors.ts";
import { httpError, networkError } from "../../testing/provider-errors.ts";
import type { Retry, ScheduledCall } from "../call-services.ts";
import type { CallSchedulerOptions, LimitsByModel } from "./call-options.ts";
import { CallScheduler } from "./call-scheduler.ts";

afterEach(() => void vi.unstubAllEnvs());

type Attempt = ScheduledCall<string>["attempt"];

function setUp(options: CallSchedulerOptions = {}) {
  const time = new VirtualTime();
  const scheduler = new CallScheduler({ clock: time, sleep: time.sleep, ...options });
  const call = (attempt: Attempt, more: Partial<ScheduledCall<string>> = {}): Promise<string> =>
    scheduler.run({ model: "test/model", label: "call/0", estimatedTokens: 10, attempt, ...more });
  const answerIn =
    (ms: number): Attempt =>
    async (signal) => {
      await time.sleep(ms, signal);
      return { value: "ok" };
    };
  return { time, scheduler, call, answerIn };
}

/** Throws each of the errors once, then answers. */
function failing(...errors: unknown[]): Attempt {
  return async (_, attempt) => {
    if (attempt <= errors.length) throw errors[attempt - 1];
    return { value: `ok after ${attempt}` };
  };
}

const caught = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error("It was answered"),
    (error: Error) => error,
  );
const repeat = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

describe("repetition", () => {
  it.each<[string, unknown[]]>([
    ["rate limits", [httpError(429), httpError(429)]],
    ["server errors", repeat(8, httpError(503))],
    ["network failures", [networkError("ECONNRESET")]],
    ["broken replies", [httpError(200, "Invalid JSON response")]],
    ["more refusals than retries", repeat(20, httpError(429))],
  ])("goes on after %s", async (_, errors) => {
    const { time, call } = setUp();
    expect(await time.run(call(failing(...errors)))).toBe(`ok after ${errors.length + 1}`);
    expect(time.sleeping).toBe(0);
  });

  it.each<[string, unknown]>([
    ["a wrong key", httpError(401)],
    ["an invalid request", httpError(400)],
    ["a bug", new TypeError("x is not a function")],
    ["a spent budget", new StopError("budget", "The budget of 1 call is spent")],
  ])("ends at once for %s, with that very error", async (_, error) => {
    const { time, call } = setUp();
    const attempt = vi.fn(failing(error));
    expect(await time.run(caught(call(attempt)))).toBe(error);
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it("says how often and how long it tried, without keys", async () => {
    vi.stubEnv("OPENAI_API_KEY", "planted-4f81c2d97a");
    const { time, call } = setUp({ seed: 1 });
    const last = httpError(500, "Cannot use planted-4f81c2d97a");
    const error = await time.run(caught(call(failing(...repeat(9, last)))));
    expect(error).toMatchObject({ code: "infrastructure", cause: last });
    expect(error.message).toMatch(
      /^test\/model did not answer in 9 attempts over \d+\.\d s; the last failure: status 500: Cannot use \[key removed\]$/,
    );
    expect(last.message).toBe("Cannot use [key removed]");
  });

  it("stops for a spent quota and says that the run can be continued", async () => {
    const { time, call } = setUp();
    const error = await time.run(caught(call(failing(httpError(402, "No credit")))));
    expect(error).toBeInstanceOf(StopError);
    expect(error).toMatchObject({ reason: "quota" });
    expect(error.message).toMatch(/test\/model has no quota left \(status 402: No credit\)\. .*resume the run/);
  });

  it.each([
    ["a server error", 503],
    ["a rate limit", 429],
  ])("with `maxRetries: 0` makes a single attempt, also after %s", async (_, status) => {
    const { time, call } = setUp();
    const error = await time.run(caught(call(failing(httpError(status)), { maxRetries: 0 })));
    expect(error.message).toContain("in 1 attempt over");
  });

  it("gives up a call that is refused for too long, at once when it is told so", async () => {
    const { time, call } = setUp({ retry: { maxWaitMs: 60_000 } });
    const refused = await time.run(caught(call(failing(...repeat(1000, httpError(429))))));
    expect(refused).toMatchObject({ code: "infrastructure" });
    expect(time.monotonic()).toBeGreaterThan(50_000);
    expect(time.monotonic()).toBeLessThanOrEqual(60_000);
    const fresh = setUp({ retry: { maxWaitMs: 60_000 } });
    const told = await fresh.time.run(caught(fresh.call(failing(httpError(429, "No", { "retry-after": "90" })))));
    expect(told.message).toContain("with a request to wait 90.0 s");
    expect(fresh.time.monotonic()).toBe(0);
  });

  it("waits as long as it is told, and otherwise up to twice as long each time, the same for the same seed", async () => {
    const delays = async (seed: number, error: Error): Promise<Retry[]> => {
      const { time, call } = setUp({ seed });
      const retries: Retry[] = [];
      await time.run(call(failing(...repeat(8, error)), { onRetry: (retry) => retries.push(retry) }));
      return retries;
    };
    const first = await delays(1, httpError(503));
    expect(first.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const [index, { delayMs, reason }] of first.entries()) {
      expect(delayMs).toBeLessThanOrEqual(Math.min(30_000, 500 * 2 ** index));
      expect(reason).toBe("status 503: The server answered with status 503");
    }
    expect(await delays(1, httpError(503))).toEqual(first);
    expect(await delays(2, httpError(503))).not.toEqual(first);
    for (const { delayMs } of await delays(1, httpError(429, "No", { "retry-after": "2" }))) {
      expect(delayMs).toBeGreaterThanOrEqual(2000);
      expect(delayMs).toBeLessThanOrEqual(2200);
    }
  });

  it("ends a hung attempt that does not listen, and does not hear what it says later", async () => {
    const { time, call } = setUp({ timeoutMs: 1000 });
    const signals: AbortSignal[] = [];
    const late = time.sleep(5000).then(() => Promise.reject(new Error("Too late")));
    const attempt: Attempt = async (signal, number) => {
      signals.push(signal);
      return number === 1 ? late : { value: "ok" };
    };
    const retries: Retry[] = [];
    expect(await time.run(call(attempt, { onRetry: (retry) => retries.push(retry) }))).toBe("ok");
    expect(retries[0]?.reason).toBe("No answer within 1 s");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    await time.pass(10_000);
    expect(time.sleeping).toBe(0);
  });
});

describe("an abort", () => {
  const reason = { why: "enough" };
  const hanging: Attempt = () => new Promise(() => {});

  it.each<[string, Attempt, number]>([
    ["in flight", hanging, 10],
    ["while it sleeps", failing(...repeat(9, httpError(429, "No", { "retry-after": "5" }))), 10],
    ["before it begins", hanging, 0],
  ])("%s rejects with the reason of the signal and leaves nothing behind", async (_, attempt, afterMs) => {
    const { time, scheduler, call, answerIn } = setUp({ limits: { "*": { concurrency: 1 } } });
    const controller = new AbortController();
    const [add, remove] = [vi.spyOn(controller.signal, "addEventListener"), vi.spyOn(controller.signal, "removeEventListener")];
    if (afterMs === 0) controller.abort(reason);
    const work = caught(call(attempt, { signal: controller.signal }));
    await time.pass(afterMs);
    controller.abort(reason);
    expect(await time.run(work)).toBe(reason);
    expect(time.sleeping).toBe(0);
    expect(scheduler.lanes()).toMatchObject([{ inFlight: 0, waiting: 0 }]);
    // Those that heard the abort are gone by themselves.
    expect(add.mock.calls.length - remove.mock.calls.length).toBeLessThanOrEqual(1);
    expect(await time.run(call(answerIn(5)))).toBe("ok");
  });

  it("of a call in line lets the others go on in order", async () => {
    const { time, scheduler, call, answerIn } = setUp({ limits: { test: { concurrency: 1 } } });
    const controller = new AbortController();
    const order: string[] = [];
    const one = (name: string, signal?: AbortSignal): Promise<unknown> =>
      caught(call(answerIn(10), { signal }).then((value) => order.push(name) && value));
    const [first, second, third] = [one("first"), one("second", controller.signal), one("third")];
    expect(scheduler.lanes()).toEqual([{ model: "test/model", concurrency: 1, inFlight: 1, waiting: 2, pausedMs: 0 }]);
    controller.abort(reason);
    expect(await second).toBe(reason);
    await time.run(Promise.all([first, third]));
    expect(order).toEqual(["first", "third"]);
    expect(time.monotonic()).toBe(20);
  });

  it("listens to a long-lived signal only while a call is under way", async () => {
    const { time, call, answerIn } = setUp();
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    await time.run(Promise.all(Array.from({ length: 50 }, () => call(answerIn(5), { signal }))));
    await time.run(call(failing(httpError(503)), { signal }));
    expect(remove.mock.calls.length).toBe(add.mock.calls.length);
  });
});

describe("a lane", () => {
  it("serves calls in the order in which they came, a repeated one before later ones", async () => {
    const { time, call, answerIn } = setUp({ limits: { "*": { concurrency: 1 } }, retry: { initialDelayMs: 1 } });
    const order: number[] = [];
    const calls = Array.from({ length: 6 }, (_, index) => {
      const once: Attempt = async (signal, attempt) => {
        await time.sleep(10, signal);
        if (index === 0 && attempt === 1) throw httpError(503);
        order.push(index);
        return { value: "ok" };
      };
      return call(once, { label: `call/${index}` });
    });
    await time.run(Promise.all([...calls, call(answerIn(1))]));
    expect(order).toEqual([1, 0, 2, 3, 4, 5]);
  });

  it("does not hold a place while a call sleeps", async () => {
    const { time, call, answerIn } = setUp({ limits: { "*": { concurrency: 1 } } });
    await time.run(call(answerIn(10)));
    const told = call(failing(httpError(503, "No", { "retry-after": "20" })));
    expect(await time.run(call(answerIn(10)))).toBe("ok");
    expect(time.monotonic()).toBeLessThan(1000);
    await time.run(told);
  });

  it("is one for each model, with the limits of the most exact name", async () => {
    const limits = { "*": { concurrency: 1 }, a: { concurrency: 2 }, "a/x": { concurrency: 3 } };
    const { time, scheduler, call, answerIn } = setUp({ limits });
    const models = ["a/x", "a/y", "b/z"].flatMap((model) => repeat(5, model));
    const all = Promise.all(models.map((model) => call(answerIn(10), { model })));
    expect(scheduler.lanes().map(({ model, inFlight, waiting }) => [model, inFlight, waiting])).toEqual([
      ["a/x", 3, 2],
      ["a/y", 2, 3],
      ["b/z", 1, 4],
    ]);
    await time.run(all);
  });

  it.each<[string, LimitsByModel, number]>([
    ["requests", { "*": { requestsPerMinute: 120 } }, 120],
    ["tokens", { "*": { tokensPerMinute: 1200 } }, 120],
  ])("never sends more %s in a minute than it may, and nearly as many", async (_, limits, most) => {
    const { time, call } = setUp({ limits });
    const sent: number[] = [];
    const attempt: Attempt = async () => {
      sent.push(time.monotonic());
      return { value: "ok", tokens: 10 };
    };
    await time.run(Promise.all(Array.from({ length: 500 }, () => call(attempt))));
    const inMinute = sent.map((from) => sent.filter((at) => at >= from && at < from + 60_000).length);
    expect(Math.max(...inMinute)).toBeLessThanOrEqual(most);
    expect(Math.max(...inMinute)).toBeGreaterThan(most * 0.95);
  });

  it("counts tokens as they turn out to be", async () => {
    const { time, call } = setUp({ limits: { "*": { tokensPerMinute: 600 } } });
    const attempt: Attempt = async () => ({ value: "ok", tokens: 110 });
    await time.run(call(attempt));
    await time.run(call(attempt));
    expect(time.monotonic()).toBeGreaterThan(9000);
  });

  it("waits when a reply says that nothing remains", async () => {
    const { time, scheduler, call } = setUp();
    const headers = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6s" };
    await time.run(call(async () => ({ value: "ok", headers })));
    expect(scheduler.lanes()).toMatchObject([{ pausedMs: 6000 }]);
    await time.run(call(failing()));
    expect(time.monotonic()).toBe(6000);
  });
});

describe("the first calls", () => {
  const notSetUp = new Error("Set OPENAI_API_KEY");
  const setUpError = (): Error => notSetUp;

  it("run narrow until one is answered", async () => {
    const { time, scheduler, call, answerIn } = setUp();
    const all = Promise.all(Array.from({ length: 20 }, () => call(answerIn(10))));
    expect(scheduler.lanes()).toMatchObject([{ concurrency: 4, inFlight: 4, waiting: 16 }]);
    await time.pass(11);
    expect(scheduler.lanes()[0]?.concurrency).toBeGreaterThanOrEqual(8);
    await time.run(all);
  });

  it.each<[string, unknown, number, number]>([
    ["a wrong key", httpError(401), 4, 0],
    ["an unknown model", httpError(404, "The model does not exist"), 4, 0],
    ["a refused setting", httpError(400, "'temperature' is not supported"), 4, 0],
    ["a closed port", networkError("ECONNREFUSED"), 24, 2000],
  ])("end all that wait for %s", async (_, error, mostRequests, mostMs) => {
    const { time, call } = setUp();
    let requests = 0;
    const attempt: Attempt = async () => {
      requests++;
      throw error;
    };
    const ends = await time.run(Promise.all(Array.from({ length: 200 }, () => caught(call(attempt, { setUpError })))));
    expect(new Set(ends)).toEqual(new Set([notSetUp]));
    expect(requests).toBeLessThanOrEqual(mostRequests);
    expect(time.monotonic()).toBeLessThanOrEqual(mostMs);
  });

  it.each([
    ["a wrong key", httpError(401)],
    ["a closed port", networkError("ECONNREFUSED")],
  ])("leave no timer behind when a limit held the rest, or the program could not end: %s", async (_, error) => {
    const { time, call } = setUp({ limits: { "test/model": { requestsPerMinute: 8 } } });
    const attempt: Attempt = async () => {
      throw error;
    };
    const ends = await time.run(Promise.all(Array.from({ length: 20 }, () => caught(call(attempt, { setUpError })))));
    expect(new Set(ends)).toEqual(new Set([notSetUp]));
    expect(time.sleeping).toBe(0);
  });

  it("are patient with other outages", async () => {
    const { time, call } = setUp();
    expect(await time.run(call(failing(...repeat(8, networkError("ECONNRESET"))), { setUpError }))).toBe("ok after 9");
  });

  it("of a server that has answered do not count: it keeps all its retries, and five refused keys in a row are believed", async () => {
    const { time, call } = setUp();
    await time.run(call(failing()));
    expect(await time.run(call(failing(...repeat(8, networkError("ECONNREFUSED"))), { setUpError }))).toBe("ok after 9");
    const wrong = httpError(401);
    const ends: Error[] = [];
    for (let n = 0; n < 5; n++) ends.push(await time.run(caught(call(failing(wrong), { setUpError }))));
    expect(ends).toEqual([wrong, wrong, wrong, wrong, notSetUp]);
    await time.run(call(failing()));
    expect(await time.run(caught(call(failing(wrong), { setUpError })))).toBe(wrong);
  });
});

describe("options", () => {
  it.each<[CallSchedulerOptions, string]>([
    [{ retries: 2 } as CallSchedulerOptions, "Unknown option `retries` of CallScheduler"],
    [{ retry: { maxRetries: -1 } }, "Expected `retry.maxRetries` to be a whole number of at least 0, got -1"],
    [{ retry: { maxDelayMs: Number.NaN } }, "Expected `retry.maxDelayMs` to be a number of milliseconds, got NaN"],
    [{ limits: { openai: { rpm: 5 } as object } }, "Unknown option `rpm` of the limits of"],
    [{ limits: { openai: { concurrency: 1.5 } } }, "to be a whole number of at least 1, got 1.5"],
    [{ limits: { openai: { requestsPerMinute: 0 } } }, "to be a number above 0, got 0"],
  ])("%j are refused", (options, message) => {
    expect(() => new CallScheduler(options)).toThrow(message);
  });
});

describe("a model that has never answered", () => {
  it("is asked by the first calls until they know, however long they wait in between", async () => {
    for (const initialDelayMs of [10, 300, 1000, 20_000]) {
      const { time, call } = setUp({ retry: { initialDelayMs } });
      let requests = 0;
      const attempt: Attempt = async (signal) => {
        requests += 1;
        await time.sleep(5, signal);
        throw networkError("ECONNREFUSED");
      };
      const wrong = new Error("nothing listens there");
      const one = (index: number): Promise<string> => call(attempt, { label: `call/${index}`, setUpError: () => wrong });
      const ends = await time.run(Promise.all(Array.from({ length: 60 }, (_, index) => caught(one(index)))));
      expect(new Set(ends)).toEqual(new Set([wrong]));
      expect(requests).toBeLessThanOrEqual(12);
      expect(time.sleeping).toBe(0);
    }
  });

  it("is asked by all once it has answered", async () => {
    const { time, call } = setUp();
    const ends = await time.run(
      Promise.all(
        Array.from({ length: 60 }, (_, index) => call(failing(networkError("ECONNREFUSED")), { label: `call/${index}` })),
      ),
    );
    expect(ends).toEqual(repeat(60, "ok after 2"));
    expect(time.sleeping).toBe(0);
  });

  it("has its first slots free for others when a call is aborted while it waits", async () => {
    const { time, call, answerIn } = setUp();
    const controller = new AbortController();
    const waiting = Array.from({ length: 4 }, (_, index) =>
      caught(call(failing(...repeat(3, networkError("ECONNREFUSED"))), { label: `call/${index}`, signal: controller.signal })),
    );
    const other = call(answerIn(10), { label: "call/4" });
    const reason = new Error("enough");
    void time.sleep(100).then(() => controller.abort(reason));
    expect(await time.run(other)).toBe("ok");
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([reason]));
  });
});
