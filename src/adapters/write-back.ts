/**
 * `writeBack`: parameters go back to the files and stores that they come from, all of them or none.
 *
 * @module
 */
import { trueOrFalse } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { ownValue } from "../data/json.ts";
import { CheckpointError, errorText, OptoError } from "../errors.ts";
import type { OriginRecord, ParameterOrigin } from "../graph/parameter.ts";
import { namedParameters, type ParameterOwner } from "../graph/parameter-names.ts";
import { fileTarget, realPath } from "./file-target.ts";
import { type FileOrigin, isFileOrigin } from "./prompt-file.ts";
import { isStoreOrigin, type StoreOrigin, storeTarget } from "./prompt-store.ts";
import type { ReturningValue, WritableTarget, WriteBackTarget } from "./write-back-target.ts";

/** What is done with the values. */
export interface WriteBackOptions {
  /** Whether to check everything and write nothing. @default false */
  readonly check?: boolean | undefined;
}

/**
 * Writes the values that an agent has to where its parameters come from (`promptFile`, `promptFrom`): what `opto apply` does with the
 * best values of a run. Parameters of the program itself are left out.
 *
 * @returns the files and prompts with what has changed in each
 * @throws CheckpointError when one of them has changed since it was read, or cannot hold its value; nothing is written then
 * @example
 * await train({ agent, trainDataset, guide });
 * await writeBack(agent);
 */
export async function writeBack(agent: ParameterOwner, options: WriteBackOptions = {}): Promise<readonly WriteBackTarget[]> {
  checkTable(options, { check: trueOrFalse }, "writeBack");
  const values = [...namedParameters(agent)].flatMap(([path, parameter]): ReturningValue[] => {
    const { origin } = parameter;
    const value = parameter.peek();
    if (origin === undefined || typeof value !== "string") return [];
    return [{ path, origin, value, since: [origin.record, ...(written.get(origin) ?? [])] }];
  });
  const plan = await planWriteBack(values, process.cwd());
  if (!options.check) await plan.write("Trained with opto");
  return plan.targets;
}

/** The states that this process has written. */
const written = new WeakMap<ParameterOrigin, readonly OriginRecord[]>();

/** What writing back would do. */
export interface WriteBackPlan {
  readonly targets: readonly WriteBackTarget[];
  /**
   * Does it. Files are written aside first and renamed last, so that a failure leaves them as they are.
   *
   * @param message for stores that keep one with a version
   * @returns the states after it, by the path of the parameter
   */
  write(message: string): Promise<Readonly<Record<string, OriginRecord>>>;
}

/**
 * Reads where all the values come from, and checks that they can go back. Nothing is written.
 *
 * @param folder what the labels of files are relative to
 * @throws CheckpointError naming every file and prompt that has changed since, or cannot hold its value
 */
export async function planWriteBack(values: readonly ReturningValue[], folder: string): Promise<WriteBackPlan> {
  const targets: WritableTarget[] = [];
  const problems: string[] = [];
  for (const toTarget of targetsOf(values, folder)) {
    try {
      targets.push(await toTarget());
    } catch (error) {
      if (!OptoError.isInstance(error)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new CheckpointError([...problems, "Nothing was written"].join("\n"));
  return {
    targets: targets.map(({ label, changes, isSame }) => ({ label, changes, isSame })),
    async write(message) {
      const states = await writeAll(targets, message);
      for (const { path, origin } of values) {
        const state = ownValue(states, path);
        if (state !== undefined) written.set(origin, [state]);
      }
      return states;
    },
  };
}

/** Parameters of one file are written together. */
function targetsOf(values: readonly ReturningValue[], folder: string): (() => WritableTarget | Promise<WritableTarget>)[] {
  const files = new Map<string, ReturningValue<FileOrigin>[]>();
  const stored: ReturningValue<StoreOrigin>[] = [];
  for (const value of values) {
    const { origin } = value;
    if (isStoreOrigin(origin)) stored.push({ ...value, origin });
    else if (isFileOrigin(origin)) {
      const path = realPath(origin.path);
      files.set(path, [...(files.get(path) ?? []), { ...value, origin }]);
    } else throw new CheckpointError(`The origin of "${value.path}" is of an unknown kind, "${origin.record.kind}"`);
  }
  return [
    ...[...files.values()].map((group) => () => fileTarget(group, folder)),
    ...stored.map((value) => () => storeTarget(value)),
  ];
}

/** A target that was written, and its states since. */
interface Committed {
  readonly target: WritableTarget;
  readonly states: Readonly<Record<string, OriginRecord>>;
}

async function writeAll(all: readonly WritableTarget[], message: string): Promise<Record<string, OriginRecord>> {
  const targets = all.filter(({ isSame }) => !isSame);
  const committed: Committed[] = [];
  try {
    for (const target of targets) await target.stage?.();
    // A store may be out of reach; the rename of a file that is on the disk hardly ever fails.
    const isLast = ({ discard }: WritableTarget): number => Number(discard !== undefined);
    for (const target of targets.toSorted((a, b) => isLast(a) - isLast(b))) {
      committed.push({ target, states: await target.commit(message) });
    }
  } catch (error) {
    const written = new Set(committed.map(({ target }) => target));
    await Promise.allSettled(targets.map((target) => (written.has(target) ? undefined : target.discard?.())));
    throw await afterUndoing(committed, error);
  }
  return Object.assign({}, ...committed.map(({ states }) => states));
}

/** Takes back what was written, the last first. @returns what to throw: it names everything that is still there */
async function afterUndoing(committed: readonly Committed[], cause: unknown): Promise<unknown> {
  if (committed.length === 0) return cause;
  const [undone, left]: [string[], string[]] = [[], []];
  for (const { target, states } of committed.toReversed()) {
    const { label } = target;
    try {
      if (target.undo === undefined) left.unshift(`${label}${versionText(states)}`);
      else {
        await target.undo(states);
        undone.unshift(label);
      }
    } catch (error) {
      left.unshift(`${label}${versionText(states)}, which could not be removed: ${errorText(error)}`);
    }
  }
  const lines = [
    errorText(cause),
    ...(undone.length === 0 ? [] : [`Written before that, and removed again: ${undone.join(", ")}`]),
    left.length === 0 ? "Nothing else was written" : `Written before that, and still there: ${left.join("; ")}`,
  ];
  return new CheckpointError(lines.join("\n"), { cause });
}

function versionText(states: Committed["states"]): string {
  const versions = Object.values(states).flatMap(({ version }) => (version === undefined ? [] : [String(version)]));
  return versions.length === 0 ? "" : ` (version ${versions.join(", ")})`;
}
