/**
 * A real HTTP server that speaks what Langfuse's public API says of prompts, and a client of the shape of `@langfuse/client` for it.
 *
 * @module
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { LangfuseClientLike } from "../../src/adapters/langfuse-store.ts";

/** A version of a prompt as the API has it. */
export interface PromptVersionBody {
  readonly name: string;
  readonly version: number;
  readonly type: "text" | "chat";
  readonly prompt: unknown;
  readonly labels: string[];
  readonly tags: string[];
  readonly config: unknown;
  readonly commitMessage?: string | null;
}

/** A running server. `await using` closes it. */
export interface LangfuseServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** Every version of every prompt, the oldest first. */
  readonly versions: PromptVersionBody[];
  readonly client: LangfuseClientLike;
}

/** Starts a server with these prompts, whose first version is labelled "production". */
export async function startLangfuseServer(prompts: Readonly<Record<string, unknown>>): Promise<LangfuseServer> {
  const versions: PromptVersionBody[] = [];
  const add = (body: Partial<PromptVersionBody> & { readonly name: string }): PromptVersionBody => {
    const version = versions.filter(({ name }) => name === body.name).length + 1;
    const type = Array.isArray(body.prompt) ? "chat" : "text";
    const labels = [...(body.labels ?? []), "latest"];
    const added: PromptVersionBody = { prompt: "", tags: [], config: {}, type, ...body, version, labels };
    for (const other of versions) if (other.name === body.name) removeLabels(other, labels);
    versions.push(added);
    return added;
  };
  for (const [name, prompt] of Object.entries(prompts)) {
    add({ name, prompt, labels: ["production"], tags: ["support"], config: { model: "m" } });
  }
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://127.0.0.1");
    const [, name] = /^\/api\/public\/v2\/prompts(?:\/(.*))?$/.exec(pathname) ?? [];
    const label = searchParams.get("label") ?? "production";
    const known = versions.find((version) => version.name === decodeURIComponent(name ?? "") && version.labels.includes(label));
    const answer = request.method === "POST" ? add(await bodyOf(request)) : known;
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { error: "LangfuseNotFoundError", message: "Prompt not found" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    baseUrl,
    versions,
    client: clientOf(`${baseUrl}/api/public/v2/prompts`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function removeLabels({ labels }: PromptVersionBody, taken: readonly string[]): void {
  labels.splice(0, labels.length, ...labels.filter((label) => !taken.includes(label)));
}

async function bodyOf(request: IncomingMessage): Promise<PromptVersionBody> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString()) as PromptVersionBody;
}

function clientOf(url: string): LangfuseClientLike {
  const answerOf = async (response: Response): Promise<PromptVersionBody> => {
    if (response.ok) return (await response.json()) as PromptVersionBody;
    throw new Error(`${response.status}: ${await response.text()}`);
  };
  return {
    prompt: {
      get: async (name, { label }) => answerOf(await fetch(`${url}/${encodeURIComponent(name)}?label=${label}`)),
      create: async (body) => answerOf(await fetch(url, { method: "POST", body: JSON.stringify(body) })),
    },
  };
}
