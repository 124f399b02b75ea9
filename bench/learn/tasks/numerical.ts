/**
 * The numerical example: find the inputs of a small formula from nothing but "too high" and "too low". It asks no model.
 *
 * @module
 */
import { bundle, type Feedback, type Module, model, parameter, range } from "opto";
import { Random } from "opto/data";
import { defineTask, type Row, withUnitScores } from "./task.ts";

const truth = { width: 6, height: 11 };
const square = bundle((width: number) => width * width, { name: "square", description: "width times width" });
const area = bundle((height: number, depth: number) => height * depth, { name: "area", description: "height times depth" });
const total = bundle((first: number, second: number) => first + second, { name: "total", description: "the sum" });

export const numerical = defineTask<number, number, number>({
  id: "numerical",
  title: "Numerical example",
  source: { name: "examples/numerical, with a second unknown", license: "that of this repository" },
  callsModel: false,
  optimizers: ["TPE", "OptoPrime", "OPRO", "TextGrad"],
  sizes: { train: 12, validation: 12, test: 24 },
  handWritten: truth,
  load: async () => rows(),
  agent: formula,
  guide: withUnitScores((_depth: number, result: number, expected: number): Feedback => {
    const error = Math.abs(result - expected);
    const words = result < expected ? "The result is too low." : "The result is too high.";
    return { score: 1 / (1 + error / 100), feedback: error === 0 ? "Right." : words };
  }),
});

function formula(): Module<number, number> {
  const slots = {
    width: parameter(1, { description: "a side of the box, a whole number", domain: range(1, 64, { integer: true }) }),
    height: parameter(1, { description: "another side of the box, a whole number", domain: range(1, 64, { integer: true }) }),
  };
  return model(slots, ({ width, height }, depth: number) => total(square(width), area(height, depth))) as unknown as Module<
    number,
    number
  >;
}

function rows(): Row<number, number>[] {
  const random = new Random(0, "numerical");
  return random.shuffle(Array.from({ length: 64 }, (_, at) => at + 1)).map((depth) => ({
    id: String(depth),
    input: depth,
    info: truth.width ** 2 + truth.height * depth,
  }));
}
