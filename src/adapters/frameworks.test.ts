import { describe, expect, it } from "vitest";
import { withValues } from "../graph/with-values.ts";
import { OPRO } from "../optimizers/opro.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { train } from "../train.ts";
import { trackedChatModel } from "./chat-model.ts";
import { fromAgent } from "./from-agent.ts";

// Objects of the shapes that the frameworks have; `examples/with-agents` runs the frameworks themselves.

const description = "How many are left";
const schema = { type: "object", properties: { item: { type: "string", description: "the item" } } };

/** A model of the OpenAI Agents SDK that answers with what it was sent. */
function openAIModel() {
  const requests: { readonly systemInstructions?: string; readonly tools: readonly { readonly description: string }[] }[] = [];
  return {
    requests,
    async getResponse(request: (typeof requests)[number]) {
      requests.push(request);
      const text = `${request.systemInstructions} | ${request.tools.map((tool) => tool.description).join()}`;
      const usage = {
        requests: 1,
        inputTokens: 10,
        outputTokens: 2,
        totalTokens: 12,
        inputTokensDetails: [],
        outputTokensDetails: [],
      };
      return { usage, output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text }] }] };
    },
  };
}

/** An agent of the SDK, as far as it is looked at. */
class OpenAIAgent {
  readonly handoffs: readonly object[] = [];
  readonly tools = [{ type: "function", name: "stock", description, parameters: schema, invoke: () => "3" }];
  readonly name = "support";
  readonly instructions: unknown;
  readonly model: ReturnType<typeof openAIModel>;

  constructor(instructions: unknown, model = openAIModel()) {
    this.instructions = instructions;
    this.model = model;
  }

  asTool(): void {}

  clone(): void {}
}

/** What a runner does, for one call of the model. */
async function runOnce(agent: OpenAIAgent, input: unknown, signal?: AbortSignal): Promise<{ finalOutput: string }> {
  const { instructions, tools, model } = agent;
  const systemInstructions = typeof instructions === "function" ? instructions() : instructions;
  const { output } = await model.getResponse({
    systemInstructions,
    input,
    tools,
    modelSettings: {},
    outputType: "text",
    signal,
  } as never);
  return { finalOutput: output[0]?.content[0]?.text ?? "" };
}

const call = (agent: OpenAIAgent, input: unknown, { signal }: { readonly signal: AbortSignal }) =>
  runOnce(agent, input, signal) as never;
const output = ({ finalOutput }: { readonly finalOutput?: unknown }): string => String(finalOutput);

describe("an agent of the OpenAI Agents SDK", () => {
  it("gets the candidate's texts, and keeps its own", async () => {
    const original = new OpenAIAgent("Answer the customer.");
    const agent = fromAgent(original, { call, output });
    expect(agent.candidate()).toEqual({ instructions: "Answer the customer.", "tools.stock.description": description });
    const candidate = { instructions: "Be brief.", "tools.stock.description": "Stock" };
    expect((await withValues(agent, candidate, () => agent.call("Hi"))).value).toBe("Be brief. | Stock");
    expect((await runOnce(original, "Hi")).finalOutput).toBe(`Answer the customer. | ${description}`);
  });

  it("is counted in a run, with the tokens that its own client reports", async () => {
    const model = openAIModel();
    const agent = fromAgent(new OpenAIAgent("Answer the customer.", model), { call, output, include: ["instructions"] });
    const result = await train({
      agent,
      trainDataset: ["a", "b"].map((input) => ({ input, info: null })),
      guide: () => 1,
      optimizer: new OPRO(agent, { model: scriptedModel('<variable name="instructions">\nBe brief.\n</variable>') }),
      budget: { calls: 10 },
      logger: [],
      run: null,
    });
    const { calls, inputTokens } = result.usage.byRole.agent ?? {};
    expect(calls).toBe(model.requests.length);
    expect(inputTokens).toBe(10 * model.requests.length);
  });

  it("refuses instructions of a function without their constant part", () => {
    expect(() => fromAgent(new OpenAIAgent(() => "You are Bob. Today is Friday."), { call, output })).toThrow(
      'The instructions of this agent are composed when it is called, so their text is not known. Pass their constant part as `texts: { instructions: "…" }`',
    );
  });

  it("says which package is missing when it is to be run by default", async () => {
    const agent = fromAgent(new OpenAIAgent("Answer."));
    await expect(agent.call("Hi")).rejects.toThrow("npm install @openai/agents");
  });
});

