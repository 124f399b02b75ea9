/**
 * An agent that waits for nothing: signals, timers, aborts and servers in its process live all the same.
 *
 * @module
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { layered } from "../support/layered.ts";
import { type Program, type ProgramEnd, startProgram } from "./start-program.ts";

let runDir: string;
beforeEach(async () => {
  runDir = await mkdtemp(join(tmpdir(), "opto-compute-"));
});
afterEach(() => rm(runDir, { recursive: true, force: true }));

const start = (options: object): Program =>
  startProgram({ baseUrl: "http://127.0.0.1:9" }, layered({ run: { dir: runDir } }, options), { program: "./compute.ts" });
const linesOf = ({ output }: ProgramEnd) =>
  output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
/** So many that no machine comes to their end while a test looks on. */
const endless = { numEpochs: 100_000 };

describe("rollouts of pure computation", { timeout: 60_000 }, () => {
  it.each(["SIGINT", "SIGTERM"] as const)("end at the first %s, and the same command continues them", async (signal) => {
    const program = start(endless);
    await program.printed("ticked");
    program.kill(signal);
    const end = await program.ended;
    expect([end.code, linesOf(end).at(-1).stopReason]).toEqual([130, "interrupted"]);
    const { iteration, status } = JSON.parse(await readFile(join(runDir, "compute", "checkpoint.json"), "utf8"));
    expect(status).toMatchObject({ state: "unfinished", reason: "interrupted" });
    const more = { ...endless, stop: { maxIterations: iteration + 2 } };
    const again = linesOf(await start(more).ended).at(-1);
    expect(again).toMatchObject({ stopReason: "max-iterations", iterations: iteration + 2 });
    const undisturbed = linesOf(await start({ ...more, run: { id: "undisturbed" } }).ended).at(-1);
    expect(again.parameters).toEqual(undisturbed.parameters);
  });

  it.each([
    ["an abort", { signalMs: 300 }, "TimeoutError"],
    ["a deadline", { stop: { deadline: new Date(Date.now() + 100).toISOString() } }, "deadline"],
    ["a budget of time", { budget: { wallClockMs: 300 } }, "budget"],
  ])("end at %s", async (_, options, stopReason) => {
    const end = await start({ ...endless, ...options }).ended;
    expect(linesOf(end).at(-1)).toMatchObject({ stopReason });
  });

  it("leave the process time for timers and a server", async () => {
    const program = start(endless);
    const { port } = JSON.parse((await program.printed("ticked")).split("\n")[0] as string);
    const reply = await fetch(`http://127.0.0.1:${port}/`);
    expect(Number(await reply.text())).toBeGreaterThan(2);
    program.kill("SIGINT");
    await program.ended;
  });
});
