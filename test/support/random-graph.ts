/**
 * Random graphs for property tests: parameters and constants, then operations on what is there already.
 *
 * @module
 */
import fc from "fast-check";
import { bundle, type Node, node, type Parameter, parameter } from "opto/graph";

export interface RandomGraph {
  /** In order of creation. */
  readonly nodes: readonly Node[];
  readonly parameters: readonly Parameter[];
  /** At least one; may stand anywhere, also twice. */
  readonly targets: readonly Node[];
}

const operations = Array.from({ length: 4 }, (_, index) =>
  bundle((...values: unknown[]) => ({ operation: index, size: values.length }), {
    name: `operation${index}`,
    description: `The ${index}.`,
  }),
);

/** Graphs of one to `maxSize` nodes. */
export function randomGraph(maxSize = 40): fc.Arbitrary<RandomGraph> {
  const position = fc.nat();
  // JSON text has no -0.
  const value = fc.jsonValue().map((made) => JSON.parse(JSON.stringify(made)) as unknown);
  const step = fc.oneof(
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("parameter" as const), value, trainable: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("constant" as const), value }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("operation" as const),
        operation: fc.nat(operations.length - 1),
        arguments: fc.array(position, { maxLength: 4 }),
        read: fc.array(position, { maxLength: 2 }),
      }),
    },
  );
  return fc
    .tuple(fc.array(step, { minLength: 1, maxLength: maxSize }), fc.array(position, { minLength: 1, maxLength: 4 }))
    .map(([steps, targets]) => {
      const nodes: Node[] = [];
      const at = (index: number): Node => nodes[index % nodes.length] as Node;
      for (const [index, made] of steps.entries()) {
        if (made.kind === "parameter") {
          nodes.push(parameter<unknown>(made.value, { name: `parameter${index}`, trainable: made.trainable }) as Node);
        } else if (made.kind === "constant" || nodes.length === 0) {
          nodes.push(
            node(made.kind === "constant" ? made.value : null, { name: `constant${index}`, description: "A constant." }),
          );
        } else {
          const { operation, arguments: given, read } = made;
          // What is read is read by an operation around the call.
          const around = bundle((...values: unknown[]) => {
            for (const position of read) void at(position).value;
            return operations[operation]?.(...values);
          });
          nodes.push((read.length > 0 ? around : operations[operation])?.(...given.map(at)) as Node);
        }
      }
      const parameters = nodes.filter((found) => found.kind === "parameter") as Parameter[];
      return { nodes, parameters, targets: targets.map(at) };
    });
}
