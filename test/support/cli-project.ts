/**
 * Folders with a config, in which a test runs the program `opto` as users start it.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { withoutModels } from "../../scripts/run-program.ts";
import { type ProcessResult, runProcess } from "./run-process.ts";

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
}

/** Runs `opto` with arguments: a text with blanks between them, or a list. */
export function opto(
  folder: string,
  args: string | readonly string[],
  { env = {}, uid, loader }: CliOptions = {},
): Promise<ProcessResult> {
  const clean = { ...withoutModels(), FORCE_COLOR: undefined, NO_COLOR: undefined, TZ: "UTC", ...env };
  const program = [...(loader === undefined ? [] : [loader]), cliMain];
  const options = { cwd: folder, env: clean, ...(uid === undefined ? {} : { uid }) };
  return runProcess(
    process.execPath,
    [...program, ...(typeof args === "string" ? args.split(" ").filter((arg) => arg !== "") : args)],
    options,
  );
}
