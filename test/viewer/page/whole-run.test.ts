/**
 * The page over runs of real programs: a training in another process, `opto view`, Chromium.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trainShouter } from "../../../src/viewer/__fixtures__/trained-run.ts";
import { readPage } from "../../../src/viewer/page.ts";
import { serveRuns, type ViewerServer } from "../../../src/viewer/serve-runs.ts";
import { trainFilter } from "../quickstart-run.ts";
import { begin, endAll, opto, pageOf, project, waits } from "../slow-project.ts";
import { isWithoutBrowser, launchBrowser, openPage } from "./browser.ts";

describe.skipIf(isWithoutBrowser)("the viewer's page over real runs", () => {
  const root = mkdtempSync(join(tmpdir(), "opto-page-"));
  const runs = join(root, "runs");
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
    await endAll();
    rmSync(root, { recursive: true, force: true });
  });

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
    await page.getByText("1 candidate × 5").waitFor();
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
    const folder = project(root, true);
    const training = begin(folder, ["train", "--quiet"]);
    await expect.poll(() => existsSync(join(folder, ".opto/runs/slow-1/events.jsonl")), waits).toBe(true);
    const { address } = await pageOf(begin(folder, ["view", "slow-1", "--port", "0"]));
    const { page, watch } = await openPage(browser, address);
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
    await page.getByRole("button", { name: "Stop…" }).click();
    await page.getByRole("button", { name: "Stop the run" }).click();
    expect(await training.ended).toBe(130);
    await page.locator(".run-head", { hasText: "stopped (interrupted)" }).waitFor();
    expect(watch.problems).toEqual([]);
    await page.context().close();
  });

  it("writes a file that opens from the disk, with nothing to ask and nothing to write", async () => {
    const file = join(root, "report.html");
    const { code, stderr } = await opto(root, "view", "night", "--run-dir", runs, "--export", file);
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
    await page.getByText("1 candidate × 5").waitFor();
    await page.locator("#search").fill("LOUD");
    await page.locator("mark", { hasText: "LOUD" }).first().waitFor();
    expect(watch.problems).toEqual([]);
    expect(watch.requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
    await page.context().close();
  });

  it("writes the beginning of the quickstart's run as a file, which shows all views from the disk", async () => {
    const { report } = await trainFilter(runs, "mail-filter", 2);
    const file = join(root, "quickstart.html");
    const { code, stderr } = await opto(root, "view", "mail-filter", "--run-dir", runs, "--export", file);
    expect(code, stderr).toBe(0);
    expect(statSync(file).size).toBeLessThan(1_000_000);
    const { page, watch } = await openPage(browser, pathToFileURL(file).href);
    await page.locator(".report", { hasText: report.text }).waitFor();
    await page.locator("figure.chart canvas").waitFor();
    await page.getByRole("link", { name: "Lineage" }).click();
    await page.locator(".node.is-best").click();
    await page.locator("ins").first().waitFor();
    await page.getByRole("link", { name: "Rollouts" }).first().click();
    await page.locator("tr.opens a.cut").first().click();
    await page.getByRole("heading", { name: /^Example #/ }).waitFor();
    await page.getByRole("link", { name: "Examples" }).click();
    const hint = page.locator(".hint", { hasText: "validation examples" });
    const all = await hint.innerText();
    await page.getByLabel("Show").selectOption("better");
    await expect.poll(() => hint.innerText()).not.toBe(all);
    await page.locator("#search").fill("subject");
    await page
      .locator("mark", { hasText: /subject/i })
      .first()
      .waitFor();
    expect(watch.problems).toEqual([]);
    expect(watch.requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
    await page.context().close();
  });
});
