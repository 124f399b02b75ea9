/**
 * OptoPrime over a real socket: agent and optimizer both call an OpenAI-compatible server through the AI SDK provider.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { generate, MinibatchAlgorithm, Module, type Node, OptoPrime, parameter, range } from "opto";
import { RecordingLogger } from "opto/testing";
import { describe, expect, it } from "vitest";
import {
  errorBody,
  type OpenAIServer,
  type ServerReply,
  type ServerRequest,
  startOpenAIServer,
} from "./support/openai-server.ts";

type Answerer = (request: ServerRequest) => ServerReply | Promise<ServerReply>;

/** Answers a question with the model called "agent"; `words` is there to be given a value of the wrong type. */
class Capital extends Module<string, string> {
  readonly prompt = parameter("Name the capital.", { description: "what the model is told" });
  readonly words = parameter(3, { domain: range(1, 9, { integer: true }) });
  readonly server: OpenAIServer;

  constructor(server: OpenAIServer) {
    super();
    this.server = server;
  }

  forward(country: string): Promise<Node<string>> {
    const system = this.prompt.map((prompt) => `${prompt} (${this.words.value} words)`, "The prompt with the number of words.");
    return generate({ model: model(this.server, "agent"), system, prompt: country, maxRetries: 0 });
  }
}

function model(server: OpenAIServer, name: string) {
  return createOpenAI({ baseURL: server.baseUrl, apiKey: "test" }).chat(name);
}

/** A model that obeys its instructions, as far as it has been given any. */
const obedient: Answerer = ({ system, prompt }) => {
  let answer = system.includes("one word") ? "Paris." : `The capital of ${prompt} is Paris.`;
  if (system.includes("lower case")) answer = answer.toLowerCase();
  return system.includes("no period") ? answer.replace(".", "") : answer;
};

/** A model that adds to the prompt what the feedback asks for. */
const attentive: Answerer = ({ prompt }) => {
  const current = /<variable name="prompt">\n([\s\S]*?)\n<\/variable>/.exec(prompt)?.[1];
  const wanted = /<feedback [^>]*>\n?Use (one word|lower case|no period)/.exec(prompt)?.[1];
  if (wanted === undefined) return "<reasoning>\nAll is well.\n</reasoning>\n<unchanged/>";
  return `<reasoning>\nIt should use ${wanted}.\n</reasoning>\n<variable name="prompt">\n${current} Use ${wanted}.\n</variable>`;
};

function guide(_country: string, answer: string): [number, string] {
  const wrong = [
    [answer.includes(" "), "one word"],
    [/[A-Z]/.test(answer), "lower case"],
    [answer.endsWith("."), "no period"],
  ].flatMap(([isWrong, rule]) => (isWrong ? [rule] : []));
  return [1 - wrong.length / 3, wrong.length === 0 ? "Right." : `Use ${wrong[0]}.`];
}

async function train(
  script: { agent?: Answerer; optimizer?: Answerer },
  options: { numEpochs?: number; signal?: AbortSignal } = {},
) {
  const { agent: answer = obedient, optimizer: improve = attentive } = script;
  const server = await startOpenAIServer((request) => (request.body?.model === "agent" ? answer(request) : improve(request)));
  const logger = new RecordingLogger();
  try {
    const agent = new Capital(server);
    const optimizer = new OptoPrime(agent, { model: model(server, "optimizer"), maxRerolls: 1 });
    const trainer = new MinibatchAlgorithm(agent, optimizer, { logger });
    const examples = ["France", "the French Republic"].map((input) => ({ input, info: null }));
    const result = await trainer.train(guide, examples, { batchSize: 2, evalFrequency: 0, ...options });
    return { agent, result, logger, server };
  } finally {
    await server.close();
  }
}

