/**
 * Folders with a config, in which a test runs the program `opto` as users start it.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { withoutModels } from "../../scripts/run-program.ts";
import { type ProcessResult, runProcess } from "./run-process.ts";
import { runShared } from "./shared-opto.ts";

/** The built program. */
export const cliMain: string = resolve("dist/cli/main.js");

/** The user "nobody". */
export const nobody = 65_534;

/** Whether these tests may start Node and the built program as "nobody": as root, where every folder above both may be entered. */
export function runsAsNobody(): boolean {
  if (process.getuid?.() !== 0) return false;
  const read = `require("node:fs").accessSync(${JSON.stringify(cliMain)})`;
  return spawnSync(process.execPath, ["-e", read], { uid: nobody, cwd: "/" }).status === 0;
}

/** A folder for the projects of one test file. */
export class CliProjects {
  readonly #root = mkdtempSync(join(tmpdir(), "opto-cli-"));

  constructor() {
    // Another user may look, too.
    chmodSync(this.#root, 0o755);
  }

  /** A new folder with these files. */
  project(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(this.#root, "project-"));
    chmodSync(folder, 0o755);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** How the program is started. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Of the user. */
  readonly uid?: number;
  /** What runs the program. @default Node alone */
  readonly loader?: string;
  /** Whether it gets a process of its own in any case: Node ends one in which a module with a syntax error was loaded. @default false */
  readonly isAlone?: boolean;
}

/** Folders of which a process that several commands share has loaded modules. */
const loaded = new Set<string>();

/**
 * Runs `opto` with arguments: a text with blanks between them, or a list. In a folder whose modules another command may have loaded, and with
 * other options than the environment, it is a process of its own; else one that all commands of a test file share.
 */
export async function opto(
  folder: string,
  args: string | readonly string[],
  { env = {}, uid, loader, isAlone = false }: CliOptions = {},
): Promise<ProcessResult> {
  const clean = { ...withoutModels(), FORCE_COLOR: undefined, NO_COLOR: undefined, TZ: "UTC", ...env };
  const list = typeof args === "string" ? args.split(" ").filter((arg) => arg !== "") : args;
  if (!isAlone && uid === undefined && loader === undefined && !loaded.has(folder)) {
    const result = await runShared({ folder, args: list, env: clean });
    if (hasModules(folder)) loaded.add(folder);
    return result;
  }
  const program = [...(loader === undefined ? [] : [loader]), cliMain];
  const options = { cwd: folder, env: clean, ...(uid === undefined ? {} : { uid }) };
  return runProcess(process.execPath, [...program, ...list], options);
}

function hasModules(folder: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    if (entry.isDirectory()) return entry.name !== "node_modules" && hasModules(join(folder, entry.name));
    return /\.[cm]?[jt]s$/.test(entry.name);
  });
}
