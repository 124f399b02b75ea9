import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startOpenAIServer } from "../../../test/support/openai-server.ts";
import { type Backend, completionOf, errorReply, serverBackend } from "./backend.ts";
import { callKey } from "./call-key.ts";
import { startCallProxy } from "./call-proxy.ts";
import { CellCalls, type CellCallsOptions } from "./cell-calls.ts";
import { handBackend } from "./hand-backend.ts";
import { noticedBackend } from "./noticed-backend.ts";
import { patientFetch } from "./patient-fetch.ts";
import { recordedBackend } from "./recorded-backend.ts";
import { SharedReplies } from "./shared-replies.ts";
import type { CallRole } from "./spending.ts";

const folder = mkdtempSync(join(tmpdir(), "opto-proxy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const request = (text: string, settings: object = {}) => ({
  model: "m",
  messages: [{ role: "user", content: text }],
  ...settings,
});
const prices = { task: { input: 1, output: 2 }, optimizer: { input: 10, output: 20 } };

/** Replies with the number of the call. */
function counting(): Backend & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async answer({ model, messages }) {
      asked.push(String(messages[0]?.content));
      const usage = { prompt_tokens: 100, completion_tokens: 10 };
      return { status: 200, body: { ...completionOf(model, `reply ${asked.length}`), usage } };
    },
  };
}

function callsIn(file: string, more: Partial<CellCallsOptions> = {}): CellCalls {
  return new CellCalls({
    file: join(folder, file),
    unit: "task-calls",
    prices,
    replays: false,
    shared: new SharedReplies(),
    ...more,
  });
}

const all = (backend: Backend) => ({ task: backend, optimizer: backend, "held-out": backend });

