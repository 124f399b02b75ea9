/**
 * The same example with nothing configured: starts a stand-in for an OpenAI-compatible server, which answers by rules
 * and not by a language model, and trains against it.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface ChatRequest {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { messages } = JSON.parse(body) as ChatRequest;
  const system = messages.find(({ role }) => role === "system")?.content ?? "";
  const user = messages.at(-1)?.content ?? "";
  const content = user.includes("# Examples") ? improve(user) : sort(system, user);
  response.setHeader("content-type", "application/json");
  response.end(
    JSON.stringify({
      id: "1",
      object: "chat.completion",
      created: 0,
      model: "stand-in",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
      usage: { prompt_tokens: user.length, completion_tokens: content.length, total_tokens: user.length + content.length },
    }),
  );
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
process.env.OPENAI_BASE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
process.env.OPTO_MODEL = "openai/stand-in";
try {
  await import("./train.ts");
} finally {
  server.close();
}

/** Sorts a ticket as well as its instructions allow. */
function sort(system: string, ticket: string): string {
  const queue = /charged|invoice|card/.test(ticket) ? "billing" : "technical";
  if (!system.includes("billing")) return "Customer service";
  return system.includes("one word") ? queue : `This belongs to ${queue}.`;
}

/** Adds to the prompt what the feedback asks for. */
function improve(problem: string): string {
  const current = /<variable name="prompt">\n([\s\S]*?)\n<\/variable>/.exec(problem)?.[1] ?? "";
  const addition = current.includes("billing")
    ? "Answer with one word in lower case."
    : 'The queues are "billing" and "technical".';
  return `<reasoning>\nThe feedback asks for it.\n</reasoning>\n<variable name="prompt">\n${current} ${addition}\n</variable>`;
}
