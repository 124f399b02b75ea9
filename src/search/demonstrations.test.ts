import { describe, expect, it } from "vitest";
import { bundle } from "../graph/bundle.ts";
import { graphFromJson, graphToJson } from "../graph/graph-json.ts";
import { Module, model } from "../graph/module.ts";
import { type Node, node } from "../graph/node.ts";
import { type Parameter, parameter } from "../graph/parameter.ts";
import { text } from "../graph/text.ts";
import { generate } from "../llm/generate.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { workedExamples } from "./demonstrations.ts";

const shout = bundle((text: string, mark: string) => `${text.toUpperCase()}${mark}`);
const join = bundle((prompt: string, topic: string, detail: string) => `${prompt} ${topic} ${detail}`);

class Nested extends Module<string, string> {
  first = model({ shots: parameter([] as string[]) }, ({ shots }, text: string) => `${text}${shots.value.length}`);
  second = model({ shots: parameter([] as string[]) }, ({ shots }, text: string) => shout(text, String(shots.value.length)));
  unread = parameter("unread");

  async forward(text: string) {
    const first = await this.first.call(text);
    return this.second.call(first);
  }
}

describe("workedExamples", () => {
  it("has the input and the output of the module that read the parameter, also inside of another", async () => {
    const agent = new Nested();
    const target = await agent.call("hello");
    expect(workedExamples(target, agent.first.shots)).toEqual([{ input: "hello", output: "hello0" }]);
    expect(workedExamples(target, agent.second.shots)).toEqual([{ input: "hello0", output: "HELLO00" }]);
    expect(workedExamples(target, agent.unread)).toEqual([]);
  });

  it("has the arguments of another operation by name, a single one as it is", () => {
    const prompt = parameter("Say");
    expect(workedExamples(join(prompt, "a", "b"), prompt)).toEqual([{ input: { topic: "a", detail: "b" }, output: "Say a b" }]);
    expect(workedExamples(shout("a", prompt), prompt)).toEqual([{ input: "a", output: "ASay" }]);
  });

  describe("where the operation builds the prompt of a model call", () => {
    const llm = scriptedModel(({ prompt }) => `reply to ${prompt.length > 0}`);
    const shots = parameter([] as string[], { name: "shots" });
    const ask = bundle((list: readonly string[], ticket: { subject: string }) => `${list.join()}\n${ticket.subject}`);

    it("has what the model made of it, also of a larger text", async () => {
      const ticket = node({ subject: "card" });
      const worked = { input: { subject: "card" }, output: "reply to true" };
      expect(workedExamples(await generate({ model: llm, prompt: ask(shots, ticket) }), shots)).toEqual([worked]);
      const larger = text`Answer. ${ask(shots, ticket)}`;
      const polished = shout(await generate({ model: llm, prompt: larger }), "!");
      expect(workedExamples(polished, shots)).toEqual([worked]);
    });

    it("has the prompt as the input where the instructions alone are built", async () => {
      const reply = await generate({ model: llm, system: text`Examples: ${shots}`, prompt: node("my card") });
      const worked = { input: "my card", output: "reply to true" };
      expect(workedExamples(reply, shots)).toEqual([worked]);
      const prompt = parameter("Which queue?");
      expect(workedExamples(await generate({ model: llm, system: prompt, prompt: node("my card") }), prompt)).toEqual([worked]);
    });
  });

  it("takes an operation of the program for no model call, whatever its name", () => {
    const build = bundle((list: readonly string[], topic: string) => `${list.join()} ${topic}`, { name: "build" });
    const named = bundle((prompt: string) => prompt.length, { name: "generate" });
    const shots = parameter(["a"], { name: "shots" });
    expect(workedExamples(named(build(shots, "b")), shots)).toEqual([{ input: "b", output: "a b" }]);
  });

  it("knows a model call in a graph that was sent as JSON", async () => {
    const llm = scriptedModel("reply");
    const shots = parameter(["a"], { name: "shots" });
    const build = bundle((list: readonly string[], topic: string) => `${list.join()} ${topic}`);
    const reply = await generate({ model: llm, prompt: build(shots, "b") });
    const parameters = new Map([["shots", shots as Parameter]]);
    const [sent] = graphFromJson(JSON.parse(JSON.stringify(graphToJson(reply, { parameters }))), { parameters });
    expect(workedExamples(sent as Node, shots)).toEqual([{ input: "b", output: "reply" }]);
  });

  it("leaves out what is not JSON", () => {
    const prompt = parameter("Say");
    const make = bundle((text: string) => new Date(text));
    expect(workedExamples(make(prompt), prompt)).toEqual([]);
  });
});
