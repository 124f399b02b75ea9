/**
 * `reportScore`: the score of a candidate, for optimizers that learn from scores.
 *
 * @module
 */

import { isPromiseLike } from "../data/promise-like.ts";
import { errorText } from "../errors.ts";
import { emitEvent } from "../graph/scope.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";

const reported = new WeakSet<Optimizer>();

/** Calls `observe`, where the optimizer has it and there is a score. A promise is not waited for; that one was rejected is reported once. */
export function reportScore(optimizer: Optimizer, candidate: Candidate, score: number | null, feedback?: string): void {
  if (score === null) return;
  const returned: unknown = optimizer.observe?.(candidate, score, feedback);
  if (!isPromiseLike(returned)) return;
  returned.then(undefined, (error: unknown) => {
    if (reported.has(optimizer)) return;
    reported.add(optimizer);
    const name = optimizer.constructor.name;
    emitEvent({
      type: "warning",
      message: `\`observe\` of ${name} failed: ${errorText(error)}. Its later failures are not reported`,
    });
  });
}
