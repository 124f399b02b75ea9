import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type PeerServer, type ServerRecord, startPeerServer } from "./server.ts";

let server: PeerServer;

beforeEach(async () => {
  server = await startPeerServer();
});

afterEach(() => server.close());

async function post(path: string, body: object = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}${path}`, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

async function chat(prompt: string, more: object = {}): Promise<{ status: number; texts: string[] }> {
  const messages = [{ role: "user", content: prompt }];
  const { status, body } = await post("/v1/chat/completions", { model: "test-model", messages, ...more });
  const { choices = [] } = body as { choices?: { message: { content: string } }[] };
  return { status, texts: choices.map(({ message }) => message.content) };
}

async function record(): Promise<ServerRecord> {
  return (await (await fetch(`${server.url}/record`)).json()) as ServerRecord;
}

describe("the server of the peers", () => {
  it("answers chat completions, as many as asked for", async () => {
    expect(await chat("Question 5")).toEqual({ status: 200, texts: ["answer-5 at level 0"] });
    const proposals = await chat("You are tasked with improving a text component", { n: 3 });
    expect(new Set(proposals.texts).size).toBe(3);
  });

  it("reads content in parts", async () => {
    const content = [{ type: "text", text: "Question 5" }];
    const { body } = await post("/v1/chat/completions", { model: "m", messages: [{ role: "user", content }] });
    expect(body).toMatchObject({ choices: [{ message: { content: "answer-5 at level 0" } }] });
  });

  it("is never early, and slower for the straggler", async () => {
    await post("/settings", { latencyMs: 30, stragglerMs: 90 });
    const took = await Promise.all(
      ["Question 6", "Question 7"].map(async (question) => {
        const started = performance.now();
        await chat(question);
        return performance.now() - started;
      }),
    );
    expect(took[0]).toBeGreaterThanOrEqual(30);
    expect(took[1]).toBeGreaterThanOrEqual(90);
    const { requests } = await record();
    // Two connections: either request may arrive first.
    expect(requests.toSorted((a, b) => a.ms - b.ms)).toMatchObject([
      { kind: "validate", ms: 30 },
      { kind: "validate", ms: 90 },
    ]);
  });

  it("forgets what it was asked, and its script, when told to", async () => {
    const proposal = "You are tasked with improving a text component";
    const first = await chat(proposal);
    await post("/reset");
    expect((await record()).requests).toEqual([]);
    expect(await chat(proposal)).toEqual(first);
  });

  it("counts the requests that are open at once", async () => {
    // Long enough for five requests to arrive on a machine that is busy with something else.
    await post("/settings", { latencyMs: 2_000, stragglerMs: 0 });
    await Promise.all(Array.from({ length: 5 }, (_, index) => chat(`Question ${index}`)));
    expect((await record()).mostInFlight).toBe(5);
  });

  it("says what it does not understand", async () => {
    expect((await chat("Hello")).status).toBe(500);
    expect((await post("/v1/embeddings")).status).toBe(404);
  });
});
