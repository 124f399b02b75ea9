/**
 * What readers without eyes or a mouse need of every view: names, headings in order, the keyboard.
 *
 * @module
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isWithoutBrowser, launchBrowser, openPage } from "./browser.ts";
import { allAnswers } from "./fixture-run.ts";
import { type FixtureServer, serveFixtures, testToken } from "./fixture-server.ts";

const id = "brave-otter";
const candidate = `#/run/${id}/candidate/${encodeURIComponent("iteration/11/proposal/0")}`;
const rollout = `#/run/${id}/rollout/${encodeURIComponent("iteration/11/validate/21/example/6/sample/0")}`;

interface View {
  readonly name: string;
  readonly hash: string;
  /** What is pressed before it is looked at. */
  readonly button?: string;
}

const views: readonly View[] = [
  { name: "the list of runs", hash: "#/" },
  { name: "the overview", hash: `#/run/${id}` },
  { name: "the lineage", hash: `#/run/${id}/lineage` },
  { name: "the heat map", hash: `#/run/${id}/examples` },
  { name: "the list of rollouts", hash: `#/run/${id}/rollouts` },
  { name: "a rollout", hash: rollout },
  { name: "a candidate", hash: candidate },
  { name: "two runs", hash: `#/compare/${id}/live-wren` },
  { name: "the search", hash: `#/run/${id}/search?q=order` },
  { name: "the dialog that marks", hash: candidate, button: "Mark…" },
  { name: "the dialog that corrects", hash: rollout, button: "Correct the expected answer…" },
  { name: "the dialog that stops", hash: "#/run/live-wren", button: "Stop…" },
];

describe.skipIf(isWithoutBrowser)("to those who do not see the page", () => {
  let browser: Browser;
  let server: FixtureServer;
  beforeAll(async () => {
    browser = await launchBrowser();
    server = await serveFixtures(allAnswers([id, "live-wren"]));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it.each(views)("$name says what everything is, and can be used by the keyboard", async ({ hash, button }) => {
    // Narrow, so that more has to be scrolled.
    const { page } = await openPage(browser, `${server.origin}/#token=${testToken}`, { width: 480 });
    await page.locator("h1").waitFor();
    await page.goto(`${server.origin}/${hash}`);
    await page.locator("h1, h2").first().waitFor();
    if (button !== undefined) {
      await page.getByRole("button", { name: button }).click();
      await page.getByRole("dialog").waitFor();
    }
    await expect.poll(() => problemsIn(page)).toEqual([]);
    await page.context().close();
  });

  it("leads past the bar at the top by Tab and Enter", async () => {
    const { page } = await openPage(browser, `${server.origin}/#/run/${id}`);
    await page.locator("figure.chart").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("content");
    await page.context().close();
  });
});

function problemsIn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const shown = (element: Element): string => element.outerHTML.slice(0, 120);
    const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];
    const nameOf = (element: Element): string => {
      const label = element.getAttribute("aria-label") ?? (element as HTMLInputElement).labels?.[0]?.textContent;
      return (label ?? element.textContent ?? "").trim();
    };
    const used = "a[href], button, summary, [role=link], [role=button], [role=treeitem]";
    const named = `${used}, input, select, textarea, section, dialog, [role=tree], [role=application], [role=group], [role=img]`;
    const unnamed = all(named).filter((element) => nameOf(element) === "");
    const ids = all("[id]").map(({ id: own }) => own);
    const focusable = `${used}, input, select, textarea, [tabindex="0"]`;
    const unreachable = all("*").filter((element) => {
      const { overflowX, overflowY } = getComputedStyle(element);
      const scrolls = (overflow: string, inner: number, outer: number): boolean =>
        ["auto", "scroll"].includes(overflow) && inner > outer + 1;
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
      const isScroller = scrolls(overflowX, scrollWidth, clientWidth) || scrolls(overflowY, scrollHeight, clientHeight);
      return (
        isScroller && element !== document.documentElement && !element.matches(focusable) && !element.querySelector(focusable)
      );
    });
    const unfocused = all("[role=button], [role=application], [role=tree], .spot.on-front").filter((element) => {
      return (element as HTMLElement | SVGElement).tabIndex < 0;
    });
    const levels = all("h1, h2, h3").map(({ tagName }) => Number(tagName[1]));
    return [
      ...unnamed.map((element) => `without a name: ${shown(element)}`),
      ...ids.filter((own, place) => ids.indexOf(own) !== place).map((own) => `twice: ${own}`),
      ...unreachable.map((element) => `scrolls, but not by the keyboard: ${shown(element)}`),
      ...unfocused.map((element) => `not reached by Tab: ${shown(element)}`),
      ...all('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])').map((element) => `out of order: ${shown(element)}`),
      ...(levels.filter((level) => level === 1).length === 1 ? [] : [`headings: ${levels.join(" ")}`]),
    ];
  });
}
