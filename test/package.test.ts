/**
 * What the published package has beside its code: everything that its README and its own programs point at.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { configTemplate } from "../src/cli/config-template.ts";

const { files } = JSON.parse(readFileSync("package.json", "utf8")) as { files: readonly string[] };

/** Whether a file of the repository is part of the package. */
const isPublished = (path: string): boolean => files.some((file) => path === file || path.startsWith(`${file}/`));

/** Links to files of the package; those of a page of the documentation to each other, and to sources, are not among them. */
function linksIn(page: string): string[] {
  const links = Array.from(
    readFileSync(page, "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g),
    ([, path]) => path as string,
  );
  return links.map((path) => normalize(join(dirname(page), path)));
}

describe("the published package", () => {
  it("has every page and file that its README links to", () => {
    // What is for contributors is in the repository alone.
    const links = linksIn("README.md").filter((path) => path !== "AGENTS.md");
    expect(links).toContain("docs/training.md");
    expect(links.filter((path) => !existsSync(path) || !isPublished(path))).toEqual([]);
  });

  it("has the page that `opto init` names in the config that it writes", () => {
    const [, named] = /node_modules\/opto\/(docs\/[\w-]+\.md)/.exec(configTemplate) ?? expect.fail("no page is named");
    expect(existsSync(named as string) && isPublished(named as string)).toBe(true);
  });
});
