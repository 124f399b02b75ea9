/**
 * `TraceIndex`: where the rollouts and calls that a run keeps in full are in its files.
 *
 * @module
 */
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseJsonObject } from "../data/json.ts";
import { traceNames } from "../runs/trace-file.ts";
import type { CallRecord, RolloutLine } from "../runs/trace-record.ts";
import { type LineRef, LineStore } from "./line-store.ts";
import { type CheckedRollout, checkedCall, checkedRollout } from "./trace-shapes.ts";

type FileKey = keyof typeof traceNames;

/** A rollout in short. */
export interface RolloutEntry {
  readonly position: string;
  readonly at: string;
  readonly ms: number;
  readonly status: RolloutLine["status"];
  readonly score: number | null;
  readonly dataset: string | null;
  readonly example: number | null;
  readonly sample: number;
  /** Fingerprint of its values. */
  readonly values: string;
  readonly error: string | null;
  readonly file: FileKey;
  readonly line: LineRef;
}

/** A call outside of rollouts. */
export interface CallEntry {
  readonly position: string;
  readonly at: string;
  readonly file: FileKey;
  readonly line: LineRef;
}

interface FileState {
  inode: number;
  /** How far it was read. */
  offset: number;
  rollouts: RolloutEntry[];
  calls: CallEntry[];
  omitted: number;
  unreadable: number;
  size: number;
}

const keys: readonly FileKey[] = ["failed", "older", "newest"];

/** Reads the files of one run, and what is added to them. */
export class TraceIndex {
  readonly #folder: string;
  readonly #files = new Map<FileKey, FileState>();
  #byPosition: Map<string, RolloutEntry> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** In bytes. */
  get bytes(): number {
    return this.#sum(({ size }) => size);
  }

  /** How many were left out. */
  get omitted(): number {
    return this.#sum(({ omitted }) => omitted);
  }

  /** How many lines cannot be read. */
  get unreadable(): number {
    return this.#sum(({ unreadable }) => unreadable);
  }

  /** How many calls there are outside of rollouts. */
  get numCalls(): number {
    return this.#sum(({ calls }) => calls.length);
  }

  /** The rollouts, the newest of every position, in order of their ends. */
  get rollouts(): readonly RolloutEntry[] {
    return [...this.#positions().values()];
  }

  /** @returns whether anything is new */
  async refresh(): Promise<boolean> {
    let isNew = false;
    for (const key of keys) if (await this.#refreshFile(key)) isNew = true;
    if (isNew) this.#byPosition = undefined;
    return isNew;
  }

  find(position: string): RolloutEntry | undefined {
    return this.#positions().get(position);
  }

  /** All of a rollout; `undefined` where its file has given way meanwhile. */
  async read(entry: RolloutEntry): Promise<CheckedRollout | undefined> {
    for (const at of [entry, undefined]) {
      if (at === undefined) await this.refresh();
      const found = at ?? this.find(entry.position);
      if (found === undefined) return undefined;
      const line = this.#store(found.file).one(found.line);
      if (line.kind === "rollout" && line.position === entry.position) return checkedRollout(line);
    }
    return undefined;
  }

  /** The calls outside of rollouts whose position begins so, in their order; those of an earlier process are replaced. */
  calls(prefix: string): CallRecord[] {
    const found = new Map<string, CallEntry>();
    for (const entry of this.#all(({ calls }) => calls)) {
      const { position } = entry;
      if (position === prefix || position.startsWith(`${prefix}/`)) found.set(position, entry);
    }
    return [...found.values()].flatMap((entry) => this.callOf(entry) ?? []);
  }

  /** All calls outside of rollouts. */
  get callEntries(): readonly CallEntry[] {
    return this.#all(({ calls }) => calls);
  }

  /** A call in full; `undefined` where it can no longer be read. */
  callOf({ file, line, position }: CallEntry): CallRecord | undefined {
    const fields = this.#store(file).one(line);
    return fields.kind === "call" && fields.position === position ? checkedCall(fields) : undefined;
  }

  /** A rollout in full, as its file is now; empty where it has given way. */
  lineOf({ file, line, position }: RolloutEntry): CheckedRollout["line"] {
    const fields = this.#store(file).one(line);
    return checkedRollout(fields.position === position ? fields : {}).line;
  }

  #positions(): Map<string, RolloutEntry> {
    if (this.#byPosition !== undefined) return this.#byPosition;
    const sorted = this.#all(({ rollouts }) => rollouts).sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
    this.#byPosition = new Map();
    for (const entry of sorted) {
      this.#byPosition.delete(entry.position);
      this.#byPosition.set(entry.position, entry);
    }
    return this.#byPosition;
  }

  #all<T>(of: (state: FileState) => readonly T[]): T[] {
    return keys.flatMap((key) => {
      const state = this.#files.get(key);
      return state === undefined ? [] : of(state);
    });
  }

  #sum(of: (state: FileState) => number): number {
    return this.#all((state) => [of(state)]).reduce((sum, number) => sum + number, 0);
  }

