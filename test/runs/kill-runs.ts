/**
 * Kills a training run at random moments, starts it again with the same command, and compares what it comes to with a run
 * that nobody has disturbed.
 *
 * @module
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "opto/data";
import { readRunEvents } from "opto/runs";
import { layered } from "../support/layered.ts";
import { type ModelServer, startModelServer } from "./model-server.ts";
import { type StartOptions, startProgram } from "./start-program.ts";

/** How to kill. */
export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  /** @default 15 */
  readonly latencyMs?: number;
  /** Options of `train`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The file in this folder. @default "program.ts" */
  readonly program?: string;
  /** What to do to the files of the run after a kill; gives what was done, for people. */
  readonly damage?: (folder: string, random: Random) => Promise<string>;
  readonly print?: (line: string) => void;
}

/** What came of it. */
export interface KillReport {
  readonly kills: number;
  /** Runs that were killed until they were done. */
  readonly runs: number;
  /** Requests in flight at a kill that were made again. */
  readonly repeated: number;
  /** All requests of the killed runs. */
  readonly requests: number;
}

/** What is the same in every run, killed or not. */
interface Outcome {
  readonly result: unknown;
  readonly events: readonly string[];
  readonly best: string;
  readonly checkpoint: unknown;
}

/**
 * @throws Error when a killed run comes to anything else than an undisturbed one, or a call that was answered is made again
 */
export async function killRuns({
  kills,
  seed,
  latencyMs = 15,
  options = {},
  program,
  damage,
  print = () => {},
}: KillOptions): Promise<KillReport> {
  await using server = await startModelServer(latencyMs);
  const start: StartOptions = program === undefined ? {} : { program };
  const folder = await mkdtemp(join(tmpdir(), "opto-kill-"));
  try {
    const random = new Random(seed, "kills");
    const begun = performance.now();
    const undisturbed = await outcome(join(folder, "undisturbed"), server, options, start);
    const wholeMs = performance.now() - begun;
    const once = server.seen.length;
    print(`undisturbed: ${server.seen.length} requests in ${Math.round(wholeMs)} ms`);
    let [done, runs, repeated, requests] = [0, 0, 0, 0];
    while (done < kills) {
      const own = join(folder, `run-${runs++}`);
      const from = server.seen.length;
      while (done < kills) {
        const afterMs = random.next() * wholeMs;
        if (!(await startAndKill(own, server, options, start, afterMs))) break;
        done++;
        const what = await damage?.(join(own, "night"), random.fork(`damage/${done}`));
        print(`kill ${done} after ${Math.round(afterMs)} ms${what === undefined ? "" : `; ${what}`}`);
      }
      const ended = await outcome(own, server, options, start);
      compare(undisturbed, ended);
      const seen = server.seen.length - from;
      requests += seen;
      repeated += damage === undefined ? await countRepeats(own, seen) : seen - once;
    }
    return { kills: done, runs, repeated, requests };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the program to its end. */
async function outcome(folder: string, server: ModelServer, options: object, start: StartOptions): Promise<Outcome> {
  const program = startProgram(server, layered({ run: { dir: folder, id: "night" } }, options), start);
  const { code, output, errors } = await program.ended;
  if (code !== 0) throw new Error(`The program ended with ${code}:\n${errors}`);
  const run = join(folder, "night");
  const { usage: _usage, ...result } = JSON.parse(output.trimEnd().split("\n").at(-1) as string) as { usage: object };
  const {
    savedAt: _at,
    sha256: _sum,
    spent: _spent,
    ...checkpoint
  } = JSON.parse(await readFile(join(run, "checkpoint.json"), "utf8"));
  const events = (await readRunEvents(join(run, "events.jsonl"))).map(({ time: _time, ...event }) => JSON.stringify(event));
  return { result, events, best: await readFile(join(run, "best.json"), "utf8"), checkpoint };
}

/** Whether it was killed; false when it was done before. */
async function startAndKill(
  folder: string,
  server: ModelServer,
  options: object,
  start: StartOptions,
  afterMs: number,
): Promise<boolean> {
  const program = startProgram(server, layered({ run: { dir: folder, id: "night" } }, options), start);
  const timer = setTimeout(() => program.kill("SIGKILL"), afterMs);
  const { code, errors } = await program.ended;
  clearTimeout(timer);
  if (code !== null && code !== 0) throw new Error(`The program ended with ${code}:\n${errors}`);
  return code === null;
}

function compare(expected: Outcome, found: Outcome): void {
  for (const key of ["result", "best", "checkpoint", "events"] as const) {
    const [a, b] = [JSON.stringify(expected[key]), JSON.stringify(found[key])];
    if (a === b) continue;
    const at = [...a].findIndex((letter, index) => letter !== b[index]);
    throw new Error(
      `The killed run has another ${key} than the undisturbed one, from character ${at} on:\n${a.slice(Math.max(0, at - 200), at + 200)}\n---\n${b.slice(Math.max(0, at - 200), at + 200)}`,
    );
  }
}

/**
 * How many requests were made again. By the records of the run, no call is sent again once its answer was kept, so each must
 * have been in flight at a kill; and the server has seen what the records say.
 */
async function countRepeats(folder: string, seen: number): Promise<number> {
  const lines = (await readFile(join(folder, "night", "calls.jsonl"), "utf8")).trimEnd().split("\n");
  const answered = new Set<string>();
  let sent = 0;
  for (const line of lines) {
    const { call, key, position } = JSON.parse(line) as { call: string; key: string; position: string };
    if (answered.has(key)) throw new Error(`The call at ${position} was ${call} after its answer was kept`);
    if (call === "answered") answered.add(key);
    else sent++;
  }
  // A request that is noted just before a kill may never leave.
  if (seen > sent) throw new Error(`The server saw ${seen} requests, the records know of ${sent}`);
  return seen - answered.size;
}
