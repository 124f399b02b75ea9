/**
 * One end of the soak: makes calls of a model that is named, as a run does, and prints what has come of them.
 *
 * Arguments: how many calls, how many in flight.
 *
 * @module
 */
import { atPosition } from "../../src/graph/scope.ts";
import { callModel } from "../../src/llm/call-model.ts";
import { CallScheduler } from "../../src/llm/pace/call-scheduler.ts";
import { Ledger } from "../../src/llm/spend/ledger.ts";

/** What the caller prints. */
export interface SoakResult {
  /** Calls that have thrown, and a few of their messages. */
  readonly failed: number;
  readonly messages: readonly string[];
  /** How often a request was made again, by the reason. */
  readonly retries: Readonly<Record<string, number>>;
  /** Answers that were not those to the question. */
  readonly wrong: number;
  readonly requests: number;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Bytes in use after half of the calls and at the end, each after all garbage was collected. */
  readonly heap: readonly [early: number, late: number];
  /** Sockets and timers at the end. */
  readonly open: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Microseconds of processor time for each call. */
  readonly cpu: number;
}

const [count, width] = process.argv.slice(2).map(Number) as [number, number];
const ledger = new Ledger();
const scheduler = new CallScheduler({ retry: { maxRetries: 20, initialDelayMs: 20, maxDelayMs: 500 }, seed: 1 });
const services = { ledger, scheduler };
const messages: string[] = [];
const retries: Record<string, number> = {};
const emit = (event: { readonly type: string; readonly reason?: string }): void => {
  if (event.type !== "model-retry" || event.reason === undefined) return;
  retries[event.reason] = (retries[event.reason] ?? 0) + 1;
};
let [next, failed, wrong, early] = [0, 0, 0, 0];

const started = performance.now();
const cpuBefore = process.cpuUsage();
const work = async (): Promise<void> => {
  while (next < count) {
    const index = next++;
    const question = `question ${index}`;
    if (index === Math.floor(count / 2)) early = heapNow();
    try {
      const { text } = await atPosition(`soak/${index}`, () => callModel({ prompt: question }), { emit, services });
      if (text !== `Answer to ${question}`) wrong += 1;
    } catch (error) {
      failed += 1;
      if (messages.length < 5) messages.push(String(error));
    }
  }
};
await Promise.all(Array.from({ length: width }, work));
const used = process.cpuUsage(cpuBefore);
const seconds = (performance.now() - started) / 1_000;
// Connections that nobody uses are closed by then.
await new Promise((resolve) => setTimeout(resolve, 6_000));
const late = heapNow();
const { requests, calls, inputTokens, outputTokens } = ledger.usage();
const cpu = Math.round((used.user + used.system) / count);
const result: SoakResult = {
  ...{ failed, messages, retries, wrong, requests, calls, inputTokens, outputTokens },
  ...{ heap: [early, late], open: openResources(), seconds, cpu },
};
console.log(JSON.stringify(result));
process.exit();

function heapNow(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function openResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
