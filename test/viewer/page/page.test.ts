/**
 * The viewer's page in Chromium, over a run made by hand: what a reader does, and what must never happen.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildPage } from "../../../scripts/build-page.ts";
import type { ViewerInfo } from "../../../src/viewer/api.ts";
import { pageWithAnswers } from "../../../src/viewer/page.ts";
import { actionPath, lineagePath, runPath } from "../../../src/viewer/requests.ts";
import { isWithoutBrowser, launchBrowser, openPage, type Watch } from "./browser.ts";
import { allAnswers, lineage, nodes, run } from "./fixture-run.ts";
import { type FixtureServer, serveFixtures, testToken } from "./fixture-server.ts";
import { controls, hostileAnswers, hostileCandidate, hostileId, hostileRollout, link, markup } from "./hostile-run.ts";

const id = "brave-otter";
const best = "iteration/11/proposal/0";

if (isWithoutBrowser)
  console.warn("Chromium is not installed (apt-get install chromium): the tests of the viewer's page are skipped.");

describe.skipIf(isWithoutBrowser)("the viewer's page", () => {
  let browser: Browser;
  let server: FixtureServer;
  const folder = mkdtempSync(join(tmpdir(), "opto-page-"));
  beforeAll(async () => {
    browser = await launchBrowser();
    server = await serveFixtures(allAnswers([id, "live-wren"]));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a view, does something, and checks that nothing else was asked and nothing failed. */
  async function visit(
    hash: string,
    visitor: (page: Page, watch: Watch) => Promise<void>,
    { token = testToken } = {},
  ): Promise<void> {
    const { page, watch } = await openPage(browser, `${server.origin}/${token === "" ? "" : `#token=${token}`}`);
    try {
      await page.waitForSelector("h1");
      await page.goto(`${server.origin}/${hash}`);
      await visitor(page, watch);
      expect(watch.problems).toEqual([]);
      expect(watch.requests.filter((url) => !url.startsWith(server.origin) && !url.startsWith("data:"))).toEqual([]);
    } finally {
      await page.context().close();
    }
  }

  it("lists runs, and opens one by a click and by the keyboard", async () => {
    await visit("#/", async (page) => {
      await page.getByRole("link", { name: id }).click();
      await page.getByText("+24.1 points").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("heading", { name: "Runs" }).waitFor();
      await page.locator("tbody tr").first().focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.locator(".run-link", { hasText: "live-wren" }).waitFor();
    });
  });

  it("takes the token out of the address", async () => {
    await visit("#/", async (page) => {
      expect(await page.evaluate(() => location.href)).not.toContain(testToken);
      expect(await page.evaluate(() => Object.values(sessionStorage))).toEqual([testToken]);
    });
  });

  it("takes the token in a tab that shows the page already, and stays where it is", async () => {
    const hash = `#/run/${id}/candidate/${encodeURIComponent(best)}`;
    await visit(
      hash,
      async (page) => {
        await page.getByRole("heading", { name: best, exact: false }).first().waitFor();
        expect(await page.getByRole("button", { name: "Apply…" }).count()).toBe(0);
        await page.goto(`${server.origin}/#token=${testToken}`);
        await page.getByRole("button", { name: "Apply…" }).waitFor();
        expect(await page.evaluate(() => location.hash)).toBe(hash);
      },
      { token: "" },
    );
  });

  it("shows scores over iterations and over what they cost", async () => {
    await visit(`#/run/${id}`, async (page) => {
      await page.locator("figure.chart canvas").waitFor();
      expect(await page.locator("figure.chart").getAttribute("aria-label")).toContain("validation from 0.338 to");
      for (const [name, text] of [
        ["Calls", "calls"],
        ["Dollars", "dollars"],
        ["Time", "time"],
      ]) {
        await page.locator(".switch label", { hasText: name as string }).click();
        await page.locator("figure.chart .legend", { hasText: text as string }).waitFor();
      }
      expect(page.url()).toContain("over=seconds");
      await page.getByText("As a table").click();
      await page.locator(".as-table td", { hasText: "0.897" }).first().waitFor();
      await page.locator("table", { hasText: "rate limit (429)" }).waitFor();
      await page.getByText("3 replies of the judge").waitFor();
    });
  });

  it("leads from the lineage to the diff, and from there to a rollout", async () => {
    await visit(`#/run/${id}/lineage`, async (page) => {
      await page.locator(`[data-candidate="${best}"]`).click();
      await page.getByRole("heading", { name: best, exact: false }).first().waitFor();
      const diff = page.getByLabel("Changes of prompt");
      expect(await diff.locator("ins").allTextContents()).toContain("friendly");
      expect((await diff.locator("del").allTextContents()).join(" ")).toContain("concrete");
      await page.locator(".switch label", { hasText: "from the start" }).click();
      await expect
        .poll(() =>
          diff
            .locator("ins")
            .allTextContents()
            .then((texts) => texts.join("")),
        )
        .toContain("Ask for the order number");
      await page.locator("tr.opens", { hasText: "#6" }).first().click();
      await page.getByRole("heading", { name: "Example #6" }).waitFor();
      await page.getByLabel("parameter prompt").click();
      await page.locator(".graph-text", { hasText: "You answer customers" }).waitFor();
      await page.locator(".message.reply").first().waitFor();
    });
  });

  it("walks the lineage by arrows", async () => {
    await visit(`#/run/${id}/lineage`, async (page) => {
      await page.getByRole("tree").focus();
      const before = await page.locator(".under").innerText();
      await page.keyboard.press("ArrowLeft");
      await expect.poll(() => page.locator(".under").innerText()).not.toBe(before);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Candidate iteration/9/proposal/0" }).waitFor();
    });
  });

  it("filters and sorts the heat map, and opens a rollout from it", async () => {
    await visit(`#/run/${id}/examples`, async (page, watch) => {
      await page.getByText("25 candidates × 30").waitFor();
      await page.getByLabel("Show").selectOption("failed");
      await page.getByText(/^\d+ candidates × \d+ validation examples/).waitFor();
      expect(await page.locator(".hint").innerText()).not.toContain("25 candidates × 30");
      await page.getByLabel("Examples", { exact: true }).selectOption("difficulty");
      await expect.poll(() => watch.requests.some((url) => url.includes("sort=difficulty"))).toBe(true);
      await page.getByLabel("Show").selectOption("all");
      await page.getByLabel("Examples", { exact: true }).selectOption("example");
      await page.getByText("25 candidates × 30").waitFor();
      await page.getByRole("application").focus();
      await page.keyboard.press("ArrowDown");
      for (let step = 0; step < 6; step++) await page.keyboard.press("ArrowRight");
      await expect.poll(() => page.locator(".heat-text").innerText()).toContain("start on #6: ");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Example #6" }).waitFor();
      await page.goBack();
      await page.getByRole("application").waitFor();
    });
  });

  it("takes in what changes, and keeps what is scrolled to and selected", async () => {
    await visit(`#/run/live-wren`, async (page) => {
      await page.locator(".live", { hasText: "live" }).waitFor();
      await page.locator("figure.chart canvas").waitFor();
      const canvas = await page.locator("figure.chart canvas").elementHandle();
      await page.evaluate(() => {
        scrollTo(0, 500);
        const text = document.querySelector(".report")?.firstElementChild;
        if (text) getSelection()?.selectAllChildren(text);
      });
      const selected = await page.evaluate(() => getSelection()?.toString());
      expect(selected).toContain("+24.1 points");
      const changed = run("live-wren");
      server.answers[runPath("live-wren")] = { ...changed, iterations: 11, counts: { ...changed.counts, candidates: 4321 } };
      server.changed();
      await page.getByText("4,321").waitFor();
      expect(await page.evaluate(() => [scrollY, getSelection()?.toString()])).toEqual([500, selected]);
      // The chart is the same one, with other points.
      expect(await canvas?.evaluate((element) => element.isConnected)).toBe(true);
      server.answers[runPath("live-wren")] = run("live-wren");
    });
  });

  it("draws only what is in view of ten thousand candidates", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      ...nodes[1],
      id: index === 0 ? "start" : `c${index}`,
      index,
      iteration: Math.ceil(index / 10),
      parents: index === 0 ? [] : [index <= 10 ? "start" : `c${Math.ceil(index / 10 - 1) * 10}`],
    }));
    server.answers[lineagePath("live-wren")] = { ...lineage, total: many.length, nodes: many, path: ["start"] };
    await visit("#/run/live-wren/lineage", async (page) => {
      await page.locator(".node").first().waitFor();
      await expect.poll(() => page.locator(".node").count()).toBeLessThan(400);
      await page.locator(".tree").evaluate((tree) => tree.scrollTo(60_000, 0));
      await page.locator("[data-candidate=c6600]").waitFor();
      expect(await page.locator(".node").count()).toBeLessThan(400);
    });
    server.answers[lineagePath("live-wren")] = lineage;
  });

  it("applies a candidate after its diff was shown, with the token", async () => {
    const path = `POST ${actionPath(id, "apply")}`;
    const targets = [
      {
        name: "agent.json",
        same: false,
        exists: true,
        changes: [{ path: "prompt", state: "changed", from: "Be brief.", to: "Be kind." }],
      },
    ];
    const plan = { run: id, candidate: best, plan: "p1", same: false, written: false, targets };
    server.answers[`${path} {"candidate":"${best}","dry":true}`] = plan;
    server.answers[`${path} {"candidate":"${best}","dry":false,"plan":"p1"}`] = { ...plan, written: true };
    await visit(`#/run/${id}/candidate/${encodeURIComponent(best)}`, async (page) => {
      await page.getByRole("button", { name: "Apply…" }).click();
      const dialog = page.getByRole("dialog");
      expect(await dialog.locator("del").innerText()).toBe("brief");
      await dialog.getByRole("button", { name: "Apply", exact: true }).click();
      await dialog.getByText("Applied to agent.json").waitFor();
      expect(server.writes.slice(-2)).toEqual([
        { path: actionPath(id, "apply"), token: testToken, body: { candidate: best, dry: true } },
        { path: actionPath(id, "apply"), token: testToken, body: { candidate: best, dry: false, plan: "p1" } },
      ]);
    });
  });

  it("shows what has changed since the diff was shown, and writes that when it is asked again", async () => {
    const path = `POST ${actionPath(id, "apply")}`;
    const planFrom = (name: string, from: string) => {
      const changes = [{ path: "prompt", state: "changed", from, to: "Be kind." }];
      const targets = [{ name: "agent.json", same: false, exists: true, changes }];
      return { run: id, candidate: best, plan: name, same: false, written: false, targets };
    };
    const ask = `${path} {"candidate":"${best}","dry":true}`;
    const write = (name: string) => `${path} {"candidate":"${best}","dry":false,"plan":"${name}"}`;
    delete server.answers[write("p1")];
    server.answers[ask] = planFrom("p1", "Be brief.");
    server.answers[write("p2")] = { ...planFrom("p2", "Be quiet."), written: true };
    await visit(`#/run/${id}/candidate/${encodeURIComponent(best)}`, async (page, watch) => {
      await page.getByRole("button", { name: "Apply…" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.locator("del", { hasText: "brief" }).waitFor();
      server.answers[ask] = planFrom("p2", "Be quiet.");
      await dialog.getByRole("button", { name: "Apply", exact: true }).click();
      await dialog.locator("del", { hasText: "quiet" }).waitFor();
      await dialog.getByText("There is nothing of this name").waitFor();
      // The browser tells of the refusal itself.
      expect(watch.problems.splice(0)).toEqual([expect.stringContaining("404")]);
      await dialog.getByRole("button", { name: "Apply", exact: true }).click();
      await dialog.getByText("Applied to agent.json").waitFor();
    });
  });

  it("shows the command that applies, where the server cannot", async () => {
    const info = server.answers["/api/viewer"] as ViewerInfo;
    server.answers["/api/viewer"] = { ...info, folder: "/project/.opto/runs", actions: ["mark", "stop", "correct"] };
    await visit(`#/run/${id}/candidate/${encodeURIComponent(best)}`, async (page) => {
      await page.getByRole("button", { name: "Apply…" }).click();
      await page.getByRole("dialog").getByText(`npx opto apply ${id}`, { exact: true }).waitFor();
      await page.getByRole("button", { name: "Copy the command" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`npx opto apply ${id}`);
      await page.goto(`${server.origin}/#/run/${id}/candidate/start`);
      await page.getByRole("button", { name: "Apply…" }).click();
      await page.getByRole("dialog").getByText(`npx opto view ${id}`, { exact: true }).waitFor();
    });
    server.answers["/api/viewer"] = info;
  });

  it("gives the keyboard back to the button that has opened a dialog", async () => {
    await visit(`#/run/${id}/candidate/${encodeURIComponent(best)}`, async (page) => {
      const focused = (): Promise<string | null> => page.evaluate(() => document.activeElement?.textContent ?? null);
      for (const close of ["Escape", "Enter"]) {
        await page.getByRole("button", { name: "Mark…" }).focus();
        await page.keyboard.press("Enter");
        await page.getByRole("dialog").getByLabel("Note").waitFor();
        if (close === "Enter") await page.keyboard.press("Tab");
        await page.keyboard.press(close);
        await page.getByRole("dialog").waitFor({ state: "detached" });
        expect(await focused(), close).toBe("Mark…");
      }
    });
  });

  it("has a y axis where all scores are the same", async () => {
    const flat = run(id);
    const series = flat.series.map((one) => ({ ...one, score: one.score.map(() => 1), low: [], high: [] }));
    server.answers[runPath("live-wren")] = { ...run("live-wren"), series };
    await visit("#/run/live-wren", async (page) => {
      const canvas = page.locator("figure.chart canvas");
      await canvas.waitFor();
      // What is left of the plot is where its numbers are.
      const drawn = (): Promise<number> =>
        canvas.evaluate((element: HTMLCanvasElement) => {
          const image = element.getContext("2d")?.getImageData(0, 0, 40, element.height - 60);
          return (image?.data ?? new Uint8ClampedArray()).filter((value, place) => place % 4 === 3 && value > 0).length;
        });
      await expect.poll(drawn).toBeGreaterThan(100);
    });
    server.answers[runPath("live-wren")] = run("live-wren");
  });

  it("marks, corrects, and stops", async () => {
    server.answers[`POST ${actionPath(id, "mark")}`] = { marks: [] };
    server.answers[`POST ${actionPath(id, "correct")}`] = { correction: {} };
    server.answers[`POST ${actionPath("live-wren", "stop")}`] = { message: "The run stops after what is under way." };
    await visit(`#/run/${id}/candidate/${encodeURIComponent(best)}`, async (page) => {
      await page.getByRole("button", { name: "Mark…" }).click();
      await page.getByLabel("Note").fill("the one");
      await page.getByRole("button", { name: "Mark", exact: true }).click();
      await expect.poll(() => server.writes.at(-1)?.body).toEqual({ candidate: best, note: "the one" });
      await page.goto(
        `${server.origin}/#/run/${id}/rollout/${encodeURIComponent("iteration/11/validate/21/example/6/sample/0")}`,
      );
      await page.getByRole("button", { name: "Correct the expected answer…" }).click();
      await page.getByRole("dialog").getByLabel("Expected").fill("asks for the number");
      await page.getByRole("button", { name: "Save" }).click();
      await expect
        .poll(() => server.writes.at(-1)?.body)
        .toEqual({ dataset: "validate", example: 6, expected: "asks for the number", note: "" });
      await page.goto(`${server.origin}/#/run/live-wren`);
      await page.getByRole("button", { name: "Stop…" }).click();
      await page.getByRole("button", { name: "Stop the run" }).click();
      await page.getByText("The run stops after what is under way.").waitFor();
    });
  });

  it("copies values", async () => {
    await visit(`#/run/${id}/candidate/${encodeURIComponent(best)}`, async (page) => {
      await page.getByRole("button", { name: "Copy values" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      expect(JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))).toMatchObject({ temperature: 0.7 });
    });
  });

  it("offers nothing that writes without the token", async () => {
    await visit(
      `#/run/${id}/candidate/${encodeURIComponent(best)}`,
      async (page) => {
        await page.getByRole("button", { name: "Copy values" }).waitFor();
        expect(await page.getByRole("button", { name: /Apply|Mark/ }).count()).toBe(0);
      },
      { token: "" },
    );
  });

  it("compares two runs that were picked", async () => {
    await visit("#/", async (page) => {
      await page.getByLabel(`Compare ${id}`).check();
      await page.getByLabel("Compare live-wren").check();
      await page.getByRole("button", { name: "Compare" }).click();
      await page.getByRole("heading", { name: "Best values" }).waitFor();
      expect(await page.getByLabel("Difference of temperature").innerText()).toBe("0.70.2");
      expect(await page.locator("table", { hasText: "seed" }).last().innerText()).toContain("8");
    });
  });

  it("searches from any view by /", async () => {
    await visit(`#/run/${id}`, async (page) => {
      await page.getByText("+24.1 points").waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("order number");
      await page.locator("mark", { hasText: "order number" }).first().waitFor();
      await page.locator(".hits a").first().click();
      await page.getByRole("heading", { name: /Candidate/ }).waitFor();
    });
  });

  it("switches between light and dark, and remembers", async () => {
    await visit("#/", async (page) => {
      const shown = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset.theme);
      expect(await shown()).toBe("light");
      await page.getByRole("button", { name: "Use dark colours" }).click();
      expect(await shown()).toBe("dark");
      await page.reload();
      expect(await shown()).toBe("dark");
    });
  });

  it("says what the server says when there is nothing", async () => {
    const { page } = await openPage(browser, `${server.origin}/#/run/${id}/candidate/nothing`);
    await page.getByRole("alert").filter({ hasText: "There is nothing of this name." }).waitFor();
    await page.context().close();
  });

  it("is usable in a window of 360 pixels", async () => {
    const { page } = await openPage(browser, server.origin, { width: 360 });
    for (const hash of [
      "#/",
      `#/run/${id}`,
      `#/run/${id}/lineage`,
      `#/run/${id}/examples`,
      `#/run/${id}/rollouts`,
      `#/compare/${id}/live-wren`,
      `#/run/${id}/candidate/${encodeURIComponent(best)}`,
    ]) {
      await page.goto(`${server.origin}/${hash}`);
      await page.locator("h1, .run-link").first().waitFor();
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
        hash,
      ).toBeLessThanOrEqual(0);
    }
    await page.context().close();
  });

  describe("as a file of its own", () => {
    it("shows the same from the disk, sorts, filters, and searches, and offers nothing that needs a server", async () => {
      const file = join(folder, "report.html");
      const html = await buildPage();
      const answers = {
        ...allAnswers([id]),
        "/api/viewer": { version: "0.1.0", folder: "", run: id, isExport: true, actions: [] },
      };
      writeFileSync(file, pageWithAnswers({ html, policy: "" }, answers));
      const { page, watch } = await openPage(browser, pathToFileURL(file).href);
      await page.getByText("+24.1 points").waitFor();
      await page.getByRole("link", { name: "Lineage" }).click();
      await page.locator(`[data-candidate="${best}"]`).click();
      await page.getByLabel("Changes of prompt").locator("ins").first().waitFor();
      expect(await page.getByRole("button", { name: /Apply|Mark|Stop/ }).count()).toBe(0);
      expect(await page.getByText("Download").count()).toBe(0);
      await page.locator("tr.opens", { hasText: "#6" }).first().click();
      await page.getByRole("heading", { name: "Example #6" }).waitFor();
      await page.getByRole("link", { name: "Examples" }).click();
      await page.getByText("25 candidates × 30").waitFor();
      await page.getByLabel("Show").selectOption("failed");
      await expect.poll(() => page.locator(".hint").innerText()).not.toContain("25 candidates × 30");
      await page.keyboard.press("Escape");
      await page.locator("#search").fill("refund");
      await page.locator("mark", { hasText: "refund" }).first().waitFor();
      expect(watch.problems).toEqual([]);
      expect(watch.requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
      await page.context().close();
    });
  });

  describe("with hostile content", () => {
    let hostile: FixtureServer;
    beforeAll(async () => {
      hostile = await serveFixtures(hostileAnswers());
    });
    afterAll(() => hostile?.close());

    const views: readonly (readonly [name: string, hash: string])[] = [
      ["the overview", `#/run/${encodeURIComponent(hostileId)}`],
      ["the lineage", `#/run/${encodeURIComponent(hostileId)}/lineage`],
      ["a candidate", `#/run/${encodeURIComponent(hostileId)}/candidate/${encodeURIComponent(hostileCandidate)}`],
      ["a rollout", `#/run/${encodeURIComponent(hostileId)}/rollout/${encodeURIComponent(hostileRollout)}`],
    ];

    it.each(views)("keeps it text in %s", async (_, hash) => {
      const { page, watch } = await openPage(browser, `${hostile.origin}/${hash}`);
      await page.locator("#content", { hasText: "document.title" }).waitFor();
      expect(await page.locator("#page img, #page script, #page iframe").count()).toBe(0);
      const targets = await page.locator("#page a").evaluateAll((links) => links.map((a) => a.getAttribute("href") ?? ""));
      expect(targets.filter((href) => !href.startsWith("#/") && !href.startsWith("/api/runs/"))).toEqual([]);
      expect(await page.title()).not.toBe("taken");
      // What cannot be seen is shown as a symbol, and turns nothing around.
      const text = (await page.locator("#content").textContent()) ?? "";
      expect(
        ["\u202e", "\u2066", "\u2069", "\u200b", "\u0007", "\u001b", "\u0000"].filter((control) => text.includes(control)),
      ).toEqual([]);
      expect(watch.problems).toEqual([]);
      expect(watch.requests.filter((url) => !url.startsWith(hostile.origin) && !url.startsWith("data:"))).toEqual([]);
      await page.context().close();
    });

    it("shows it character by character, and the end of a long value when it is asked for", async () => {
      const { page } = await openPage(browser, `${hostile.origin}/${views[3]?.[1]}`);
      const expected = page.getByLabel("Expected");
      await expected.first().waitFor();
      const text = (await expected.first().textContent()) ?? "";
      expect(text).toContain(markup);
      expect(text).toContain(link);
      expect(text).toContain("U+202E");
      expect(text).toContain(controls.replace("\u0007", "␇").replace("\u001b", "␛").replace("\u0000", "␀"));
      const output = page.locator('section.section[aria-label="Output"]');
      expect(await output.textContent()).not.toContain("THE LAST WORDS");
      await output.getByRole("button", { name: "Show all (5.1 MB)" }).click();
      await expect.poll(async () => ((await output.textContent()) ?? "").includes("THE LAST WORDS")).toBe(true);
      await page.context().close();
    });
  });
});
