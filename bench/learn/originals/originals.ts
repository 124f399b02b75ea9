/**
 * Other libraries that are run beside opto, each in a Python process of its own.
 *
 * @module
 */
import type { AnyTask } from "../tasks/task.ts";

export type OriginalName = "gepa-original" | "dspy-mipro" | "dspy-simba" | "dspy-bootstrap" | "dspy-gepa";

/** One algorithm of another library. */
export interface Original {
  readonly name: OriginalName;
  /** The search of opto that is of its kind. */
  readonly search: string;
  /** Its file in this folder. */
  readonly program: string;
  /** The package whose version is shown. */
  readonly package: string;
  /** Further packages that it needs. */
  readonly requirements: readonly string[];
  /** Whether it can do a task. */
  readonly fits: (task: AnyTask) => boolean;
}

/** It runs its own agent: one call with an instruction and demonstrations. */
const hasOneCall = (task: AnyTask): boolean => task.callsModel && task.demonstrations !== undefined;
const dspy = {
  program: "dspy_program.py",
  package: "dspy",
  requirements: ["dspy==3.4.1", "gepa==0.1.4", "optuna"],
  fits: hasOneCall,
};

export const originals: readonly Original[] = [
  {
    name: "gepa-original",
    search: "gepa",
    program: "gepa_program.py",
    package: "gepa",
    requirements: ["gepa==0.1.4", "litellm==1.91.5"],
    fits: ({ callsModel }) => callsModel,
  },
  { name: "dspy-mipro", search: "mipro", ...dspy },
  { name: "dspy-simba", search: "simba", ...dspy },
  { name: "dspy-bootstrap", search: "bootstrapFewShot", ...dspy },
  { name: "dspy-gepa", search: "gepa", ...dspy },
];
