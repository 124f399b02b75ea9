/**
 * The tables of options, and what is derived from them: checks, defaults, documentation, flags of the command line.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { MinibatchAlgorithm, train } from "opto";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { pagesWithOptionTables, withOptionTables } from "../scripts/write-option-tables.ts";
import { trainFlags } from "../src/cli/flags.ts";
import { createProgram } from "../src/cli/program.ts";
import type { OptionRow, OptionTable } from "../src/data/option-table.ts";
import { checkTable, withDefaults } from "../src/data/options.ts";
import { grouped, trainTable } from "../src/train-options.ts";

interface Option {
  readonly path: string;
  readonly row: OptionRow;
}

function optionsIn(table: OptionTable, prefix = ""): Option[] {
  return Object.entries<OptionRow>(table).flatMap(([name, row]) => [
    { path: prefix + name, row },
    ...(row.group === undefined ? [] : optionsIn(row.group, `${prefix}${name}.`)),
  ]);
}

const options = optionsIn(trainTable as OptionTable);
/** Nested as its path says. */
const at = (path: string, value: unknown): object =>
  path.split(".").reduceRight((inner, name) => ({ [name]: inner }), value) as object;

describe("the options of train()", () => {
  /** Of the algorithms: those of the ancestor's `train`, and `racing`. */
  const ofAlgorithms = [
    "ensureImprovement",
    "improvementThreshold",
    "numEpochs",
    "batchSize",
    "evalFrequency",
    "numEvalSamples",
    "logFrequency",
    "saveFrequency",
    "savePath",
    "minScore",
    "numProposals",
    "racing",
  ];

  it("are at most 24 at the top, besides those of the algorithms", () => {
    const names = Object.keys(trainTable);
    expect(names).toEqual(expect.arrayContaining(ofAlgorithms));
    expect(names.length - ofAlgorithms.length).toBeLessThanOrEqual(24);
  });

  it.each(options)("have a default that keeps to its own rule: $path", ({ row }) => {
    if (row.default !== undefined) expect(row.holds(row.default), row.expected).toBe(true);
  });

  it("are filled in with their defaults, in groups too", () => {
    const filled = withDefaults({} as object, trainTable as OptionTable<object>) as Record<string, unknown>;
    expect(filled).toMatchObject({ numEpochs: 1, keep: "best", stop: { onSignals: true }, calls: { retry: { maxRetries: 8 } } });
    expect(withDefaults({ run: null, budget: undefined } as object, trainTable as OptionTable<object>)).toMatchObject({
      run: null,
    });
    expect(filled).not.toHaveProperty("budget");
  });

  const wrong = options.filter(({ row }) => row.expected !== "anything" && !row.holds(Symbol.iterator));
  it.each(wrong)("are checked by their rule: $path", ({ path, row }) => {
    expect(() => checkTable(at(path, Symbol.iterator), trainTable, "train", "")).toThrow(
      `Expected \`${path}\` to be ${row.expected}, got `,
    );
  });

  it.each([
    [{ timeoutMs: 3 }, "Unknown option `timeoutMs` of train; did you mean `rollouts.timeoutMs`?"],
    [{ maxIterations: 3, stop: { maxIterations: 4 } }, "Expected `maxIterations` or `stop.maxIterations`, got both"],
    [{ rolloutTimeoutMs: -5 }, "Expected `rollouts.timeoutMs` to be "],
    [{ batchsize: 3 }, "Unknown option `batchsize` of train; did you mean `batchSize`?"],
    [{ stop: { patiense: 3 } }, "Unknown option `patiense` of `stop`; did you mean `patience`?"],
    [{ calls: { retry: { maxRetrys: 3 } } }, "Unknown option `maxRetrys` of `calls.retry`; did you mean `maxRetries`?"],
    [{ run: { runs: 3 } }, "Unknown option `runs` of `run`. Known: `dir`, `id`, "],
    [{ algorithm: MinibatchAlgorithm, run: { runDir: "a" } }, "Unknown option `runDir` of `run`. Known: `dir`"],
    [{ run: 3 }, "Expected `run` to be an object of options, or null for nothing to be kept, got 3 (number)"],
  ])("refuse %j", async (given, message) => {
    await expect(train(given as never)).rejects.toThrow(message);
  });

  it.each([
    [{ maxIterations: 3, patience: 2 }, { stop: { maxIterations: 3, patience: 2 } }],
    [{ maxIterations: 3, stop: { patience: 2 } }, { stop: { maxIterations: 3, patience: 2 } }],
    [{ runDir: "runs", run: "night" }, { run: { dir: "runs", id: "night" } }],
    [{ runDir: null, cacheRollouts: true }, { run: null }],
    [{ run: null, resume: false }, { run: null }],
    [{ mergeCalls: true, prices: {} }, { calls: { merge: true, prices: {} } }],
    [{ rolloutTimeoutMs: 5, handleSignals: undefined }, { rollouts: { timeoutMs: 5 } }],
    [
      { seed: 1, stop: { patience: 2 } },
      { seed: 1, stop: { patience: 2 } },
    ],
  ])("take those of groups that stand beside them: %j", (given, expected) => {
    expect(grouped(given)).toEqual(expected);
  });
});

