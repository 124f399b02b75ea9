/**
 * What an optimizer is shown of schemas, tools, sources and arguments, and what it may not do to a text.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bundle } from "../../graph/bundle.ts";
import { choices } from "../../graph/domain.ts";
import { Module, model } from "../../graph/module.ts";
import type { Node } from "../../graph/node.ts";
import { type Parameter, parameter } from "../../graph/parameter.ts";
import { text } from "../../graph/text.ts";
import { type Script, scriptedModel } from "../../testing/scripted-model.ts";
import { OptoPrime, type OptoPrimeOptions } from "../opto-prime.ts";

const block = (name: string, value: string): string => `<variable name="${name}">\n${value}\n</variable>`;

async function proposed(parameters: Record<string, unknown>, script: Script, options: OptoPrimeOptions = {}) {
  const agent = model(parameters, (parts) => Object.values(parts).map((part) => (part as Parameter).value)) as Module;
  const llm = scriptedModel(script);
  const optimizer = new OptoPrime(agent, { model: llm, ...options });
  optimizer.backward(await agent.call("x"), "bad");
  return { values: await optimizer.propose(), calls: llm.calls };
}

describe("the schema of a parameter", () => {
  const schema = z.array(z.object({ question: z.string(), answer: z.string() })).max(4);
  const examples = () => ({ examples: parameter([] as { question: string; answer: string }[], { schema }) });
  const good = '[{"question":"q","answer":"a"}]';

  it.each([
    ["tags", block("examples", good)],
    ["json", JSON.stringify({ reasoning: "", values: { examples: good } })],
  ] as const)("is shown as JSON Schema, for a reply as %s", async (replyFormat, reply) => {
    const { values, calls } = await proposed(examples(), reply, { replyFormat });
    expect(values).toEqual({ examples: JSON.parse(good) });
    expect(calls[0]?.prompt).toMatch(
      /It must fit this JSON Schema: \{.*"maxItems":4.*"question":\{"type":"string"\},"answer":\{"type":"string"\}/,
    );
  });

  it("stands in the description of the field that holds it as JSON in a string", async () => {
    const { calls } = await proposed(examples(), '{"values":{}}', { replyFormat: "json" });
    expect(JSON.stringify(calls[0]?.responseFormat)).toContain('a list, written as JSON that fits this JSON Schema: {\\"');
  });

  it("is not shown where it says no more than the type, or cannot be written so", async () => {
    const parts = { a: parameter("x", { schema: z.string() }), b: parameter(1, { schema: z.number().transform((n) => n) }) };
    const { calls } = await proposed(parts, "<unchanged/>");
    expect(calls[0]?.prompt).not.toContain("JSON Schema");
  });
});

describe("an empty block", () => {
  it("never empties a text: it is refused with the reason, and the value stays", async () => {
    const parts = { prompt: parameter("Answer."), tone: parameter("kind") };
    const reply = `${block("prompt", "")}\n${block("tone", "cheerful")}`;
    const { values, calls } = await proposed(parts, [reply, block("prompt", " \n ")]);
    expect(values).toEqual({ tone: "cheerful" });
    expect(calls[1]?.prompt).toContain(
      "- prompt: expected the whole new text, got an empty one; leave out the variable to keep its value",
    );
  });

  it.each([
    ["a schema allows it", { prompt: parameter("Answer.", { schema: z.string() }) }],
    ["it is a choice", { prompt: parameter("Answer.", { domain: choices(["Answer.", ""]) }) }],
    ["the text is empty already", { prompt: parameter("") }],
  ])("is a value where %s", async (_title, parts) => {
    expect((await proposed(parts, block("prompt", ""))).values).toEqual({ prompt: "" });
  });
});

describe("tools of trainable code", () => {
  /** Counts the letters of a word. */
  const letters = (word: string): number => word.length;
  const search = bundle(async (query: string, limit = 5): Promise<string[]> => [query].slice(0, limit), {
    name: "search",
    description: "Finds documents.",
  });

  it("are shown with signature and description", () => {
    const answer = bundle(
      async function answer(question: string): Promise<number> {
        return letters(question) + table.max + Number(search === undefined);
      },
      { trainable: true, tools: { search, letters, table: { max: 3 } } },
    );
    expect(answer.parameter.constraint?.split("\n").slice(1)).toEqual([
      "- `async search(query: string, limit = 5): Promise<string[]>`: Finds documents.",
      "- `letters(word: string): number`: Counts the letters of a word.",
      '- `table` = {"max":3}',
    ]);
  });
  const table = { max: 3 };
});

describe("sources", () => {
  it("of model(), of classes and of bundled functions are as their authors wrote them", async () => {
    const agent = model({ a: parameter(1) }, ({ a }, x: number): number => {
      // Comments stay.
      return a.value * x;
    });
    class Doubling extends Module<number, number> {
      a = parameter(2);
      forward(x: number): number {
        return this.a.value * x; // twice
      }
    }
    const shout = bundle((word: string): string => `${word as string}!`, { name: "shout" });
    expect((await agent.call(1)).operation?.source).toBe(
      "const agent = ({ a }, x: number): number => {\n  // Comments stay.\n  return a.value * x;\n};",
    );
    expect((await new Doubling().call(1)).operation?.source).toBe(
      "function forward(x: number): number {\n  return this.a.value * x; // twice\n}",
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a template
    expect(shout.operation.source).toBe("const shout = (word: string): string => `${word as string}!`;");
  });
});

describe("arguments", () => {
  it("go by the names that the prompt has for them; the operation of model() is not called model", async () => {
    const parts = { prompt: parameter("a"), toolDoc: parameter("b") };
    const { calls } = await proposed(parts, "<unchanged/>");
    expect(calls[0]?.prompt).toMatch(/^agent_1 = agent\(input, prompt, toolDoc\)$/m);
  });

  it("are never two of one name", async () => {
    const agent = model({ a: parameter("x"), b: parameter("y") }, ({ a, b }): Node<string> => text`${a} ${b}`);
    const llm = scriptedModel("<unchanged/>");
    const optimizer = new OptoPrime(agent, { model: llm });
    optimizer.backward(await agent.call("x"), "bad");
    await optimizer.propose();
    expect(llm.calls[0]?.prompt).toContain("text_1 = text(a, b)");
  });
});
