/**
 * The page over runs of real programs: a training in another process, `opto view`, Chromium.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutModels } from "../../../scripts/run-program.ts";
import { trainShouter } from "../../../src/viewer/__fixtures__/trained-run.ts";
import { readPage } from "../../../src/viewer/page.ts";
import { serveRuns, type ViewerServer } from "../../../src/viewer/serve-runs.ts";
import { runProcess } from "../../support/run-process.ts";
import { isWithoutBrowser, launchBrowser, openPage } from "./browser.ts";

const main = resolve("dist/cli/main.js");

/** Trains for as long as there is a file. */
const config = `
  import { existsSync } from "node:fs";
  import { setTimeout as sleep } from "node:timers/promises";
  import { defineConfig, Module, parameter, range } from "opto";
  class Slow extends Module<number, number> {
    level = parameter(1, { domain: range(1, 9, { integer: true }) });
    async forward(x: number) {
      if (existsSync("slow")) await sleep(50);
      return this.level.value * x;
    }
  }
  export default defineConfig({
    agent: () => new Slow(),
    name: "slow",
    trainDataset: Array.from({ length: 8 }, (_, i) => ({ input: i, info: 3 * i })),
    guide: (_x, answer, info) => [-Math.abs(answer - info), answer === info ? "Right." : "Wrong."],
    optimizer: "TPE",
    batchSize: 2,
    numEpochs: 1_000,
  });
`;

