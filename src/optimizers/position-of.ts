/**
 * Where one of several conversations of a proposal stands.
 *
 * @module
 */
import type { SuggestionRequest } from "./optimizer.ts";

/** A position below that of the proposal, for the turn that this attempt is: each turn has a position of its own. */
export function positionOf(conversation: string, { attempt }: Pick<SuggestionRequest, "attempt">): string {
  return attempt === 0 ? conversation : `${conversation}/attempt/${attempt}`;
}
