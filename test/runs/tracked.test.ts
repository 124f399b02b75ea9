/**
 * An agent that calls the AI SDK itself, killed and continued: what it pays for, and what is reported of it.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainResult } from "opto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { killRuns } from "./kill-runs.ts";
import { startModelServer } from "./model-server.ts";
import { startProgram } from "./start-program.ts";

const program = "./tracked-program.ts";
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-tracked-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.each([false, true])("a run with a tracked model (streams: %s) at 16 slots", (streams) => {
  it("comes to the same when it is killed, and pays for no answer twice", { timeout: 300_000 }, async () => {
    const { kills, requests, repeated } = await killRuns({ kills: 3, seed: 5, options: { streams }, program });
    expect(kills).toBe(3);
    expect(repeated).toBeLessThan(requests / 3);
  });

  it("reports what the server has counted, and replays without a request", { timeout: 120_000 }, async () => {
    const resultOf = async (run: object, server: { readonly baseUrl: string }): Promise<TrainResult> => {
      const { code, output, errors } = await startProgram(server, { streams, run: { dir: folder, ...run } }, { program }).ended;
      expect(code, errors).toBe(0);
      return JSON.parse(output.trimEnd().split("\n").at(-1) as string);
    };
    await using server = await startModelServer(5);
    const { usage, parameters } = await resultOf({ id: "day" }, server);
    expect(usage).toMatchObject({ requests: server.seen.length, calls: server.seen.length });
    // A loop of two steps each.
    const steps = server.seen.filter(({ body }) => Array.isArray(body?.tools)).length;
    expect(usage.byRole.agent?.calls).toBe(steps);
    expect(new Set(server.seen.map(({ body }) => body?.stream === true)).has(true)).toBe(streams);
    const asked = server.seen.length;
    const replayed = await resultOf({ id: "again", cache: "replay", cacheFrom: join(folder, "day") }, server);
    expect(server.seen.length).toBe(asked);
    expect(replayed.parameters).toEqual(parameters);
  });

  it("ends at its budget", { timeout: 120_000 }, async () => {
    await using server = await startModelServer(5);
    const options = { run: { dir: folder, id: "capped" }, streams, budget: { calls: 5 } };
    const { output, errors } = await startProgram(server, options, { program }).ended;
    expect(output, errors).toContain('"stopReason":"budget"');
    expect(server.seen).toHaveLength(5);
  });
});
