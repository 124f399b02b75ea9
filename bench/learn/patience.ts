/**
 * Repeats work whose calls were not answered, as on a machine that others use: outside a run, a call is given up after some attempts of two minutes.
 *
 * @module
 */
import { InfrastructureError } from "opto";

const attempts = 3;

/** Does the work at most three times. What was answered before is found among the shared replies. @throws what the last attempt threw */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !(error instanceof InfrastructureError)) throw error;
    }
  }
}
