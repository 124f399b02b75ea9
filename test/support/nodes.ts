/**
 * What tests compare of nodes: which they are, since a node is equal to nothing but itself.
 *
 * @module
 */
import type { Node } from "opto/graph";

/** The ids of nodes, in order: equal for the same nodes, readable when they differ. */
export function ids(nodes: readonly Node[]): string[] {
  return nodes.map((node) => `${node.name}#${node.id}`);
}

/** What `run` throws; fails the test when it throws nothing. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("Expected an error, and nothing was thrown");
}
