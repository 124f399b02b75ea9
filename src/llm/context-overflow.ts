/**
 * Tells from a provider's error that a request was too long for the model, and by how much.
 *
 * @module
 */

import type { ContextOverflow } from "../data/above-rate-limit.ts";
import { errorChain } from "../data/error-shape.ts";
import { callFailure } from "./call-failure.ts";
import { lengthRefusal } from "./length-refusal.ts";

export type { ContextOverflow };

/** What an error says of the length of the request; `undefined` when it is about something else. */
export function contextOverflow(error: unknown): ContextOverflow | undefined {
  // Only a request that was refused can be sent again, shorter: whatever else failed has been tried again already.
  return callFailure(error, 0).kind === "refused" ? lengthRefusal(errorChain(error)) : undefined;
}
