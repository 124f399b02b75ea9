/**
 * Command lines of the built `opto` in one process for all tests of a file: to start a process takes longer than what most of them do.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { compileProgram } from "../../scripts/compile-program.ts";
import type { ProcessResult } from "./run-process.ts";

/** What the process is sent. */
export interface CommandLine {
  readonly folder: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** What it answers. */
export interface CommandEnd {
  readonly code: number;
}

/** Ends the output of a command on each stream. */
const mark = "\u0001end\u0001";

let host: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Runs a command line when those before it have ended. Modules that one has loaded stay as they are. */
export function runShared(line: CommandLine): Promise<ProcessResult> {
  const result = last.then(() => runInHost(line));
  last = result.catch(() => {});
  return result;
}

async function runInHost(line: CommandLine): Promise<ProcessResult> {
  host ??= start();
  const started = host;
  const over = new AbortController();
  const closed = once(started, "close", over).then(([code]): never => {
    throw new Error(`The process that ran \`opto ${line.args.join(" ")}\` has ended with ${code}`);
  });
  const message = once(started, "message", over) as Promise<[CommandEnd]>;
  const ended = Promise.all([message, ...[started.stdout, started.stderr].map((stream) => untilMark(stream as Socket))]);
  started.send(line);
  try {
    const [[{ code }], stdout = "", stderr = ""] = (await Promise.race([ended, closed])) as [[CommandEnd], string, string];
    return { code, stdout, stderr };
  } finally {
    // What is waited for no more is not listened to either.
    for (const waiting of [closed, ended]) waiting.catch(() => {});
    over.abort();
  }
}

function start(): ChildProcess {
  const program = compileProgram(resolve("test/support/opto-host.ts"));
  const args = [program, pathToFileURL(resolve("dist/cli/program.js")).href, mark];
  const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  started.on("close", () => {
    host = undefined;
  });
  // It ends with the tests, and keeps no process waiting.
  for (const handle of [started, started.channel, started.stdout as Socket, started.stderr as Socket]) handle?.unref();
  return started;
}

function untilMark(stream: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const onData = (piece: string): void => {
      text += piece;
      if (!text.endsWith(mark)) return;
      stream.off("data", onData);
      resolve(text.slice(0, -mark.length));
    };
    stream.setEncoding("utf8").on("data", onData);
  });
}
