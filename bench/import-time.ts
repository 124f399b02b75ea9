/**
 * How long a program waits for `import "opto"` before its first own line.
 *
 * @module
 */
import type { Benchmark } from "./benchmark.ts";
import { measureInFreshProcess } from "./fresh-process.ts";

export const importTime: readonly Benchmark[] = [
  { name: "import of opto, cold process", unit: "ms", limit: 60, sample: importMs },
];

function importMs(): Promise<number> {
  return measureInFreshProcess(`
    const started = performance.now();
    await import("opto");
    console.log(performance.now() - started);
  `);
}
