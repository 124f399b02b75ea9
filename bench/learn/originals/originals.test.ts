import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startOpenAIServer } from "../../../test/support/openai-server.ts";
import { planCells } from "../plan.ts";
import { replayTable } from "../replay.ts";
import { reportFiles } from "../report/write-report.ts";
import { runTable } from "../run-table.ts";
import { type LearnSettings, readSettings } from "../settings.ts";
import { dates } from "../tasks/dates.ts";

const folder = mkdtempSync(join(tmpdir(), "opto-originals-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** In place of Python: a search that tries one instruction after 3 rollouts, and another after 9, until nothing is left to spend. */
const program = `#!${process.execPath}
const [flag, text] = process.argv.slice(2);
if (flag === "-c") { console.log("1.2.3"); process.exit(); }
const order = JSON.parse(text);
const ask = async (action, body) => (await fetch(order.serviceUrl + "/" + action, { method: "POST", body: JSON.stringify(body) })).json();
let values = order.start;
for (let number = 0; ; number++) {
  const { spent, score, feedback } = await ask("rollout", { values, dataset: "train", example: number % order.numTrain });
  if (spent) break;
  const again = await ask("score", { dataset: "train", example: number % order.numTrain, output: "no date" });
  if (typeof score !== "number" || typeof feedback !== "string" || again.score !== 0) throw new Error("unexpected");
  if (number !== 2 && number !== 8) continue;
  values = { instruction: number === 2 ? "Digits." : "Rewrite as YYYY-MM-DD." };
  await fetch(order.optimizerUrl + "/chat/completions", { method: "POST", body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Better?" }] }) });
  await ask("chosen", { values });
}
`;

function tableSettings(name: string, baseUrl: string): LearnSettings {
  const python = join(folder, "python");
  writeFileSync(python, program);
  chmodSync(python, 0o755);
  return readSettings([
    ...["--out", join(folder, name), "--base-url", baseUrl, "--python", python, "--tasks", "dates", "--seeds", "1"],
    ...["--algorithms", "gepa-original", "--budget", "16", "--train", "4", "--validation", "4", "--test", "6"],
  ]);
}
const quiet = { finished: () => {}, failed: () => {} };

describe("runOriginal", () => {
  it("counts its calls, takes what it had chosen at each share, and replays", async () => {
    const server = await startOpenAIServer(({ system, prompt }) => {
      return system.includes("YYYY") ? prompt.replace(/!(\d+)!(\d+)!(\d+)!/, "$3-$1-$2") : "I cannot";
    });
    const settings = tableSettings("table", server.baseUrl);
    const cells = await planCells(settings, new Map([[dates.id, dates]]));
    const { results, failures } = await runTable(cells, settings, quiet);
    await server.close();
    expect(failures).toEqual([]);
    const stages = results.find(({ arm }) => arm === "gepa-original")?.stages ?? [];
    expect(stages.map(({ values }) => values.instruction)).toEqual(["Digits.", "Digits.", "Rewrite as YYYY-MM-DD."]);
    expect(stages.at(-1)).toMatchObject({ version: "1.2.3", validation: 1, spent: { taskCalls: 16, optimizerCalls: 2 } });
    expect(stages.map(({ test }) => test.every((score) => score === 1))).toEqual([false, false, true]);
    expect(reportFiles(await replayTable(cells, settings), settings)).toEqual(reportFiles(results, settings));
  });

  it("begins again where the server did not answer, instead of keeping scores of nothing", async () => {
    let left = 12;
    const server = await startOpenAIServer(() => {
      return left-- > 0 ? "I cannot" : { status: 429, body: { error: { message: "You are broke", code: "insufficient_quota" } } };
    });
    const settings = tableSettings("no-credit", server.baseUrl);
    const cells = await planCells(settings, new Map([[dates.id, dates]]));
    const first = await runTable(cells, settings, quiet);
    expect(first.failures.map(({ error }) => error.message).join()).toContain("You are broke");
    left = 1000;
    const { results, failures } = await runTable(cells, settings, quiet);
    await server.close();
    expect(failures).toEqual([]);
    expect(results.find(({ arm }) => arm === "gepa-original")?.stages.at(-1)?.spent.taskCalls).toBe(16);
  });
});
