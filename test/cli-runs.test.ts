/**
 * Runs by way of the program `opto`: cut short, continued, capped, estimated.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { withoutModels } from "../scripts/run-program.ts";
import { runProcess } from "./support/run-process.ts";

const main = resolve("dist/cli/main.js");
const root = mkdtempSync(join(tmpdir(), "opto-cli-runs-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const config = `
  import { defineConfig, generate, Module, parameter, range } from "opto";
  import { scriptedModel } from "opto/testing";
  let rollouts = 0;
  class Slow extends Module<number, string> {
    level = parameter(1, { domain: range(1, 9, { integer: true }) });
    async forward(x: number) {
      // So that it is still there when it is told to stop, however late that is.
      if (process.env.WAIT_FOR_SIGNAL && ++rollouts > 60) await new Promise((resolve) => process.once("SIGINT", resolve));
      return generate({ model: scriptedModel(() => String(x)), prompt: \`say \${this.level.value} \${x}\` });
    }
  }
  export default defineConfig({
    agent: () => new Slow(),
    name: "slow",
    trainDataset: Array.from({ length: 8 }, (_, i) => ({ input: i, info: String(i) })),
    guide: (_x, answer, info) => answer === info,
    optimizer: "TPE",
    batchSize: 2,
    numEpochs: 4,
  });
`;

function project(): string {
  const folder = mkdtempSync(join(root, "project-"));
  writeFileSync(join(folder, "opto.config.ts"), config);
  return folder;
}

const opto = (folder: string, ...args: readonly string[]) =>
  runProcess(process.execPath, [main, ...args], { cwd: folder, env: withoutModels() });
const document = async (folder: string, ...args: readonly string[]) => JSON.parse((await opto(folder, ...args, "--json")).stdout);

describe("a run of the program", () => {
  it("is interrupted with 130 and goes on with the seed of its beginning", async () => {
    const folder = project();
    const env = { ...withoutModels(), WAIT_FOR_SIGNAL: "1" };
    const child = spawn(process.execPath, [main, "train", "--seed", "3"], { cwd: folder, env });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (!stdout.includes("[Step 2]") && (stdout + text).includes("[Step 2]")) child.kill("SIGINT");
      stdout += text;
    });
    expect(await new Promise((ended) => child.on("close", ended))).toBe(130);
    expect(stdout).toMatch(/resume +opto resume slow-1\n/);
    expect((await document(folder, "show")).state).toBe("stopped");
    expect(await document(folder, "resume")).toMatchObject({ run: "slow-1", stopReason: "completed", iterations: 16 });
    expect(await document(folder, "show")).toMatchObject({ state: "finished", seed: 3, iteration: 16 });
  });

  it("ends with 3 at a cap, tells how to go on, and begins anew when told to", async () => {
    const folder = project();
    const capped = await opto(folder, "train", "--max-calls", "20");
    expect(capped.code).toBe(3);
    expect(capped.stdout).toMatch(/resume +opto resume slow-1 --max-calls <more>\n/);
    expect(await document(folder, "show")).toMatchObject({ reason: "budget", use: { requests: 20, calls: 20 } });
    expect((await opto(folder, "train", "--quiet", "--no-resume", "--max-calls", "1000")).code).toBe(0);
    expect((await opto(folder, "train", "--quiet", "--max-calls", "1000")).code).toBe(0);
    expect(readdirSync(join(folder, ".opto/runs")).sort()).toEqual(["slow-1", "slow-2", "slow-3"]);
  });

  it("is estimated without a call and without a run", async () => {
    const folder = project();
    const { code, stdout } = await opto(folder, "train", "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toContain("16 iterations, 168 rollouts");
    expect((await document(folder, "list")).runs).toEqual([]);
  });
});
