/**
 * Files as targets of values: only the text that a value came from is replaced.
 *
 * @module
 */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { relative } from "node:path";
import { type StagedFile, stageFile } from "../data/json-file.ts";
import { CheckpointError, errorText, InvalidArgumentError } from "../errors.ts";
import { type FileOrigin, hashOf, readBytes } from "./prompt-file.ts";
import { readPrompt, withPrompt } from "./prompt-shape.ts";
import type { ReturningValue, WritableTarget } from "./write-back-target.ts";

/**
 * All values that go back to one file.
 *
 * @param folder what the label is relative to
 * @throws CheckpointError when the file has changed, may not be written, or cannot hold a value
 */
export function fileTarget(values: readonly ReturningValue<FileOrigin>[], folder: string): WritableTarget {
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
export function realPath(path: string): string {
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
