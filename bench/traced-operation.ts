/**
 * What recording costs: nanoseconds for an operation, over the call of the function itself.
 *
 * @module
 */
import { bundle, type Node, node } from "opto/graph";
import { type Benchmark, busyMs } from "./benchmark.ts";

/** Operations in one graph; it is garbage before the next is built, as the graph of a rollout is. */
const graphSize = 1_000;
const graphs = 50;

const increment = bundle((x: number) => x + 1);
const sum = bundle((x: number, y: number) => x + y);
const incrementLater = bundle(async (x: number) => x + 1);

export const tracedOperation: readonly Benchmark[] = [
  { name: "traced operation, 1 argument", unit: "ns", limit: 1_000, sample: () => eachOf((last) => increment(last)) },
  { name: "traced operation, 2 arguments", unit: "ns", limit: 1_000, sample: () => eachOf((last) => sum(last, last)) },
  { name: "traced operation, async", unit: "ns", limit: 3_000, sample: asyncOperation },
  { name: "reading .value in an operation", unit: "ns", limit: 1_000, sample: readValue },
];

function eachOf(next: (last: Node<number>) => Node<number>): number {
  const ms = busyMs(() => {
    for (let graph = 0; graph < graphs; graph++) {
      let last = node(0);
      for (let index = 0; index < graphSize; index++) last = next(last);
    }
  });
  return nanoseconds(ms);
}

async function asyncOperation(): Promise<number> {
  const ms = await busyMs(async () => {
    for (let graph = 0; graph < graphs; graph++) {
      let last = node(0);
      for (let index = 0; index < graphSize; index++) last = await incrementLater(last);
    }
  });
  return nanoseconds(ms);
}

/** Every node is read once and becomes an input of the operation. */
function readValue(): number {
  const nodes = Array.from({ length: graphSize }, (_, index) => node(index));
  const readAll = bundle(() => nodes.reduce((total, { value }) => total + value, 0));
  const ms = busyMs(() => {
    for (let graph = 0; graph < graphs; graph++) void readAll();
  });
  return nanoseconds(ms);
}

function nanoseconds(ms: number): number {
  return (ms * 1e6) / (graphs * graphSize);
}
