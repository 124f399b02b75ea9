import { expect, it } from "vitest";
import { backward } from "../../graph/backward.ts";
import { bundle } from "../../graph/bundle.ts";
import { node } from "../../graph/node.ts";
import { parameter } from "../../graph/parameter.ts";
import { TraceGraph } from "../../graph/trace-graph.ts";
import { describeExamples } from "./describe-examples.ts";

it("shows with each output what it alone was given, however much all of them were given", () => {
  const prompt = parameter("p", { name: "prompt" });
  const ask = bundle((...parts: string[]) => parts.join(" "), { name: "ask" });
  const outputs = ["first", "second"].map((question) => {
    const [language, tone, region] = ["en", "short", "eu"].map((value, at) => node(value, { name: `setting${at}` }));
    return ask(prompt as never, language as never, tone as never, region as never, node(question, { name: "question" }) as never);
  });
  const graphs = backward(outputs as never, ["Wrong.", "Wrong."], { parameters: [prompt] });
  const examples = describeExamples(TraceGraph.merge(graphs.values()), new Map([["prompt", prompt]]), 2, 100);
  expect(examples.map(({ inputs }) => inputs.map(({ value }) => value))).toEqual([["en", "short", "first"], ["second"]]);
});