describe("CellCalls", () => {
  it.each<[unit: CellCallsOptions["unit"], limit: number, roles: CallRole[], answered: number]>([
    ["task-calls", 2, ["task", "optimizer", "task", "task", "optimizer"], 3],
    ["optimizer-calls", 1, ["task", "task", "optimizer", "task"], 3],
    ["tokens", 220, ["task", "optimizer", "task"], 2],
    ["dollars", 0.0013, ["optimizer", "task", "task"], 2],
  ])("refuses calls once the budget in %s is spent", async (unit, limit, roles, answered) => {
    const calls = callsIn(`${unit}.jsonl`, { unit });
    calls.allow(limit);
    const statuses: number[] = [];
    for (const [at, role] of roles.entries()) {
      statuses.push((await calls.answer(role, request(`${at}`), all(counting()), signal)).status);
    }
    expect(statuses).toEqual(roles.map((_, at) => (at < answered ? 200 : 429)));
    expect((await calls.answer("held-out", request("test"), all(counting()), signal)).status).toBe(200);
  });

  it("continues its count, and gives the last reply again without counting it", async () => {
    const backend = counting();
    const first = callsIn("resumed.jsonl");
    first.allow(10);
    for (const text of ["a", "b"]) await first.answer("task", request(text), all(backend), signal);
    const file = join(folder, "resumed.jsonl");
    writeFileSync(file, `${readFileSync(file, "utf8")}{"role":"ta`);
    const resumed = callsIn("resumed.jsonl");
    resumed.allow(10);
    expect(resumed.spent).toMatchObject({ taskCalls: 2, tokens: 220 });
    expect((await resumed.answer("task", request("b"), all(backend), signal)).body).toMatchObject(completionOf("m", "reply 2"));
    expect(backend.asked).toEqual(["a", "b"]);
    expect((await resumed.answer("task", request("b"), all(backend), signal)).body).toMatchObject(completionOf("m", "reply 3"));
    expect(resumed.spent.taskCalls).toBe(3);
  });

  it("ends a budget in optimizer calls for searches that ask no optimizer", async () => {
    const calls = callsIn("no-optimizer.jsonl", { unit: "optimizer-calls" });
    calls.allow(0.02);
    const statuses: number[] = [];
    for (const text of ["a", "b", "c"])
      statuses.push((await calls.answer("task", request(text), all(counting()), signal)).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it("replays in order, as often as recorded, and refuses the rest", async () => {
    const shared = new SharedReplies();
    const recording = callsIn("replayed.jsonl", { shared });
    recording.allow(10);
    const backend = counting();
    for (const text of ["a", "a", "b"]) await recording.answer("task", request(text), all(backend), signal);
    await recording.answer("held-out", request("t"), all(backend), signal);
    const replaying = callsIn("replayed.jsonl", { replays: true, shared });
    replaying.allow(10);
    const texts: unknown[] = [];
    const asked: [CallRole, string][] = [
      ["task", "b"],
      ["task", "a"],
      ["task", "a"],
      ["task", "a"],
      ["held-out", "t"],
      ["held-out", "t"],
    ];
    for (const [role, text] of asked) {
      const { status, body } = await replaying.answer(role, request(text), all(counting()), signal);
      texts.push(status === 200 ? (body as { choices: { message: { content: string } }[] }).choices[0]?.message.content : status);
    }
    expect(texts).toEqual(["reply 3", "reply 1", "reply 2", 400, "reply 4", "reply 4"]);
    expect(replaying.spent.taskCalls).toBe(3);
    expect(replaying.missing).toBe(1);
  });
});

describe("refusals", () => {
  const refusing = (status: number): Backend => ({ answer: async () => errorReply(status, `refused with ${status}`) });

  it("are counted, recorded, and replayed where nobody would ask again", async () => {
    const calls = callsIn("refused.jsonl");
    calls.allow(10);
    for (const status of [400, 429, 500, 401, 422]) {
      expect((await calls.answer("task", request(`${status}`), all(refusing(status)), signal)).status).toBe(status);
    }
    expect(calls.spent.taskCalls).toBe(2);
    expect(calls.refusals).toEqual(["HTTP 429: refused with 429", "HTTP 500: refused with 500", "HTTP 401: refused with 401"]);
    for (const status of [429, 500, 401]) await calls.answer("task", request(`${status}`), all(counting()), signal);
    expect(calls.refusals).toEqual([]);
    const replaying = callsIn("refused.jsonl", { replays: true });
    replaying.allow(10);
    const replayed = await replaying.answer("task", request("400"), all(counting()), signal);
    expect(replayed).toEqual(errorReply(400, "refused with 400"));
    expect((await replaying.answer("task", request("429"), all(refusing(500)), signal)).status).toBe(200);
    expect([replaying.missing, replaying.spent.taskCalls]).toEqual([0, 2]);
  });

  it.each(["tokens", "dollars"] as const)("end a run whose server reports no %s", async (unit) => {
    const silent: Backend = { answer: async () => ({ status: 200, body: completionOf("m", "x") }) };
    const calls = callsIn(`silent-${unit}.jsonl`, { unit });
    calls.allow(10);
    const reply = await calls.answer("task", request("a"), all(silent), signal);
    expect(reply).toEqual(errorReply(401, "The server reports no tokens; choose --budget-unit task-calls"));
    expect(calls.refusals).toHaveLength(1);
    expect((await calls.answer("held-out", request("a"), all(silent), signal)).status).toBe(200);
  });

  it("are not given again to a program that resumes", async () => {
    const calls = callsIn("refused-last.jsonl");
    calls.allow(10);
    await calls.answer("task", request("a"), all(refusing(400)), signal);
    const resumed = callsIn("refused-last.jsonl");
    resumed.allow(10);
    expect((await resumed.answer("task", request("a"), all(counting()), signal)).status).toBe(200);
  });
});

describe("startCallProxy", () => {
  it("serves cells by role, and what a cell serves itself", async () => {
    const backend = counting();
    const proxy = await startCallProxy(all(backend));
    const calls = callsIn("served.jsonl");
    calls.allow(1);
    const cell = proxy.open("a--b", calls, async (action, body) => ({ action, body }));
    const post = async (url: string, body: unknown) => {
      const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
      return [response.status, (await response.json()) as { readonly error?: { readonly code: string } }] as const;
    };
    expect((await post(`${cell.urlFor("task")}/chat/completions`, request("x")))[0]).toBe(200);
    const [status, refused] = await post(`${cell.urlFor("optimizer")}/chat/completions`, request("x"));
    expect([status, refused.error?.code]).toEqual([429, "insufficient_quota"]);
    expect(await post(`${cell.serviceUrl}/score`, { output: 1 })).toEqual([200, { action: "score", body: { output: 1 } }]);
    expect((await post(`${cell.urlFor("task")}/chat/completions`, { ...request("x"), stream: true }))[0]).toBe(400);
    cell.close();
    expect((await post(`${cell.serviceUrl}/score`, {}))[0]).toBe(404);
    await proxy.close();
  });
});

describe("backends", () => {
  it("waits for a reply by hand, and takes one that is there already", async () => {
    const dir = join(folder, "hand");
    const backend = handBackend(dir, { pollMs: 5 });
    const key = callKey(request("What?")).slice(0, 16);
    const reply = backend.answer(request("What?"), signal);
    while (!existsSync(join(dir, `req-${key}.txt`))) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(readFileSync(join(dir, `req-${key}.txt`), "utf8")).toBe("### user\n\nWhat?\n");
    writeFileSync(join(dir, `ans-${key}.txt`), "This.");
    expect(await reply).toEqual({ status: 200, body: completionOf("m", "This.") });
    expect(await backend.answer(request("What?"), signal)).toEqual(await reply);
  });

  it("records replies, and refuses what is not on record", async () => {
    const file = join(folder, "record.jsonl");
    const backend = counting();
    const recording = await recordedBackend(file, backend);
    for (const text of ["a", "b", "a"]) await recording.answer(request(text), signal);
    expect(backend.asked).toEqual(["a", "b"]);
    const recorded = await recordedBackend(file);
    expect((await recorded.answer(request("b"), signal)).body).toEqual(completionOf("m", "reply 2"));
    expect((await recorded.answer(request("c"), signal)).status).toBe(401);
  });

  it("say which server does not answer, and which key was refused", async () => {
    const nowhere = serverBackend({ baseUrl: "http://127.0.0.1:9/v1", model: "m" });
    const told: string[] = [];
    const noticed = noticedBackend(nowhere, (reason) => told.push(reason));
    for (const text of ["a", "b"])
      await expect(noticed.answer(request(text), signal)).rejects.toThrow("No answer at http://127.0.0.1:9/v1: ");
    expect(told).toEqual([expect.stringMatching(/^No answer at http:\/\/127\.0\.0\.1:9\/v1: /)]);
    await using server = await startOpenAIServer(() => ({
      status: 401,
      body: { error: { message: "Incorrect API key", code: "invalid_api_key" } },
    }));
    const refused = await serverBackend({ baseUrl: server.baseUrl, model: "m", keyVariable: "MY_KEY" }).answer(
      request("a"),
      signal,
    );
    expect(refused.body).toMatchObject({
      error: { message: `${server.baseUrl} refused the key in MY_KEY: HTTP 401: Incorrect API key`, code: "invalid_api_key" },
    });
  });
});

describe("SharedReplies", () => {
  const cold = { temperature: 0 };

  it("are asked once by all cells, counted in each, and found again by the next program", async () => {
    const backend = counting();
    const file = join(folder, "shared/replies.jsonl");
    const shared = new SharedReplies({ file });
    const cells = ["one", "two"].map((name) => callsIn(`shared/${name}.jsonl`, { shared }));
    for (const calls of cells) {
      calls.allow(10);
      for (const text of ["a", "b", "a"]) await calls.answer("task", request(text, cold), all(backend), signal);
      // The name of a role is the name of its model.
      await calls.answer("held-out", { ...request("a", cold), model: "held-out" }, all(backend), signal);
    }
    expect(backend.asked).toEqual(["a", "b"]);
    expect(cells.map(({ spent }) => spent)).toEqual([
      expect.objectContaining({ taskCalls: 3, tokens: 330 }),
      expect.objectContaining({ taskCalls: 3, tokens: 330 }),
    ]);
    expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(2);

    const again = new SharedReplies({ file });
    const resumed = callsIn("shared/one.jsonl", { shared: again });
    expect(resumed.spent).toEqual(cells[0]?.spent);
    expect(resumed.sparedMs).toBe(cells[0]?.sparedMs);
    const third = callsIn("shared/three.jsonl", { shared: again });
    third.allow(10);
    expect((await third.answer("task", request("b", cold), all(backend), signal)).body).toMatchObject(
      completionOf("m", "reply 2"),
    );
    expect(backend.asked).toEqual(["a", "b"]);
  });

  it("are those of temperature 0 alone, and none of the optimizer's", async () => {
    const backend = counting();
    const calls = callsIn("unshared.jsonl");
    calls.allow(10);
    for (const role of ["task", "optimizer"] as const) {
      for (let time = 0; time < 2; time++)
        await calls.answer(role, request(role, role === "task" ? { temperature: 0.5 } : cold), all(backend), signal);
    }
    expect(backend.asked).toEqual(["task", "task", "optimizer", "optimizer"]);
  });

  it("are asked once by those who ask at the same time, and again where the first asker had no reply", async () => {
    let left = 1;
    const backend = counting();
    const failing: Backend = {
      async answer(...call) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return left-- > 0 ? errorReply(500, "busy") : backend.answer(...call);
      },
    };
    const shared = new SharedReplies();
    const replies = await Promise.all(["a", "a", "a"].map((text) => shared.obtain(request(text), failing, signal)));
    expect(replies.map(({ reply, isAgain }) => [reply.status, isAgain])).toEqual([
      [500, false],
      [200, false],
      [200, true],
    ]);
    expect(backend.asked).toEqual(["a"]);
  });

  it("ask nothing for held-out scores that is on record, and have it in the record of the cell once", async () => {
    const backend = counting();
    const shared = new SharedReplies();
    for (const texts of [
      ["a", "b"],
      ["a", "b", "a"],
    ]) {
      const calls = callsIn("held-out.jsonl", { shared });
      for (const text of texts) expect((await calls.answer("held-out", request(text), all(backend), signal)).status).toBe(200);
    }
    expect(backend.asked).toEqual(["a", "b"]);
    expect(readFileSync(join(folder, "held-out.jsonl"), "utf8").trim().split("\n")).toHaveLength(2);
  });

  it("replay what this cell or another one has asked, and are told apart by the settings of a task", async () => {
    const shared = new SharedReplies();
    const backend = counting();
    const grammar = { grammar: 'root ::= "a" | "b"' };
    const recording = callsIn("with-grammar.jsonl", { shared, taskSettings: grammar });
    recording.allow(10);
    const sent: unknown[] = [];
    const noting: Backend = {
      answer(...call) {
        sent.push(call[0].grammar);
        return backend.answer(...call);
      },
    };
    await recording.answer("task", request("a", cold), all(noting), signal);
    expect(sent).toEqual([grammar.grammar]);
    expect(readFileSync(join(folder, "with-grammar.jsonl"), "utf8")).not.toContain("root");
    const statusOf = async (file: string, taskSettings?: object): Promise<number> => {
      const calls = callsIn(file, {
        shared,
        replays: true,
        ...(taskSettings === undefined ? {} : { taskSettings: { ...taskSettings } }),
      });
      calls.allow(10);
      return (await calls.answer("task", request("a", cold), all(backend), signal)).status;
    };
    expect([await statusOf("with-grammar.jsonl", grammar), await statusOf("nothing.jsonl", grammar)]).toEqual([200, 200]);
    expect(await statusOf("nothing.jsonl")).toBe(400);
  });
});

describe("serverBackend", () => {
  it("limits replies to those that are allowed", async () => {
    const limits: unknown[] = [];
    await using server = await startOpenAIServer(({ body }) => {
      limits.push(body?.max_tokens);
      return "x";
    });
    const backend = serverBackend({ baseUrl: server.baseUrl, model: "m", maxOutputTokens: 50 });
    for (const settings of [{}, { max_tokens: 20 }, { max_tokens: 90 }]) await backend.answer(request("a", settings), signal);
    expect(limits).toEqual([50, 20, 50]);
  });
});

describe("patientFetch", () => {
  it("returns what the server says, whatever its status, and ends with its signal", async () => {
    await using server = await startOpenAIServer(({ prompt }) =>
      prompt === "hang" ? { hang: true } : { status: 418, body: { error: { message: "Ünusual" } } },
    );
    const send = (text: string, signal: AbortSignal) => {
      const headers = { "content-type": "application/json" };
      return patientFetch(`${server.baseUrl}/chat/completions`, {
        method: "POST",
        headers,
        body: JSON.stringify(request(text)),
        signal,
      });
    };
    const response = await send("a", signal);
    expect([response.status, await response.json()]).toEqual([418, { error: { message: "Ünusual" } }]);
    const stop = new AbortController();
    const hanging = send("hang", stop.signal);
    const reason = new Error("enough");
    setTimeout(() => stop.abort(reason), 20);
    await expect(hanging).rejects.toBe(reason);
    await expect(patientFetch("http://127.0.0.1:9/v1/models")).rejects.toThrow("fetch failed");
  });
});
