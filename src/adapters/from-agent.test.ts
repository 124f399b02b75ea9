import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Output, stepCountIs, ToolLoopAgent, tool } from "ai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parameter } from "../graph/parameter.ts";
import { withValues } from "../graph/with-values.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { agentTexts } from "./agent-texts.ts";
import { fromAgent } from "./from-agent.ts";
import { promptFile } from "./prompt-file.ts";
import { writeBack } from "./write-back.ts";

interface Asked {
  readonly prompt: readonly { readonly role: string; readonly content: string | readonly { readonly text?: string }[] }[];
  readonly tools?: readonly { readonly name: string; readonly description?: string; readonly inputSchema: unknown }[];
}

/** A model that answers with the instructions and tools that it was sent. */
function echoModel() {
  const calls: Asked[] = [];
  return {
    specificationVersion: "v3" as const,
    provider: "test",
    modelId: "echo",
    supportedUrls: {},
    calls,
    async doGenerate(asked: Asked) {
      calls.push(asked);
      // Calls end in another order than they began.
      await new Promise((resolve) => setTimeout(resolve, calls.length % 3));
      const systems = asked.prompt.flatMap(({ role, content }) => (role === "system" ? [String(content)] : []));
      const tools = (asked.tools ?? []).map(({ name, description }) => `${name}: ${description}`);
      return {
        content: [{ type: "text" as const, text: [...systems, ...tools].join(" | ") }],
        finishReason: { unified: "stop" as const, raw: "stop" },
        usage: { inputTokens: { total: 1 }, outputTokens: { total: 1 } },
        warnings: [],
      };
    },
    doStream: () => Promise.reject(new Error("not used")),
  };
}

const stock = tool({
  description: "How many are left",
  inputSchema: z.object({ item: z.string().describe("name of the item"), where: z.string() }),
  execute: async () => 3,
});

function supportAgent(settings: Partial<ConstructorParameters<typeof ToolLoopAgent>[0]> = {}): ToolLoopAgent {
  return new ToolLoopAgent({
    model: echoModel(),
    instructions: "Answer the customer.",
    tools: { stock },
    ...settings,
  } as never);
}

/** Wants more of an answer than a placeholder is. */
async function refusing(agent: ToolLoopAgent, prompt: unknown): Promise<never> {
  await agent.generate({ prompt: String(prompt) });
  throw new Error("no usable answer");
}

