/**
 * The server of the viewer over a run that was trained: its answers, its writes, and what it refuses.
 *
 * @module
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, hostile, page, post, serve, trainShouter } from "./__fixtures__/trained-run.ts";
import type { ViewerServer } from "./serve-runs.ts";

let folder: string;
let server: ViewerServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-viewer-"));
  await trainShouter(folder);
  server = await serve(folder);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const get = async (path: string) => {
  const { status, json } = await ask(server, path);
  expect(status, JSON.stringify(json)?.slice(0, 500)).toBe(200);
  return json;
};
const best = "iteration/1/proposal/0";
const encoded = encodeURIComponent;

describe("the answers", () => {
  it("list the runs", async () => {
    expect(await get("/api/runs")).toMatchObject([
      { id: "night", algorithm: "BasicSearchAlgorithm", optimizer: "OptoPrime", state: "finished", best: 0.8, problems: [] },
    ]);
  });

  it("tell of a run in full", async () => {
    const run = await get("/api/runs/night");
    expect(run).toMatchObject({
      state: "finished",
      start: 0,
      best: 0.8,
      candidates: 2,
      metrics: ["score"],
      chosenOn: { dataset: "validation", examples: 5 },
      counts: { candidates: 2, accepted: 1, rejected: 0 },
      bestCandidate: { id: best, iteration: 1, score: 0.8 },
      startCandidate: { id: "start", score: 0 },
      currentCandidate: best,
      damagedLines: 0,
    });
    expect(run.report.text).toMatch(/points/);
    const series = Object.fromEntries(run.series.map((one: { dataset: string }) => [one.dataset, one]));
    expect(Object.keys(series).sort()).toEqual(["test", "train", "validate"]);
    expect(series.test).toMatchObject({ iteration: [0, 1, 2], score: [0, 0.75, 0.75] });
    expect(series.validate.best).not.toBeNull();
    expect(series.test.low[1]).toBeLessThan(0.75);
    expect(run.spend.byRole.map(({ role }: { role: string }) => role).sort()).toEqual(["agent", "optimizer"]);
    expect(run.spend.total.calls).toBe(series.test.calls.at(-1));
  });

  it("have the lineage, and what has changed", async () => {
    const { nodes, path, total } = await get("/api/runs/night/lineage");
    expect({ total, path }).toEqual({ total: 2, path: ["start", best] });
    expect(nodes[1]).toMatchObject({
      id: best,
      parents: ["start"],
      status: "current",
      isBest: true,
      score: 0.8,
      n: 5,
      changed: ["prompt"],
    });
  });

  it("have a candidate with its values, its gain, and the call that proposed it", async () => {
    const view = await get(`/api/runs/night/candidates/${encoded(best)}`);
    expect(view).toMatchObject({
      values: { prompt: "Answer LOUD." },
      parentValues: [{ id: "start", values: { prompt: "Answer." } }],
      startValues: { prompt: "Answer." },
      reasoning: `Shout ${hostile}`,
    });
    const onValidation = view.againstParent.find(({ dataset }: { dataset: string }) => dataset === "validate");
    expect(onValidation).toMatchObject({ gain: 0.8, numWon: 4, numLost: 0, text: expect.stringContaining("points") });
    expect(onValidation.won.map(({ example }: { example: number }) => example)).toEqual([0, 1, 2, 4]);
    expect(view.proposal.calls).toHaveLength(1);
    expect(view.proposal.calls[0]).toMatchObject({ role: "optimizer", reply: expect.stringContaining("Answer LOUD.") });
    expect(view.proposal.calls[0].messages.at(-1).text).toContain("Expected TRAIN");
    expect(view.results.find(({ dataset }: { dataset: string }) => dataset === "validate")).toMatchObject({
      mean: 0.8,
      examples: 5,
      failed: 1,
    });
  });

  it("have a window of the heat map", async () => {
    const whole = await get("/api/runs/night/heat?dataset=validate");
    expect(whole).toMatchObject({ totalRows: 2, totalColumns: 5, range: [0, 1] });
    expect(whole.rows.map(({ cells }: { cells: unknown }) => cells)).toEqual([
      [0, 0, 0, "failed", 0],
      [1, 1, 1, "failed", 1],
    ]);
    expect(whole.rows[1].differences).toEqual([1, 1, 1, 0, 1]);
    const part = await get("/api/runs/night/heat?dataset=validate&sort=difficulty&rows=score&columns=0&width=1&from=0&count=1");
    expect(part).toMatchObject({ columns: [{ example: 3, failed: 2 }], rows: [{ id: best, cells: ["failed"] }] });
    expect(await get("/api/runs/night/heat?dataset=validate&filter=better")).toMatchObject({ totalRows: 1 });
    expect(await get("/api/runs/night/heat?dataset=validate&filter=failed")).toMatchObject({ totalRows: 2, totalColumns: 1 });
  });

  it("have rollouts in full, with their graph and their calls", async () => {
    const list = await get("/api/runs/night/rollouts?dataset=train&status=scored");
    const [first] = list.rollouts.filter(({ candidate }: { candidate: string }) => candidate === "start");
    expect(first).toMatchObject({ candidate: "start", dataset: "train", status: "scored", score: 0 });
    const view = await get(`/api/runs/night/rollouts/${encoded(first.position)}`);
    expect(view).toMatchObject({
      inputValue: first.input,
      output: `quiet ${hostile}`,
      feedback: `Expected ${first.input.toUpperCase()}.`,
      missing: [],
      calls: [{ role: "agent", messages: [{ role: "user", text: `Answer. ${first.input}` }], reply: `quiet ${hostile}` }],
    });
    expect(view.graph.nodes.map(({ path }: { path: string | null }) => path)).toContain("prompt");
    expect(view.graph.edges.length).toBeGreaterThan(0);
    const failed = await get("/api/runs/night/rollouts?status=failed&dataset=validate");
    expect(failed.rollouts[0]).toMatchObject({ example: 3, error: expect.stringContaining("cannot answer check 3") });
  });

  it.each([
    ["LOUD", "candidate"],
    ["shout", "reasoning"],
    ["expected train", "feedback"],
    ["cannot answer", "error"],
    ["</SCRIPT>", "reply"],
  ])("find %s", async (q, kind) => {
    const { hits } = await get(`/api/runs/night/search?q=${encoded(q)}`);
    expect(hits.map((hit: { kind: string }) => hit.kind)).toContain(kind);
    expect(hits[0].match.toLowerCase()).toBe(q.toLowerCase());
  });

  it("compare a run with itself", async () => {
    const { values, differences, comparison } = await get("/api/compare?a=night&b=night");
    expect(differences).toEqual([]);
    expect(values).toEqual([{ path: "prompt", a: "Answer LOUD.", b: "Answer LOUD.", isSame: true }]);
    expect(comparison).toMatchObject({ dataset: "test", gain: 0 });
  });

  it.each([
    ["candidates.csv", /^id,iteration,parents,.*\r\nstart,0,/],
    ["scores.csv", /^dataset,metric,/],
    ["trials.csv?dataset=validate", /\r\nstart,validate,3,0,,true,\(RangeError\) cannot/],
    ["spend.json", /^\[\n\{"role"/],
    ["rollouts.json", /"feedback"/],
    ["corrections.csv", /^\r\n$/],
  ])("download %s", async (name, expected) => {
    const { status, text, headers } = await ask(server, `/api/runs/night/download/${name}`);
    expect({ status, disposition: headers["content-disposition"] }).toMatchObject({
      status: 200,
      disposition: expect.stringContaining('attachment; filename="night-'),
    });
    expect(text).toMatch(expected);
  });

  it("are the page, with a policy and nothing that is kept", async () => {
    const { text, headers } = await ask(server, "/");
    expect(text).toBe(page.html);
    expect(headers["content-security-policy"]).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers["cache-control"]).toBe("no-store");
  });
});

describe("what is refused", () => {
  it.each<[string, string, number, Parameters<typeof ask>[2]]>([
    ["a foreign host", "/api/runs", 403, { headers: { host: "evil.example:80" } }],
    ["a name that leads here", "/", 403, { headers: { host: "rebind.evil.example" } }],
    ["another origin", "/api/runs", 403, { headers: { origin: "http://evil.example" } }],
    ["the origin null", "/api/runs", 403, { headers: { origin: "null" } }],
    ["a page of another site", "/api/runs", 403, { headers: { "sec-fetch-site": "cross-site" } }],
    ["another method", "/api/runs", 405, { method: "PUT" }],
    ["a run that is not there", "/api/runs/nigth", 404, {}],
    ["a path out of the folder", `/api/runs/${encoded("../night")}`, 404, {}],
    ["a path out of the folder, plain", "/api/runs/../../etc/passwd", 404, {}],
    ["the folder itself", "/api/runs/.", 404, {}],
    ["a path that is not encoded", "/api/runs/%zz", 400, {}],
    ["a number that is none", "/api/runs/night/heat?from=-1", 400, {}],
    ["a word that is none", "/api/runs/night/heat?sort=up", 400, {}],
    ["another download", "/api/runs/night/download/constructor.csv", 404, {}],
    ["a file", "/api/runs/night/download/run.json", 404, {}],
    ["another path", "/etc/passwd", 404, {}],
  ])("%s", async (_, path, status, options) => {
    const answer = await ask(server, path, options);
    expect(answer.status, answer.text).toBe(status);
    expect(answer.json.error.message).toMatch(/\w/);
  });

  it.each<[string, number, Record<string, string>, string]>([
    ["no token", 403, { "x-opto-token": "" }, "{}"],
    ["a wrong token", 403, { "x-opto-token": "x".repeat(24) }, "{}"],
    ["another origin", 403, { origin: "http://evil.example" }, "{}"],
    ["a form", 400, { "content-type": "application/x-www-form-urlencoded" }, "{}"],
    ["no object", 400, {}, "[1]"],
    ["no JSON", 400, {}, "{"],
    ["a body that is too long", 413, {}, `{"note":"${"x".repeat(6 * 2 ** 20)}"}`],
  ])("a write with %s", async (_, status, headers, body) => {
    const all = { "content-type": "application/json", "x-opto-token": server.token, ...headers };
    const answer = await ask(server, "/api/runs/night/mark", { method: "POST", headers: all, body }).catch(() => undefined);
    // A server that does not read the rest may end the connection before it has all been sent.
    if (answer !== undefined || status !== 413) expect(answer?.status).toBe(status);
    expect((await get("/api/runs/night")).marks).toEqual([]);
  });

  it("an action that is none, and an action by GET", async () => {
    expect((await post(server, "/api/runs/night/delete", {})).status).toBe(404);
    expect((await ask(server, "/api/runs/night/stop")).status).toBe(404);
  });
});

describe("writes", () => {
  it("mark a candidate, and take the mark away", async () => {
    const { json } = await post(server, "/api/runs/night/mark", { candidate: best, note: "this one" });
    expect(json.marks).toMatchObject([{ candidate: best, note: "this one" }]);
    expect((await get(`/api/runs/night/candidates/${encoded(best)}`)).mark.note).toBe("this one");
    expect(JSON.parse(await readFile(join(folder, "night/marks.json"), "utf8"))).toMatchObject({
      format: "opto-marks",
      version: 1,
    });
    expect((await post(server, "/api/runs/night/mark", { candidate: best, note: null })).json.marks).toEqual([]);
    expect((await post(server, "/api/runs/night/mark", { candidate: "nobody", note: "" })).status).toBe(404);
  });

  it("correct an example; the newest counts", async () => {
    const about = { dataset: "validate", example: 3 };
    await post(server, "/api/runs/night/correct", { ...about, expected: "=1+1", note: "was wrong" });
    await post(server, "/api/runs/night/correct", { ...about, expected: { a: 1 } });
    expect(await get("/api/runs/night/corrections")).toMatchObject([{ ...about, expected: { a: 1 }, note: "" }]);
    expect((await readFile(join(folder, "night/corrections.jsonl"), "utf8")).trim().split("\n")).toHaveLength(2);
    const [rollout] = (await get("/api/runs/night/rollouts?dataset=validate&example=3")).rollouts;
    expect((await get(`/api/runs/night/rollouts/${encoded(rollout.position)}`)).correction.expected).toEqual({ a: 1 });
    expect((await post(server, "/api/runs/night/correct", { dataset: "../x", example: 3, expected: 1 })).status).toBe(400);
    expect((await post(server, "/api/runs/night/correct", { ...about, example: -1, expected: 1 })).status).toBe(400);
  });

  it("say what applies values, where the server cannot, and that a run is not running", async () => {
    expect((await post(server, "/api/runs/night/apply", { dry: true })).json.error).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("opto apply night"),
    });
    expect((await post(server, "/api/runs/night/stop", {})).json.error.message).toBe(
      "The run night is not running: it is finished",
    );
  });

  it("hand values to what applies them, and write only what was shown", async () => {
    const given: unknown[] = [];
    let inFile: string | null = null;
    const other = await serve(folder, {
      apply: async (run, values) => {
        given.push([run.id, values]);
        const to = String(values.parameters.prompt);
        const change = { path: "prompt", state: "changed" as const, from: inFile, to };
        const target = { name: "agent.json", same: inFile === to, exists: true, changes: [change] };
        return {
          targets: [target],
          write: async () => {
            inFile = to;
          },
        };
      },
    });
    const applies = (body: object) => post(other, "/api/runs/night/apply", body);
    const shown = (await applies({ dry: true })).json;
    expect(shown).toMatchObject({ candidate: best, written: false, same: false });
    expect(await applies({ dry: false })).toMatchObject({ status: 400 });
    expect(await applies({ dry: false, candidate: "start", plan: shown.plan })).toMatchObject({ status: 409 });
    inFile = "edited meanwhile";
    expect((await applies({ dry: false, plan: shown.plan })).json.error).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("have changed since they were shown"),
    });
    expect(inFile).toBe("edited meanwhile");
    const anew = (await applies({ dry: true })).json;
    expect(anew.targets[0].changes[0].from).toBe("edited meanwhile");
    const both = [applies({ dry: false, plan: anew.plan }), applies({ dry: false, plan: anew.plan })];
    expect((await Promise.all(both)).map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(inFile).toBe("Answer LOUD.");
    expect(given.slice(0, 2)).toMatchObject([
      ["night", { candidate: best, iteration: 1, score: 0.8, isBest: true, parameters: { prompt: "Answer LOUD." } }],
      ["night", { candidate: "start", isBest: false, parameters: { prompt: "Answer." } }],
    ]);
    await other.close();
  });

  it("keep all of the marks that come at the same moment", async () => {
    const candidates = [best, "start"];
    const bodies = Array.from({ length: 10 }, (_, index) => ({ candidate: candidates[index % 2], note: `note ${index}` }));
    await Promise.all(bodies.map((body) => post(server, "/api/runs/night/mark", body)));
    const { marks } = JSON.parse(await readFile(join(folder, "night/marks.json"), "utf8"));
    expect(marks.map(({ candidate }: { candidate: string }) => candidate).sort()).toEqual(candidates.sort());
  });

  it("do not replace marks that cannot be read, nor make a run again that has gone", async () => {
    const copy = join(folder, "noted");
    await mkdir(copy);
    for (const name of ["run.json", "events.jsonl"])
      await writeFile(join(copy, name), await readFile(join(folder, "night", name)));
    const torn = '{"format":"opto-marks","version":1,"marks":[{"candi';
    await writeFile(join(copy, "marks.json"), torn);
    await writeFile(join(copy, "corrections.jsonl"), '{"dataset":"vali');
    const mark = () => post(server, "/api/runs/noted/mark", { candidate: "start", note: "x" });
    const correct = () => post(server, "/api/runs/noted/correct", { dataset: "train", example: 0, expected: 1 });
    expect((await mark()).json.error).toMatchObject({ code: "conflict", message: expect.stringContaining("marks.json") });
    expect(await readFile(join(copy, "marks.json"), "utf8")).toBe(torn);
    expect((await correct()).status).toBe(200);
    expect(await get("/api/runs/noted/corrections")).toMatchObject([{ example: 0, expected: 1 }]);
    await rm(copy, { recursive: true });
    // It is known for a moment yet, as it was.
    for (const write of [mark, correct]) expect([404, 409]).toContain((await write()).status);
    expect(existsSync(copy)).toBe(false);
  });
});

describe("news", () => {
  it.each(["/api/events", "/api/runs/night/events", "/api/runs/night/download/scores.csv", "/api/runs", "/"])(
    "and all else are told in short to who asks for the head of %s",
    async (path) => {
      const { status, text, headers } = await ask(server, path, { method: "HEAD" });
      expect({ status, text }).toEqual({ status: 200, text: "" });
      expect(headers["content-type"]).toBeDefined();
    },
  );

  it("of the list are told when a run changes, and a run that many ask for at the same moment is read once", async () => {
    const other = await serve(folder);
    const views = await Promise.all(["", "/lineage", "/heat", "/rollouts"].map((part) => ask(other, `/api/runs/night${part}`)));
    expect(views.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(views[0]?.json.revision).toBe(1);
    const stream = await fetch(`http://127.0.0.1:${other.port}/api/events`);
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    let heard = "";
    let isWritten = false;
    while (!heard.includes('"run":"fresh"')) {
      heard += new TextDecoder().decode((await reader.read()).value);
      if (isWritten) continue;
      isWritten = true;
      // The list of now must be known first.
      await new Promise((resolve) => setTimeout(resolve, 700));
      await mkdir(join(folder, "fresh"));
      await writeFile(join(folder, "fresh", "run.json"), await readFile(join(folder, "night", "run.json")));
    }
    expect(heard).toContain('"parts":["state"]');
    await other.close();
    await rm(join(folder, "fresh"), { recursive: true });
  });
});

describe("runs that are not whole", () => {
  it("skips and counts damaged lines, and tells of a torn one later", async () => {
    await mkdir(join(folder, "torn"));
    for (const name of ["run.json", "events.jsonl", "best.json"]) {
      await writeFile(join(folder, "torn", name), await readFile(join(folder, "night", name)));
    }
    const events = join(folder, "torn", "events.jsonl");
    await appendFile(events, '{"seq":oops}\nnothing\n{"seq":999,"time":"2026-01-01T00:00:00.000Z","type":"warning","mess');
    expect(await get("/api/runs/torn")).toMatchObject({ state: "stopped", damagedLines: 2, warnings: [] });
    await appendFile(events, 'age":"later"}\n');
    await expect.poll(async () => (await get("/api/runs/torn")).warnings).toMatchObject([{ message: "later", count: 1 }]);
  });

  it("leaves out what a resumed process has done again", async () => {
    await mkdir(join(folder, "again"));
    const line = (seq: number, message: string): string =>
      `${JSON.stringify({ seq, time: "2026-01-01T00:00:00.000Z", type: "warning", message })}\n`;
    const text = `${line(1, "kept")}${line(2, "void")}{"mark":"run-resumed","time":"2026-01-01T00:00:01.000Z","after":1}\n${line(2, "anew")}`;
    await writeFile(join(folder, "again", "run.json"), await readFile(join(folder, "night", "run.json")));
    await writeFile(join(folder, "again", "events.jsonl"), text);
    expect((await get("/api/runs/again")).warnings.map(({ message }: { message: string }) => message)).toEqual(["kept", "anew"]);
  });

  it("passes over lines of a type, and logs of a name, that every object has", async () => {
    await mkdir(join(folder, "inherited"));
    const about = { time: "2026-01-01T00:00:00.000Z" };
    const lines = [
      { seq: 1, ...about, type: "__proto__" },
      { seq: 2, ...about, type: "constructor" },
      { seq: 3, ...about, type: "log", name: "constructor", data: 1, step: 1 },
    ];
    await writeFile(join(folder, "inherited", "run.json"), await readFile(join(folder, "night", "run.json")));
    await writeFile(join(folder, "inherited", "events.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    expect(await get("/api/runs/inherited")).toMatchObject({ series: [], damagedLines: 0 });
  });

  it("refuses a run of a newer version, and says why", async () => {
    await mkdir(join(folder, "newer"));
    await writeFile(
      join(folder, "newer", "run.json"),
      JSON.stringify({ format: "opto-run", version: 99, id: "newer", identity: {} }),
    );
    const { status, json } = await ask(server, "/api/runs/newer");
    expect({ status, code: json.error.code }).toEqual({ status: 422, code: "unreadable" });
    expect(json.error.message).toMatch(/has version 99; .* Update opto to look at this run/);
  });
});

it("goes on when the system cannot take a connection", async () => {
  let http: EventEmitter | undefined;
  const onRequest = (message: unknown): void => {
    http = (message as { readonly server: EventEmitter }).server;
  };
  subscribe("http.server.request.start", onRequest);
  await get("/api/viewer");
  unsubscribe("http.server.request.start", onRequest);
  http?.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
  expect(await get("/api/viewer")).toMatchObject({ folder });
});
