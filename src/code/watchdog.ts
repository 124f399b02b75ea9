/**
 * A bound on the time of work that never looks at a clock: some built-ins of the sandbox loop without counting their steps.
 *
 * @module
 */
import { createContext, Script } from "node:vm";

let work: (() => void) | undefined;
const script = new Script("run()");
let context: object | undefined;

/** Runs `task` and ends it after so many milliseconds, wherever it is. Must not be used around code of the user. */
export function withinTime(task: () => void, ms: number, onTimeout: () => Error): void {
  context ??= createContext({ run: () => work?.() });
  const outer = work;
  work = task;
  try {
    script.runInContext(context, { timeout: Math.max(1, Math.ceil(ms)) });
  } catch (error) {
    throw (error as { code?: unknown } | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? onTimeout() : error;
  } finally {
    work = outer;
  }
}
