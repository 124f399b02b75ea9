/**
 * Does jobs in processes of their own, each process one after the other.
 *
 * @module
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PolicyJob, PolicyLine } from "./policy-worker.ts";

/**
 * Does all jobs.
 *
 * @param onDone receives every run as it ends, in any order
 * @throws Error when a job fails or a process ends before its work is done
 */
export async function runJobs(jobs: readonly PolicyJob[], processes: number, onDone: (line: PolicyLine) => void): Promise<void> {
  const waiting = jobs.values();
  await Promise.all(Array.from({ length: Math.min(processes, jobs.length) }, () => runOneByOne(waiting, onDone)));
}

function runOneByOne(waiting: Iterator<PolicyJob>, onDone: (line: PolicyLine) => void): Promise<void> {
  const child = fork(fileURLToPath(new URL("policy-worker.ts", import.meta.url)));
  return new Promise((resolve, reject) => {
    let isDone = false;
    const next = (): void => {
      const { value, done } = waiting.next();
      if (!done) return void child.send(value);
      isDone = true;
      child.disconnect();
    };
    child.on("message", (message: PolicyLine | { readonly failed: string }) => {
      if ("failed" in message) {
        child.kill();
        return reject(new Error(`A run over the tensor failed: ${message.failed}`));
      }
      onDone(message);
      next();
    });
    child.on("error", reject);
    child.on("exit", (code) => (isDone ? resolve() : reject(new Error(`A process of the benchmark ended with code ${code}`))));
    next();
  });
}
