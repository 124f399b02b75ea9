/**
 * The numerical example: find the inputs of a small formula from nothing but "too high" and "too low".
 *
 * The model is a scripted one that reads OptoPrime's prompt and halves its interval; with a real model leave `model` out
 * and set OPTO_MODEL.
 *
 * @module
 */
import { bundle, node, OptoPrime, operators, parameter } from "opto";
import { type ScriptedCall, scriptedModel } from "opto/testing";

const target = 42;
const width = parameter(1, { name: "width", description: "a side of the box", constraint: "a whole number from 1 to 64" });
const square = bundle((x: number) => x * x, { name: "square", description: "x times x" });
const formula = () => operators.add(square(width), node(6, { name: "border" }));

let low = 1;
let high = 64;
const optimizer = new OptoPrime([width], { model: scriptedModel(bisect), objective: "Make the result right." });

for (let step = 1; step <= 8; step++) {
  const result = formula();
  const feedback = judge(result.value);
  console.log(`step ${step}: ${width.value} squared + 6 = ${result.value}, ${feedback}`);
  if (feedback === "right") break;
  optimizer.zeroFeedback();
  optimizer.backward(result, feedback);
  await optimizer.step();
}
if (width.value !== 6) throw new Error(`Expected to find 6, found ${width.value}`);

function judge(value: number): "right" | "too low" | "too high" {
  if (value === target) return "right";
  return value < target ? "too low" : "too high";
}

/** Plays a language model: reads the current value and the feedback, answers in OptoPrime's format. */
function bisect({ prompt }: ScriptedCall): string {
  const current = Number(/<variable name="width">\n(\d+)/.exec(prompt)?.[1]);
  if (prompt.includes(">too low<")) low = current + 1;
  else high = current - 1;
  const middle = Math.floor((low + high) / 2);
  return `<reasoning>\nBetween ${low} and ${high}.\n</reasoning>\n<variable name="width">\n${middle}\n</variable>`;
}
