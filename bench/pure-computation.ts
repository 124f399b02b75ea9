/**
 * What an agent of pure computation leaves to the rest of its process: how late timers are, and how soon Ctrl-C ends the run.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Benchmark } from "./benchmark.ts";

export const pureComputation: readonly Benchmark[] = [
  {
    name: "Ctrl-C to the end, rollouts of pure computation",
    unit: "ms",
    limit: 1_000,
    sample: async () => (await interrupted()).endMs,
  },
  {
    name: "most delay of a 50 ms timer, rollouts of pure computation",
    unit: "ms",
    limit: 100,
    sample: async () => (await interrupted()).lateMs,
  },
];

/** Milliseconds. */
interface Interruption {
  readonly endMs: number;
  readonly lateMs: number;
}

/** 10,000 rollouts of ten million operations each, in the middle of which a timer ticks and, after a second, Ctrl-C comes. */
const program = `
  import { model, parameter, range, TPE, train } from "opto";

  const agent = model({ a: parameter(0, { domain: range(0, 9, { integer: true }) }) }, ({ a }, x) => {
    let sum = a.value;
    for (let index = 0; index < 10_000_000; index++) sum = (sum + index * x) | 0;
    return sum;
  });
  let [last, lateMs] = [performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    lateMs = Math.max(lateMs, now - last - 50);
    last = now;
  }, 50);
  const trainDataset = Array.from({ length: 1_000 }, (_, input) => ({ input, info: 0 }));
  process.send({ begins: true });
  const { stopReason } = await train({
    agent, trainDataset, guide: (_x, y) => y, optimizer: new TPE(agent), batchSize: 100, evalFrequency: 0, numEpochs: 10,
    logger: [], run: { dir: process.argv[2] },
  });
  clearInterval(timer);
  if (stopReason !== "interrupted") throw new Error("Expected the run to be interrupted, got " + stopReason);
  process.send({ lateMs });
  process.disconnect();
`;

const root = fileURLToPath(new URL("..", import.meta.url));

async function interrupted(): Promise<Interruption> {
  const runDir = await mkdtemp(join(tmpdir(), "opto-bench-"));
  try {
    const args = ["--input-type=module", "--eval", program, "", runDir];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "inherit", "ipc"] });
    await once(child, "message");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const signalled = performance.now();
    child.kill("SIGINT");
    let lateMs = Number.NaN;
    child.on("message", (message: { lateMs?: number }) => {
      lateMs = message.lateMs ?? lateMs;
    });
    const [code] = await once(child, "exit");
    const endMs = performance.now() - signalled;
    if (code !== 0) throw new Error(`Expected the interrupted run to end as a result, got exit code ${code}`);
    return { endMs, lateMs };
  } finally {
    await rm(runDir, { recursive: true, force: true });
  }
}
