/**
 * Slots that a program fills, whatever their braces look like.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { bundle } from "../../graph/bundle.ts";
import { model } from "../../graph/module.ts";
import type { Node } from "../../graph/node.ts";
import { format } from "../../graph/operators.ts";
import { type Parameter, parameter } from "../../graph/parameter.ts";
import { text } from "../../graph/text.ts";
import { scriptedModel } from "../../testing/scripted-model.ts";
import { OptoPrime } from "../opto-prime.ts";
import { filledSlots, lostSlots } from "./filled-slots.ts";

function seen(prompt: Parameter<string>, output: Node): string[] {
  const optimizer = new OptoPrime([prompt], { model: scriptedModel("") });
  optimizer.backward(output, "bad");
  return filledSlots(prompt as Parameter, optimizer.graph);
}

const formula = "Solve for {x}, with \\frac{a}{b}.";
const fill = bundle((prompt: string, q: string) => prompt.replace("{x}", q), { name: "fill" });
const whole = bundle((prompt: string, q: string) => `${prompt}\n${q}`, { name: "whole" });

describe("filledSlots", () => {
  it.each<[string, (prompt: Parameter<string>) => Node, string[]]>([
    ["what an operation fills", (prompt) => fill(prompt, "3"), ["{x}"]],
    ["what `format` fills", (prompt) => format(prompt, { x: "y = 1" }), ["{x}"]],
    ["nothing where the text goes in as it is", (prompt) => whole(prompt, "3"), []],
    ["nothing where it is a part of another text", (prompt) => text`${prompt} Be brief.`, []],
    ["nothing where the output is another text", (prompt) => prompt.map(() => "An answer.") as Node, []],
  ])("finds %s", (_title, run, slots) => {
    const prompt = parameter(formula, { name: "prompt" });
    expect(prompt.placeholders).toEqual([]);
    expect(seen(prompt, run(prompt))).toEqual(slots);
  });

  it.each([
    ["Write halves as \\frac{a}{b} if there are any.", []],
    ["{x} is what to solve.", ["{x}"]],
    ["Solve {x}", ["{x}"]],
  ])("of %j finds %j, when {x} alone is filled", (template, slots) => {
    const prompt = parameter(template, { name: "prompt" });
    expect(seen(prompt, fill(prompt, "3"))).toEqual(slots);
    expect(seen(prompt, whole(prompt, "3"))).toEqual([]);
  });

  it.each([
    "{{{question}}}",
    "$" + "{question}",
    "{{ user.name }}",
    "{{question | upper}}",
    "{user-name}",
    "{items[0]}",
    "{price:.2f}",
    "{0}",
    "%(question)s",
    "#{question}",
  ])("finds %s where it is filled, and refuses a text without it", async (slot) => {
    const at = async (template: string) => {
      const agent = model({ prompt: parameter(template) }, ({ prompt }, x: string) => prompt.value.replace(slot, () => x));
      const optimizer = new OptoPrime([agent.prompt], { model: scriptedModel("") });
      optimizer.backward(await agent.call("what is 7"), "bad");
      const prompt = agent.prompt as Parameter;
      expect([...prompt.placeholders.map((name) => `{${name}}`), ...filledSlots(prompt, optimizer.graph)]).toEqual([slot]);
      return (value: string) => lostSlots(prompt, optimizer.graph, value);
    };
    const lost = await at(`Answer ${slot} shortly, please`);
    expect(lost("Be brief.")).toBe(`expected the text to keep ${slot}, which the program fills`);
    expect(lost(`Be brief: ${slot}`)).toBeUndefined();
    await at(`Look at \\frac{a}{b}, <b>, [1], {"k": 5} and \${HOME}, then answer: ${slot}`);
  });

  it.each(["{one letter}", "{{answer}}", "{answer-letter}"])(
    "does not take %s for a slot where a reply follows the form",
    (slot) => {
      const prompt = parameter(`Think about the question first.\nReasoning: {your thoughts}\nAnswer: ${slot}`, {
        name: "prompt",
      });
      const ask = bundle((_prompt: string) => "Reasoning: it is so.\nAnswer: B", { name: "ask" });
      expect(seen(prompt, ask(prompt))).toEqual([]);
    },
  );

  it("does not take doubled braces for a slot where the program writes single ones for them", async () => {
    const agent = model({ prompt: parameter("Write {{name}} into the text, and {x} too") }, ({ prompt }, x: string) =>
      prompt.value.replace("{x}", x).replaceAll("{{", "{").replaceAll("}}", "}"),
    );
    expect(seen(agent.prompt, await agent.call("7"))).toEqual(["{x}"]);
  });

  it("finds what `forward` of an agent fills by itself", async () => {
    const agent = model({ prompt: parameter(formula) }, ({ prompt }, x: string) => prompt.value.replace("{x}", x));
    expect(seen(agent.prompt, await agent.call("7"))).toEqual(["{x}"]);
  });

  it("a proposal that loses one is refused with the reason; a formula may go", async () => {
    const prompt = parameter(formula, { name: "prompt" });
    const reply = (value: string) => `<variable name="prompt">\n${value}\n</variable>`;
    const model = scriptedModel([reply("Solve it."), reply("Find {x}.")]);
    const optimizer = new OptoPrime([prompt], { model });
    optimizer.backward(fill(prompt, "3"), "bad");
    expect(await optimizer.propose()).toEqual({ prompt: "Find {x}." });
    expect(model.calls[0]?.prompt).toContain("Keep in the text: {x}");
    expect(model.calls[1]?.prompt).toContain("expected the text to keep {x}, which the program fills");
  });
});
