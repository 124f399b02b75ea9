/**
 * Writes the files of a run, as `src/runs` does.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Candidate } from "../../graph/with-values.ts";

/** What of a run a test wants to be otherwise. */
export interface RunFixture {
  readonly id: string;
  readonly state?: "unfinished" | "finished";
  readonly reason?: string | null;
  readonly error?: string;
  readonly createdAt?: string;
  readonly start?: Candidate;
  readonly best?: Candidate;
  readonly score?: number | null;
  /** Test score after each iteration, from 0 on. */
  readonly scores?: readonly (number | null)[];
  /** Roles of answered calls, each with one request, of 100 tokens in and 20 out. */
  readonly calls?: readonly string[];
  readonly seed?: number;
  /** Files that get this text instead, or are left out. */
  readonly files?: Readonly<Record<string, string | null>>;
}

/** Writes `<runDir>/<id>` and gives its path. */
export function writeRun(runDir: string, fixture: RunFixture): string {
  const { id, files = {} } = fixture;
  const folder = join(runDir, id);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries({ ...textsOf(fixture), ...files })) {
    if (text !== null) writeFileSync(join(folder, name), text);
  }
  return folder;
}

function textsOf(fixture: RunFixture): Record<string, string> {
  const { id, state = "finished", reason = "completed", error, createdAt = "2026-11-25T08:30:00.000Z", seed = 0 } = fixture;
  const { start = { prompt: "Answer." }, best = { prompt: "Answer in one word." }, score = 0.9, scores = [0.5, 0.9] } = fixture;
  const iteration = scores.length - 1;
  const status = { state, reason, ...(error === undefined ? {} : { error }) };
  const bestValues = { iteration, score, parameters: best };
  const run = {
    format: "opto-run",
    version: 1,
    id,
    createdAt,
    versions: { opto: "0.1.0", node: "v20.20.2" },
    identity: {
      name: id.replace(/-\d+$/, ""),
      algorithm: "MinibatchAlgorithm",
      optimizer: "OptoPrime",
      seed,
      options: { batchSize: 4 },
      datasets: { train: { examples: 20, sha256: "ab12cd34ef56ab12cd34" } },
      shape: { prompt: "string" },
      parameters: start,
    },
  };
  const checkpoint = {
    format: "opto-checkpoint",
    version: 1,
    run: id,
    savedAt: createdAt,
    seq: scores.length,
    iteration,
    status,
    parameters: best,
    best: bestValues,
    spent: { rollouts: 40, elapsedMs: 65_000 },
    trainer: {},
    optimizer: {},
    loader: {},
    sha256: "",
  };
  return {
    "run.json": json(run),
    "checkpoint.json": json(checkpoint),
    "best.json": json({ format: "opto-agent", version: 1, run: id, ...bestValues }),
    "events.jsonl": lines(scores.map((data, step) => scoreEvent(step + 1, step, data))),
    "calls.jsonl": lines((fixture.calls ?? []).flatMap(callLines)),
  };
}

/** A line of the journal that logs a test score. */
export function scoreEvent(seq: number, step: number, data: number | null): object {
  return { seq, time: "2026-11-25T08:30:00.000Z", type: "log", name: "Average test score", data, step };
}

function callLines(role: string, index: number): object[] {
  const fields = {
    key: `key-${index}`,
    position: `iteration/1/call/${index}`,
    model: "test/model",
    role,
    iteration: 1,
    candidate: null,
  };
  const usage = { inputTokens: 100, outputTokens: 20 };
  return [
    { call: "sent", ...fields },
    { call: "answered", ...fields, ...usage, content: { text: `answer ${index}`, usage }, sha256: "00" },
  ];
}

/** JSON Lines. */
export function lines(objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join("");
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
