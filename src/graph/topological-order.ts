/**
 * The order in which a graph is walked: inputs before their users.
 *
 * @module
 */
import type { Node } from "./node.ts";

/** Every node that the targets depend on, inputs before their users, in the order of the arguments. */
export function topologicalOrder(targets: readonly Node[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  const enter = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.inputs.length === 0) order.push(node);
    else stack.push({ node, next: 0 });
  };
  for (const target of targets) {
    enter(target);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input !== undefined) enter(input);
      else order.push((stack.pop() as typeof top).node);
    }
  }
  return order;
}
