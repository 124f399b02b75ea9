/**
 * Executors: where rollouts run.
 *
 * @module
 */
export { inProcess } from "./in-process.ts";
