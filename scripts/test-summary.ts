/**
 * Adds up vitest's JSON reports and prints `N passed, N failed`.
 *
 * The first argument is the status of the whole run: when it is not 0, at least one failure is printed. The second is
 * the number of other steps that failed; each counts as one failure. The rest are reports: one that is missing, or that
 * failed without a failing test (a file that does not load), counts as one failure too.
 *
 * @module
 */
import { readFileSync } from "node:fs";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
}

const [status, failedSteps, ...paths] = process.argv.slice(2);
let passed = 0;
let failed = Number(failedSteps);
for (const path of paths) {
  const report = read(path);
  passed += report.numPassedTests;
  failed += report.numFailedTests > 0 || report.success ? report.numFailedTests : 1;
}
if (failed === 0 && status !== "0") failed = 1;
console.log(`${passed} passed, ${failed} failed`);

function read(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, success: false };
  }
}
