import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type OpenAIServer, type ServerRequest, startOpenAIServer } from "../../test/support/openai-server.ts";
import { cellFolder, recordedStages, shares } from "./cell.ts";
import { checkServers } from "./check-servers.ts";
import { finishedCells, withOtherCells } from "./finished-cells.ts";
import { claimFolder, planCells } from "./plan.ts";
import { resultsSection } from "./publish/results-section.ts";
import { headOf, packTable, resultsIn, unpackTable } from "./publish/table-record.ts";
import { replayTable } from "./replay.ts";
import { reportFiles } from "./report/write-report.ts";
import { runTable } from "./run-table.ts";
import { type LearnSettings, readSettings } from "./settings.ts";
import { labelGuide } from "./tasks/label-guide.ts";
import { numerical } from "./tasks/numerical.ts";
import { type AnyTask, defineTask, type Row } from "./tasks/task.ts";
import { textAgent } from "./tasks/text-agent.ts";

const folder = mkdtempSync(join(tmpdir(), "opto-learn-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const colours = ["red", "green", "blue"];
const rows = Array.from({ length: 120 }, (_, at): Row<string, string> => {
  return { id: String(at), input: `Thing ${at}`, info: colours[at % 3] as string };
});

/** The model knows the colours once its instruction names them. */
const things: AnyTask = defineTask<string, string, string>({
  id: "things",
  title: "Things",
  source: { name: "made here", license: "none" },
  callsModel: true,
  optimizers: ["OptoPrime"],
  demonstrations: "demonstrations",
  handWritten: { instruction: "Say red, green, or blue." },
  load: async () => rows,
  agent: (options) => textAgent({ ...options, instruction: "Name the colour.", maxOutputTokens: 8 }),
  guide: labelGuide,
});
const known = new Map([things, numerical].map((task) => [task.id, task]));

function serverOf(labelOf: (thing: number) => string): Promise<OpenAIServer> {
  return startOpenAIServer(({ body, system, prompt }: ServerRequest) => {
    if (body?.model === "proposer") {
      return '<reasoning>\nName them.\n</reasoning>\n<variable name="instruction">\nSay red, green, or blue.\n</variable>';
    }
    const thing = Number(/\d+/.exec(prompt)?.[0]);
    return system.includes("red") ? labelOf(thing) : "no idea";
  });
}

function settingsFor(out: string, baseUrl: string, more: readonly string[] = []): LearnSettings {
  const models = ["--base-url", baseUrl, "--task-model", "answerer", "--optimizer-model", "proposer"];
  const sizes = ["--train", "6", "--validation", "6", "--test", "9", "--budget", "40", "--seeds", "1"];
  return readSettings(["--out", join(folder, out), ...models, ...sizes, "--tasks", "things", ...more]);
}

const quiet = { finished: () => {}, failed: () => {} };
const searches = ["--algorithms", "hand-written,gepa,default"];

describe("runTable", () => {
  it("counts, scores, resumes, and replays a table byte for byte without a model", async () => {
    const server = await serverOf((thing) => colours[thing % 3] as string);
    const settings = settingsFor("table", server.baseUrl, searches);
    const cells = await planCells(settings, known);
    expect(cells.map(({ arm }) => arm.name)).toEqual(names);
    const { results, failures } = await runTable(cells, settings, quiet);
    expect(failures).toEqual([]);
    const files = reportFiles(results, settings);

    for (const { arm, stages } of results) {
      expect(stages.map(({ share }) => share)).toEqual([...shares]);
      for (const { share, spent } of stages) expect(spent.taskCalls).toBeLessThanOrEqual(share * 40);
      const [last] = stages.slice(-1);
      expect(last?.test, arm).toEqual(Array.from({ length: 9 }, () => (arm === "start" ? 0 : 1)));
    }
    // A second invocation asks nothing, and neither does a replay.
    const asked = server.requests.length;
    const again = await runTable(await planCells(settings, known), settings, quiet);
    expect(reportFiles(again.results, settings)).toEqual(files);
    expect(server.requests).toHaveLength(asked);
    await server.close();
    expect(reportFiles(await replayTable(cells, settings), settings)).toEqual(files);
    expect(files.get("report.md")).toContain("Things");
    expect(files.get("things.svg")).toMatch(/^<svg /);
  });

  it("is replayed from its record in another folder", async () => {
    const server = await serverOf((thing) => colours[thing % 3] as string);
    const settings = settingsFor("published", server.baseUrl, searches);
    claimFolder(settings);
    const cells = await planCells(settings, known);
    const { results } = await runTable(cells, settings, quiet);
    await server.close();
    const head = { options: settings.options, hardware: "a machine", unfinished: ["things--mipro--0"] };
    const record = packTable(settings.out, head);
    expect(packTable(settings.out, head)).toEqual(record);
    expect(headOf(record)).toMatchObject(head);
    const fresh = readSettings([...headOf(record).options, "--out", join(folder, "fresh"), "--replay"]);
    unpackTable(record, fresh.out);
    claimFolder(fresh);
    const replayed = await replayTable(await planCells(fresh, known), fresh);
    expect(reportFiles(replayed, fresh)).toEqual(reportFiles(results, settings));
    const table = { name: "t", head: headOf(record), results: resultsIn(record), conditions: fresh };
    expect(resultsSection(table)).toBe(resultsSection({ ...table, results }));
    expect(resultsSection(table)).toContain("have not finished: things (1 of seed 0)");
  });

  it("has all finished cells of a folder in its files, also those that another command has run", async () => {
    const server = await serverOf((thing) => colours[thing % 3] as string);
    const rowsAfter = async (algorithms: string): Promise<string[]> => {
      const settings = settingsFor("narrower", server.baseUrl, ["--algorithms", algorithms]);
      const { results } = await runTable(await planCells(settings, known), settings, quiet);
      const all = finishedCells(settings.out);
      expect(withOtherCells(results, settings.out)).toHaveLength(all.length);
      return all.map(({ arm }) => arm).toSorted();
    };
    expect(await rowsAfter("hand-written,hand-written+demos")).toEqual(["hand-written", "hand-written+demos", "start"]);
    expect(await rowsAfter("hand-written")).toEqual(["hand-written", "hand-written+demos", "start"]);
    await server.close();
  });

  it("names a server that is down before the first cell, where one is needed", async () => {
    const down = settingsFor("down", "http://127.0.0.1:9/v1", searches);
    await expect(checkServers(await planCells(down, known), down)).rejects.toThrow("No answer at http://127.0.0.1:9/v1: ");
    const unneeded = settingsFor("unneeded", "http://127.0.0.1:9/v1", ["--tasks", "numerical", "--algorithms", "bestOf"]);
    await checkServers(await planCells(unneeded, known), unneeded);
  });

  it("replays nothing where there is no table", () => {
    const settings = settingsFor("no-table", "http://127.0.0.1:9/v1", ["--replay"]);
    expect(() => claimFolder(settings)).toThrow(`There is no table in ${settings.out}`);
    expect(existsSync(settings.out)).toBe(false);
  });

  it("continues a cell that was interrupted, without asking anything again", async () => {
    const server = await serverOf((thing) => colours[thing % 3] as string);
    let left = 20;
    const failing = await startOpenAIServer(async ({ body, system, prompt }) => {
      if (left-- <= 0) return { status: 401, body: { error: { message: "Incorrect API key", code: "invalid_api_key" } } };
      return body?.model === "proposer" ? "nothing" : `${system.length} ${prompt}`;
    });
    const settings = settingsFor("interrupted", failing.baseUrl, ["--algorithms", "gepa"]);
    const cells = await planCells(settings, known);
    const first = await runTable(cells, settings, quiet);
    expect(first.failures.length).toBeGreaterThan(0);
    left = Number.POSITIVE_INFINITY;
    const second = await runTable(cells, settings, quiet);
    expect(second.failures.map(({ error }) => error.message)).toEqual([]);
    expect(second.results).toHaveLength(2);
    const counted = recordedCalls(settings, "gepa").filter(({ role }) => role === "task");
    const last = recordedStages(cellFolder(settings.out, cells.find(({ arm }) => arm.name === "gepa")!)).at(-1);
    expect(last?.spent.taskCalls).toBe(counted.length);
    expect(last?.spent.taskCalls).toBe(40);
    await server.close();
    await failing.close();
  });

  it("does not take a provider's end of credit for the end of the budget", async () => {
    let left = 20;
    const server = await startOpenAIServer(({ body, system, prompt }) => {
      if (left-- <= 0) return { status: 429, body: { error: { message: "You are broke", code: "insufficient_quota" } } };
      return body?.model === "proposer" ? "nothing" : `${system.length} ${prompt}`;
    });
    const settings = settingsFor("no-credit", server.baseUrl, ["--algorithms", "gepa"]);
    const cells = await planCells(settings, known);
    const first = await runTable(cells, settings, quiet);
    expect(first.results.map(({ arm }) => arm)).toEqual(["start"]);
    expect(first.failures.map(({ error }) => error.message).join()).toContain("You are broke");
    left = Number.POSITIVE_INFINITY;
    const second = await runTable(cells, settings, quiet);
    expect(second.failures).toEqual([]);
    expect(second.results.find(({ arm }) => arm === "gepa")?.stages.at(-1)?.spent.taskCalls).toBe(40);
    await server.close();
  });

  it("counts rollouts where the agent asks no model", async () => {
    const settings = settingsFor("rollouts", "http://127.0.0.1:9/v1", ["--tasks", "numerical", "--algorithms", "bestOf"]);
    const { results, failures } = await runTable(await planCells(settings, known), settings, quiet);
    expect(failures).toEqual([]);
    for (const { stages } of results.filter(({ arm }) => arm === "bestOf")) {
      for (const { share, spent } of stages) expect(spent.taskCalls).toBeLessThanOrEqual(share * 40);
    }
    expect(reportFiles(results, settings).get("report.md")).toContain("Numerical example");
  });

  it("takes proposals from a folder that is answered by hand, and from its record", async () => {
    const server = await serverOf((thing) => colours[thing % 3] as string);
    const record = join(folder, "proposals.jsonl");
    const dir = join(folder, "by-hand");
    const own = ["--optimizer-dir", dir, "--optimizer-record", record, "--algorithms", "gepa"];
    const settings = settingsFor("by-hand", server.baseUrl, own);
    const answering = answerByHand(dir);
    const { failures } = await runTable(await planCells(settings, known), settings, quiet);
    answering.stop();
    expect(failures).toEqual([]);
    expect(existsSync(record)).toBe(true);
    const replayed = settingsFor("from-record", server.baseUrl, ["--optimizer-record", record, "--algorithms", "gepa"]);
    const { results } = await runTable(await planCells(replayed, known), replayed, quiet);
    expect(results.find(({ arm }) => arm === "gepa")?.stages.at(-1)?.test).toEqual(Array.from({ length: 9 }, () => 1));
    const empty = join(folder, "empty.jsonl");
    const missing = settingsFor("missing", server.baseUrl, ["--optimizer-record", empty, "--algorithms", "gepa"]);
    const refused = await runTable(await planCells(missing, known), missing, quiet);
    expect(refused.failures.map(({ error }) => error.message).join()).toContain("There is no recorded reply");
    await server.close();
  });
});

describe("with shuffled labels", () => {
  it("no algorithm has a confirmed gain", async () => {
    // What the model says has nothing to do with the label, and depends on the prompt.
    const server = await startOpenAIServer(({ body, system, prompt, index }) => {
      if (body?.model === "proposer") return `<variable name="instruction">\nVariant ${index}\n</variable>`;
      const text = `${system}${prompt}`;
      const sum = [...text].reduce((all, sign) => (all * 31 + sign.charCodeAt(0)) % 1_000_003, 7);
      return colours[sum % 3] as string;
    });
    const settings = settingsFor("shuffled", server.baseUrl, [
      ...["--algorithms", "bestOfN,gepa,bootstrapFewShot,mipro+demos,racingSearch+demos"],
      // With fewer than three seeds no gain is confirmed, whatever it is.
      ...["--validation", "8", "--test", "8", "--budget", "64", "--seeds", "3"],
    ]);
    const { results, failures } = await runTable(await planCells(settings, known), settings, quiet);
    await server.close();
    expect(failures).toEqual([]);
    expect(results).toHaveLength(18);
    const searched = results.filter(({ kind }) => kind === "opto").map(({ stages }) => stages.at(-1));
    expect(searched.some((stage) => (stage?.spent.optimizerCalls ?? 0) > 0)).toBe(true);
    const start = { instruction: "Name the colour.", demonstrations: [] };
    const changed = searched.filter((stage) => JSON.stringify(stage?.values) !== JSON.stringify(start));
    expect(changed.length).toBeGreaterThan(0);
    expect(
      reportFiles(results, settings)
        .get("report.md")
        ?.match(/\| \*\*[+−]/g),
    ).toBeNull();
  });

  it("and with the right ones the same number of seeds confirms a gain", async () => {
    const server = await serverOf((thing) => colours[thing % 3] as string);
    const settings = settingsFor("right", server.baseUrl, ["--algorithms", "gepa", "--seeds", "3"]);
    const { results } = await runTable(await planCells(settings, known), settings, quiet);
    await server.close();
    expect(reportFiles(results, settings).get("report.md")).toMatch(/\| gepa .*\| \*\*\+/);
  });
});

it("asks servers for replies in a schema where that is chosen", async () => {
  const server = await startOpenAIServer(({ body, prompt, system }) => {
    if (body?.model !== "proposer")
      return system.includes("red") ? (colours[Number(/\d+/.exec(prompt)?.[0]) % 3] as string) : "no idea";
    return JSON.stringify({ reasoning: "Name them.", values: { instruction: "Say red, green, or blue." } });
  });
  const settings = settingsFor("schema", server.baseUrl, ["--algorithms", "gepa", "--reply-format", "json"]);
  const { results } = await runTable(await planCells(settings, known), settings, quiet);
  await server.close();
  const asked = server.requests.map(({ body }) => [
    body?.model,
    (body as { response_format?: { type?: string } }).response_format?.type,
  ]);
  expect(asked).toContainEqual(["proposer", "json_schema"]);
  expect(asked.filter(([model, type]) => model !== "proposer" && type !== undefined)).toEqual([]);
  expect(results.find(({ arm }) => arm === "gepa")?.stages.at(-1)?.test).toEqual(Array.from({ length: 9 }, () => 1));
});

const names = ["start", "hand-written", "gepa", "default"];

function recordedCalls(settings: LearnSettings, arm: string): { readonly role: string }[] {
  const text = readFileSync(join(settings.out, "cells", `things--${arm}--0`, "calls.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly role: string });
}

/** Plays the optimizer: answers every request that appears in a folder. */
function answerByHand(dir: string): { stop(): void } {
  const timer = setInterval(() => {
    if (!existsSync(dir)) return;
    for (const name of readdirSync(dir).filter((name) => /^req-\w+\.txt$/.test(name))) {
      const reply = join(dir, name.replace("req-", "ans-"));
      if (existsSync(reply)) continue;
      writeFileSync(`${reply}.tmp`, '<variable name="instruction">\nSay red, green, or blue.\n</variable>');
      renameSync(`${reply}.tmp`, reply);
    }
  }, 20);
  return { stop: () => clearInterval(timer) };
}
