/**
 * A process that runs searches over a tensor, as many of which are started as there are processors to use.
 *
 * @module
 */
import { chosenArms } from "./choose-arms.ts";
import { chosenTensor } from "./choose-tensor.ts";
import { type PolicyRun, runPolicy } from "./policy-run.ts";
import { withoutDifferences } from "./tensor-world.ts";

/** One run to do. */
export interface PolicyJob {
  /** A path, or "toy". */
  readonly tensor: string | undefined;
  /** What `tensorIdentity` says of it. */
  readonly identity: string;
  /** Whether every prompt is as good as the start. */
  readonly isSame: boolean;
  readonly search: string;
  readonly seed: number;
  readonly rollouts: number;
}

/** A run that was done. */
export interface PolicyLine extends PolicyJob, PolicyRun {}

// A job comes as a message; so does its result.
let tensor: ReturnType<typeof chosenTensor> | undefined;
process.on("message", (job: PolicyJob) => {
  tensor ??= chosenTensor(job.tensor);
  void run(job).catch((error: unknown) => process.send?.({ failed: String(error) }));
});

async function run(job: PolicyJob): Promise<void> {
  const recorded = await (tensor as ReturnType<typeof chosenTensor>);
  const arm = chosenArms([job.search]).find(({ name }) => name === job.search);
  if (arm === undefined) throw new Error(`Unknown search ${job.search}`);
  const done = await runPolicy(arm, job.isSame ? withoutDifferences(recorded, job.seed) : recorded, job.seed, job.rollouts);
  process.send?.({ ...job, ...done } satisfies PolicyLine);
}
