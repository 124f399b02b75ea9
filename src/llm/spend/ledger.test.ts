/**
 * The ledger: reserving, waiting, counting, stopping.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import type { Clock } from "../../data/clock.ts";
import { ConfigurationError, InvalidArgumentError, isInfrastructureError, StopError } from "../../errors.ts";
import type { Reservation, ReservationRequest } from "../call-services.ts";
import { Ledger, type LedgerOptions } from "./ledger.ts";

const price = { inputPerMillion: 1_000, outputPerMillion: 2_000 };
const prices = { "own/model": price, "own/other": price };

/** A call of 10 tokens in and 20 out: 30 tokens, 5 cents. */
function call(changes: Partial<ReservationRequest> = {}): ReservationRequest {
  const entry = { model: "own/model", role: "agent", iteration: 1, candidate: null } as const;
  return { ...entry, estimatedInputTokens: 10, maxOutputTokens: 20, ...changes };
}

const answer = { inputTokens: 10, outputTokens: 20 };

function ledgerOf(budget: LedgerOptions["budget"], options: LedgerOptions = {}): Ledger {
  return new Ledger({ budget, prices, ...options });
}

/** What has become of a promise by now. */
async function stateOf(promise: Promise<unknown>): Promise<"waiting" | "granted" | "refused"> {
  await new Promise(setImmediate);
  return Promise.race([
    promise.then(
      () => "granted" as const,
      () => "refused" as const,
    ),
    Promise.resolve("waiting" as const).then((state) => state),
  ]);
}

async function spend(ledger: Ledger, request = call(), tokens = answer): Promise<void> {
  const reservation = await ledger.reserve(request);
  reservation.sent();
  reservation.settle(tokens);
}

function testClock(): Clock & { time: number; system: number } {
  return {
    time: 500,
    system: Date.UTC(2026, 0),
    now() {
      return this.system;
    },
    monotonic() {
      return this.time;
    },
  };
}

describe("a spent budget", () => {
  const cases: { name: string; budget: LedgerOptions["budget"]; fit: number; message: RegExp }[] = [
    { name: "calls", budget: { calls: 2 }, fit: 2, message: /^The budget of 2 calls is spent: 2 requests were sent, retries/ },
    {
      name: "tokens",
      budget: { tokens: 89 },
      fit: 2,
      message: /^The budget of 89 tokens is spent: 60 are used, and the next call may take 30\. Raise `budget\.tokens`/,
    },
    {
      name: "dollars",
      budget: { usd: 0.149 },
      fit: 2,
      message: /^The budget of \$0\.149 is spent: \$0\.1 is used, and the next call may cost \$0\.05\. Raise `budget\.usd`/,
    },
  ];

  it.each(cases)("of $name stops the next call, and all after it", async ({ budget, fit, message }) => {
    const ledger = ledgerOf(budget);
    for (let count = 0; count < fit; count++) await spend(ledger);
    const error = await ledger.reserve(call()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StopError);
    expect(error).toMatchObject({ reason: "budget", message: expect.stringMatching(message) });
    expect(isInfrastructureError(error)).toBe(true);
    expect(ledger.stopped).toBe(error);
    // Also one that would fit, and rollouts.
    await expect(ledger.reserve(call({ estimatedInputTokens: 1, maxOutputTokens: 1 }))).rejects.toBe(error);
    expect(() => ledger.reserveRollout()).toThrow(StopError);
    expect(() => ledger.checkTime()).toThrow(StopError);
  });

  it.each([
    [
      { tokens: 29 },
      "The budget of 29 tokens is too small for a single call: the first one may take 10 tokens of prompt and 20 of reply",
    ],
    [{ usd: 0.04 }, "The budget of $0.04 is too small for a single call"],
  ])("that no call fits says so: %j", async (budget, message) => {
    await expect(ledgerOf(budget).reserve(call())).rejects.toThrow(message);
  });

  it("of rollouts stops the next one", () => {
    const ledger = ledgerOf({ rollouts: 2 });
    ledger.reserveRollout();
    ledger.reserveRollout();
    expect(() => ledger.reserveRollout()).toThrow("The budget of 2 rollouts is spent. Raise `budget.rollouts` to continue");
    expect(ledger.spent().rollouts).toBe(2);
  });

  it("lets calls in flight end", async () => {
    const ledger = ledgerOf({ calls: 2 });
    const [first, second] = [await ledger.reserve(call()), await ledger.reserve(call())];
    first.sent();
    // No request is left for a retry: the last one belongs to the second call.
    expect(() => first.sent()).toThrow(StopError);
    second.sent();
    expect(second.settle(answer)).toEqual({ usd: 0.05 });
    expect(ledger.usage()).toMatchObject({ requests: 2, calls: 1 });
  });
});

