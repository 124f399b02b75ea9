/**
 * What the published package has beside its code: everything that its pages and its own programs point at.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "../scripts/run-program.ts";
import { configTemplate } from "../src/cli/init/config-text.ts";

const read = (path: string): string => readFileSync(path, "utf8");

let published: ReadonlySet<string>;
beforeAll(async () => {
  const { code, stdout, output } = await runProgram("npm", ["pack", "--dry-run", "--ignore-scripts", "--json"]);
  expect(code, output).toBe(0);
  const [packed] = JSON.parse(stdout) as { readonly files: readonly { readonly path: string }[] }[];
  published = new Set(packed?.files.map(({ path }) => path));
});

/** The pages of the package, for people and for models. */
function pages(): string[] {
  return [...published].filter((path) => path.endsWith(".md") || path === "llms.txt").sort();
}

/** The targets of all links of a page, those in code left out. */
function linksIn(page: string): string[] {
  const prose = read(page)
    .replaceAll(/^( *)(`{3,})[\s\S]*?^\1\2/gm, "")
    .replaceAll(/`[^`\n]*`/g, "");
  return Array.from(prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g), ([, target]) => target as string);
}

/** The anchors of the headings of a page, as the sites of repositories and of the registry make them. */
function anchorsOf(page: string): string[] {
  const headings = Array.from(read(page).matchAll(/^#{1,6} (.+)$/gm), ([, heading]) => heading as string);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** What is wrong with a link of a page of the package; `undefined` for one that works. */
function problemWith(target: string, page: string): string | undefined {
  if (/^https:\/\//.test(target)) return undefined;
  if (/^\w+:|^\//.test(target)) return `${page}: ${target} is neither a file of the package nor https`;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : normalize(join(dirname(page), path));
  if (!published.has(file)) return `${page}: ${target} is not in the package`;
  return anchor === undefined || anchorsOf(file).includes(anchor) ? undefined : `${page}: ${target} is no heading of ${file}`;
}

describe("the published package", () => {
  it("has its pages, and nothing that is for contributors alone", () => {
    expect(pages()).toEqual(expect.arrayContaining(["README.md", "SKILL.md", "CHANGELOG.md", "llms.txt", "docs/guides.md"]));
    expect(published).toContain("LICENSE");
    const strays = [...published].filter((path) => /^(?:src|test|bench|scripts|docs\/api)\/|\.test\.|AGENTS\.md/.test(path));
    expect(strays).toEqual([]);
  });

  it("has the licences of the packages that are part of the viewer's page, also in the page itself, of which reports are made", () => {
    const file = "dist/THIRD-PARTY-NOTICES.txt";
    expect(published).toContain(file);
    const notices = read(file);
    for (const name of ["@preact/signals", "@preact/signals-core", "diff", "preact", "uplot"]) {
      expect(notices).toMatch(new RegExp(`^${name} \\d.* \\(`, "m"));
    }
    expect(notices.match(/^Copyright /gm)?.length).toBeGreaterThanOrEqual(4);
    expect(read("dist/viewer/page.html")).toContain(notices);
  });

  it("has every page, file and heading that its pages link to", () => {
    expect(linksIn("README.md")).toContain("docs/training.md");
    expect(pages().flatMap((page) => linksIn(page).flatMap((target) => problemWith(target, page) ?? []))).toEqual([]);
  });

  it("links from its README only to files below it, which the registry can resolve", () => {
    expect(linksIn("README.md").filter((target) => /^\.|^#/.test(target))).toEqual([]);
  });

  it("has the page that `opto init` names in the config that it writes", () => {
    const [, named] = /node_modules\/opto\/(docs\/[\w-]+\.md)/.exec(configTemplate) ?? expect.fail("no page is named");
    expect(existsSync(named as string) && published.has(named as string)).toBe(true);
  });
});

describe("llms.txt", () => {
  it("has a title, a summary, and sections of links with a line on each", () => {
    const [title, , summary, ...rest] = read("llms.txt").split("\n");
    expect([title, summary]).toEqual(["# opto", expect.stringMatching(/^> \S/)]);
    const lists = rest.join("\n").split(/^## /m).slice(1);
    for (const list of lists) expect(list.trimEnd()).toMatch(/^[^\n]+\n\n(?:- \[[^\]]+\]\([^)]+\): [^\n]+(?:\n|$))+$/);
  });

  it("lists every page of the documentation", () => {
    const topics = pages().filter((page) => /^docs\/[^/]+$/.test(page));
    expect(linksIn("llms.txt")).toEqual(expect.arrayContaining(topics));
    expect(linksIn("README.md")).toEqual(expect.arrayContaining(topics));
  });
});

describe("SKILL.md", () => {
  it("says in its front matter what it is for, and is short", () => {
    const lines = read("SKILL.md").split("\n");
    expect(lines.slice(0, 4)).toEqual(["---", "name: opto", expect.stringMatching(/^description: .{40,1000}$/), "---"]);
    expect(lines.length).toBeLessThan(150);
  });
});

it.each(["README.md", "SKILL.md", "llms.txt"])("%s states the lowest version of TypeScript that is tested", (page) => {
  expect(read(page)).toContain("TypeScript 5.6 or newer");
});