describe.skipIf(isWithoutBrowser)("the viewer's page over real runs", () => {
  const root = mkdtempSync(join(tmpdir(), "opto-page-"));
  const runs = join(root, "runs");
  const children: ChildProcess[] = [];
  let browser: Browser;
  let server: ViewerServer;

  beforeAll(async () => {
    browser = await launchBrowser();
    await trainShouter(runs);
    await trainShouter(runs, { seed: 5, run: { id: "morning" } });
    server = await serveRuns({ folder: runs, port: 0, page: await readPage() });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const child of children) child.kill("SIGKILL");
    rmSync(root, { recursive: true, force: true });
  });

  function begin(folder: string, ...args: readonly string[]): { readonly child: ChildProcess; readonly printed: () => string } {
    const child = spawn(process.execPath, [main, ...args], { cwd: folder, env: withoutModels() });
    children.push(child);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    return { child, printed: () => text };
  }

  it("leads from the list through lineage, diff, and rollout to the call that proposed, and all of it stays text", async () => {
    const { page, watch } = await openPage(browser, server.address);
    await page.locator("tr", { hasText: "night" }).getByRole("link").click();
    await page.locator(".report", { hasText: "points" }).waitFor();
    await page.getByRole("link", { name: "Lineage" }).click();
    await page.locator('[data-candidate="iteration/1/proposal/0"]').click();
    const added = page.getByLabel("Changes of prompt").locator("ins");
    await expect.poll(() => added.allTextContents().then((texts) => texts.join("").trim())).toBe("LOUD");
    const call = page.locator("details.call").first();
    if ((await call.getAttribute("open")) === null) await call.locator("summary").click();
    // What the model wrote is hostile.
    await page.getByText("<script>alert(1)</script>").first().waitFor();
    await page.locator("tr.opens", { hasText: "#0" }).first().click();
    await page.getByRole("heading", { name: "Example #0" }).waitFor();
    // Only what the optimizer learns from is traced.
    await page.getByRole("link", { name: "Rollouts" }).click();
    const traced = page.locator("tr.opens", { hasText: /scored[\s\S]*training/ });
    await traced.first().locator("a.cut").click();
    await page.getByLabel("parameter prompt").click();
    await page.locator(".graph-text", { hasText: "Answer" }).waitFor();
    await page.getByRole("link", { name: "Examples" }).click();
    await page.getByText("2 candidates × 5 validation examples").waitFor();
    await page.getByLabel("Show").selectOption("better");
    await page.getByText("1 candidates × 5").waitFor();
    await page.locator("#search").fill("LOUD");
    await page.locator("mark", { hasText: "LOUD" }).first().waitFor();
    expect(watch.problems).toEqual([]);
    expect(new Set(watch.requests.map((url) => new URL(url).origin))).toEqual(new Set([`http://127.0.0.1:${server.port}`]));
    await page.context().close();
  });

  it("marks a candidate, and corrects an example", async () => {
    const { page, watch } = await openPage(browser, server.address);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await page.goto(`http://127.0.0.1:${server.port}/#/run/night/candidate/start`);
    await page.getByRole("button", { name: "Mark…" }).click();
    await page.getByLabel("Note").fill("where it began");
    await page.getByRole("button", { name: "Mark", exact: true }).click();
    await page.locator(".mark-note", { hasText: "where it began" }).waitFor();
    await page.goto(`http://127.0.0.1:${server.port}/#/run/night/rollouts?candidate=start&dataset=validate&example=1`);
    await page.getByRole("button", { name: "Correct the expected answer…" }).click();
    await page.getByRole("dialog").getByLabel("Expected").fill("CHECK ONE");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("corrected by hand").waitFor();
    expect(watch.problems).toEqual([]);
    await page.context().close();
  });

  it("compares two runs", async () => {
    const { page, watch } = await openPage(browser, server.address);
    await page.getByLabel("Compare night").check();
    await page.getByLabel("Compare morning").check();
    await page.getByRole("button", { name: "Compare" }).click();
    await page.getByRole("heading", { name: "Best values" }).waitFor();
    await page.locator("table", { hasText: "seed" }).last().waitFor();
    expect(watch.problems).toEqual([]);
    await page.context().close();
  });

  it("follows a run of another process, applies what it has found, and stops it", async () => {
    const folder = mkdtempSync(join(root, "project-"));
    writeFileSync(join(folder, "opto.config.ts"), config);
    writeFileSync(join(folder, "slow"), "");
    const training = begin(folder, "train", "--quiet");
    await expect.poll(() => existsSync(join(folder, ".opto/runs/slow-1/events.jsonl")), { timeout: 60_000 }).toBe(true);
    const view = begin(folder, "view", "slow-1", "--port", "0");
    const address = (): string | undefined => /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(view.printed())?.[0];
    await expect.poll(address, { timeout: 60_000 }).toBeDefined();
    const { page, watch } = await openPage(browser, address() ?? "");
    // The page opens the run that was named.
    const iterations = page.locator(".figure", { hasText: "iterations" }).locator(".value");
    await iterations.waitFor();
    await page.locator(".live.on").waitFor();
    const first = await iterations.innerText();
    await expect.poll(() => iterations.innerText(), { timeout: 60_000 }).not.toBe(first);
    await page.locator(".figure.main a").click();
    await page.getByRole("button", { name: "Apply…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Apply", exact: true }).click();
    await page.getByText("Applied to agent.json").waitFor();
    expect(JSON.parse(readFileSync(join(folder, "agent.json"), "utf8"))).toMatchObject({
      parameters: { level: expect.any(Number) },
    });
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    const ended = new Promise((end) => training.child.on("close", end));
    await page.getByRole("button", { name: "Stop…" }).click();
    await page.getByRole("button", { name: "Stop the run" }).click();
    expect(await ended).toBe(130);
    await page.locator(".run-head", { hasText: "stopped (interrupted)" }).waitFor();
    expect(watch.problems).toEqual([]);
    await page.context().close();
  });

  it("writes a file that opens from the disk, with nothing to ask and nothing to write", async () => {
    const file = join(root, "report.html");
    const { code, stderr } = await runProcess(process.execPath, [main, "view", "night", "--run-dir", runs, "--export", file], {
      cwd: root,
      env: withoutModels(),
    });
    expect(code, stderr).toBe(0);
    expect(statSync(file).size).toBeLessThan(1_000_000);
    const { page, watch } = await openPage(browser, pathToFileURL(file).href);
    await page.locator(".report", { hasText: "points" }).waitFor();
    await page.getByRole("link", { name: "Lineage" }).click();
    await page.locator('[data-candidate="iteration/1/proposal/0"]').click();
    await page.getByLabel("Changes of prompt").locator("ins").first().waitFor();
    expect(await page.getByRole("button", { name: /Apply|Mark/ }).count()).toBe(0);
    await page.locator("tr.opens", { hasText: "#0" }).first().click();
    await page.getByRole("heading", { name: "Example #0" }).waitFor();
    await page.getByRole("link", { name: "Examples" }).click();
    await page.getByText("2 candidates × 5 validation examples").waitFor();
    await page.getByLabel("Show").selectOption("better");
    await page.getByText("1 candidates × 5").waitFor();
    await page.locator("#search").fill("LOUD");
    await page.locator("mark", { hasText: "LOUD" }).first().waitFor();
    expect(watch.problems).toEqual([]);
    expect(watch.requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
    await page.context().close();
  });
});
