/**
 * Takes the locks of many folders, each at a moment that the processes of a test share, and prints which of them it got.
 *
 * @module
 */
import { join } from "node:path";
import { takeLock } from "../../src/runs/run-lock.ts";

const [root = "", count = "0", start = "0"] = process.argv.slice(2);
const taken: number[] = [];
for (let index = 0; index < Number(count); index++) {
  while (Date.now() < Number(start) + index * 2) {}
  try {
    await takeLock(join(root, String(index)));
    taken.push(index);
  } catch {
    // Another process was faster.
  }
}
console.log(JSON.stringify(taken));
// The locks are those of a living process until all have tried.
process.stdin.resume();
