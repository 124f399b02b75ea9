/**
 * A server whose answers are a pure function of the request, so that every run against it is the same run. It keeps count of
 * what it was asked, outside of the process that is killed.
 *
 * @module
 */
import { hash } from "node:crypto";
import { type ServerReply, type ServerRequest, startOpenAIServer } from "../support/openai-server.ts";

/** A counting server. */
export interface ModelServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** Every request so far. */
  readonly seen: readonly ServerRequest[];
}

/** @param latencyMs how long an answer takes: between this and twice as much, by the content of the request */
export async function startModelServer(latencyMs: number): Promise<ModelServer> {
  const server = await startOpenAIServer(async (request) => {
    const chance = fraction(JSON.stringify(request.body));
    await new Promise((resolve) => setTimeout(resolve, latencyMs * (1 + chance)));
    return toolCallOf(request) ?? answerOf(request);
  });
  return { baseUrl: server.baseUrl, seen: server.requests, [Symbol.asyncDispose]: server.close };
}

/** On whose behalf a request comes, told by what is asked. */
export function roleOf({ system, prompt }: ServerRequest): "agent" | "optimizer" | "judge" {
  if (system.includes("You judge")) return "judge";
  return prompt.includes("# Variables") ? "optimizer" : "agent";
}

/** The answer to a request: it depends on the body alone. */
export function answerOf(request: ServerRequest): string {
  const chance = fraction(JSON.stringify(request.body));
  const role = roleOf(request);
  if (role === "judge") {
    return JSON.stringify({ feedback: `It could be ${word(chance)}.`, score: Math.round(chance * 100) / 100 });
  }
  if (role === "optimizer") {
    return `<reasoning>\nTry it ${word(chance)}.\n</reasoning>\n<variable name="prompt">\nAnswer the customer, ${word(chance)} (${Math.round(chance * 1e6)}).\n</variable>\n<variable name="tone">\n${word(chance * 7)}\n</variable>`;
  }
  return `${word(chance)} answer ${Math.round(chance * 1e6)}`;
}

/** A call of the first tool that is offered, unless one has been called. */
function toolCallOf({ body }: ServerRequest): ServerReply | undefined {
  const [tool] = (body?.tools ?? []) as readonly { readonly function: { readonly name: string } }[];
  if (tool === undefined || body?.messages.some(({ role }) => role === "tool")) return undefined;
  const input = { about: word(fraction(JSON.stringify(body))) };
  return { text: "", toolCalls: [{ name: tool.function.name, input }] };
}

function word(chance: number): string {
  const words = ["short", "friendly", "formal", "exact", "calm", "clear", "kind"];
  return words[Math.floor(chance * words.length) % words.length] as string;
}

/** A number from 0 to 1 that depends on the text alone. */
export function fraction(text: string): number {
  return hash("sha256", text, "buffer").readUInt32LE(0) / 2 ** 32;
}
