/**
 * A project whose run lasts for as long as there is a file, and programs of the command line in it.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { withoutModels } from "../../scripts/run-program.ts";
import { type ProcessResult, runProcess } from "../support/run-process.ts";

const main = resolve("dist/cli/main.js");

/** Listens to no signals, so that only a page can stop it. */
const config = `
  import { existsSync } from "node:fs";
  import { setTimeout as sleep } from "node:timers/promises";
  import { defineConfig, Module, parameter, range } from "opto";
  class Slow extends Module<number, number> {
    level = parameter(1, { domain: range(1, 9, { integer: true }) });
    async forward(x: number) {
      if (existsSync("slow")) await sleep(50);
      return this.level.value * x;
    }
  }
  export default defineConfig({
    agent: () => new Slow(),
    name: "slow",
    trainDataset: Array.from({ length: 8 }, (_, i) => ({ input: i, info: 3 * i })),
    guide: (_x, answer, info) => [-Math.abs(answer - info), answer === info ? "Right." : "Wrong."],
    optimizer: "TPE",
    batchSize: 2,
    numEpochs: existsSync("slow") ? 1_000 : 2,
    stop: { onSignals: false },
    view: process.env.VIEW === "1",
  });
`;

/** Writes the project, and the file that makes its run last. @returns its folder */
export function project(root: string, isSlow: boolean): string {
  const folder = mkdtempSync(join(root, "project-"));
  writeFileSync(join(folder, "opto.config.ts"), config);
  if (isSlow) writeFileSync(join(folder, "slow"), "");
  return folder;
}

/** Runs `opto` to its end. */
export function opto(folder: string, ...args: readonly string[]): Promise<ProcessResult> {
  return runProcess(process.execPath, [main, ...args], { cwd: folder, env: withoutModels() });
}

/** A program that was begun. */
export interface Begun {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly texts: { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<number | null>;
}

const children: ChildProcess[] = [];

/** Begins `opto`; `endAll` ends it. */
export function begin(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Begun {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, env: { ...withoutModels(), ...env } });
  children.push(child);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  return { child, texts, ended: new Promise((end) => child.on("close", end)) };
}

/** Ends what was begun and still runs. */
export async function endAll(): Promise<void> {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((end) => child.on("close", end));
    child.kill("SIGKILL");
    await ended;
  }
}

export const waits = { timeout: 60_000, interval: 100 };

/** The address of the page that a program has printed, and its parts. */
export async function pageOf({ texts }: Begun): Promise<{ address: string; origin: string; token: string }> {
  const printed = (): string[] => /(http:\/\/127\.0\.0\.1:\d+)\/#token=(\S+)/.exec(texts.stdout + texts.stderr) ?? [];
  await expect.poll(printed, waits).toHaveLength(3);
  const [address = "", origin = "", token = ""] = printed();
  return { address, origin, token };
}
