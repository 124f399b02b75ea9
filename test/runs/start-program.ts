/**
 * Starts the training program as a process of its own.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compileProgram } from "../../scripts/compile-program.ts";

/** How a process ended. `code` is `null` after a signal. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A process that trains. */
export interface Program {
  readonly pid: number | undefined;
  readonly ended: Promise<ProgramEnd>;
  /** Resolves when its output has this text, to all of it so far. */
  printed(text: string): Promise<string>;
  kill(signal: NodeJS.Signals): void;
}

/** How it is started. */
export interface StartOptions {
  /** The file in this folder. @default "program.ts" */
  readonly program?: string;
  /** What comes before the command: `["unshare", "-rm", …]`. */
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

const programs = new Map<string, string>();

/** The path of the compiled program, which is compiled once. */
function compiled(name: string): string {
  const path = programs.get(name) ?? compileProgram(fileURLToPath(new URL(name, import.meta.url)));
  programs.set(name, path);
  return path;
}

/**
 * Starts `program.ts`, or another program, with these options of `train`.
 *
 * @param server whose models it calls
 */
export function startProgram(server: { readonly baseUrl: string }, options: object, start: StartOptions = {}): Program {
  const program = compiled(start.program ?? "./program.ts");
  const command = [...(start.prefix ?? []), process.execPath, program, JSON.stringify(options)];
  const env = {
    ...process.env,
    OPENAI_BASE_URL: server.baseUrl,
    OPENAI_API_KEY: "sk-test-0123456789abcdef",
    NODE_NO_WARNINGS: "1",
    ...start.env,
  };
  const child = spawn(command[0] as string, command.slice(1), { cwd: root, env });
  let [output, errors] = ["", ""];
  child.stdout.on("data", (data) => {
    output += data;
  });
  child.stderr.on("data", (data) => {
    errors += data;
  });
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.on("close", (code) => resolve({ code, output, errors }));
  });
  const printed = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.includes(text)) resolve(output);
      };
      child.stdout.on("data", look);
      // When all of the output has been read.
      child.on("close", () =>
        reject(new Error(`The program ended without printing ${JSON.stringify(text)}:\n${output}\n${errors}`)),
      );
      look();
    });
  return { pid: child.pid, ended, printed, kill: (signal) => child.kill(signal) };
}
