/**
 * What carrying feedback back costs, with the listing of the nodes that each parameter hears about.
 *
 * @module
 */
import { backward, bundle, type Node, type Parameter, parameter } from "opto/graph";
import { type Benchmark, busyMs, median } from "./benchmark.ts";

const chainLength = 100_000;
const outputs = 10_000;
const sizes = [1e3, 1e4, 1e5, 1e6];

const increment = bundle((x: number) => x + 1);
const scale = bundle((factor: number, x: number) => factor * x);

export const backwardPass: readonly Benchmark[] = [
  { name: "backward, chain of 100,000 nodes", unit: "ms", limit: 100, sample: () => usually([chain(chainLength)]) },
  // Each output is an operation with a constant of its own: 20,001 nodes.
  { name: "backward, 10,000 outputs, 1 parameter", unit: "ms", limit: 20, sample: () => usually(fan(outputs)) },
  // The work is linear, but a small graph stays in the processor's caches and a large one does not.
  { name: "backward, growth 1e3 to 1e6 nodes", unit: "exponent", limit: 1.1, sample: growthExponent },
];

/** The median of a few passes: the first ones are slower, until the engine has compiled what they run. */
function usually(targets: readonly Node[]): number {
  return median(Array.from({ length: 5 }, () => backwardMs(targets)));
}

function backwardMs(targets: readonly Node[]): number {
  return busyMs(() => {
    for (const graph of backward(targets, "too low").values()) {
      if (graph.nodes.length < targets.length) throw new Error(`Expected the whole graph, got ${graph.nodes.length} nodes`);
    }
  });
}

function chain(length: number): Node<number> {
  let last: Node<number> = start();
  for (let index = 1; index < length; index++) last = increment(last);
  return last;
}

function fan(width: number): Node<number>[] {
  const factor = start();
  return Array.from({ length: width }, (_, index) => scale(factor, index));
}

function start(): Parameter<number> {
  return parameter(0, { name: "start" });
}

/** `p` where time grows as `size ** p`: the slope of the line through the logarithms. Small graphs are measured more often. */
function growthExponent(): number {
  const points = sizes.map((size) => {
    const graph = [chain(size)];
    const repetitions = Math.min(101, Math.max(3, 1e5 / size));
    const times = Array.from({ length: repetitions }, () => backwardMs(graph));
    return { x: Math.log(size), y: Math.log(median(times)) };
  });
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * y, 0);
  return covariance / points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
}
