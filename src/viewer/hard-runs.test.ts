/**
 * Runs and readers that are hard on the viewer: replaced while they are looked at, gone, long, slow.
 *
 * @module
 */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PriceList } from "../llm/spend/prices.ts";
import { ask, post, serve } from "./__fixtures__/trained-run.ts";
import { LiveUpdates } from "./live-updates.ts";
import { RunLibrary } from "./run-library.ts";
import type { ViewerServer } from "./serve-runs.ts";

let folder: string;
let server: ViewerServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-hard-runs-"));
  server = await serve(folder);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const time = "2026-01-01T00:00:00.000Z";

function lines(events: readonly object[]): string {
  return events.map((event, index) => `${JSON.stringify({ seq: index + 1, time, ...event })}\n`).join("");
}

/** Writes the files of a run, over those that are there. */
async function write(id: string, createdAt: string, events: readonly object[]): Promise<void> {
  await mkdir(join(folder, id), { recursive: true });
  const identity = {
    name: id,
    algorithm: "BeamSearch",
    optimizer: null,
    seed: 0,
    options: {},
    datasets: {},
    shape: {},
    parameters: {},
  };
  const run = { format: "opto-run", version: 1, id, createdAt, versions: { opto: "0", node: "0" }, identity };
  await writeFile(join(folder, id, "run.json"), JSON.stringify(run));
  await writeFile(join(folder, id, "events.jsonl"), lines(events));
}

const warnings = async (id: string): Promise<string[]> => {
  const { json } = await ask(server, `/api/runs/${id}`);
  return json.warnings?.map(({ message }: { message: string }) => message);
};

describe("a run that is looked at", () => {
  it("is another one when it was made again under the same name, though its files are longer and have the same numbers", async () => {
    await write("again", "2026-01-01T00:00:00.000Z", [{ type: "warning", message: "of the first" }]);
    expect(await warnings("again")).toEqual(["of the first"]);
    await post(server, "/api/runs/again/correct", { dataset: "train", example: 0, expected: "of the first" });
    await rm(join(folder, "again", "corrections.jsonl"));
    // Written over, not replaced: the numbers of the files stay.
    await write("again", "2026-01-01T00:10:00.000Z", [
      { type: "warning", message: "of the second, which is longer" },
      { type: "warning", message: "and has more" },
    ]);
    await expect.poll(() => warnings("again")).toEqual(["of the second, which is longer", "and has more"]);
    expect((await ask(server, "/api/runs/again")).json).toMatchObject({ damagedLines: 0, corrections: 0, counts: { events: 2 } });
  });

  it("that has gone is shown as it was for a moment at most, and those who follow it are told", async () => {
    await write("gone", time, [{ type: "warning", message: "here" }]);
    expect(await warnings("gone")).toEqual(["here"]);
    const stream = await fetch(`http://127.0.0.1:${server.port}/api/runs/gone/events`);
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    const hear = async (text: string): Promise<void> => {
      for (let heard = ""; !heard.includes(text); ) heard += new TextDecoder().decode((await reader.read()).value);
    };
    await hear('"revision":1');
    await rm(join(folder, "gone"), { recursive: true });
    await hear('"revision":2');
    await reader.cancel();
    const { status, json } = await ask(server, "/api/runs/gone/lineage");
    expect({ status, message: json.error.message }).toEqual({ status: 404, message: expect.stringContaining('no run "gone"') });
    expect((await ask(server, "/api/runs")).json.map(({ id }: { id: string }) => id)).not.toContain("gone");
  });
});

describe("a download of many rows", () => {
  it("leaves turns to others from the beginning: a run may be trained in the same process", async () => {
    const examples = Array.from({ length: 2_000 }, (_, example) => example);
    const measured = Array.from({ length: 25 }, (_, index) => [
      {
        type: "candidate-proposed",
        position: `c${index}`,
        candidate: `c${index}`,
        parents: [],
        origin: "x",
        values: { a: index },
      },
      {
        type: "candidate-measured",
        position: "p",
        candidate: `c${index}`,
        dataset: "validate",
        examples,
        scores: { score: examples.map((example) => example % 2) },
      },
    ]);
    await write("long", time, [{ type: "run-start", parameters: { a: "start" } }, ...measured.flat()]);
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    await ask(server, "/api/runs/long");
    setImmediate(turn);
    const { text } = await ask(server, "/api/runs/long/download/trials.csv");
    isOver = true;
    expect(text.split("\r\n")).toHaveLength(25 * 2_000 + 2);
    // Both times that the rows are made, once in every 500.
    expect(turns).toBeGreaterThan(150);
  });
});

describe("a page that takes nothing of what it is sent", () => {
  it("is let go", async () => {
    const updates = new LiveUpdates(new RunLibrary(folder, new PriceList({}, 0), () => performance.now()), () =>
      performance.now(),
    );
    const [slow, quick] = [0, 0].map(() => new ServerResponse(new IncomingMessage(new Socket()))) as [
      ServerResponse,
      ServerResponse,
    ];
    updates.listen(slow, undefined, false);
    updates.listen(quick, undefined, false);
    slow.write("x".repeat(100_000));
    await expect.poll(() => slow.destroyed, { timeout: 10_000 }).toBe(true);
    expect(quick.destroyed).toBe(false);
    await updates.close();
    expect(quick.writableEnded).toBe(true);
  });
});
