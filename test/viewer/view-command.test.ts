/**
 * `opto view` over runs of real programs: live in another process, stopped from the page, applied, exported.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { answersIn } from "../../src/viewer/page.ts";
import { type Begun, begin, endAll, opto, pageOf, project as projectIn, waits } from "./slow-project.ts";

const root = mkdtempSync(join(tmpdir(), "opto-view-"));
const project = (isSlow: boolean): string => projectIn(root, isSlow);
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(endAll);

async function view(folder: string, ...args: readonly string[]) {
  const program = begin(folder, ["view", "--port", "0", ...args]);
  return { ...program, ...(await requestsTo(program)) };
}

/** Requests to the page that a program serves. */
async function requestsTo(program: Begun) {
  const { origin, token } = await pageOf(program);
  // biome-ignore lint/suspicious/noExplicitAny: what comes is what is tested
  const get = async (path: string): Promise<any> => (await fetch(origin + path)).json();
  // biome-ignore lint/suspicious/noExplicitAny: what comes is what is tested
  const post = async (path: string, body: object): Promise<{ readonly status: number; readonly json: any }> => {
    const headers = { "content-type": "application/json", "x-opto-token": token };
    const answer = await fetch(origin + path, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, json: await answer.json() };
  };
  return { origin, get, post };
}

describe("opto view", () => {
  it("follows a run of another process, and stops it in order, also when that listens to no signals", async () => {
    const folder = project(true);
    const training = begin(folder, ["train", "--quiet"]);
    await expect.poll(() => existsSync(join(folder, ".opto/runs/slow-1/events.jsonl")), waits).toBe(true);
    const page = await view(folder);
    const run = () => page.get("/api/runs/slow-1");
    await expect.poll(async () => (await run()).iterations, waits).toBeGreaterThan(1);
    expect(await run()).toMatchObject({ state: "running", holder: { pid: training.child.pid } });

    const events = await fetch(`${page.origin}/api/runs/slow-1/events`);
    const reader = (events.body as ReadableStream<Uint8Array>).getReader();
    let heard = "";
    const changes = (): number => heard.split("event: changed").length - 1;
    while (changes() < 2) heard += new TextDecoder().decode((await reader.read()).value);
    const [, first = "{}"] = /data: (.*)/.exec(heard) ?? [];
    expect(JSON.parse(first)).toMatchObject({ run: "slow-1", state: "running" });

    const answer = await page.post("/api/runs/slow-1/stop", {});
    expect(answer).toMatchObject({ status: 200, json: { message: expect.stringContaining(`Process ${training.child.pid}`) } });
    expect(await training.ended).toBe(130);
    await expect.poll(async () => (await run()).state, waits).toBe("stopped");
    expect(await run()).toMatchObject({ reason: "interrupted" });
    expect(existsSync(join(folder, ".opto/runs/slow-1/stop.json"))).toBe(false);
    while (!heard.includes('"state":"stopped"')) heard += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    page.child.kill("SIGINT");
    expect(await page.ended).toBe(0);
  });

  it("applies the values of a candidate when it is asked to, after it has said what it would write", async () => {
    const folder = project(false);
    expect((await opto(folder, "train", "--quiet")).code).toBe(0);
    const page = await view(folder, "slow-1");
    expect(page.texts.stdout).toMatch(/^slow-1: finished \(completed\), iteration 8, score /);
    const best = (await page.get("/api/runs/slow-1")).bestCandidate;
    const dry = await page.post("/api/runs/slow-1/apply", { dry: true });
    expect(dry).toMatchObject({
      status: 200,
      json: { candidate: best.id, same: false, written: false, targets: [{ name: "agent.json", exists: false }] },
    });
    expect(dry.json.targets[0].changes).toMatchObject([{ path: "level", state: "added", from: null }]);
    expect(existsSync(join(folder, "agent.json"))).toBe(false);
    const { plan } = dry.json;
    writeFileSync(join(folder, "agent.json"), JSON.stringify({ format: "opto-agent", version: 1, parameters: { level: 4 } }));
    expect((await page.post("/api/runs/slow-1/apply", { dry: false, plan })).status).toBe(409);
    rmSync(join(folder, "agent.json"));
    expect((await page.post("/api/runs/slow-1/apply", { dry: false, plan })).json.written).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, "agent.json"), "utf8")).parameters.level).toBe(dry.json.targets[0].changes[0].to);
    expect((await page.post("/api/runs/slow-1/apply", { dry: true })).json.same).toBe(true);
    const start = (await page.post("/api/runs/slow-1/apply", { dry: true, candidate: "start" })).json;
    expect((await page.post("/api/runs/slow-1/apply", { dry: false, candidate: "start", plan: start.plan })).json.written).toBe(
      true,
    );
    expect(JSON.parse(readFileSync(join(folder, "agent.json"), "utf8")).parameters.level).toBe(1);
  });

  it("writes a run as a file", async () => {
    const folder = project(false);
    await opto(folder, "train", "--quiet");
    const { code, stdout } = await opto(folder, "view", "--export", "report.html");
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Written: .*report\.html \(\d+\.\d\d MB\)/),
    });
    const html = readFileSync(join(folder, "report.html"), "utf8");
    const answers = answersIn(html) ?? {};
    expect(Object.keys(answers)).toEqual(
      expect.arrayContaining([
        "/api/viewer",
        "/api/runs",
        "/api/runs/slow-1",
        "/api/runs/slow-1/candidates/start",
        "/api/runs/slow-1/rollouts",
      ]),
    );
    expect(answers["/api/viewer"]).toMatchObject({ isExport: true, actions: [] });
  });

  it("is served by the training process where the config says so, applies values there, and closes with the run", async () => {
    const folder = project(true);
    const training = begin(folder, ["train", "--quiet"], { VIEW: "1" });
    const { origin, get, post } = await requestsTo(training);
    expect(training.texts.stderr).toMatch(/^Watch slow-1 at http:/m);
    expect(await get("/api/viewer")).toMatchObject({ run: "slow-1", actions: ["apply", "mark", "stop", "correct"] });
    expect(await (await fetch(origin)).text()).toContain("<!doctype html>");
    const dry = await post("/api/runs/slow-1/apply", { dry: true, candidate: "start" });
    expect(dry).toMatchObject({ status: 200, json: { candidate: "start", targets: [{ name: "agent.json", exists: false }] } });
    expect(existsSync(join(folder, "agent.json"))).toBe(false);
    const { plan } = dry.json;
    expect((await post("/api/runs/slow-1/apply", { dry: false, candidate: "start", plan })).json.written).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, "agent.json"), "utf8")).parameters).toEqual({ level: 1 });
    await post("/api/runs/slow-1/stop", {});
    expect(await training.ended).toBe(130);
    await expect(fetch(`${origin}/api/viewer`)).rejects.toThrow();
  });

  it("tells of a run that is not there, and of a wrong port", async () => {
    const folder = project(false);
    expect(await opto(folder, "view", "nobody")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no run "nobody"'),
    });
    expect(await opto(folder, "view", "--port", "x")).toMatchObject({ code: 2 });
  });
});
