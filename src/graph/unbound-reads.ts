/**
 * Reads of parameters outside any run while one tries values of theirs: the code that reads has lost its asynchronous context.
 *
 * @module
 */
import { type GraphNode, labelOf } from "./graph-node.ts";
import type { Scope } from "./scope.ts";

const watched = new WeakMap<GraphNode, (parameter: GraphNode) => void>();
let numWatches = 0;

/**
 * Watches the reads of parameters outside any run.
 *
 * @param onRead called for each of them
 * @returns a function that ends it
 */
export function watchUnboundReads(parameters: readonly GraphNode[], onRead: (parameter: GraphNode) => void): () => void {
  for (const each of parameters) watched.set(each, onRead);
  numWatches++;
  return () => {
    for (const each of parameters) watched.delete(each);
    numWatches--;
  };
}

/** Notes that the value of a parameter is read in a scope. */
export function noteUnboundRead(parameter: GraphNode, { layer }: Pick<Scope, "layer">): void {
  // Next to nothing where no run is in progress, and within one.
  if (numWatches > 0 && layer === undefined) watched.get(parameter)?.(parameter);
}

/** What such a read means, for people. */
export function describeUnboundRead(parameter: GraphNode): string {
  return (
    `The ${labelOf(parameter)} was read outside the run that is training it, while rollouts were in progress: it had the value that the agent holds, ` +
    "not that of the candidate that is tried. If the agent reads it there, a queue, pool, batcher or emitter called the code that reads it. " +
    "Wrap such functions in AsyncResource.bind(fn) from node:async_hooks (this is reported only once)"
  );
}
