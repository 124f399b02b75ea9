/**
 * Runs the examples with agents of other frameworks and with scorers of other libraries against the real packages, which are installed in
 * their folders, and a local server.
 *
 *     npm run examples:packages -- [agents] [scorers] [--install | --installed] [--lts] [--only PATTERN]
 *
 * `--install` only installs, `--installed` does not install; `--lts` runs on the newest long-term-support line of Node; `--only` runs the tests whose names
 * match.
 *
 * @module
 */
import { lstatSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ltsNode } from "./lts-node.ts";
import { runProgram, withoutModels } from "./run-program.ts";

interface Examples {
  readonly folder: string;
  /** What of the packages is left out. */
  readonly install: readonly string[];
  readonly tests: readonly string[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
const all: Readonly<Record<string, Examples>> = {
  // About 650 MB. Not without optional packages: the OpenAI Agents SDK does not load without one of them.
  agents: { folder: join(root, "examples", "with-agents"), install: [], tests: ["agents.test.mjs"] },
  // About 590 MB. Browsers and inference engines are optional packages, which no example needs.
  scorers: {
    folder: join(root, "examples", "with-scorers"),
    install: ["--omit=optional"],
    tests: ["scorers.test.mjs", "parquet.test.mjs"],
  },
};

const { values, positionals } = parseArgs({
  options: {
    install: { type: "boolean", default: false },
    installed: { type: "boolean", default: false },
    lts: { type: "boolean", default: false },
    only: { type: "string" },
  },
  allowPositionals: true,
});
const chosen = (positionals.length > 0 ? positionals : Object.keys(all)).map((name) => {
  const examples = all[name];
  if (examples === undefined) throw new Error(`Expected ${Object.keys(all).join(" or ")}, got ${name}`);
  return examples;
});
if (!values.installed) await Promise.all(chosen.map(install));
if (!values.install) for (const examples of chosen) await test(examples);

async function install({ folder, install: flags }: Examples): Promise<void> {
  const always = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  await run("npm", ["ci", ...always, ...flags], folder);
  // By hand: npm would install the packages of this folder for a dependency on it.
  const link = join(folder, "node_modules", "opto");
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(root, link, "dir");
}

async function test({ folder, tests }: Examples): Promise<void> {
  const node = values.lts ? await ltsNode() : process.execPath;
  const tsx = fileURLToPath(import.meta.resolve("tsx"));
  const only = values.only === undefined ? [] : [`--test-name-pattern=${values.only}`];
  const flags = ["--test", "--test-concurrency=1", "--test-reporter=spec", ...only];
  await run(node, ["--import", tsx, ...flags, ...tests], folder);
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const env = {
    ...withoutModels(),
    TSX_TSCONFIG_PATH: join(root, "tsconfig.build.json"),
    NO_COLOR: "1",
    MASTRA_TELEMETRY_DISABLED: "1",
  };
  const { code } = await runProgram(command, args, { cwd, env, timeoutMs: 1_200_000, inherit: true });
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code ?? "a timeout"} in ${cwd}`);
}