describe("OptoPrime over HTTP", () => {
  it("learns the agent's prompt over several iterations", async () => {
    const { agent, result, server, logger } = await train({}, { numEpochs: 4 });
    expect(result.trainScores.map((score) => Math.round(score * 3))).toEqual([0, 1, 2, 3]);
    expect(agent.prompt.value).toBe("Name the capital. Use one word. Use lower case. Use no period.");
    expect(server.requests.filter(({ body }) => body?.model === "agent")).toHaveLength(8);
    // The last batch is all right.
    expect(server.requests.filter(({ body }) => body?.model === "optimizer")).toHaveLength(3);
    const calls = logger.ofType("model-call").map(({ position, role }) => `${role} ${position}`);
    expect(calls).toContain("optimizer iteration/1/proposal/0/call/0");
    expect(calls.filter((call) => call.startsWith("agent iteration/1/forward/example/"))).toHaveLength(2);
  });

  const block = (name: string, value: string): string => `<variable name="${name}">\n${value}\n</variable>`;

  it.each([
    {
      title: "prose around it",
      reply: `Sure!\n\n${block("prompt", "Better.")}\n\nHope it helps.`,
      prompt: "Better.",
      rejected: 0,
    },
    {
      title: "an unclosed reasoning",
      reply: `<reasoning>\nBecause.\n${block("prompt", "Better.")}`,
      prompt: "Better.",
      rejected: 0,
    },
    { title: "an unknown variable", reply: block("promt", "Better."), prompt: "Name the capital.", rejected: 2 },
    { title: "a value of the wrong type", reply: block("words", "many"), prompt: "Name the capital.", rejected: 2 },
    {
      title: "one good value and one bad",
      reply: block("words", "99") + block("prompt", "Better."),
      prompt: "Better.",
      rejected: 2,
    },
    { title: "nothing at all", reply: "", prompt: "Name the capital.", rejected: 2 },
  ])("a reply with $title leaves the agent consistent and is reported", async ({ reply, prompt, rejected }) => {
    const { agent, logger, server } = await train({ optimizer: () => reply });
    expect(agent.candidate()).toEqual({ prompt, words: 3 });
    expect(logger.ofType("proposal-rejected")).toHaveLength(rejected);
    // What was wrong goes back to the model.
    const again = server.requests.filter(({ body }) => body?.model === "optimizer")[1];
    expect(again === undefined).toBe(rejected === 0);
    if (again !== undefined) expect(again.body?.messages).toHaveLength(4);
  });

  it("a reply with an unclosed value is taken whole or not at all", async () => {
    const cut = '<variable name="prompt">\nBetter, and';
    const whole = await train({ optimizer: () => ({ text: cut, finishReason: "stop" }) });
    expect(whole.agent.prompt.value).toBe("Better, and");
    expect(whole.logger.ofType("warning")).toHaveLength(1);
    const cutOff = await train({ optimizer: () => ({ text: cut, finishReason: "length" }) });
    expect(cutOff.agent.prompt.value).toBe("Name the capital.");
    expect(cutOff.logger.ofType("proposal-rejected")).toHaveLength(2);
  });

  it("a rate limit on one example is no score; a request refused as invalid is the agent's failure", async () => {
    const failing = (status: number, code: string): Answerer => {
      return (request) => (request.prompt === "France" ? { status, body: errorBody("no", code) } : obedient(request));
    };
    const limited = await train({ agent: failing(429, "rate_limit_exceeded") });
    expect(limited.result).toMatchObject({ trainScores: [0], unscored: 1 });
    const tooLong = await train({ agent: failing(400, "context_length_exceeded") });
    expect(tooLong.result.unscored).toBe(0);
    expect(
      tooLong.logger
        .ofType("rollout-end")
        .map(({ status }) => status)
        .sort(),
    ).toEqual(["failed", "scored"]);
  });

  it("a call that hangs ends with the run: train rejects with the signal's reason and nothing is changed", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const server = await startOpenAIServer(() => {
      setTimeout(() => controller.abort(reason), 20);
      return { hang: true };
    });
    const agent = new Capital(server);
    const trainer = new MinibatchAlgorithm(agent, new OptoPrime(agent, { model: model(server, "optimizer") }));
    const run = trainer.train(guide, [{ input: "France", info: null }], { signal: controller.signal });
    await expect(run).rejects.toBe(reason);
    expect(agent.prompt.value).toBe("Name the capital.");
    await server.close();
  });
});
