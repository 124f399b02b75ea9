import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readSettings } from "../settings.ts";
import { resultsPlots, resultsSection, withResults } from "./results-section.ts";
import { headOf, resultsIn } from "./table-record.ts";

const published = new URL("../published/", import.meta.url);
const docs = new URL("../../../docs/", import.meta.url);
const files = existsSync(published) ? readdirSync(fileURLToPath(published)) : [];
const names = files.flatMap((file) => file.match(/^(.+)\.jsonl\.gz$/)?.[1] ?? []);

describe("published tables", () => {
  it.each(names)("%s is in the documentation as its record has it", (name) => {
    const record = readFileSync(new URL(`${name}.jsonl.gz`, published));
    const head = headOf(record);
    const table = { name, head, results: resultsIn(record), conditions: readSettings(head.options) };
    const page = readFileSync(new URL("learning.md", docs), "utf8");
    expect(withResults(page, name, resultsSection(table))).toBe(page);
    for (const [file, svg] of resultsPlots(table)) expect(readFileSync(new URL(`images/${file}`, docs), "utf8")).toBe(svg);
  });

  it("need their place in the documentation", () => {
    expect(() => withResults("text", "x", "new")).toThrow("Expected the document to have the lines");
  });
});