/** A message of LangChain. */
class ChatMessage {
  readonly content: unknown;

  constructor({ content }: { readonly content: unknown }) {
    this.content = content;
  }

  getType(): string {
    return "human";
  }
}

class SystemMessage extends ChatMessage {
  override getType(): string {
    return "system";
  }
}

/** A chat model of LangChain; `bindTools` makes another, as those of providers do. */
class ChatModel {
  readonly model = "chat-1";
  readonly tools: unknown;
  disableStreaming = false;

  constructor(tools?: unknown) {
    this.tools = tools;
  }

  _llmType(): string {
    return "openai";
  }

  bindTools(tools: unknown): ChatModel {
    return new ChatModel(tools);
  }

  async invoke(messages: readonly object[]): Promise<{ content: unknown }> {
    const { generations } = await this._generate(messages, { tools: this.tools });
    return generations[0]?.message ?? { content: "" };
  }

  async _generate(messages: readonly object[], { tools }: { readonly tools?: unknown }) {
    const system = messages.map((message) => (message as ChatMessage).content)[0];
    const message = {
      content: `${JSON.stringify(system)} | ${JSON.stringify(tools)}`,
      usage_metadata: { input_tokens: 1, output_tokens: 1 },
    };
    return { generations: [{ text: "", message }] };
  }
}

/** A compiled graph: a node of tools, and a model and a prompt that nothing shows. */
function graphOf(model: ChatModel, prompt: unknown) {
  const tools = [{ name: "stock", description, schema, func: () => "3" }];
  const formatted = [{ type: "function", function: { name: "stock", description, parameters: schema } }];
  return {
    lg_is_pregel: true as const,
    nodes: { tools: { bound: { tools } } },
    async invoke({ messages }: { readonly messages: readonly { readonly content: unknown }[] }) {
      const sent = [new SystemMessage({ content: prompt }), ...messages.map(({ content }) => new ChatMessage({ content }))];
      return { messages: [await model.bindTools(formatted).invoke(sent as never)] };
    },
  };
}

describe("a compiled graph of LangGraph", () => {
  it.each([
    ["a text", "You are Bob. Today is Friday.", '"You are Eve. Today is Friday."'],
    ["parts", [{ type: "text", text: "You are Bob." }], '[{"type":"text","text":"You are Eve."}]'],
  ])("gets the candidate's texts through its tracked model, with a prompt of %s", async (_, prompt, expected) => {
    const agent = fromAgent(graphOf(trackedChatModel(new ChatModel()), prompt), { texts: { instructions: "You are Bob." } });
    const candidate = { instructions: "You are Eve.", "tools.stock.description": "Stock" };
    const { value } = await withValues(agent, candidate, () => agent.call("Hi"));
    expect(value).toContain(`${expected} | `);
    expect(value).toContain('"description":"Stock"');
  });

  it("is refused with a model that opto does not see", async () => {
    const agent = fromAgent(graphOf(new ChatModel(), "You are Bob."), { texts: { instructions: "You are Bob." } });
    await expect(agent.call("Hi")).rejects.toThrow("Build the graph with `trackedChatModel(model)`");
  });

  it("needs its instructions, and no other model", () => {
    const graph = graphOf(trackedChatModel(new ChatModel()), "You are Bob.");
    expect(() => fromAgent(graph)).toThrow('`texts: { instructions: "…" }`');
    expect(() => fromAgent(graph, { include: ["tools.*.description"], model: new ChatModel() })).toThrow("cannot be replaced");
    expect(fromAgent(graph, { include: ["tools.*.description"] }).candidate()).toEqual({
      "tools.stock.description": description,
    });
  });
});

describe("trackedChatModel", () => {
  it("is the model itself outside of agents, and wraps once", async () => {
    const model = new ChatModel();
    const tracked = trackedChatModel(model);
    expect(tracked).toBeInstanceOf(ChatModel);
    expect(trackedChatModel(tracked)).toBe(tracked);
    expect(model.disableStreaming).toBe(false);
    expect(await tracked.invoke([new ChatMessage({ content: "Hi" })])).toEqual(
      await model.invoke([new ChatMessage({ content: "Hi" })]),
    );
  });

  it("refuses what is no chat model", () => {
    expect(() => trackedChatModel({ invoke: () => 1 })).toThrow("Expected a chat model of LangChain");
  });
});
