/**
 * The promise of the ledger under random budgets, calls, retries, failures and delays, in virtual time.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../data/clock.ts";
import { StopError } from "../../errors.ts";
import type { Reservation } from "../call-services.ts";
import type { ModelRole, TokenCounts } from "../model-request.ts";
import type { Budget } from "./budget.ts";
import { Ledger } from "./ledger.ts";
import type { CallEntry, Usage, UsageLine } from "./usage.ts";

const prices = {
  "own/small": { inputPerMillion: 100, outputPerMillion: 400 },
  "own/large": { inputPerMillion: 1_500, outputPerMillion: 6_000 },
} as const;
type ModelName = keyof typeof prices;

/** One call as it will go. */
interface Plan {
  readonly entry: CallEntry & { readonly model: ModelName };
  readonly startMs: number;
  readonly estimatedInputTokens: number;
  readonly maxOutputTokens: number | undefined;
  /** Whether it stands at the start of a rollout. */
  readonly isRollout: boolean;
  /** How long it waits for its turn once there is room in the budget. */
  readonly queuedMs: number;
  /** How long each request takes; all but the last one fail. */
  readonly requestsMs: readonly number[];
  readonly fate: "answered" | "failed";
  readonly tokens: { readonly inputTokens: number; readonly outputTokens: number };
  /** When the caller loses patience, if it is still waiting for room then. */
  readonly abortMs: number | undefined;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  entry: fc.record({
    model: fc.constantFrom<ModelName>("own/small", "own/large"),
    role: fc.constantFrom<ModelRole>("agent", "optimizer", "judge"),
    iteration: fc.option(fc.integer({ min: 0, max: 3 })),
    candidate: fc.option(fc.constantFrom("iteration/1/candidate/0", "iteration/2/candidate/1")),
  }),
  startMs: fc.integer({ min: 0, max: 40 }),
  estimatedInputTokens: fc.integer({ min: 1, max: 200 }),
  maxOutputTokens: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
  isRollout: fc.boolean(),
  queuedMs: fc.constantFrom(0, 0, 5, 20),
  requestsMs: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 4 }),
  fate: fc.constantFrom("answered", "answered", "answered", "failed"),
  tokens: fc.record({ inputTokens: fc.integer({ min: 0, max: 400 }), outputTokens: fc.integer({ min: 0, max: 900 }) }),
  abortMs: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined, freq: 4 }),
});

const cap = (max: number): fc.Arbitrary<number | undefined> => fc.option(fc.integer({ min: 1, max }), { nil: undefined });
const budgets: fc.Arbitrary<Budget> = fc.record({
  calls: cap(40),
  tokens: cap(12_000),
  usd: fc.option(fc.double({ min: 0.001, max: 12, noNaN: true }), { nil: undefined }),
  rollouts: cap(20),
  wallClockMs: fc.option(fc.integer({ min: 20, max: 300 }), { nil: undefined, freq: 2 }),
});

/** Time that passes as soon as nobody has anything left to do. */
class VirtualTime implements Clock {
  #now = 0;
  readonly #sleeping: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    // The system's clock jumps about, and nothing may depend on it.
    return this.#now % 2 === 0 ? 1e12 : 2e12;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => void this.#sleeping.push({ at: this.#now + ms, wake }));
  }

  /** Runs until nobody sleeps any more. One wakes at a time, so that what it sets off is over before the next one does. */
  async run(): Promise<void> {
    for (;;) {
      await new Promise(setImmediate);
      const next = this.#sleeping.reduce((first, one) => (one.at < first.at ? one : first), this.#sleeping[0] ?? nobody);
      if (next === nobody) return;
      this.#sleeping.splice(this.#sleeping.indexOf(next), 1);
      this.#now = next.at;
      next.wake();
    }
  }
}

const nobody = { at: 0, wake: (): void => {} };

function nanosOf(model: ModelName, { inputTokens, outputTokens }: { inputTokens: number; outputTokens: number }): number {
  return Math.round((inputTokens * prices[model].inputPerMillion + outputTokens * prices[model].outputPerMillion) * 1_000);
}

/** What a provider has seen, what is reserved with it, and by how much calls have passed their reservations. */
class World {
  readonly sent: CallEntry[] = [];
  readonly answered: { readonly entry: CallEntry & { readonly model: ModelName }; readonly tokens: Plan["tokens"] }[] = [];
  readonly used = { tokens: 0, nanos: 0 };
  readonly reserved = { tokens: 0, nanos: 0 };
  /** Since the last reservation: by how much the calls that were in flight then have cost more than reserved. */
  excess = { tokens: 0, nanos: 0 };
  rollouts = 0;
  settled = 0;
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  granted(model: ModelName, estimated: Reservation["estimated"]): void {
    this.reserved.tokens += estimated.inputTokens + estimated.outputTokens;
    this.reserved.nanos += nanosOf(model, estimated);
    this.excess = { tokens: 0, nanos: 0 };
    this.check();
  }

  ended(
    model: ModelName,
    estimated: Reservation["estimated"],
    tokens: Plan["tokens"] = { inputTokens: 0, outputTokens: 0 },
  ): void {
    const expected = { tokens: estimated.inputTokens + estimated.outputTokens, nanos: nanosOf(model, estimated) };
    const actual = { tokens: tokens.inputTokens + tokens.outputTokens, nanos: nanosOf(model, tokens) };
    for (const unit of ["tokens", "nanos"] as const) {
      this.reserved[unit] -= expected[unit];
      this.used[unit] += actual[unit];
      this.excess[unit] += Math.max(0, actual[unit] - expected[unit]);
    }
    this.check();
  }

