/**
 * What goes into the file of a run when not all of it fits.
 *
 * @module
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PriceList } from "../llm/spend/prices.ts";
import { page, trainShouter } from "./__fixtures__/trained-run.ts";
import { type ExportLimits, exportRun } from "./export-run.ts";
import { answersIn } from "./page.ts";
import { ViewedRun } from "./viewed-run.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-export-"));
  const large = { input: `${"some words ".repeat(10_000)}3`, info: "never" };
  await trainShouter(folder, { validateDataset: [large, { input: "check 0", info: "CHECK 0" }, { input: "check 1", info: "" }] });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function answers(limits: ExportLimits) {
  const run = new ViewedRun(join(folder, "night"), "night", new PriceList({}, 0));
  await run.refresh();
  // biome-ignore lint/suspicious/noExplicitAny: what comes is what is tested
  return { run, all: answersIn(await exportRun(run, page, "1", limits)) as any };
}

it("passes over what is too large, not over what comes after it", async () => {
  const { run, all } = await answers({ characters: 80_000 });
  const { rollouts, total, missing } = all["/api/runs/night/rollouts"];
  const large = run.traces.rollouts.filter(({ line }) => line.length > 80_000);
  expect(large.length).toBeGreaterThan(0);
  expect(rollouts).toHaveLength(total - large.length);
  expect(missing).toMatch(/^This file has \d+ of \d+ rollouts/);
  for (const { position } of rollouts)
    expect(all[`/api/runs/night/rollouts/${encodeURIComponent(position)}`]).toMatchObject({ position });
});

it("leaves out a rollout that has gone, and keeps the others", async () => {
  const path = join(folder, "night", "traces.jsonl");
  const before = await readFile(path, "utf8");
  const run = new ViewedRun(join(folder, "night"), "night", new PriceList({}, 0));
  await run.refresh();
  const gone = run.traces.rollouts.find(({ file }) => file === "newest")?.position as string;
  await writeFile(path, before.replaceAll(`"position":"${gone}"`, `"position":"${"z".repeat(gone.length)}"`));
  const found = answersIn(await exportRun(run, page, "1")) as ReturnType<typeof JSON.parse>;
  const { rollouts, total } = found["/api/runs/night/rollouts"];
  expect(rollouts).toHaveLength(total - 1);
  expect(rollouts.map(({ position }: { position: string }) => position)).not.toContain(gone);
});
