// What the examples share: questions, the training, and a server on this machine that plays every model.
import { createOpenAI } from "@ai-sdk/openai";
import { OptoPrime, train, writeBack } from "opto";
import { startOpenAIServer } from "../../test/support/openai-server.ts";

/** What the agents start with. */
export const instructions = "Answer the customer.";
/** What their only tool says of itself. */
export const description = "How many of an item are left";
/** What it returns. */
export const lookUp = async () => "3 left";

/** Questions with their answers. */
export const questions = ["lamps", "chairs", "tables", "shelves"].map((item) => ({
  input: `Are there ${item}?`,
  info: "3 left",
}));

/**
 * A server whose models do what the examples need: the agent looks the stock up when it is instructed to, and the optimizer instructs it so. Asked for
 * an echo, the agent repeats its instructions and the descriptions of its tools.
 */
export async function startModels() {
  const next = { failures: 0, status: 429 };
  const server = await startOpenAIServer(async (request) => {
    if (request.body?.model === "optimizer") return '<variable name="instructions">\nLook up the stock first.\n</variable>';
    if (next.failures-- > 0) {
      return { status: next.status, headers: { "retry-after": "0" }, body: { error: { message: "Slow down", code: null } } };
    }
    return request.prompt.startsWith("Echo") ? echo(request) : answer(request);
  });
  const provider = createOpenAI({ baseURL: server.baseUrl, apiKey: "unused" });
  /** Lets the agent's model fail before it answers again. */
  const fail = (failures, status) => Object.assign(next, { failures, status });
  return { server, fail, baseURL: server.baseUrl, optimizer: provider.chat("optimizer") };
}

/** Trains an agent, and writes its prompt back to where it comes from; the scores, the values, and what was used. */
export async function improve(agent, models, options = {}) {
  const result = await train({
    agent,
    trainDataset: questions,
    guide: (_question, output, expected) => (output === expected ? 1 : { score: 0, feedback: "Look it up." }),
    optimizer: new OptoPrime(agent, { model: models.optimizer }),
    numEpochs: 1,
    budget: { calls: 200 },
    logger: [],
    run: null,
    ...options,
  });
  await writeBack(agent);
  return { before: result.trainScores[0], after: result.best.score, values: agent.candidate(), result };
}

function answer({ system, body }) {
  if (body.messages.some(({ role }) => role === "tool")) return "3 left";
  if (!system.includes("Look up")) return "I do not know.";
  const [tool] = body.tools;
  return { text: "", toolCalls: [{ name: tool.function.name, input: tool.function.name === "stock" ? { item: "lamps" } : {} }] };
}

async function echo({ index, system, body }) {
  // Answers come in another order than the questions.
  await new Promise((resolve) => setTimeout(resolve, (index * 7) % 5));
  return `${system} | ${body.tools?.map((tool) => tool.function.description).join()}`;
}
