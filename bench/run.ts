/**
 * Runs the benchmarks and prints a table: `npm run bench -- [--filter TEXT] [--rounds N] [--json FILE]`.
 *
 * Every round measures each benchmark once, so that a slow minute of the machine falls on all of them alike; the first
 * round is a warm-up. A missed limit is marked and fails nothing, because machines are noisy.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { largeArchive } from "./archive.ts";
import { backwardPass } from "./backward.ts";
import { type Benchmark, median } from "./benchmark.ts";
import { faultyProvider } from "./faulty-provider.ts";
import { importTime } from "./import-time.ts";
import { searchIteration } from "./iteration.ts";
import { makespan } from "./makespan.ts";
import { residentMemory } from "./memory.ts";
import { promptBuilding } from "./prompt-building.ts";
import { pruning } from "./pruning.ts";
import { pureComputation } from "./pure-computation.ts";
import { rolloutCost } from "./rollout.ts";
import { runCost } from "./run-cost.ts";
import { sandboxCost } from "./sandbox.ts";
import { type Measured, table } from "./table.ts";
import { tpeProposals } from "./tpe-proposals.ts";
import { tracedOperation } from "./traced-operation.ts";
import { viewer } from "./viewer.ts";

const benchmarks = [
  ...tracedOperation,
  ...backwardPass,
  ...promptBuilding,
  ...makespan,
  ...searchIteration,
  ...pruning,
  ...tpeProposals,
  ...largeArchive,
  ...rolloutCost,
  ...runCost,
  ...pureComputation,
  ...faultyProvider,
  ...sandboxCost,
  ...importTime,
  ...residentMemory,
  ...viewer,
];

const { values: options } = parseArgs({
  options: { filter: { type: "string", default: "" }, rounds: { type: "string", default: "7" }, json: { type: "string" } },
});
const rounds = Number(options.rounds);
const chosen = benchmarks.filter(({ name }) => name.includes(options.filter));
if (chosen.length === 0)
  throw new Error(`Expected --filter to be part of a name, got "${options.filter}". There are: ${names()}`);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`Expected --rounds to be at least 1, got ${options.rounds}`);

const results = await measure();
console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? "unknown processor"} (${availableParallelism()}), ${rounds} rounds\n`,
);
console.log(table(results));
if (options.json !== undefined) {
  const rows = results.map(({ name, value, unit, limit }) => ({ name, value, unit, limit }));
  await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
}

async function measure(): Promise<Measured[]> {
  const collectGarbage = garbageCollector();
  const samples = chosen.map((): number[] => []);
  // One that fails must not cost the figures of the others.
  const failed = new Set<Benchmark>();
  for (let round = 0; round <= rounds; round++) {
    for (const [index, benchmark] of chosen.entries()) {
      progress(`round ${round} of ${rounds}: ${benchmark.name}`);
      collectGarbage();
      if (failed.has(benchmark)) continue;
      try {
        const value = await benchmark.sample();
        if (round > 0) samples[index]?.push(value);
      } catch (error) {
        failed.add(benchmark);
        console.error(`${benchmark.name} failed:`, error);
        process.exitCode = 1;
      }
    }
  }
  progress("");
  return chosen.flatMap((benchmark, index) => {
    const own = samples[index] ?? [];
    const { name, unit, limit } = benchmark;
    return failed.has(benchmark) ? [] : [{ name, unit, limit, value: median(own), samples: own }];
  });
}

/** Shows what is being done where a person looks on. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** So that no benchmark pays for the garbage of the one before. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

function names(): string {
  return benchmarks.map(({ name }) => name).join("; ");
}
