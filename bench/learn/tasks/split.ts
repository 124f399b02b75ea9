/**
 * The parts of a task's data, dealt out by the seed of a cell.
 *
 * @module
 */
import { Random } from "opto/data";
import type { AnyTask, Row, SplitSizes } from "./task.ts";

/** Rows for one cell. No row is in two parts. */
export interface TaskSplit {
  readonly train: readonly Row[];
  readonly validation: readonly Row[];
  readonly test: readonly Row[];
}

/**
 * Deals rows out at random, stratum by stratum in turn, so that every part has its share of each. Where there are too few rows, all parts are
 * smaller in proportion.
 */
export function splitRows(task: AnyTask, rows: readonly Row[], given: SplitSizes, seed: number): TaskSplit {
  const sizes = { ...given, ...task.sizes };
  const random = new Random(seed, `split/${task.id}`);
  const strata = new Map<string, Row[]>();
  for (const row of random.shuffle(rows)) {
    const name = task.stratum?.(row) ?? "";
    strata.set(name, [...(strata.get(name) ?? []), row]);
  }
  const dealt = inTurn([...strata.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => own));
  const wanted = sizes.train + sizes.validation + sizes.test;
  const share = Math.min(1, dealt.length / wanted);
  const train = Math.floor(sizes.train * share);
  const validation = Math.floor(sizes.validation * share);
  const test = Math.floor(sizes.test * share);
  if (Math.min(train, validation, test) < 1)
    throw new Error(`Expected task ${task.id} to have at least 3 rows, got ${rows.length}`);
  // Strata alternate, so blocks of them would too: the parts are dealt in a random order.
  const order = random.shuffle(dealt.slice(0, train + validation + test));
  return {
    train: order.slice(0, train),
    validation: order.slice(train, train + validation),
    test: order.slice(train + validation),
  };
}

function inTurn(lists: readonly (readonly Row[])[]): Row[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}
