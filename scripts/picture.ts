/**
 * Takes the picture of the viewer in the README: `npx tsx --tsconfig tsconfig.build.json scripts/picture.ts`, after a build.
 *
 * Trains the mail filter as the quickstart does, in a run directory, serves it, and takes the picture in Chromium. `--runs FOLDER` keeps the
 * run there, and takes the one that is there already.
 *
 * @module
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { serveRuns } from "../src/viewer/serve-runs.ts";
import { launchBrowser } from "../test/viewer/page/browser.ts";
import { trainFilter } from "../test/viewer/quickstart-run.ts";

const { values: flags } = parseArgs({
  options: { out: { type: "string", default: "docs/images/viewer.png" }, runs: { type: "string" } },
});
const run = "mail-filter";
const folder = flags.runs ?? mkdtempSync(join(tmpdir(), "opto-picture-"));

if (!existsSync(join(folder, run))) console.log((await trainFilter(folder, run)).report.text);
const server = await serveRuns({ folder, run, port: 0 });
const browser = await launchBrowser();
try {
  // Sharp enough for a screen with two pixels to a point, small enough for a README.
  const page = await browser.newPage({ viewport: { width: 1120, height: 770 }, deviceScaleFactor: 1.5, colorScheme: "light" });
  await page.goto(server.address);
  await page.locator("figure.chart canvas").waitFor();
  await page.waitForTimeout(500);
  mkdirSync("docs/images", { recursive: true });
  await page.screenshot({ path: flags.out });
  console.log(`${flags.out}: ${Math.round(statSync(flags.out).size / 1000)} kB`);
} finally {
  await browser.close();
  await server.close();
  if (flags.runs === undefined) rmSync(folder, { recursive: true, force: true });
}
