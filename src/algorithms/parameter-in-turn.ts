/**
 * Parameters that are improved one after the other: those that a batch says nothing about are passed over.
 *
 * @module
 */
import type { Entry, Step } from "../search/search.ts";

/**
 * The first parameter from a place on, after the last the first again, that the feedback on the batch is about; where it is about none, the one at
 * that place. Runs the parent on the batch, as a proposal would.
 *
 * @returns its place among the parameters
 */
export async function parameterInTurn(step: Step, parent: Entry, from: number): Promise<number> {
  const { parameters, batch } = step;
  if (parameters.length === 1) return 0;
  const reached = step.reached(await step.forward([parent], batch));
  const order = parameters.map((_, index) => (from + index) % parameters.length);
  return order.find((place) => reached.includes(parameters[place] as string)) ?? from % parameters.length;
}