describe("the documentation", () => {
  it.each(pagesWithOptionTables())("has the tables that scripts/write-option-tables.ts writes: $path", ({ text }) => {
    expect(text).toBe(withOptionTables(text));
  });

  it("has every option of train() that is meant for users", () => {
    const pages = pagesWithOptionTables().map(({ text }) => text);
    for (const { path, row } of options) {
      if (row.about === undefined || path === "calls.retry") continue;
      expect(
        pages.some((text) => text.includes(`\n| \`${path}\` | `)),
        path,
      ).toBe(true);
    }
  });

  it.each([
    ["src/search/algorithm-options.ts", "MinibatchTrainOptions", ""],
    ["src/search/algorithm-options.ts", "StopOptions", "stop."],
    ["src/search/algorithm-options.ts", "TrainRolloutOptions", "rollouts."],
    ["src/algorithms/basic-search-algorithm.ts", "BasicSearchTrainOptions", ""],
    ["src/runs/run-directory.ts", "RunDirectoryOptions", "run."],
    ["src/llm/pace/call-options.ts", "RetryOptions", "calls.retry."],
    ["src/llm/pace/call-options.ts", "CallSchedulerOptions", "calls."],
    ["src/llm/pace/call-options.ts", "CallOptions", "calls."],
    ["src/train-options.ts", "TrainOptions", ""],
  ])("states the same defaults beside the types: %s, %s", (file, name, prefix) => {
    // Those of the classes differ from those of `train()`, and have a comment of their own there.
    const own = file === "src/train-options.ts" ? [] : ["keep", "stop.onSignals"];
    for (const { path, row } of options) {
      const stated = statedDefaults(file, name).get(path.slice(prefix.length));
      if (!path.startsWith(prefix) || own.includes(path) || row.default === undefined || stated === undefined) continue;
      expect(stated, path).toBe(JSON.stringify(row.default));
    }
  });
});

/** The `@default` of the members of an interface, as far as it is one value. */
function statedDefaults(file: string, name: string): Map<string, string> {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const found = new Map<string, string>();
  for (const node of source.statements) {
    if (!ts.isInterfaceDeclaration(node) || node.name.text !== name) continue;
    for (const member of node.members) {
      const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
      const text = ts.getTextOfJSDocComment(tag?.comment)?.trim();
      if (text !== undefined && /^(?:"[^"]*"|[\w.]+)$/.test(text)) found.set(member.name?.getText() ?? "", text);
    }
  }
  return found;
}

describe("the command line", () => {
  const help = createProgram("1.0.0", async () => {})
    .commands.find((command) => command.name() === "train")
    ?.helpInformation()
    .replace(/\s+/g, " ");

  it.each([...trainFlags.values()])("has a flag for an option of train(): $flag.usage", ({ path, row, flag }) => {
    expect(options).toContainEqual({ path: path.join("."), row });
    expect(help).toContain(flag.usage);
    expect(help).toContain(flag.about ?? row.about);
  });
});
