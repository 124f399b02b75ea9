/**
 * What language models were used for: requests, tokens and dollars, by role, model, iteration and candidate.
 *
 * @module
 */
import type { ModelRole, TokenCounts } from "../model-request.ts";
import { nanosPerDollar } from "./prices.ts";

/** On whose behalf and where in the run a model is called: what use is counted by. */
export interface CallEntry {
  /** `"provider/model"`. */
  readonly model: string;
  readonly role: ModelRole;
  /** `null` outside an iteration. */
  readonly iteration: number | null;
  /** Which candidate is being scored (`"iteration/3/candidate/2"`), or `null` for the current values. */
  readonly candidate: string | null;
}

/** Sums over some calls. */
export interface UsageLine {
  /** Requests sent to providers, every retry counted. */
  readonly requests: number;
  /** Requests that were answered. */
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Dollars; `null` when the price of one of the models is not known. */
  readonly usd: number | null;
  /** Of how many calls the tokens are estimated, because their provider did not report usable numbers; missing when of none. */
  readonly estimated?: number;
}

/** What a run has used, over all its restarts. */
export interface Usage extends UsageLine {
  readonly rollouts: number;
  /** Time spent training, in milliseconds. */
  readonly elapsedMs: number;
  readonly byRole: Readonly<Record<string, UsageLine>>;
  readonly byModel: Readonly<Record<string, UsageLine>>;
  /** By number of the iteration; what came before the first is under `0`. */
  readonly byIteration: Readonly<Record<string, UsageLine>>;
  readonly byCandidate: Readonly<Record<string, UsageLine>>;
}

/** The sums of what calls have used. */
export type UsageLines = Omit<Usage, "rollouts" | "elapsedMs">;

/** Adds up calls. The lines of each kind sum to the total; nothing depends on the order in which calls came. */
export class UsageTally {
  readonly #total = new Sums();
  readonly #byRole = new Map<string, Sums>();
  readonly #byModel = new Map<string, Sums>();
  readonly #byIteration = new Map<string, Sums>();
  readonly #byCandidate = new Map<string, Sums>();

  /** A request goes out. */
  sent(entry: CallEntry): void {
    for (const sums of this.#linesOf(entry)) sums.requests++;
  }

  /** A request was answered. `nanos`: billionths of a dollar, `null` when nobody knows. */
  answered(entry: CallEntry, { inputTokens, outputTokens, estimated = false }: TokenCounts, nanos: number | null): void {
    for (const sums of this.#linesOf(entry)) {
      sums.calls++;
      sums.inputTokens += inputTokens ?? 0;
      sums.outputTokens += outputTokens ?? 0;
      if (estimated) sums.estimated++;
      if (nanos === null) sums.isPriced = false;
      else sums.nanos += nanos;
    }
  }

  /** All sums, as plain JSON. */
  lines(): UsageLines {
    return {
      ...lineOf(this.#total),
      byRole: linesOf(this.#byRole),
      byModel: linesOf(this.#byModel),
      byIteration: linesOf(this.#byIteration),
      byCandidate: linesOf(this.#byCandidate),
    };
  }

  #linesOf({ role, model, iteration, candidate }: CallEntry): Sums[] {
    return [
      this.#total,
      lineIn(this.#byRole, role),
      lineIn(this.#byModel, model),
      lineIn(this.#byIteration, String(iteration ?? 0)),
      lineIn(this.#byCandidate, candidate ?? currentValues),
    ];
  }
}

/** Where the calls of the current values are counted among those of candidates. */
const currentValues = "current";

class Sums {
  requests = 0;
  calls = 0;
  inputTokens = 0;
  outputTokens = 0;
  estimated = 0;
  nanos = 0;
  isPriced = true;
}

function lineIn(lines: Map<string, Sums>, key: string): Sums {
  let sums = lines.get(key);
  if (sums === undefined) {
    sums = new Sums();
    lines.set(key, sums);
  }
  return sums;
}

/** In order of the keys, so that equal runs give equal texts. */
function linesOf(lines: ReadonlyMap<string, Sums>): Record<string, UsageLine> {
  const sorted = [...lines].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, sums]) => [key, lineOf(sums)]));
}

function lineOf({ requests, calls, inputTokens, outputTokens, estimated, nanos, isPriced }: Sums): UsageLine {
  const usd = isPriced ? nanos / nanosPerDollar : null;
  return { requests, calls, inputTokens, outputTokens, usd, ...(estimated > 0 ? { estimated } : {}) };
}
