// What the examples train: an agent that answers questions, and a server on this machine that plays every model.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAI } from "@ai-sdk/openai";
import { generate, MinibatchAlgorithm, Module, OptoPrime, promptFile, writeBack } from "opto";
import { startOpenAIServer } from "../../test/support/openai-server.ts";

/** Answers questions, at too much length at first. */
class Answerer extends Module {
  constructor(model, file) {
    super();
    this.model = model;
    this.prompt = promptFile(file, { description: "instructions to the model" });
  }

  forward(question) {
    return generate({ model: this.model, system: this.prompt, prompt: question });
  }
}

/** Questions with their answers. */
export const capitals = [
  { input: "What is the capital of Peru?", info: "Lima" },
  { input: "What is the capital of Ecuador?", info: "Quito" },
];

/**
 * A server whose models do what the examples need: the agent obeys its prompt, the optimizer asks for short answers, and the judge
 * dislikes whole sentences.
 *
 * @param {{ failures?: number, status?: number }} options how often the judge fails before it answers, and with which status
 */
export async function startModels({ failures = 0, status = 429 } = {}) {
  let left = failures;
  const server = await startOpenAIServer((request) => {
    if (request.path === "/v1/embeddings") return embeddings(request.body);
    if (request.body?.model === "agent") return answer(request);
    if (request.body?.model === "optimizer") return block("prompt", "Reply with the name only.");
    if (left > 0) {
      left -= 1;
      return {
        status,
        headers: { "retry-after": "0" },
        body: { error: { message: "Rate limit reached", type: "requests", code: null } },
      };
    }
    return verdict(request);
  });
  const provider = createOpenAI({ baseURL: server.baseUrl, apiKey: "unused" });
  const judged = () => server.requests.filter(({ body }) => body?.model === "judge").length;
  return { server, judged, model: (name) => provider.chat(name), embedding: provider.textEmbeddingModel("embedding") };
}

/** Trains with a guide, and writes the prompt back to its file; the score before and after, and what the file has then. */
export async function improve(models, guide, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), "opto-scorers-"));
  try {
    const file = join(folder, "answerer.md");
    writeFileSync(file, "---\nowner: support\n---\nAnswer the question.\n");
    const agent = new Answerer(models.model("agent"), file);
    const optimizer = new OptoPrime(agent, { model: models.model("optimizer") });
    const trainer = new MinibatchAlgorithm(agent, optimizer);
    const result = await trainer.train(guide, capitals, { batchSize: 2, keep: "best", ...options });
    await writeBack(agent);
    return { before: result.trainScores[0], after: result.best.score, file: readFileSync(file, "utf8"), result };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function answer({ system, prompt }) {
  const country = /capital of (\w+)/.exec(prompt)?.[1];
  const name = { Peru: "Lima", Ecuador: "Quito" }[country];
  return system.includes("name only") ? name : `The capital of ${country} is ${name}, as everyone knows.`;
}

/** In the form that the prompt shows: the choices of autoevals, the score of openevals, the verdicts of promptfoo, the choice of vitest-evals. */
function verdict({ system, prompt, body }) {
  const text = `${system}\n${JSON.stringify(body)}`;
  const isWordy = `${prompt}${text}`.includes("as everyone knows");
  const reason = isWordy ? "Too long: the name would do." : "Right, and short.";
  if (text.includes("rationale")) return JSON.stringify({ choice: isWordy ? "A" : "C", rationale: reason });
  if (/\bchoice\b/.test(text)) return JSON.stringify({ reasons: reason, choice: isWordy ? "A" : "C" });
  if (text.includes("[LETTER]")) return JSON.stringify({ category: isWordy ? "D" : "C", reason });
  if (text.includes("repeat just the letter")) return `${reason}\n${isWordy ? "N" : "Y"}`;
  if (/\bpass\b/.test(text)) return JSON.stringify({ reason, pass: !isWordy, score: isWordy ? 0.2 : 1 });
  return JSON.stringify({ reasoning: reason, score: !isWordy });
}

/** Vectors of letters, so that alike texts are alike. */
function embeddings({ input }) {
  const texts = [input].flat();
  const vector = (text) => [..."abcdefghijklmnopqrstuvwxyz"].map((letter) => text.toLowerCase().split(letter).length - 1);
  return { embeddings: texts.map(vector), tokens: texts.length };
}

function block(name, value) {
  return `<reasoning>\nShorter.\n</reasoning>\n<variable name="${name}">\n${value}\n</variable>`;
}
