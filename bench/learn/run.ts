/**
 * Does it learn? Runs tasks × algorithms × seeds at matched budgets against models of yours: `npm run bench:learn -- [options]`.
 *
 * `docs/learning.md` describes the protocol and every option. A second invocation with the same `--out` continues what the first has left.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkServers } from "./check-servers.ts";
import { finishedCells, withOtherCells } from "./finished-cells.ts";
import { claimFolder, planCells } from "./plan.ts";
import { progressTable } from "./progress.ts";
import { publishTable } from "./publish/publish-table.ts";
import { headOf, unpackTable } from "./publish/table-record.ts";
import { replayTable } from "./replay.ts";
import { reportFiles, writeFiles } from "./report/write-report.ts";
import { runTable } from "./run-table.ts";
import { flags, type LearnSettings, readSettings } from "./settings.ts";
import { replayPolicies } from "./tensor/replay-policies.ts";

const args = process.argv.slice(2);
if (args.includes("--help")) {
  for (const [name, flag] of Object.entries(flags)) {
    console.log(`--${name}${"default" in flag && flag.default !== false ? ` (default ${flag.default || "none"})` : ""}`);
  }
} else {
  const settings = await withRecord(readSettings(args));
  if (settings.level === "replay") await replayPolicies(settings, console.log);
  else if (settings.publish !== undefined) {
    console.log(await publishTable(settings.publish, await planCells(settings), settings));
  } else if (settings.replay) await showReplay(settings);
  else await showTable(settings);
}

/** With the record of a published table, its options; its folder is made where there is none. */
async function withRecord(given: LearnSettings): Promise<LearnSettings> {
  if (given.record === undefined) return given;
  const record = readFileSync(given.record);
  const settings = readSettings([...headOf(record).options, ...args]);
  if (existsSync(join(settings.out, "settings.json"))) return settings;
  unpackTable(record, settings.out);
  await writeFiles(settings.out, reportFiles(finishedCells(settings.out), settings));
  return settings;
}

async function showTable(settings: LearnSettings): Promise<void> {
  claimFolder(settings);
  const cells = await planCells(settings);
  console.log(`${cells.length} cells in ${settings.out}; those on record are not run again`);
  await checkServers(cells, settings);
  const { failures } = await runTable(cells, settings, progressTable(cells.length, console.log));
  const files = reportFiles(finishedCells(settings.out), settings);
  await writeFiles(settings.out, files);
  console.log(`\n${files.get("report.md")}`);
  if (failures.length > 0) {
    console.error(`${failures.length} cells have not finished. The same command continues them`);
    process.exitCode = 1;
  }
}

/** Compares with the files on record, and writes those of the replay beside them. */
async function showReplay(settings: LearnSettings): Promise<void> {
  claimFolder(settings);
  const results = await replayTable(await planCells(settings), settings);
  const all = withOtherCells(results, settings.out);
  console.log(
    `${results.length} of ${all.length} finished cells were replayed${results.length < all.length ? "; the others are not among those of the options" : ""}`,
  );
  if (results.length === 0) process.exitCode = 1;
  const files = reportFiles(all, settings);
  await writeFiles(join(settings.out, "replayed"), files);
  for (const [name, text] of files) {
    const before = await readFile(join(settings.out, name), "utf8").catch(() => "");
    console.log(`${name}: ${before === text ? "the same" : "differs"}`);
    if (before !== text) process.exitCode = 1;
  }
}
