/**
 * Tasks of BIG-bench as rows: questions with their right answer.
 *
 * @module
 */
import type { Row } from "../tasks/task.ts";
import { packageFile } from "./package-files.ts";

/** BIG-bench, as its tasks' sources state it. */
export const bigBench = { name: "BIG-bench, PyPI package bigbench 1.0.0", license: "Apache-2.0" } as const;

/** A task of the package that consists of questions with target scores. */
export interface BigBenchTask {
  /** Its folder. */
  readonly name: string;
  readonly sha256: string;
}

interface TaskFile {
  readonly examples: readonly { readonly input: string; readonly target_scores: Readonly<Record<string, number>> }[];
}

/** Distinct questions; the answer is the one with the highest target score. */
export async function bigBenchRows({ name, sha256 }: BigBenchTask, cache: string): Promise<Row<string, string>[]> {
  const member = `bigbench/benchmark_tasks/${name}/task.json`;
  const { examples } = JSON.parse(await packageFile({ requirement: "bigbench==1.0.0", member, sha256 }, cache)) as TaskFile;
  const rows = examples.map(({ input, target_scores }): Row<string, string> => {
    const [answer = ""] = Object.entries(target_scores).toSorted(([, a], [, b]) => b - a)[0] ?? [];
    return { id: input, input, info: answer };
  });
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}
