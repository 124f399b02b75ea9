/**
 * What is kept of rollouts in full: what of it stays, what it may cost, and what is never in it.
 *
 * @module
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Clock } from "../data/clock.ts";
import { InfrastructureError } from "../errors.ts";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import type { ModelReply } from "../llm/model-request.ts";
import { DirectoryTraces } from "./rollout-traces.ts";
import { TraceFile } from "./trace-file.ts";

const root = mkdtempSync(join(tmpdir(), "opto-traces-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = (): string => mkdtempSync(join(root, "run-"));
const agent = model({ prompt: parameter("Answer.") }, ({ prompt }, x: string) => `${prompt.value} ${x}`);

/** Time passes by itself: a millisecond at every look. */
function clock(step = 1): Clock & { skip(ms: number): void } {
  let ms = 0;
  return {
    now: () => 1_764_000_000_000 + ms,
    monotonic: () => {
      ms += step;
      return ms;
    },
    skip: (by) => {
      ms += by;
    },
  };
}

const linesOf = (path: string) =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
const all = (run: string) => readdirSync(run).flatMap((name) => linesOf(join(run, name)));

function rollOut(
  traces: DirectoryTraces,
  position: string,
  { x = "hello", error }: { x?: string; error?: string } = {},
): boolean {
  const end = traces.beginRollout({
    position,
    agent,
    x,
    info: { right: x },
    place: () => ({ dataset: "train", example: 1, sample: 0 }),
  });
  traces.notesOf(position)?.({ output: `Answer. ${x}` });
  traces.notesOf(position)?.({ feedback: "Good." });
  end?.({ result: undefined, score: error === undefined ? 1 : 0, error });
  return end !== undefined;
}

const reply: ModelReply = {
  text: "hi",
  finishReason: "stop",
  usage: { inputTokens: 1, outputTokens: 2 },
  model: "scripted/model",
};

describe("TraceFile", () => {
  it("keeps the newest lines within the limit, and the first failures", async () => {
    const run = folder();
    const limit = 40_000;
    const file = new TraceFile(run, limit);
    const line = (index: number): string => JSON.stringify({ index, text: "x".repeat(200) });
    for (let index = 0; index < 1_000; index++) {
      file.add(line(index), { isFailure: index % 10 === 0 });
      if (index % 7 === 0) file.flush();
      const bytes = readdirSync(run).reduce((sum, name) => sum + readFileSync(join(run, name)).length, 0);
      expect(bytes).toBeLessThanOrEqual(limit);
    }
    await file.close();
    const indexes = (name: string): number[] => linesOf(join(run, name)).map(({ index }) => index);
    const failed = indexes("traces.failed.jsonl");
    expect(failed.slice(0, 3)).toEqual([0, 10, 20]);
    expect(failed.length).toBe(Math.floor(limit / 4 / (line(990).length + 1)));
    const newest = [...indexes("traces.older.jsonl"), ...indexes("traces.jsonl")];
    expect(newest.at(-1)).toBe(999);
    expect(newest).toEqual(newest.toSorted((a, b) => a - b));
    expect(newest.length * line(0).length).toBeGreaterThan((limit * 3) / 8);
  });

  it.each([
    ["letters", "x", false],
    ["letters of three bytes", "好", false],
    ["failures in letters of three bytes", "好", true],
  ])("stays within the limit with %s, however large a write is", async (_, letter, isFailure) => {
    const run = folder();
    const limit = 2 ** 20;
    const file = new TraceFile(run, limit);
    const bytesOf = (): number => readdirSync(run).reduce((sum, name) => sum + statSync(join(run, name)).size, 0);
    for (let index = 0; index < 400; index++) {
      file.add(JSON.stringify({ index, text: letter.repeat(8_000) }), { isFailure });
      expect(bytesOf()).toBeLessThanOrEqual(limit);
    }
    await file.close();
    expect(bytesOf()).toBeLessThanOrEqual(limit);
    expect(bytesOf()).toBeGreaterThan(limit / 3);
    expect(linesOf(join(run, "traces.jsonl")).at(-1)).toMatchObject({ index: 399 });
  });

  it("continues the files of an earlier process", async () => {
    const run = folder();
    for (const index of [1, 2]) {
      const file = new TraceFile(run, 2 ** 20);
      file.add(JSON.stringify({ index }), { isFailure: false });
      await file.close();
    }
    expect(linesOf(join(run, "traces.jsonl"))).toEqual([{ index: 1 }, { index: 2 }]);
  });
});

