/**
 * A support agent that was written without opto (`generateText`, two tools, its prompt in a Markdown file, a dataset, a scorer), trained by
 * `opto init`, `opto train`, and `opto apply`. One import of its source is changed: the model's.
 *
 * @module
 */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { CliProjects, opto } from "./support/cli-project.ts";
import { type OpenAIServer, type ServerReply, type ServerRequest, startOpenAIServer } from "./support/openai-server.ts";

// Every program takes seconds to start on a busy machine.
vi.setConfig({ testTimeout: 300_000 });
const projects = new CliProjects();
afterAll(() => projects.remove());

const prompt = "---\nowner: support\n---\nYou answer the customers of a shop.\nBe brief.\n";
const learned = "You answer the customers of a shop.\nLook up the order with a tool before you answer.";

const model = `import { createOpenAI } from "@ai-sdk/openai";
export const model = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL, apiKey: "unused" }).chat("support-model");
`;
const trackedModel = `import { tracked } from "opto";
import { model as own } from "./model.ts";
export const model = tracked(own);
`;

const agent = `import { readFileSync } from "node:fs";
import { generateText, stepCountIs, tool } from "ai";
import { z } from "zod";
import { model } from "./model.ts";

const instructions = readFileSync(new URL("../prompts/support.md", import.meta.url), "utf8").split("---\\n").at(-1);
const id = z.object({ id: z.number() });

export async function answer(question: string): Promise<string> {
  const { text } = await generateText({
    model,
    system: instructions,
    prompt: question,
    stopWhen: stepCountIs(4),
    tools: {
      orderStatus: tool({ description: "Where an order is", inputSchema: id, execute: async ({ id }) => (id % 2 === 0 ? "shipped" : "packed") }),
      refundPolicy: tool({ description: "Whether an order can be returned", inputSchema: id, execute: async ({ id }) => (id < 20 ? "yes" : "no") }),
    },
  });
  return text;
}
`;

const scorer = `export function score({ output, expected }: { output: string; expected: string }) {
  const isRight = output === expected;
  return { score: isRight ? 1 : 0, reason: isRight ? "Right." : \`Expected "\${expected}". Look up the order.\` };
}
`;

const rows = Array.from({ length: 40 }, (_, id) =>
  id % 4 === 0
    ? { question: `Can I return order ${id}?`, answer: id < 20 ? "yes" : "no" }
    : { question: `Where is order ${id}?`, answer: id % 2 === 0 ? "shipped" : "packed" },
);

/** A model that looks an order up when its instructions say so, and repeats what the tool says. */
function reply({ system, prompt: question, body }: ServerRequest): ServerReply {
  if (question.includes("# Variables")) return `<variable name="prompt">${learned}</variable>`;
  const results = (body?.messages ?? []).filter(({ role }) => role === "tool");
  if (results.length > 0) return String(results.at(-1)?.content);
  if (!system.includes("Look up the order")) return "I do not know.";
  const name = question.startsWith("Can I return") ? "refundPolicy" : "orderStatus";
  return { text: "", toolCalls: [{ name, input: { id: Number(/\d+/.exec(question)?.[0]) } }] };
}

function project(): string {
  const folder = projects.project({
    "package.json": '{ "type": "module" }',
    "prompts/support.md": prompt,
    "src/model.ts": model,
    "src/support.ts": agent,
    "src/scorer.ts": scorer,
    "data/tickets.jsonl": rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
  });
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  return folder;
}

/** The one import that is changed. */
function trackModel(folder: string): void {
  writeFileSync(join(folder, "src/tracked-model.ts"), trackedModel);
  writeFileSync(join(folder, "src/support.ts"), agent.replace("./model.ts", "./tracked-model.ts"));
}

const init = "init --yes --agent src/support.ts --data data/tickets.jsonl --scorer src/scorer.ts --model openai/optimizer";
const environment = (server: OpenAIServer): Record<string, string> => ({
  OPENAI_BASE_URL: server.baseUrl,
  OPENAI_API_KEY: "unused",
});

describe("a support agent that was written without opto", () => {
  it("gets a config that says what is missing while its model is not tracked, and spends nothing", async () => {
    await using server = await startOpenAIServer(reply);
    const folder = project();
    const { code, stdout } = await opto(folder, init, { env: environment(server) });
    expect(stdout).toContain("Wrap its model: `tracked(model)`");
    expect(code).toBe(0);
    expect(server.requests).toEqual([]);
    expect(readFileSync(join(folder, "opto.config.ts"), "utf8")).toMatchInlineSnapshot(`
      "import { OptoPrime, defineConfig, fromFunction, fromScorer, loadDataset, promptFile } from "opto";
      import { answer } from "./src/support.ts";
      import { score } from "./src/scorer.ts";

      export default defineConfig({
        name: "answer",
        // The function is used as it is. In what its models are sent, the texts of these files are trained; \`opto apply\` writes the best ones back.
        agent: () => fromFunction(answer, { prompt: promptFile("prompts/support.md") }),
        trainDataset: () => loadDataset("data/tickets.jsonl", { input: "question", info: "answer" }),
        guide: fromScorer(score),
        optimizer: (agent) => new OptoPrime(agent, { model: "openai/optimizer" }),
        batchSize: 4,
        // Ends the run before more model calls than this; \`opto resume\` continues it.
        budget: { calls: 500 },
      });
      "
    `);
  });

  it("is trained, with every call counted, and its prompt is written back", async () => {
    await using server = await startOpenAIServer(reply);
    const env = environment(server);
    const folder = project();
    trackModel(folder);
    const source = readFileSync(join(folder, "src/support.ts"), "utf8");
    const written = await opto(folder, init, { env });
    expect(written).toMatchObject({ code: 0, stderr: "" });
    expect(written.stdout).toMatch(/calls/);
    const train = await opto(folder, "train --json --quiet --seed 1", { env });
    const { score, usage } = JSON.parse(train.stdout) as { score: object; usage: { requests: number } };
    expect({ code: train.code, score }).toMatchObject({ code: 0, score: { before: 0, after: 1 } });
    expect(usage.requests).toBe(server.requests.length);
    expect(await opto(folder, "apply", { env })).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, "prompts/support.md"), "utf8")).toBe(`---\nowner: support\n---\n${learned}\n`);
    expect(readFileSync(join(folder, "src/support.ts"), "utf8")).toBe(source);
    expect(await opto(folder, "eval --quiet --threshold 1", { env })).toMatchObject({ code: 0 });
  });

  it("stops at 30 calls, and resumes without paying for any of them again", async () => {
    await using server = await startOpenAIServer(reply);
    const env = environment(server);
    const whole = project();
    trackModel(whole);
    await opto(whole, init, { env });
    const uninterrupted = JSON.parse((await opto(whole, "train --json --quiet --seed 1", { env })).stdout) as {
      usage: { requests: number };
    };
    const cost = server.requests.length;
    expect(uninterrupted.usage.requests).toBe(cost);
    const folder = project();
    trackModel(folder);
    await opto(folder, init, { env });
    const stopped = await opto(folder, "train --json --quiet --seed 1 --max-calls 30", { env });
    expect(stopped.code).toBe(3);
    expect(server.requests.length - cost).toBe(30);
    const resumed = await opto(folder, "resume --json --quiet", { env });
    expect(resumed.code).toBe(0);
    expect(server.requests.length - cost).toBe(cost);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ score: { before: 0, after: 1 }, usage: { requests: cost } });
  });
});