  check(): void {
    const { calls, tokens, usd, rollouts } = this.#budget;
    expect(this.sent.length).toBeLessThanOrEqual(calls ?? Number.POSITIVE_INFINITY);
    expect(this.rollouts).toBeLessThanOrEqual(rollouts ?? Number.POSITIVE_INFINITY);
    if (tokens !== undefined) expect(this.used.tokens + this.reserved.tokens).toBeLessThanOrEqual(tokens + this.excess.tokens);
    if (usd !== undefined) {
      expect(this.used.nanos + this.reserved.nanos).toBeLessThanOrEqual(usd * 1e9 + this.excess.nanos + 1e-6);
    }
  }
}

async function makeCall(planned: Plan, ledger: Ledger, world: World, time: VirtualTime): Promise<void> {
  const { entry, tokens, estimatedInputTokens, maxOutputTokens } = planned;
  await time.sleep(planned.startMs);
  const abort = new AbortController();
  const patience = planned.abortMs;
  if (patience !== undefined) void time.sleep(patience).then(() => abort.abort("impatient"));
  let reservation: Reservation;
  try {
    if (planned.isRollout) {
      ledger.reserveRollout();
      world.rollouts++;
    }
    reservation = await ledger.reserve({ ...entry, estimatedInputTokens, maxOutputTokens, signal: abort.signal });
  } finally {
    world.settled++;
  }
  expect(ledger.stopped).toBeUndefined();
  world.granted(entry.model, reservation.estimated);
  try {
    await time.sleep(planned.queuedMs);
    for (const ms of planned.requestsMs) {
      reservation.sent();
      world.sent.push(entry);
      world.check();
      await time.sleep(ms);
    }
    if (planned.fate === "failed") throw new Error("The provider failed for good");
  } catch (error) {
    reservation.release();
    world.ended(entry.model, reservation.estimated);
    throw error;
  }
  // Counted here first: settling lets others in at once, and their checks look at this.
  world.answered.push({ entry, tokens });
  world.ended(entry.model, reservation.estimated, tokens);
  expect(reservation.settle(tokens)).toEqual({ usd: nanosOf(entry.model, tokens) / 1e9 });
}

function addsUp(usage: Usage): void {
  for (const lines of [usage.byRole, usage.byModel, usage.byIteration, usage.byCandidate]) {
    for (const field of ["requests", "calls", "inputTokens", "outputTokens"] as const) {
      expect(Object.values(lines).reduce((sum, line) => sum + line[field], 0)).toBe(usage[field]);
    }
    const nanos = Object.values(lines).reduce((sum, { usd }) => sum + Math.round((usd as number) * 1e9), 0);
    expect(nanos / 1e9).toBe(usage.usd);
  }
}

function lineOf({ requests, calls, inputTokens, outputTokens, usd }: UsageLine): UsageLine {
  return { requests, calls, inputTokens, outputTokens, usd };
}

describe("the ledger", () => {
  it("keeps every cap, counts what the provider counts, and never leaves anybody waiting", async () => {
    let stops = 0;
    let overshoots = 0;
    const property = fc.asyncProperty(budgets, fc.array(plan, { minLength: 1, maxLength: 30 }), async (budget, plans) => {
      const time = new VirtualTime();
      const ledger = new Ledger({ budget, prices, clock: time });
      const world = new World(budget);
      const calls = plans.map((planned) => makeCall(planned, ledger, world, time));
      const outcomes = Promise.allSettled(calls);
      await time.run();

      // Nobody sleeps, so whoever is not through by now never will be.
      expect(world.settled).toBe(plans.length);
      for (const outcome of await outcomes) {
        if (outcome.status === "fulfilled" || outcome.reason === "impatient") continue;
        const { message } = outcome.reason as Error;
        if (!(outcome.reason instanceof StopError)) expect(message).toBe("The provider failed for good");
        else expect(outcome.reason).toBe(ledger.stopped);
      }
      if (ledger.stopped === undefined) expect(world.rollouts).toBe(plans.filter(({ isRollout }) => isRollout).length);
      else stops++;
      if (world.used.tokens > (budget.tokens ?? Number.POSITIVE_INFINITY)) overshoots++;

      const usage = ledger.usage();
      addsUp(usage);
      expect(lineOf(usage)).toEqual({
        requests: world.sent.length,
        calls: world.answered.length,
        inputTokens: world.answered.reduce((sum, { tokens }) => sum + tokens.inputTokens, 0),
        outputTokens: world.answered.reduce((sum, { tokens }) => sum + tokens.outputTokens, 0),
        usd: world.answered.reduce((sum, { entry, tokens }) => sum + nanosOf(entry.model, tokens), 0) / 1e9,
      });
      expect(usage.rollouts).toBe(world.rollouts);

      // The next process reads the same from the records of the calls, in whatever order.
      const next = new Ledger({ prices, clock: time });
      for (const { entry, tokens } of world.answered.toReversed()) next.recordAnswer({ ...entry, ...(tokens as TokenCounts) });
      for (const entry of world.sent) next.recordSent(entry);
      next.restore(ledger.spent());
      expect(JSON.stringify(next.usage())).toBe(JSON.stringify(usage));
    });
    await fc.assert(property, { numRuns: 1_000 });
    // The budgets are neither all too small nor all too large, and some calls cost more than was reserved.
    expect(stops).toBeGreaterThan(100);
    expect(stops).toBeLessThan(900);
    expect(overshoots).toBeGreaterThan(10);
  });
});
