/**
 * `inProvidersWords`: errors that say what the provider wrote.
 *
 * @module
 */
import { errorChain } from "../data/error-shape.ts";

/** The same error: where its client has found only the name of the status, its message is what the provider wrote. */
export function inProvidersWords(error: unknown): unknown {
  const [link] = errorChain(error);
  if (error instanceof Error && link !== undefined && link.message !== error.message) error.message = link.message;
  return error;
}
