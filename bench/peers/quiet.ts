/**
 * Whether the machine is quiet: what other work takes of its processors falls on every value.
 *
 * @module
 */
import { cpus } from "node:os";
import { setTimeout } from "node:timers/promises";

/** More than this share of the processors, and values are not to be compared with those of another run. */
export const quietShare = 0.05;

/** The share of all processors' time that is taken while nothing is measured, from 0 to 1. */
export async function otherWork(milliseconds = 2_000): Promise<number> {
  const before = processorTimes();
  await setTimeout(milliseconds);
  const after = processorTimes();
  const total = after.total - before.total;
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

/** Says how quiet it was. @param share the most that other work took */
export function describeQuiet(share: number): string {
  const percent = `${(100 * share).toFixed(0)}%`;
  return share <= quietShare
    ? `The machine was quiet: other work took at most ${percent} of its processors before each round.`
    : `The machine was NOT quiet: other work took up to ${percent} of its processors before a round. Take these values again on a quiet machine.`;
}

function processorTimes(): { readonly idle: number; readonly total: number } {
  let [idle, total] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
}
