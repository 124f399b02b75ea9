/**
 * `RolloutMeter`: the tokens, dollars, and milliseconds that an agent takes for one example.
 *
 * @module
 */
import { type Clock, systemClock } from "../../data/clock.ts";
import type { Scores } from "../../data/scores.ts";
import type { ModelReply } from "../model-request.ts";

/** The metrics that are measured where an objective names them: what the agent's own model calls used, and how long it took. */
export const measuredMetrics = ["tokens", "costUsd", "latencyMs"] as const;

/** The name of such a metric. */
export type MeasuredMetric = (typeof measuredMetrics)[number];

/**
 * Measures one rollout. Calls of judges and optimizers do not count. A recorded reply counts with the usage and the duration that it had when
 * it was paid for, so that a run that is resumed measures the same.
 *
 * Time is that of the agent's own work and of its model calls without waits for limits and retries; calls that are made concurrently overlap.
 */
export class RolloutMeter {
  readonly #clock: Clock;
  #tokens = 0;
  #usd: number | null = 0;
  /** Milliseconds so far, and since when the agent works on its own. */
  #elapsedMs = 0;
  #workingSince: number;
  #callsInFlight = 0;
  #agentMs: number | undefined;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#workingSince = clock.monotonic();
  }

  /** A call of the agent begins. @returns what is to be called at its end, with its reply when it has one */
  beginCall(): (reply?: ModelReply) => void {
    this.#settle();
    this.#callsInFlight++;
    const [startMs, startedAt] = [this.#elapsedMs, this.#clock.monotonic()];
    return (reply) => {
      const durationMs = reply?.durationMs ?? this.#clock.monotonic() - startedAt;
      this.#elapsedMs = Math.max(this.#elapsedMs, startMs + durationMs);
      this.#callsInFlight--;
      this.#workingSince = this.#clock.monotonic();
      if (reply === undefined) return;
      const { usage, costUsd = null } = reply;
      this.#tokens += (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
      this.#usd = this.#usd === null || costUsd === null ? null : this.#usd + costUsd;
    };
  }

  /** Does the agent's part of the rollout: without it, all of the rollout counts as that. */
  async time<R>(work: () => Promise<R>): Promise<R> {
    this.#settle();
    const startMs = this.#elapsedMs;
    try {
      return await work();
    } finally {
      this.#settle();
      this.#agentMs = (this.#agentMs ?? 0) + this.#elapsedMs - startMs;
    }
  }

  /** What was measured, of these metrics; dollars are missing where the price of a model is not known. */
  scores(metrics: readonly MeasuredMetric[]): Scores {
    this.#settle();
    const all = { tokens: this.#tokens, costUsd: this.#usd, latencyMs: Math.round(this.#agentMs ?? this.#elapsedMs) };
    return Object.fromEntries(metrics.flatMap((metric) => (all[metric] === null ? [] : [[metric, all[metric] as number]])));
  }

  /** Counts the time of the agent's own work until now. */
  #settle(): void {
    const now = this.#clock.monotonic();
    if (this.#callsInFlight === 0) this.#elapsedMs += now - this.#workingSince;
    this.#workingSince = now;
  }
}
