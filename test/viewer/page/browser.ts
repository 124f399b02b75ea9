/**
 * Chromium for tests of the page: Debian's, or what `OPTO_CHROMIUM` names. `OPTO_REQUIRE_CHROMIUM` makes its absence a failure.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

/** The path of the program; `undefined` where it is not installed. */
export const chromiumPath: string | undefined = findChromium();

/** Whether tests of the page are skipped: only where no one has asked for them. */
export const isWithoutBrowser: boolean = chromiumPath === undefined && !process.env.OPTO_REQUIRE_CHROMIUM;

export function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined)
    throw new Error("Chromium is not installed: `apt-get install chromium`, or set OPTO_CHROMIUM to its path.");
  // Root has no sandbox of its own to give to the browser.
  return chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
}

/** What a page must not do: ask other servers, break its own policy, fail. */
export interface Watch {
  readonly requests: string[];
  readonly problems: string[];
}

/** Opens a page and records its requests and its errors. */
export async function openPage(
  browser: Browser,
  url: string,
  { isDark = false, width = 1280 } = {},
): Promise<{ page: Page; watch: Watch }> {
  const context = await browser.newContext({
    colorScheme: isDark ? "dark" : "light",
    viewport: { width, height: 900 },
    permissions: url.startsWith("http") ? ["clipboard-read", "clipboard-write"] : [],
  });
  const page = await context.newPage();
  const watch: Watch = { requests: [], problems: [] };
  page.on("request", (request) => watch.requests.push(request.url()));
  page.on("pageerror", (error) => watch.problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || /Content.Security.Policy/i.test(message.text())) watch.problems.push(message.text());
  });
  page.on("dialog", (dialog) => {
    watch.problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  return { page, watch };
}

function findChromium(): string | undefined {
  const named = process.env.OPTO_CHROMIUM;
  if (named) return named;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders
    .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}
