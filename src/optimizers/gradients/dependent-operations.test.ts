import { describe, expect, it } from "vitest";
import { backward } from "../../graph/backward.ts";
import { add, multiply } from "../../graph/operators.ts";
import { parameter } from "../../graph/parameter.ts";
import { TraceGraph } from "../../graph/trace-graph.ts";
import { dependentOperations } from "./dependent-operations.ts";

describe("dependentOperations", () => {
  it("lists what depends on the parameters, inputs before users, each input once", () => {
    const x = parameter(2, { name: "x" });
    const frozen = parameter(5, { name: "frozen", trainable: false });
    const constant = add(frozen, 1);
    const product = multiply(x, constant);
    const square = multiply(product, product);
    const output = add(square, product);
    const graph = TraceGraph.merge(backward(output, "no").values());
    expect(dependentOperations(graph)).toEqual([
      { node: product, dependentInputs: [x] },
      { node: square, dependentInputs: [product] },
      { node: output, dependentInputs: [square, product] },
    ]);
  });

  it("takes chains of ten thousand operations, and a parameter that all of them use", () => {
    const x = parameter(1, { name: "x" });
    let output = add(x, 1);
    for (let length = 1; length < 10_000; length++) output = add(output, x);
    expect(dependentOperations(TraceGraph.merge(backward(output, "no").values()))).toHaveLength(10_000);
  });

  it("has nothing for feedback on a parameter itself", () => {
    const x = parameter(1, { name: "x" });
    expect(dependentOperations(TraceGraph.merge(backward(x, "no").values()))).toEqual([]);
  });
});