  #store(key: FileKey): LineStore {
    return new LineStore(join(this.#folder, traceNames[key]));
  }

  async #refreshFile(key: FileKey): Promise<boolean> {
    const path = join(this.#folder, traceNames[key]);
    const found = await stat(path).catch(() => undefined);
    const known = this.#files.get(key);
    if (found === undefined) return this.#files.delete(key);
    const isSame = known !== undefined && known.inode === found.ino && found.size >= known.offset;
    if (isSame && known.size === found.size) return false;
    const state = isSame ? known : { inode: found.ino, offset: 0, rollouts: [], calls: [], omitted: 0, unreadable: 0, size: 0 };
    state.size = found.size;
    this.#files.set(key, state);
    await readFrom(path, state, key);
    return true;
  }
}

async function readFrom(path: string, state: FileState, file: FileKey): Promise<void> {
  const handle = await open(path, "r");
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const piece = Buffer.allocUnsafe(4 * 2 ** 20);
      const { bytesRead } = await handle.read(piece, 0, piece.length, state.offset + rest.length);
      if (bytesRead === 0) return;
      const bytes = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = bytes.indexOf(10, rest.length); end >= 0; end = bytes.indexOf(10, start)) {
        take(bytes.subarray(start, end), state, { file, line: { offset: state.offset + start, length: end - start } });
        start = end + 1;
      }
      rest = bytes.subarray(start);
      state.offset += start;
    }
  } finally {
    await handle.close();
  }
}

/** Takes the fields that come before the long ones; where those have another form than is expected, all of them. */
function take(bytes: Buffer, state: FileState, at: { readonly file: FileKey; readonly line: LineRef }): void {
  if (bytes.length === 0) return;
  const isCall = bytes.subarray(0, 20).includes('"kind":"call"');
  // Of an object: a metric may be called `input` too.
  const long = bytes.indexOf(isCall ? ',"messages":[' : ',"input":{"');
  const head = long < 0 ? undefined : parseJsonObject(`${bytes.toString("utf8", 0, long)}}`);
  const fields = head ?? parseJsonObject(bytes.toString("utf8")) ?? {};
  const { kind, position } = fields;
  if (kind === "omitted") state.omitted += Number(fields.rollouts) + Number(fields.calls) || 0;
  else if (typeof position !== "string" || (kind !== "call" && kind !== "rollout")) state.unreadable++;
  else if (kind === "call") state.calls.push({ position, at: String(fields.at), ...at });
  else state.rollouts.push({ ...rolloutIn(fields), position, ...at });
}

function rolloutIn(fields: Readonly<Record<string, unknown>>): Omit<RolloutEntry, "position" | "file" | "line"> {
  const { dataset, example, sample, score, error, values, status } = fields;
  return {
    at: String(fields.at),
    ms: Number(fields.ms) || 0,
    status: status === "failed" || status === "unscored" ? status : "scored",
    score: typeof score === "number" ? score : null,
    dataset: typeof dataset === "string" ? dataset : null,
    example: typeof example === "number" ? example : null,
    sample: typeof sample === "number" ? sample : 0,
    values: String(values),
    error: typeof error === "string" ? error : null,
  };
}
