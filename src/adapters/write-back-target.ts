/**
 * The contract of what prompts are written back to: a file, or a prompt in a store.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { OriginRecord, ParameterOrigin } from "../graph/parameter.ts";

/** A value on its way back. */
export interface ReturningValue<Origin extends ParameterOrigin = ParameterOrigin> {
  /** Dotted path of the parameter. */
  readonly path: string;
  readonly origin: Origin;
  readonly value: string;
  /** States of the origin that the value was learned from, or that were written since. Unless it is in one of them, it has changed. */
  readonly since: readonly OriginRecord[];
  /** The text that the value was learned from: it has to be there where no state is known. */
  readonly start?: JsonValue | undefined;
}

/** A file, or a prompt in a store, and what would be written to it. Everything that can be checked has been. */
export interface WriteBackTarget {
  /** For people: a path, or the name of a prompt. */
  readonly label: string;
  readonly changes: readonly { readonly path: string; readonly from: string; readonly to: string }[];
  /** Whether all values are there already. */
  readonly isSame: boolean;
}

/** A target in the steps of writing it. */
export interface WritableTarget extends WriteBackTarget {
  /** Does what may fail and can be undone: a file is written aside, a prompt in a store is read once more. */
  stage?(): Promise<void>;
  /** Undoes it: what only files need. */
  discard?(): Promise<void>;
  /**
   * @param message for stores that keep one with a version
   * @returns the state after it, by the path of the parameter
   */
  commit(message: string): Promise<Readonly<Record<string, OriginRecord>>>;
  /** Takes back what `commit` has written, where that is possible. @param states what it returned */
  undo?(states: Readonly<Record<string, OriginRecord>>): Promise<void>;
}