describe("a call that does not fit", () => {
  it.each([
    ["settles for less", (reservation: Reservation) => reservation.settle({ inputTokens: 5, outputTokens: 5 })],
    ["is released", (reservation: Reservation) => reservation.release()],
  ])("waits until another %s", async (_, end) => {
    const ledger = ledgerOf({ tokens: 50 });
    const first = await ledger.reserve(call());
    const second = ledger.reserve(call());
    expect(await stateOf(second)).toBe("waiting");
    end(first);
    expect(await stateOf(second)).toBe("granted");
  });

  it("is refused when the others leave no room", async () => {
    const ledger = ledgerOf({ tokens: 50 });
    const first = await ledger.reserve(call());
    const waiting = [ledger.reserve(call()), ledger.reserve(call())];
    const refused = Promise.allSettled(waiting);
    first.settle(answer);
    expect((await refused).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("is served in its turn, before a smaller one that came later", async () => {
    const ledger = ledgerOf({ tokens: 60 });
    const first = await ledger.reserve(call({ maxOutputTokens: 40 }));
    const large = ledger.reserve(call());
    const small = ledger.reserve(call({ estimatedInputTokens: 1, maxOutputTokens: 1 }));
    expect([await stateOf(large), await stateOf(small)]).toEqual(["waiting", "waiting"]);
    first.settle({ inputTokens: 10, outputTokens: 10 });
    expect([await stateOf(large), await stateOf(small)]).toEqual(["granted", "granted"]);
  });

  it("leaves its place when it is aborted", async () => {
    const ledger = ledgerOf({ tokens: 50 });
    const held = await ledger.reserve(call());
    const abort = new AbortController();
    const large = ledger.reserve(call({ signal: abort.signal }));
    const small = ledger.reserve(call({ estimatedInputTokens: 1, maxOutputTokens: 1 }));
    const reason = new Error("enough");
    abort.abort(reason);
    await expect(large).rejects.toBe(reason);
    expect(await stateOf(small)).toBe("granted");
    await expect(ledger.reserve(call({ signal: abort.signal }))).rejects.toBe(reason);
    held.release();
    expect(ledger.stopped).toBeUndefined();
  });

  it("does not wait for calls that are gone for good", async () => {
    const ledger = ledgerOf({ calls: 1 });
    (await ledger.reserve(call())).sent();
    await expect(ledger.reserve(call())).rejects.toThrow("The budget of 1 call is spent: 1 request was sent");
  });
});

describe("estimates", () => {
  it("expect replies as long as the longest of late, by model and role", async () => {
    const ledger = new Ledger();
    const expected = async (changes: Partial<ReservationRequest> = {}) =>
      (await ledger.reserve(call({ maxOutputTokens: undefined, ...changes }))).estimated.outputTokens;
    expect(await expected()).toBe(512);
    expect(await expected({ role: "optimizer" })).toBe(2_048);
    expect(await expected({ maxOutputTokens: 7 })).toBe(7);
    await spend(ledger, call(), { inputTokens: 1, outputTokens: 900 });
    expect(await expected()).toBe(900);
    expect(await expected({ model: "own/other" })).toBe(512);
    for (let count = 0; count < 100; count++) await spend(ledger, call(), { inputTokens: 1, outputTokens: 5 });
    expect(await expected()).toBe(6);
  });

  it.each([
    ["null", null],
    ["NaN", Number.NaN],
    ["negative", -30],
    ["infinite", Number.POSITIVE_INFINITY],
    ["more than can be counted", 1e300],
  ])("take the place of tokens that are %s, in the budget and in what was used, and are marked", async (_name, tokens) => {
    const ledger = ledgerOf({ tokens: 65 });
    const reservation = await ledger.reserve(call());
    reservation.sent();
    expect(reservation.settle({ inputTokens: tokens, outputTokens: tokens })).toEqual({ usd: 0.05 });
    expect(ledger.usage()).toMatchObject({ calls: 1, inputTokens: 10, outputTokens: 20, usd: 0.05, estimated: 1 });
    await spend(ledger);
    expect(ledger.usage().estimated).toBe(1);
    await expect(ledger.reserve(call())).rejects.toThrow("60 are used");
  });

  it("take the place of recorded tokens that are no numbers, as an earlier version kept them", () => {
    const ledger = ledgerOf({ tokens: 100 });
    const { estimatedInputTokens: _, maxOutputTokens: __, ...entry } = call();
    ledger.recordAnswer({ ...entry, inputTokens: null, outputTokens: -5 });
    ledger.recordAnswer({ ...entry, inputTokens: 3, outputTokens: 4 });
    expect(ledger.usage()).toMatchObject({ calls: 2, inputTokens: 512 + 3, outputTokens: 512 + 4, estimated: 1 });
  });
});

describe("dollars", () => {
  it("need a price when there is a budget of them", async () => {
    const ledger = ledgerOf({ usd: 1 });
    const refused = ledger.reserve(call({ model: "own/unheard-of" }));
    await expect(refused).rejects.toBeInstanceOf(ConfigurationError);
    await expect(refused).rejects.toThrow(
      "`budget.usd` needs the price of own/unheard-of, but it is in no price table. Give " +
        'calls: { prices: { "own/unheard-of": { inputPerMillion: …, outputPerMillion: … } } }, in dollars per million tokens; 0 for a model that costs nothing',
    );
    // The run is not over because one model was not set up.
    await spend(ledger);
    expect(ledger.usage().usd).toBe(0.05);
  });

  it("are not known of a model without a price", async () => {
    const ledger = ledgerOf({ tokens: 1_000 });
    await spend(ledger);
    await spend(ledger, call({ model: "own/unheard-of", role: "judge" }));
    expect(ledger.usage()).toMatchObject({
      usd: null,
      byModel: { "own/model": { usd: 0.05 }, "own/unheard-of": { usd: null, inputTokens: 10, outputTokens: 20 } },
      byRole: { agent: { usd: 0.05 }, judge: { usd: null } },
    });
  });
});

describe("time", () => {
  it("is measured over all restarts, whatever the system's clock does", async () => {
    const clock = testClock();
    const ledger = ledgerOf({ wallClockMs: 10_000 }, { clock });
    ledger.restore({ rollouts: 3, elapsedMs: 4_000 });
    clock.time += 5_999;
    clock.system += 10 * 86_400_000;
    ledger.checkTime();
    clock.system -= 20 * 86_400_000;
    ledger.checkTime();
    expect(ledger.spent()).toEqual({ rollouts: 3, elapsedMs: 9_999 });
    const held = await ledger.reserve(call());
    clock.time += 1;
    expect(() => ledger.checkTime()).toThrow("The budget of 10 s of training is spent. Raise `budget.wallClockMs` to continue");
    held.release();
  });

  it("stops reserving and rollouts by itself", async () => {
    for (const use of [(ledger: Ledger) => ledger.reserve(call()), async (ledger: Ledger) => ledger.reserveRollout()]) {
      const clock = testClock();
      const ledger = ledgerOf({ wallClockMs: 1_500 }, { clock });
      clock.time += 1_500;
      await expect(use(ledger)).rejects.toThrow("The budget of 1.5 s of training is spent");
    }
  });
});

describe("usage", () => {
  it("is plain JSON, by role, model, iteration and candidate", async () => {
    const clock = testClock();
    const ledger = new Ledger({ prices, clock });
    await spend(ledger, call({ iteration: null }));
    await spend(ledger, call({ iteration: 2, candidate: "iteration/2/candidate/1" }));
    const failed = await ledger.reserve(call({ role: "judge", model: "own/other", iteration: 2 }));
    failed.sent();
    failed.sent();
    failed.release();
    ledger.reserveRollout();
    clock.time += 12.4;
    const one = { requests: 1, calls: 1, inputTokens: 10, outputTokens: 20, usd: 0.05 };
    const two = { requests: 2, calls: 2, inputTokens: 20, outputTokens: 40, usd: 0.1 };
    const none = { requests: 2, calls: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
    expect(JSON.parse(JSON.stringify(ledger.usage()))).toEqual({
      ...two,
      requests: 4,
      rollouts: 1,
      elapsedMs: 12,
      byRole: { agent: two, judge: none },
      byModel: { "own/model": two, "own/other": none },
      byIteration: { 0: one, 2: { ...one, requests: 3 } },
      byCandidate: { current: { ...one, requests: 3 }, "iteration/2/candidate/1": one },
    });
  });

  it("is rebuilt from what an earlier process has sent and got", async () => {
    const before = ledgerOf({ calls: 3 });
    await spend(before);
    await spend(before, call({ role: "judge" }));
    const after = ledgerOf({ calls: 3 });
    for (const role of ["judge", "agent"] as const) {
      const entry = { ...call({ role }) };
      after.recordSent(entry);
      after.recordAnswer({ ...entry, ...answer });
    }
    expect({ ...after.usage(), elapsedMs: 0 }).toEqual({ ...before.usage(), elapsedMs: 0 });
    await spend(after);
    await expect(after.reserve(call())).rejects.toThrow("The budget of 3 calls is spent");
  });
});

describe("misuse", () => {
  it("is refused", async () => {
    expect(() => new Ledger({ budget: { calls: 0 } })).toThrow(InvalidArgumentError);
    expect(() => new Ledger({ prices: { x: price } })).toThrow(InvalidArgumentError);
    expect(() => new Ledger({ price: {} } as LedgerOptions)).toThrow("did you mean `prices`?");
    const reservation = await new Ledger().reserve(call());
    reservation.release();
    reservation.release();
    expect(() => reservation.sent()).toThrow("Expected a request of a call that is reserved, got one of a call that has ended");
    expect(() => reservation.settle(answer)).toThrow(InvalidArgumentError);
  });
});
