/**
 * Writes the tables of options in the documentation: `tsx scripts/write-option-tables.ts`. Each stands between two comments that name it.
 *
 * @module
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { trainFlags } from "../src/cli/flags.ts";
import { loadTable } from "../src/data/load-dataset.ts";
import type { OptionRow, OptionTable } from "../src/data/option-table.ts";
import { exactMatchTable } from "../src/guides/exact-match.ts";
import { judgeTable } from "../src/guides/llm-judge.ts";
import { modelOptimizerTable } from "../src/optimizers/language-model-options.ts";
import { optoPrimeTable } from "../src/optimizers/opto-prime.ts";
import { multiTable } from "../src/optimizers/opto-prime-multi-options.ts";
import { trainTable } from "../src/train-options.ts";

const folder = "docs";

const groups = Object.entries<OptionRow>(trainTable).flatMap(([name, { group }]) =>
  group === undefined ? [] : [[`train.${name}`, () => tableOf(group, `${name}.`)] as const],
);

/** By the name in their comments. */
const tables: Readonly<Record<string, () => string>> = {
  train: () => tableOf(trainTable, ""),
  ...Object.fromEntries(groups),
  flags: flagTable,
  modelOptimizer: () => tableOf(modelOptimizerTable, ""),
  optoPrimeMulti: () => tableOf(ownOf(multiTable, optoPrimeTable), ""),
  exactMatch: () => tableOf(exactMatchTable, ""),
  LLMJudge: () => tableOf(judgeTable, ""),
  loadDataset: () => tableOf(loadTable, ""),
};

/** A page with its tables as they are to be. @throws for a table that no one knows */
export function withOptionTables(page: string): string {
  return page.replace(/(<!-- options: (\S+) -->\n)[\s\S]*?(<!-- options: end -->)/g, (_, begin, name: string, end) => {
    const table = tables[name];
    if (table === undefined) throw new Error(`There is no table of options "${name}"`);
    return `${begin}${table()}\n${end}`;
  });
}

/** The pages that have tables, with their paths. */
export function pagesWithOptionTables(): { readonly path: string; readonly text: string }[] {
  const paths = readdirSync(folder).flatMap((name) => (name.endsWith(".md") ? [join(folder, name)] : []));
  const pages = paths.map((path) => ({ path, text: readFileSync(path, "utf8") }));
  return pages.filter(({ text }) => text.includes("<!-- options: "));
}

/** The options that one type adds to another. */
function ownOf<Base, Own extends Base>(table: OptionTable<Own>, base: OptionTable<Base>): object {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !Object.hasOwn(base, name)));
}

function tableOf(table: object, prefix: string): string {
  const rows = Object.entries<OptionRow>(table as OptionTable).flatMap(([name, row]): string[] => {
    const { about, group } = row;
    // Where a group has a default of its own, its options have; those of a group in a group stand beside it.
    if (group !== undefined && prefix !== "") return tableOf(group, `${prefix}${name}.`).split("\n").slice(2);
    return about === undefined ? [] : [`| \`${prefix}${name}\` | ${defaultOf(row)} | ${about} |`];
  });
  return ["| option | default | effect |", "|---|---|---|", ...rows].join("\n");
}

function defaultOf({ default: value, otherwise, group }: OptionRow): string {
  if (otherwise !== undefined) return otherwise;
  if (value === undefined) return group === undefined ? "none" : "";
  return typeof value === "string" ? `\`"${value}"\`` : JSON.stringify(value).replaceAll(",", ", ");
}

function flagTable(): string {
  const rows = [...trainFlags.values()].map(({ path, row, flag }) => {
    return `| \`${flag.usage}\` | \`${path.join(".")}\` | ${flag.about ?? row.about} |`;
  });
  return ["| flag | option | effect |", "|---|---|---|", ...rows].join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const { path, text } of pagesWithOptionTables()) writeFileSync(path, withOptionTables(text));
}
