/**
 * Options of rollouts: how long one may take, and which errors are outages.
 *
 * @module
 */
import { functionLike, numberWithin, type OptionTable, orNull } from "../data/option-table.ts";
import type { InfrastructureRule } from "../errors.ts";

/** How rollouts are done. */
export interface RolloutOptions {
  /**
   * How long the agent, and then the guide, may take for one example, in milliseconds, model calls through opto not counted;
   * `null` is no limit. An agent that takes longer has failed on the example, a guide leaves it unscored.
   *
   * @default 600000, inside a run that of the run
   */
  readonly timeoutMs?: number | null | undefined;
  /**
   * Which errors of your own clients are outages, besides those that opto knows by their shape: they leave an example unscored, in the
   * agent and in the guide. Receives the error and then each of its causes; `false` leaves the decision to opto.
   *
   * @default opto's own rule: `isInfrastructureError`
   */
  readonly isInfrastructure?: InfrastructureRule | undefined;
}

/** How rollouts are done. */
export const rolloutTable: OptionTable<RolloutOptions> = {
  timeoutMs: {
    ...orNull(numberWithin({ above: 0 }, "milliseconds"), "no limit"),
    otherwise: "600000",
    about:
      "how long the agent, and then the guide, may take for one example, not counting model calls; `null` sets no limit: [Time limits](training.md#time-limits)",
    flag: {
      usage: "--rollout-timeout <seconds>",
      about: "how long the agent, and then the guide, may take for one example, not counting model calls (default: 600)",
      scale: 1000,
      rule: { ...numberWithin({ above: 0 }), expected: "seconds, more than 0" },
    },
  },
  isInfrastructure: {
    ...functionLike("(error) => boolean"),
    otherwise: "none",
    about: "which errors of your own clients are outages, in addition to the known ones",
  },
};
