/**
 * What is found in traces: whatever metrics are called, and with lines that are damaged or of another form.
 *
 * @module
 */
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ask, page, serve, trainShouter } from "./__fixtures__/trained-run.ts";
import { exportRun } from "./export-run.ts";
import { TraceIndex } from "./trace-index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-trace-index-"));
  await trainShouter(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const rollout = (fields: object) => ({
  kind: "rollout",
  position: "p",
  at: "2026-01-01T00:00:00.000Z",
  ms: 1,
  status: "scored",
  score: 1,
  values: "v",
  ...fields,
});
const whole = { input: { value: "in" }, expected: { text: "out" }, calls: [] };
const text = (...lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join("");

async function indexOf(name: string, content: string): Promise<TraceIndex> {
  const run = join(folder, name);
  await mkdir(run, { recursive: true });
  await writeFile(join(run, "traces.jsonl"), content);
  const index = new TraceIndex(run);
  await index.refresh();
  return index;
}

it("finds rollouts and calls whatever their metrics are called and their inputs hold", async () => {
  const scores = { input: 2, messages: 3, output: 4 };
  const quoting = { ...whole, input: { value: ',"input":{"value":1}' } };
  const call = {
    kind: "call",
    position: "c",
    role: "optimizer",
    model: "m",
    at: "",
    ms: 1,
    messages: [{ role: "user", content: "x" }],
  };
  const lines = [rollout({ scores, ...whole }), rollout({ position: "q", error: ',"input":{"', ...quoting }), call];
  const index = await indexOf("metrics", text(...lines));
  expect(index.rollouts.map(({ position, score }) => [position, score])).toEqual([
    ["p", 1],
    ["q", 1],
  ]);
  const [first] = index.rollouts;
  expect((await index.read(first as NonNullable<typeof first>))?.line).toMatchObject({ scores, input: { value: "in" } });
  expect(index.calls("c")).toHaveLength(1);
  expect(index.unreadable).toBe(0);
});

it("counts lines that cannot be read", async () => {
  const damaged = `{"kind":"rollout","position":"t{"kind"\nnothing\n\n${text({ kind: "rollout" }, { kind: "later", position: "x" })}`;
  const index = await indexOf("damaged", damaged + text(rollout(whole)));
  expect(index.rollouts).toHaveLength(1);
  expect(index.unreadable).toBe(4);
});

const misfits: readonly [name: string, fields: object][] = [
  ["input", { input: 5 }],
  ["input", { input: { other: 1 } }],
  ["expected", { expected: null }],
  ["output", { output: "plain" }],
  ["feedback", { feedback: { text: "no" } }],
  ["scores", { scores: [1] }],
  ["graph", { graph: [] }],
  ["graph", { graph: { nodes: [{ kind: "node", name: "a", is: { value: 1 }, inputs: [0] }], omitted: 0 } }],
  ["graph", { graph: { nodes: [{ kind: "node", name: "a", is: { value: 1 }, inputs: [[7, "a"]] }], omitted: 0 } }],
  ["calls", { calls: [null] }],
  ["calls", { calls: { 0: "x" } }],
  ["calls", { calls: [{ position: "p/call/0", messages: [null] }] }],
];

it("shows a rollout of another form without what does not fit, and exports it", async () => {
  const run = join(folder, "night");
  const odd = misfits.map(([, fields], place) => rollout({ position: `odd/${place}`, ...whole, ...fields }));
  const calls = [5, [null]].map((messages) => ({ kind: "call", position: "start", messages }));
  await appendFile(join(run, "traces.jsonl"), text(...odd, ...calls));
  const server = await serve(folder);
  try {
    for (const [place, [name]] of misfits.entries()) {
      const { status, json } = await ask(server, `/api/runs/night/rollouts/${encodeURIComponent(`odd/${place}`)}`);
      expect(status, JSON.stringify(json)).toBe(200);
      expect(json.missing[0]).toBe(`Left out, because this version of opto does not know their form: \`${name}\``);
    }
    const paths = ["rollouts", "search?q=nowhere", "candidates/start", "download/rollouts.csv", "download/rollouts.json"];
    for (const path of paths) expect([path, (await ask(server, `/api/runs/night/${path}`)).status]).toEqual([path, 200]);
    expect(await exportRun(await (await server.library()).open("night"), page, "1")).toContain("opto-data");
    await appendFile(join(run, "traces.jsonl"), "nothing\n");
    const told = expect.stringContaining("1 line of rollouts and calls could not be read");
    await expect.poll(async () => (await ask(server, "/api/runs/night/rollouts")).json.missing).toEqual(told);
  } finally {
    await server.close();
  }
  expect(await readFile(join(run, "traces.jsonl"), "utf8")).toContain("odd/0");
});
