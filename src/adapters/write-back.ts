/**
 * `writeBack`: parameters go back to the files and stores that they come from, all of them or none; in a file only the text that a value came
 * from is replaced.
 *
 * @module
 */

import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { relative } from "node:path";
import { ownValue } from "../data/json.ts";
import { type StagedFile, stageFile } from "../data/json-file.ts";
import { trueOrFalse } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { CheckpointError, errorText, InvalidArgumentError, OptoError } from "../errors.ts";
import type { OriginRecord, ParameterOrigin } from "../graph/parameter.ts";
import { namedParameters, type ParameterOwner } from "../graph/parameter-names.ts";
import { type FileOrigin, hashOf, isFileOrigin, readBytes } from "./prompt-file.ts";
import { readPrompt, withPrompt } from "./prompt-shape.ts";
import { isStoreOrigin, type StoreOrigin, storeTarget } from "./prompt-store.ts";
import type { ReturningValue, WritableTarget, WriteBackTarget } from "./write-back-target.ts";

/** What is done with the values. */
export interface WriteBackOptions {
  /** Whether to check everything and write nothing. @default false */
  readonly check?: boolean | undefined;
}

/**
 * Writes the current values of an agent back to where its parameters came from (`promptFile`, `promptFrom`). `opto apply` does this with the
 * best values of a run. Parameters that are defined in the program are left out.
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

/**
 * All values that go back to one file.
 *
 * @param folder what the label is relative to
 * @throws CheckpointError when the file has changed, may not be written, or cannot hold a value
 */
function fileTarget(values: readonly ReturningValue<FileOrigin>[], folder: string): WritableTarget {
  const [{ origin }] = values as readonly [ReturningValue<FileOrigin>];
  const path = realPath(origin.path);
  const label = relative(folder, origin.path);
  const bytes = readBytes(path);
  const changes = values.map(({ path: name, origin: { shape }, value }) => {
    return { path: name, from: orRefuse(() => readPrompt(bytes, shape), name, label), to: value };
  });
  const changed = values.filter(({ value }, index) => changes[index]?.from !== value);
  refuseChanged(changed, bytes, label);
  if (changed.length > 0) refuseReadOnly(path, label);
  const written = replaced(bytes, changed, label);
  if (values.some(({ origin: { shape }, value }) => readPrompt(written, shape) !== value)) {
    const names = values.map(({ path: name }) => name).join(", ");
    throw new CheckpointError(`${label} has one text for several parameters, whose values differ: ${names}`);
  }
  let staged: StagedFile | undefined;
  return {
    label,
    changes,
    isSame: changed.length === 0,
    async stage() {
      if (!readBytes(path).equals(bytes))
        throw new CheckpointError(`${label} is being changed by another program, so it is left as it is`);
      staged = await stageFile(path, written, { mode: statSync(path).mode & 0o7777 }).catch((cause: unknown) => {
        throw new CheckpointError(`Could not write ${label}: ${errorText(cause)}`, { cause });
      });
    },
    async discard() {
      await staged?.discard();
    },
    async commit() {
      await staged?.commit();
      const sha256 = hashOf(written);
      return Object.fromEntries(values.map((value) => [value.path, { ...value.origin.record, sha256 }]));
    },
  };
}

/** The file that a path leads to: a link stays one. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Reading it says what is wrong.
    return path;
  }
}

function refuseChanged(values: readonly ReturningValue<FileOrigin>[], bytes: Buffer, label: string): void {
  if (values.length === 0) return;
  const sha256 = hashOf(bytes);
  const changed = values.filter(({ since, start, origin: { shape } }) => {
    return since.length > 0 ? since.every((state) => state.sha256 !== sha256) : readPrompt(bytes, shape) !== start;
  });
  if (changed.length > 0) {
    const names = changed.map(({ path }) => path).join(", ");
    throw new CheckpointError(
      `${label} has changed since ${names} was read from it. Undo the change, or train again from the file as it is`,
    );
  }
}

function replaced(bytes: Uint8Array, values: readonly ReturningValue<FileOrigin>[], label: string): Uint8Array {
  return values.reduce((before, { path, origin: { shape }, value }) => {
    return orRefuse(() => withPrompt(before, shape, value), path, label);
  }, bytes);
}

function orRefuse<T>(work: () => T, path: string, label: string): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause;
    throw new CheckpointError(`${path} cannot go back to ${label}: ${cause.message}`, { cause });
  }
}

/** A rename would replace it all the same. */
function refuseReadOnly(path: string, label: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw new CheckpointError(`Could not write ${label}: permission was denied. Make it writable`, { cause });
  }
}
