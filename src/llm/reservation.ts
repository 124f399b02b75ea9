/**
 * The contract of reservations: room in the budget of a run for one call.
 *
 * @module
 */
import type { TokenCounts } from "./token-counts.ts";
import type { CallEntry } from "./usage.ts";

/** A call that is to be made. */
export interface ReservationRequest extends CallEntry {
  /** An upper estimate of the tokens of the prompt. */
  readonly estimatedInputTokens: number;
  /** The longest reply, in tokens. @default about the longest of this model and role so far */
  readonly maxOutputTokens?: number | undefined;
  /** Ends the wait for room. */
  readonly signal?: AbortSignal | undefined;
}

/** Room in the budget for one call. It is kept until the call is settled or released. */
export interface Reservation {
  /** For how many tokens there is room. */
  readonly estimated: { readonly inputTokens: number; readonly outputTokens: number };
  /**
   * A request goes out: to be called before each of them, retries included.
   *
   * @throws StopError when no request is left; nothing may be sent then
   */
  sent(): void;
  /** The call was answered. Returns its cost in dollars, `null` when its price is not known. Unknown tokens count as estimated. */
  settle(tokens: TokenCounts): { readonly usd: number | null };
  /** Nothing more will come: the call has failed for good. No more than once has effect, and none after `settle`. */
  release(): void;
}
