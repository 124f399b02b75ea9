/**
 * How a run ends before its time, and what a user sees: Ctrl-C, SIGTERM, a second process.
 *
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { milestone } from "../support/milestone.ts";
import { startOpenAIServer } from "../support/openai-server.ts";
import { answerOf, type ModelServer, startModelServer } from "./model-server.ts";
import { type ProgramEnd, startProgram } from "./start-program.ts";

let folder: string;
let server: ModelServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-stop-"));
  server = await startModelServer(20);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const resultOf = ({ output }: ProgramEnd) => JSON.parse(output.trimEnd().split("\n").at(-1) as string);

describe("a signal", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s once: what is in flight ends and is kept, and the same command goes on",
    async (signal) => {
      const options = { run: { dir: folder }, numEpochs: 1, prunes: false };
      await using whole = await startModelServer(1);
      const undisturbed = resultOf(
        await startProgram(whole, { ...options, run: { ...options.run, dir: join(folder, "whole") } }).ended,
      );
      // From the middle of the run on, nothing is answered until the signal has arrived.
      const middle = Math.ceil(whole.seen.length / 2);
      const [held, stopping] = [milestone(), milestone()];
      await using server = await startOpenAIServer(async (request) => {
        if (request.index >= middle) {
          held.reach();
          await stopping.reached;
        }
        return answerOf(request);
      });
      const program = startProgram(server, options);
      await held.reached;
      program.kill(signal);
      await program.printed("Stopping");
      stopping.reach();
      const end = await program.ended;
      expect(end.code).toBe(130);
      expect(end.output).toContain(
        `Stopping: ${signal}: finishing work in flight, then saving the run. Interrupt again to exit immediately`,
      );
      expect(end.output).toMatch(
        /Run interrupted after \d iterations? in .*\n.*Interrupted by SIG.*\n.+\nRun the same command again to resume it/,
      );
      expect(resultOf(end)).toMatchObject({ stopReason: "interrupted", run: "support-1" });
      const asked = server.requests.length;
      const checkpoint = JSON.parse(await readFile(join(folder, "support-1", "checkpoint.json"), "utf8"));
      expect(checkpoint.status).toMatchObject({ state: "unfinished", reason: "interrupted" });

      const again = await startProgram(server, options).ended;
      expect(again.code).toBe(0);
      expect(again.output).toMatch(/Resuming support-1 after iteration \d of 3/);
      expect(resultOf(again)).toMatchObject({ stopReason: "completed", iterations: 3 });
      expect(resultOf(again).parameters).toEqual(undisturbed.parameters);
      // Nothing was in flight when it ended, so nothing is asked twice.
      expect(server.requests.length).toBe(whole.seen.length);
      expect(asked).toBeLessThan(whole.seen.length);
    },
  );

  it("twice exits at once", async () => {
    const asked = milestone();
    await using silent = await startOpenAIServer(() => {
      asked.reach();
      return { hang: true };
    });
    const program = startProgram(silent, { run: { dir: folder } });
    await asked.reached;
    program.kill("SIGINT");
    await program.printed("Stopping: SIGINT");
    program.kill("SIGINT");
    expect((await program.ended).code).toBe(130);
  });
});

describe("a second process on the same run", () => {
  it("is refused with the pid and the host of the first", async () => {
    // The first one is still at its first calls, however long the second one takes to start.
    await using silent = await startOpenAIServer(() => ({ hang: true }));
    const first = startProgram(silent, { run: { dir: folder }, numEpochs: 1 });
    await first.printed("examples");
    const second = await startProgram(server, { run: { dir: folder }, numEpochs: 1 }).ended;
    expect(second.code).toBe(1);
    expect(second.errors).toMatch(new RegExp(`CheckpointError: .*support-1 is in use by process ${first.pid} on \\S+ since 20`));
    expect(second.errors).toContain("to train alongside it, use another `run.id` or `run.resume: false`");
    const beside = await startProgram(server, { run: { dir: folder, resume: false }, numEpochs: 1, stop: { maxIterations: 1 } })
      .ended;
    expect(resultOf(beside)).toMatchObject({ run: "support-2" });
    first.kill("SIGKILL");
    await first.ended;
  });
});
