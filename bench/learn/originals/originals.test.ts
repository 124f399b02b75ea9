import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startOpenAIServer } from "../../../test/support/openai-server.ts";
import { planCells } from "../plan.ts";
import { replayTable } from "../replay.ts";
import { reportFiles } from "../report/write-report.ts";
import { runTable } from "../run-table.ts";
import { readSettings } from "../settings.ts";
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

describe("runOriginal", () => {
  it("counts its calls, takes what it had chosen at each share, and replays", async () => {
    const python = join(folder, "python");
    writeFileSync(python, program);
    chmodSync(python, 0o755);
    const server = await startOpenAIServer(({ system, prompt }) => {
      return system.includes("YYYY") ? prompt.replace(/!(\d+)!(\d+)!(\d+)!/, "$3-$1-$2") : "I cannot";
    });
    const settings = readSettings([
      ...["--out", join(folder, "table"), "--base-url", server.baseUrl, "--python", python, "--tasks", "dates", "--seeds", "1"],
      ...["--algorithms", "gepa-original", "--budget", "16", "--train", "4", "--validation", "4", "--test", "6"],
    ]);
    const cells = await planCells(settings, new Map([[dates.id, dates]]));
    const { results, failures } = await runTable(cells, settings, { finished: () => {}, failed: () => {} });
    await server.close();
    expect(failures).toEqual([]);
    const stages = results.find(({ arm }) => arm === "gepa-original")?.stages ?? [];
    expect(stages.map(({ values }) => values.instruction)).toEqual(["Digits.", "Digits.", "Rewrite as YYYY-MM-DD."]);
    expect(stages.at(-1)).toMatchObject({ version: "1.2.3", validation: 1, spent: { taskCalls: 16, optimizerCalls: 2 } });
    expect(stages.map(({ test }) => test.every((score) => score === 1))).toEqual([false, false, true]);
    expect(reportFiles(await replayTable(cells, settings), settings)).toEqual(reportFiles(results, settings));
  });
});
