/**
 * Runs as their files tell them, whole or not.
 *
 * @module
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findRuns, readRunFiles, readScores } from "../runs/read-run-files.ts";
import { lines, scoreEvent, writeRun } from "./__fixtures__/run-fixture.ts";
import { findRun, idOfName } from "./run-folder.ts";
import { readUse } from "./run-use.ts";

const runDir = mkdtempSync(join(tmpdir(), "opto-run-files-"));
afterAll(() => rmSync(runDir, { recursive: true, force: true }));

const read = (id: string, fixture: Omit<Parameters<typeof writeRun>[1], "id"> = {}) =>
  readRunFiles(writeRun(join(runDir, "single"), { id, ...fixture }), id);
const lock = (pid: number, host = hostname()): string => JSON.stringify({ pid, host, startedAt: "2026-11-25T08:30:00.000Z" });

describe("readRunFiles", () => {
  it("reads a finished run", async () => {
    expect(await read("whole-1")).toMatchObject({
      id: "whole-1",
      name: "whole",
      state: "finished",
      reason: "completed",
      iteration: 1,
      elapsedMs: 65_000,
      seed: 0,
      config: { algorithm: "MinibatchAlgorithm", optimizer: "OptoPrime", batchSize: 4 },
      datasets: { train: { examples: 20 } },
      start: { prompt: "Answer." },
      best: { iteration: 1, score: 0.9, parameters: { prompt: "Answer in one word." } },
      holder: null,
      problems: [],
    });
  });

  it("reads a description that keeps what decides the course under `identity`", async () => {
    const identity = {
      name: "other",
      algorithm: "Minibatch",
      optimizer: "TPE",
      seed: 7,
      options: { numEpochs: 2 },
      datasets: { train: { examples: 3, sha256: "ab" } },
      shape: { prompt: "string" },
      parameters: { prompt: "Begin." },
    };
    const text = JSON.stringify({
      format: "opto-run",
      version: 1,
      id: "identity-1",
      createdAt: "2026-11-25T08:30:00.000Z",
      identity,
    });
    expect(await read("identity-1", { files: { "run.json": text } })).toMatchObject({
      name: "other",
      seed: 7,
      config: { algorithm: "Minibatch", optimizer: "TPE", numEpochs: 2 },
      datasets: { train: { examples: 3 } },
      start: { prompt: "Begin." },
      problems: [],
    });
  });

  it.each([
    { name: "stopped", fixture: { state: "unfinished", reason: "budget" }, state: "stopped", reason: "budget" },
    { name: "before its first checkpoint", fixture: { files: { "checkpoint.json": null } }, state: "stopped", reason: null },
    { name: "in another process", fixture: { files: { "lock.json": lock(process.ppid) } }, state: "running", reason: null },
    { name: "on another machine", fixture: { files: { "lock.json": lock(1, "elsewhere") } }, state: "running", reason: null },
    {
      name: "of a process that is gone",
      fixture: { files: { "lock.json": lock(2 ** 22 + 1) } },
      state: "finished",
      reason: "completed",
    },
  ] as const)("knows a run $name", async ({ name, fixture, state, reason }) => {
    expect(await read(name.replaceAll(" ", "-"), fixture)).toMatchObject({ state, reason, problems: [] });
  });

  it.each([
    {
      file: "run.json",
      text: '{"format":"opto-',
      expected: {
        state: "damaged",
        best: { score: 0.9 },
        problems: ["run.json is damaged (16 characters that are not a JSON object)"],
      },
    },
    {
      file: "checkpoint.json",
      text: "",
      expected: { state: "stopped", problems: ["checkpoint.json is damaged (0 characters that are not a JSON object)"] },
    },
    {
      file: "best.json",
      text: '{"format":"something"}',
      expected: { state: "finished", best: { score: 0.9 }, problems: ["best.json is not a file of the format opto-agent"] },
    },
    { file: "best.json", text: '{"format":"opto-agent","parameters":3}', expected: { best: { score: 0.9 }, problems: [] } },
    { file: "run.json", text: null, expected: { state: "damaged", problems: ["run.json is missing"] } },
  ])("tells of $file when it holds $text", async ({ file, text, expected }) => {
    expect(await read(`damaged-${file}-${text?.length ?? "none"}`, { files: { [file]: text } })).toMatchObject(expected);
  });

  it("goes back to the checkpoint before", async () => {
    const folder = writeRun(join(runDir, "single"), { id: "previous-1", scores: [0.1, 0.2, 0.3] });
    writeRun(join(runDir, "single"), {
      id: "previous-1",
      files: {
        "checkpoint.previous.json": JSON.stringify({ format: "opto-checkpoint", iteration: 2, status: {} }),
        "checkpoint.json": "{",
      },
    });
    expect(await readRunFiles(folder, "previous-1")).toMatchObject({ iteration: 2, state: "stopped" });
  });
});

describe("findRuns", () => {
  const folder = join(runDir, "many");
  writeRun(folder, { id: "mail-2", createdAt: "2026-11-25T09:00:00.000Z", state: "unfinished", reason: null });
  writeRun(folder, { id: "mail-10", createdAt: "2026-11-25T09:00:00.000Z" });
  writeRun(folder, { id: "old-1", createdAt: "2026-11-20T09:00:00.000Z" });
  writeRun(folder, { id: "broken-1", files: { "run.json": "{" } });
  mkdirSync(join(folder, "notes"));

  it("gives the newest first, and nothing that is no run", async () => {
    expect((await findRuns(folder)).map(({ id }) => id)).toEqual(["mail-10", "mail-2", "old-1", "broken-1"]);
    expect(await findRuns(join(folder, "nowhere"))).toEqual([]);
  });

  it("finds what is meant, or says what is near", async () => {
    expect((await findRun(folder, undefined)).id).toBe("mail-10");
    expect((await findRun(folder, undefined, { isMeant: ({ state }) => state === "stopped" })).id).toBe("mail-2");
    await expect(findRun(folder, "mall-2")).rejects.toThrow('There is no run "mall-2" in');
    await expect(findRun(folder, "mall-2")).rejects.toThrow('Did you mean "mail-2"?');
    await expect(findRun(folder, undefined, { isMeant: () => false, what: "unfinished run" })).rejects.toThrow(
      "no unfinished run",
    );
  });

  it.each([
    { name: "mail", resume: true, id: "mail-11" },
    { name: "broken", resume: true, id: "broken-1" },
    { name: "broken", resume: false, id: "broken-2" },
    { name: "new", resume: true, id: "new-1" },
  ])("numbers $name (resume: $resume)", async ({ name, resume, id }) => {
    expect(idOfName(await findRuns(folder), name, resume)).toBe(id);
  });
});

describe("readScores", () => {
  it("leaves out what a restart has done again, and a line that is being written", async () => {
    const folder = writeRun(join(runDir, "single"), { id: "scores-1", scores: [0.1, 0.2, 0.3] });
    const again = [
      { mark: "run-resumed", time: "2026-11-25T08:30:00.000Z", after: 2 },
      scoreEvent(3, 2, 0.4),
      scoreEvent(4, 3, null),
    ];
    appendFileSync(join(folder, "events.jsonl"), `damaged\n${lines(again)}{"seq":5,"type":"log","name":"Average te`);
    expect(await readScores(folder)).toEqual([
      { iteration: 0, score: 0.1 },
      { iteration: 1, score: 0.2 },
      { iteration: 2, score: 0.4 },
      { iteration: 3, score: null },
    ]);
    expect(await readScores(join(runDir, "nowhere"))).toEqual([]);
  });
});

describe("readUse", () => {
  it("sums up by role and says what is damaged", async () => {
    const folder = writeRun(join(runDir, "single"), { id: "use-1", calls: ["agent", "agent", "optimizer"] });
    appendFileSync(
      join(folder, "calls.jsonl"),
      'damaged\n{"call":"other"}\n{"call":"joined","role":"agent"}\n{"call":"discarded","role":"agent"}\n{"call":"sent","role":"agent","mod',
    );
    const cost = (_model: string, { inputTokens }: { readonly inputTokens: number | null }) => (inputTokens ?? 0) / 1000;
    const use = await readUse(folder, cost);
    expect(use).toMatchObject({ requests: 3, calls: 3, inputTokens: 300, outputTokens: 60, damaged: 2 });
    expect(use.usd).toBeCloseTo(0.3);
    expect(use.byRole.agent).toMatchObject({ requests: 2, calls: 2, inputTokens: 200 });
    expect((await readUse(folder, () => null)).usd).toBeNull();
    expect(await readUse(join(runDir, "nowhere"), cost)).toMatchObject({ requests: 0, usd: 0, damaged: 0 });
  });
});
