/**
 * Prints the ten slowest test files of each of vitest's JSON reports that are given as arguments, with their seconds.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, relative } from "node:path";

interface Report {
  /** Times are milliseconds since 1970. */
  readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[];
}

for (const path of process.argv.slice(2).filter((path) => existsSync(path))) {
  const { testResults } = JSON.parse(readFileSync(path, "utf8")) as Report;
  const files = testResults.map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }));
  console.log(`Slowest files of ${basename(path, ".json")}:`);
  for (const { name, seconds } of files.sort((a, b) => b.seconds - a.seconds).slice(0, 10)) {
    console.log(`${seconds.toFixed(1).padStart(7)} s  ${relative(".", name)}`);
  }
}
