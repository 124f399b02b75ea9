/**
 * What changes something: applying values, marking a candidate, stopping a run, correcting an answer.
 *
 * @module
 */
import { fingerprint } from "../data/fingerprint.ts";
import { isJsonValue, type JsonValue } from "../data/json.ts";
import type { InTurn } from "../data/shared-work.ts";
import type { Candidate } from "../graph/with-values.ts";
import { requestStop } from "../runs/stop-request.ts";
import type { ApplyAnswer, CorrectAnswer, DatasetName, MarkAnswer, StopAnswer, ViewerAction } from "./api.ts";
import { RequestError } from "./api-error.ts";
import { candidateOf } from "./candidate-view.ts";
import { refuseGone } from "./notes.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** Plans to write values where the program reads them, as `opto apply` does. */
export type PlanValues = (
  run: { readonly id: string; readonly folder: string },
  values: {
    readonly candidate: string;
    readonly iteration: number;
    readonly score: number | null;
    readonly parameters: Candidate;
    readonly isBest: boolean;
  },
) => Promise<PlannedValues>;

/** What would be written. */
export interface PlannedValues {
  readonly targets: ApplyAnswer["targets"];
  /** Writes what is not the same. */
  write(): Promise<void>;
}

/** What the actions need. */
export interface ActionParts {
  /** `undefined` where the server cannot apply values. */
  readonly apply: PlanValues | undefined;
  /** Values are applied one after the other. */
  readonly inTurn: InTurn;
  /** The time, ISO 8601. */
  readonly now: () => string;
}

type Body = Readonly<Record<string, unknown>>;
type Act = (run: ViewedRun, body: Body, parts: ActionParts) => Promise<object>;

/** By name. */
export const runActions: Readonly<Record<ViewerAction, Act>> = { apply, mark, stop, correct };

async function apply(run: ViewedRun, { candidate, dry, plan }: Body, parts: ActionParts): Promise<ApplyAnswer> {
  const { apply: planOf, inTurn } = parts;
  if (planOf === undefined) {
    throw new RequestError(
      "conflict",
      `Values are applied by \`opto view\` and \`opto apply ${run.id}\`; this page belongs to a training process`,
    );
  }
  if (typeof dry !== "boolean") throw new RequestError("invalid", "Expected `dry` to be true or false");
  if (!dry && typeof plan !== "string") {
    throw new RequestError(
      "invalid",
      "Expected `plan`, as the answer with `dry: true` has it: what was shown is what is written",
    );
  }
  const row = candidate === undefined ? run.best : candidateOf(run, textOf("candidate", candidate));
  if (row === undefined) throw new RequestError("conflict", `The run ${run.id} has no best values yet`);
  const isBest = row === run.best;
  const values = {
    candidate: row.id,
    iteration: isBest ? (run.files.best?.iteration ?? row.iteration) : row.iteration,
    score: isBest ? (run.files.best?.score ?? null) : (row.score ?? null),
    parameters: run.valuesOf(row),
    isBest,
  };
  return inTurn(async () => {
    const { targets, write } = await planOf(run, values);
    const same = targets.every((target) => target.same);
    const own = fingerprint({ run: run.id, candidate: row.id, targets });
    if (!dry && plan !== own) {
      throw new RequestError(
        "conflict",
        "The values that would be overwritten have changed since they were shown, so nothing was written. Look at the difference again",
      );
    }
    const written = !dry && !same;
    if (written) await write();
    return { run: run.id, candidate: row.id, plan: own, same, written, targets };
  });
}

async function mark(run: ViewedRun, { candidate, note }: Body, { now }: ActionParts): Promise<MarkAnswer> {
  const row = candidateOf(run, textOf("candidate", candidate));
  return { marks: await run.notes.mark(row.id, note === null ? null : textOf("note", note), now()) };
}

async function stop(run: ViewedRun, _body: Body, { now }: ActionParts): Promise<StopAnswer> {
  const { holder, state } = run.files;
  if (holder === null) throw new RequestError("conflict", `The run ${run.id} is not running: it is ${state}`);
  await refuseGone(run.folder);
  await requestStop(run.folder, now());
  return {
    message: `Process ${holder.pid} on ${holder.host} stops within about a second: work in flight ends, the run is saved, and the same command resumes it`,
  };
}

async function correct(
  run: ViewedRun,
  { dataset, example, expected, note = "" }: Body,
  { now }: ActionParts,
): Promise<CorrectAnswer> {
  const name = textOf("dataset", dataset);
  if (!["train", "validate", "test"].includes(name))
    throw new RequestError("invalid", 'Expected `dataset` to be "train", "validate", or "test"');
  if (!Number.isSafeInteger(example) || (example as number) < 0) {
    throw new RequestError("invalid", "Expected `example` to be the place of an example in its dataset, from 0");
  }
  if (!isJsonValue(expected)) throw new RequestError("invalid", "Expected `expected`, the answer that is right");
  const correction = {
    dataset: name as DatasetName,
    example: example as number,
    expected: expected as JsonValue,
    note: textOf("note", note),
    at: now(),
  };
  await run.notes.correct(correction);
  return { correction };
}

function textOf(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new RequestError("invalid", `Expected \`${name}\` to be a text`);
}