describe("fromAgent", () => {
  it("finds the texts of the settings", () => {
    const agent = fromAgent(supportAgent());
    expect(agent.candidate()).toEqual({ instructions: "Answer the customer.", "tools.stock.description": "How many are left" });
  });

  it.each([
    [["instructions"], ["instructions"]],
    [["tools.*.description"], ["tools.stock.description"]],
    [["tools.stock.*"], ["tools.stock.description"]],
    [["tools.*.input.*.description"], ["tools.stock.input.item.description"]],
    [
      ["instructions", "tools.stock.input.item.description"],
      ["instructions", "tools.stock.input.item.description"],
    ],
  ])("trains %j", (include, expected) => {
    expect(Object.keys(fromAgent(supportAgent(), { include }).candidate())).toEqual(expected);
  });

  it("sends the model the candidate's texts, and the agent keeps its own", async () => {
    const original = supportAgent();
    const agent = fromAgent(original, { include: ["instructions", "tools.*.description", "tools.*.input.*.description"] });
    const candidate = {
      instructions: "Be brief.",
      "tools.stock.description": "Stock of an item",
      "tools.stock.input.item.description": "the item",
    };
    const changed = await withValues(agent, candidate, () => agent.call("How many lamps?"));
    expect(changed.value).toBe("Be brief. | stock: Stock of an item");
    expect((await agent.call("How many lamps?")).value).toBe("Answer the customer. | stock: How many are left");
    expect((await original.generate({ prompt: "How many lamps?" })).text).toBe("Answer the customer. | stock: How many are left");
  });

  it("swaps the description of an argument", async () => {
    const model = echoModel();
    const agent = fromAgent(supportAgent({ model } as never), { include: ["tools.stock.input.item.description"] });
    await withValues(agent, { "tools.stock.input.item.description": "the item" }, () => agent.call("Lamps?"));
    const [call] = model.calls;
    expect(JSON.stringify(call)).toContain('"description":"the item"');
    expect(JSON.stringify(call)).not.toContain("name of the item");
  });

  it("puts the value into what the program composes around the text", async () => {
    const prepareCall = (call: { instructions?: unknown }): never =>
      ({ ...call, instructions: `${call.instructions}\nToday is Friday.` }) as never;
    const agent = fromAgent(supportAgent({ prepareCall }), { include: ["instructions"] });
    const { value } = await withValues(agent, { instructions: "Say $& twice." }, () => agent.call("Hi"));
    expect(value).toBe("Say $& twice.\nToday is Friday. | stock: How many are left");
  });

  it("refuses a text that is not in what the model is sent, before anything is paid", async () => {
    const model = echoModel();
    const agent = fromAgent(
      supportAgent({ model: model as never, prepareCall: (call) => ({ ...call, instructions: "You are Bob." }) }),
    );
    await expect(agent.call("Hi")).rejects.toThrow(
      'The text of "instructions" is not in what the model is sent, so it cannot be trained. Expected "Answer the customer.", got "You are Bob.". ' +
        'If the program composes this text when it calls the model, pass its constant part as `texts: { "instructions": "…" }` of fromAgent',
    );
    expect(model.calls).toHaveLength(0);
  });

  it("takes the constant part where it is told", async () => {
    const prepareCall = (call: object): never => ({ ...call, instructions: "You are Bob. Today is Friday." }) as never;
    const agent = fromAgent(supportAgent({ prepareCall }), { texts: { instructions: "You are Bob." } });
    const { value } = await withValues(agent, { instructions: "You are Eve." }, () => agent.call("Hi"));
    expect(value).toBe("You are Eve. Today is Friday. | stock: How many are left");
  });

  it("trains the parameter that it is given for a text, which goes back to its file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opto-from-agent-"));
    try {
      const path = join(folder, "support.md");
      writeFileSync(path, "---\nowner: support\n---\nAnswer the customer.\n");
      const agent = fromAgent(supportAgent(), { texts: { instructions: promptFile(path) } });
      const candidate = { ...agent.candidate(), instructions: "Be brief." };
      expect((await withValues(agent, candidate, () => agent.call("Hi"))).value).toBe("Be brief. | stock: How many are left");
      agent.apply(candidate);
      expect((await agent.call("Hi")).value).toBe("Be brief. | stock: How many are left");
      expect(await writeBack(agent)).toMatchObject([{ changes: [{ path: "instructions" }] }]);
      expect(readFileSync(path, "utf8")).toBe("---\nowner: support\n---\nBe brief.\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("does not mind a tool that is not offered in a call", async () => {
    const agent = fromAgent(supportAgent({ activeTools: [] }));
    expect((await agent.call("Hi")).value).toBe("Answer the customer.");
  });

  it("runs the loop with tools, takes messages, and gives the result to `output`", async () => {
    const model = scriptedModel(({ messages }) =>
      messages.some(({ role }) => role === "tool")
        ? "3 left"
        : { text: "", toolCalls: [{ name: "stock", input: { item: "lamp", where: "here" } }] },
    );
    const agent = fromAgent(supportAgent({ model, stopWhen: stepCountIs(3) }), {
      output: ({ text, steps }) => ({ text, steps: steps.length }),
    });
    const { value } = await agent.call([{ role: "user", content: "Lamps?" }]);
    expect(value).toEqual({ text: "3 left", steps: 2 });
  });

  it("calls the agent as the caller says", async () => {
    const agent = fromAgent(supportAgent(), {
      input: (example: { question: string }) => example.question,
      call: (copy, input, { signal }) => copy.generate({ prompt: `${input}!`, abortSignal: signal }),
      output: ({ request, text }) => `${text} ${String(request !== undefined)}`,
    });
    expect((await agent.call({ question: "Hi" })).value).toContain("Answer the customer.");
  });

  it("has examples where they are given", async () => {
    const model = scriptedModel(({ messages }) => messages.map(({ content }) => JSON.stringify(content)).join("|"));
    const shown = [
      { role: "user" as const, content: "2 + 2" },
      { role: "assistant" as const, content: "Four." },
    ];
    const original = supportAgent({
      model,
      prepareCall: ({ prompt, ...call }) =>
        ({ ...call, messages: [...shown, { role: "user", content: String(prompt) }] }) as never,
    });
    const texts = await agentTexts(original);
    expect(texts).toMatchObject({ instructions: "Answer the customer.", "examples.0": "2 + 2", "examples.1": "Four." });
    expect(model.calls).toHaveLength(0);
    const agent = fromAgent(original, { texts, include: ["examples.*"] });
    const { value } = await withValues(agent, { "examples.1": "4" }, () => agent.call("3 + 3"));
    expect(value).toContain('"4"');
    expect(value).not.toContain("Four.");
  });

  it("sees what an agent asks that a placeholder does not satisfy", async () => {
    const texts = { instructions: "Answer the customer.", "tools.stock.description": "How many are left" };
    const output = Output.object({ schema: z.object({ left: z.number().min(5) }) });
    for (const settings of [{ toolChoice: "required" as const }, { output }]) {
      const agent = supportAgent(settings as never);
      await expect(agentTexts(agent, { call: refusing })).resolves.toMatchObject(texts);
      await expect(agentTexts(agent)).resolves.toMatchObject(texts);
    }
    const none = async () => Promise.reject(new Error("no question"));
    await expect(agentTexts(supportAgent(), { call: none as never })).rejects.toThrow("no question");
  });

  it("trains a tool of any name", async () => {
    const agent = fromAgent(supportAgent({ tools: { constructor: stock } } as never));
    expect(agent.candidate()).toEqual({
      instructions: "Answer the customer.",
      "tools.constructor.description": "How many are left",
    });
    const { value } = await withValues(agent, { "tools.constructor.description": "Stock" }, () => agent.call("Hi"));
    expect(value).toBe("Answer the customer. | constructor: Stock");
    expect(Object.hasOwn(Object, "description")).toBe(false);
  });

  it("says what to do about an agent with #private fields", async () => {
    class Counting extends ToolLoopAgent {
      #count = 0;
      override async generate(options: never): Promise<never> {
        if (this.#count++ > 9) throw new Error("too often");
        return (await super.generate(options)) as never;
      }
    }
    const agent = fromAgent(new Counting({ model: echoModel(), instructions: "Answer." } as never) as ToolLoopAgent);
    await expect(agent.call("Hi")).rejects.toThrow(
      /^The class Counting of the agent has #private members.*#count.*`tracked\(model\)`/s,
    );
  });

  it("keeps the texts of 200 interleaved rollouts of two candidates apart", async () => {
    const agent = fromAgent(supportAgent());
    const candidates = ["A", "B"].map((name) => ({
      instructions: `You are ${name}.`,
      "tools.stock.description": `Stock of ${name}`,
    }));
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        withValues(agent, candidates[index % 2] ?? {}, async () => (await agent.call(`Question ${index}`)).value),
      ),
    );
    expect(answers).toEqual(
      Array.from({ length: 200 }, (_, index) =>
        index % 2 === 0 ? "You are A. | stock: Stock of A" : "You are B. | stock: Stock of B",
      ),
    );
  });

  it.each<[string, () => unknown, string]>([
    [
      "what is no agent",
      () => fromAgent({ generate: () => 1 }),
      "Expected an agent to be a ToolLoopAgent of the AI SDK, an Agent of the OpenAI Agents SDK",
    ],
    [
      "a pattern that means nothing",
      () => fromAgent(supportAgent(), { include: ["tools.search.*"] }),
      'has "tools.search.*", but there is no such text. The texts are: instructions, tools.stock.description',
    ],
    [
      "an empty parameter",
      () => fromAgent(supportAgent(), { texts: { instructions: parameter(" ") } }),
      'Expected `texts["instructions"]` of fromAgent to be a text',
    ],
    [
      "a path of no text",
      () => fromAgent(supportAgent(), { texts: { prompt: "x" } }),
      'Expected the path of an agent\'s text, got "prompt"',
    ],
    [
      "an empty text",
      () => fromAgent(supportAgent(), { texts: { instructions: " " } }),
      'Expected `texts["instructions"]` of fromAgent to be a text',
    ],
    ["an unknown option", () => fromAgent(supportAgent(), { includes: [] } as never), "includes"],
    [
      "no texts at all",
      () => fromAgent(supportAgent({ instructions: undefined, tools: undefined } as never)),
      "There is no text to train in this agent",
    ],
    ["another model that is none", () => fromAgent(supportAgent(), { model: {} }), "Expected the model of the agent to be"],
  ])("refuses %s", (_, make, message) => {
    expect(make).toThrow(message);
  });

  it("refuses an input that is neither text nor messages, and says what to do", async () => {
    const agent = fromAgent(supportAgent()) as unknown as { call(x: unknown): Promise<unknown> };
    await expect(agent.call({ question: "Hi" })).rejects.toThrow("`input: (example) => …` of fromAgent");
  });
});