describe("DirectoryTraces", () => {
  it("keeps a rollout with its calls, and a call of an optimizer by itself", async () => {
    const run = folder();
    const traces = new DirectoryTraces(run, 2 ** 20, clock(0));
    const end = traces.beginRollout({ position: "a/example/1", agent, x: "hello", info: undefined, place: () => ({}) });
    const call = { position: "a/example/1/call/0", role: "agent" as const };
    traces.beginCall({ system: "Be short.", prompt: "hello" }, call, "scripted/model")?.(reply);
    traces.beginCall(
      { prompt: "propose" },
      { position: "iteration/1/proposal/0/call/0", role: "optimizer" },
      "scripted/model",
    )?.(reply);
    end?.({ result: undefined, score: 1 });
    await traces.close();
    const [proposal, rollout] = all(run);
    expect(proposal).toMatchObject({
      kind: "call",
      role: "optimizer",
      messages: [{ role: "user", content: "propose" }],
      reply: "hi",
    });
    expect(rollout).toMatchObject({
      kind: "rollout",
      position: "a/example/1",
      status: "scored",
      score: 1,
      input: { value: "hello" },
      expected: { text: "undefined" },
      calls: [
        {
          messages: [
            { role: "system", content: "Be short." },
            { role: "user", content: "hello" },
          ],
          reply: "hi",
        },
      ],
    });
  });

  it("leaves out what would cost the run too much, counts it, and takes up again when there is time", async () => {
    const run = folder();
    const time = clock(2);
    const traces = new DirectoryTraces(run, 2 ** 24, time);
    const kept = Array.from({ length: 100 }, (_, index) => rollOut(traces, `example/${index}`));
    expect(kept.slice(0, 20)).not.toContain(false);
    expect(kept.at(-1)).toBe(false);
    time.skip(10_000_000);
    expect(rollOut(traces, "late")).toBe(true);
    await traces.close();
    const omitted = all(run).find(({ kind }) => kind === "omitted");
    expect(omitted.rollouts).toBe(kept.filter((one) => !one).length);
  });

  it("keeps outages, not what ends the run, and nothing that ends after its rollout", async () => {
    const run = folder();
    const traces = new DirectoryTraces(run, 2 ** 20, clock(0));
    const begin = (position: string) => traces.beginRollout({ position, agent, x: 1, info: null, place: () => ({}) });
    begin("lost")?.({ thrown: new InfrastructureError("the network is down, sk-planted-0123456789abcdef") });
    begin("stopped")?.({ thrown: new Error("a bug") });
    const end = begin("early");
    const endCall = traces.beginCall({ prompt: "late" }, { position: "early/call/0", role: "agent" }, "m");
    end?.({ result: undefined, score: 0 });
    endCall?.(reply);
    await traces.close();
    expect(
      all(run)
        .map(({ position, status }) => [position, status])
        .sort(),
    ).toEqual([
      ["early", "scored"],
      ["lost", "unscored"],
    ]);
    expect(JSON.stringify(all(run))).not.toContain("planted");
  });

  it("counts what is longer in bytes than is kept", async () => {
    const run = folder();
    const traces = new DirectoryTraces(run, 40_000, clock(0));
    rollOut(traces, "short", { x: "x".repeat(1_500) });
    rollOut(traces, "long", { x: "好".repeat(1_500) });
    await traces.close();
    expect(all(run)).toMatchObject([
      { kind: "rollout", position: "short" },
      { kind: "omitted", rollouts: 1 },
    ]);
  });

  it("makes no file when there is nothing to keep, and none of values that cannot be read", async () => {
    const run = folder();
    await new DirectoryTraces(run, 2 ** 20, clock(0)).close();
    expect(readdirSync(run)).toEqual([]);
    const traces = new DirectoryTraces(run, 2 ** 20, clock(0));
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => [].at(0) as never,
        get: () => {
          throw new Error("no");
        },
      },
    );
    const end = traces.beginRollout({ position: "p", agent, x: hostile, info: null, place: () => ({}) });
    expect(() => end?.({ result: undefined, score: 1 })).not.toThrow();
    await traces.close();
  });
});
