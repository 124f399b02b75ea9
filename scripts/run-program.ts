/**
 * Runs another program and keeps what it printed.
 *
 * @module
 */
import { spawn } from "node:child_process";

export interface RunProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until the program is killed. @default 120_000 */
  readonly timeoutMs?: number;
  /** Show the output as it comes instead of keeping it. @default false */
  readonly inherit?: boolean;
}

export interface ProgramResult {
  /** The exit code; `null` when a signal ended the program, as a timeout does. */
  readonly code: number | null;
  readonly stdout: string;
  /** What stdout and stderr received, in order. */
  readonly output: string;
}

/** Resolves when the program has ended, however it ended; rejects only when it cannot be started. */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd, env = process.env, timeoutMs = 120_000, inherit = false }: RunProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: inherit ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
    });
    // Not the `timeout` of spawn: its timer outlives a program that could not be started.
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    let stdout = "";
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, output });
    });
  });
}

/** The environment without the settings that would make a program call a language model. */
export function withoutModels(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^OPTO_|_API_KEY$|_BASE_URL$/.test(name)));
}
