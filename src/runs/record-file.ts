/**
 * Files of records that are found again by their key: the answers of models and the results of rollouts.
 *
 * @module
 */
import { fingerprint } from "../data/fingerprint.ts";
import { type JsonValue, parseJsonObject } from "../data/json.ts";
import { nodeCrypto } from "../data/load-on-demand.ts";
import { StopError } from "../errors.ts";
import type { CallRecords, IdentifiedCall } from "../llm/call-services.ts";
import { callKey } from "../llm/calls-in-flight.ts";
import type { ModelReply, ModelRequest, TokenCounts } from "../llm/model-request.ts";
import type { Ledger } from "../llm/spend/ledger.ts";
import type { CallEntry } from "../llm/spend/usage.ts";
import type { RolloutRecords, RunIdentity } from "../trainer/run-keeper.ts";
import { AppendFile } from "./append-file.ts";

/** One line of the file: what is told of it, and perhaps content that is found by the key. */
export interface RecordLine {
  readonly key: string;
  readonly content?: JsonValue;
  /** The first 32 digits of the SHA-256 of key and content. */
  readonly sha256?: string;
  /** Whether what was recorded under the key before is not to be found any more. */
  readonly discarded?: boolean;
  readonly [field: string]: JsonValue | undefined;
}

/**
 * Appends records, one line each. Only where they stand is kept in memory. A last line that a crash has torn is cut off; a
 * record that is damaged counts as none.
 */
export class RecordFile {
  readonly #file: AppendFile;
  readonly #places = new Map<string, { readonly start: number; readonly length: number }>();
  readonly #discarded = new Set<string>();
  #damaged = 0;

  /**
   * @param onLine hears every whole line that stands in the file already
   * @param options with `readOnly` the file is left as it is: another process may be writing it
   */
  constructor(
    path: string,
    onLine: (line: RecordLine) => void = () => {},
    { readOnly = false }: { readonly readOnly?: boolean } = {},
  ) {
    this.#file = new AppendFile(path, { readOnly });
    let whole = 0;
    for (const { bytes, start, next } of this.#file.lines()) {
      const line = parseLine(bytes.toString("utf8"));
      if (line === undefined) this.#damaged++;
      else {
        onLine(line);
        if (line.discarded === true) this.#discarded.add(line.key);
        if (line.content !== undefined) this.#setPlace(line.key, { start, length: next - start });
      }
      whole = next;
    }
    if (!readOnly && whole < this.#file.size) this.#file.truncate(whole);
  }

  /** Lines that could not be read. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Whether the content under a key was discarded, and none has been recorded since. */
  isDiscarded(key: string): boolean {
    return this.#discarded.has(key);
  }

  /** The content that was recorded last under a key, also when it was discarded. */
  find(key: string): JsonValue | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const line = parseLine(this.#file.read(place.start, place.length).toString("utf8"));
    if (line?.content !== undefined && line.sha256 === checksum(key, line.content)) return line.content;
    this.#damaged++;
    this.#places.delete(key);
    return undefined;
  }

  /** Writes a line without content. It survives a crash of the program at once. */
  note(line: RecordLine): void {
    if (line.discarded === true) this.#discarded.add(line.key);
    this.#file.append(`${JSON.stringify(line)}\n`);
  }

  /**
   * Writes a record; resolves when it would survive a loss of power.
   *
   * @throws StopError when it cannot be written
   */
  async record(line: RecordLine, content: JsonValue): Promise<void> {
    const text = `${JSON.stringify({ ...line, content, sha256: checksum(line.key, content) })}\n`;
    const start = this.#file.append(text);
    await this.#file.durable();
    this.#setPlace(line.key, { start, length: Buffer.byteLength(text) });
  }

  #setPlace(key: string, place: { readonly start: number; readonly length: number }): void {
    this.#places.set(key, place);
    this.#discarded.delete(key);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

function checksum(key: string, content: JsonValue): string {
  return nodeCrypto()
    .hash("sha256", `${key}${JSON.stringify(content)}`)
    .slice(0, 32);
}

function parseLine(text: string): RecordLine | undefined {
  const line = parseJsonObject(text);
  return typeof line?.key === "string" ? (line as unknown as RecordLine) : undefined;
}

/** By which code the results of rollouts came to be. */
export interface RolloutLogOptions {
  /** Fingerprints of the code of agent and guide: results of other code are not found. */
  readonly code?: RunIdentity["code"];
  /** Whether results are found, too, of which it is not known by which code they came to be: those of an earlier opto. */
  readonly takesUnknown?: boolean;
}

/** Keeps the results of rollouts in a file of lines. */
export class RolloutLog implements RolloutRecords {
  readonly #file: RecordFile;
  readonly #code: string;
  readonly #takesUnknown: boolean;

  constructor(path: string, { code = {}, takesUnknown = false }: RolloutLogOptions = {}) {
    this.#file = new RecordFile(path);
    this.#code = fingerprint(code);
    this.#takesUnknown = takesUnknown;
  }

  find(key: string): JsonValue | undefined {
    return this.#file.find(this.#keyOf(key)) ?? (this.#takesUnknown ? this.#file.find(key) : undefined);
  }

  record(key: string, position: string, result: JsonValue): Promise<void> {
    return this.#file.record({ key: this.#keyOf(key), position }, result);
  }

  #keyOf(key: string): string {
    return nodeCrypto().hash("sha256", `${key}/${this.#code}`);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Whether answers are recorded and used again: `record` does both, `replay` calls no provider, `off` neither. */
export type CacheMode = "off" | "replay" | "record";

/**
 * Keeps calls in a file of lines: `sent` for a request that goes out, `answered` with its reply for what came back, `joined`
 * for a call that shared the answer of an identical one, `discarded` for answers of which nothing could be made. An answer is on the disk before it is used. The lines are also what the ledger is made of when a run goes on.
 */
export class CallLog implements CallRecords {
  readonly #file: RecordFile;
  readonly #mode: CacheMode;
  readonly #others: readonly RecordFile[];
  /** How often each request was made at its position. */
  readonly #occurrences = new Map<string, number>();
  #earlier: RecordLine[] = [];

  /** @param others records of other runs, which are only read and closed with this one */
  constructor(path: string, mode: CacheMode, others: readonly RecordFile[] = []) {
    this.#mode = mode;
    this.#others = others;
    this.#file = new RecordFile(path, ({ content: _, ...line }) => this.#earlier.push(line));
  }

  /** Lines that could not be read. */
  get damaged(): number {
    return this.#file.damaged;
  }

  /** Tells the ledger of every call that stood in the file. */
  restoreUse(ledger: Ledger): void {
    for (const line of this.#earlier) {
      const { model, role, iteration, candidate, ...tokens } = line as unknown as CallEntry & TokenCounts;
      const entry = { model, role, iteration, candidate };
      if (line.call === "sent") ledger.recordSent(entry);
      if (line.call === "answered") ledger.recordAnswer({ ...entry, ...tokens });
    }
    this.#earlier = [];
  }

  identify(position: string, request: ModelRequest, entry: CallEntry): IdentifiedCall {
    const first = callKey(position, entry.model, request);
    const occurrence = this.#occurrences.get(first) ?? 0;
    this.#occurrences.set(first, occurrence + 1);
    return { ...entry, position, key: occurrence === 0 ? first : nodeCrypto().hash("sha256", `${first}/${occurrence}`) };
  }

  async find({ key, model, position }: IdentifiedCall): Promise<ModelReply | undefined> {
    if (this.#mode === "off") return undefined;
    for (const file of [this.#file, ...this.#others]) {
      // Without a provider to ask, a reply that was no use is replayed as it came. Else it is not looked for elsewhere either: it may
      // have come from there.
      if (this.#mode === "record" && file.isDiscarded(key)) return undefined;
      const reply = file.find(key);
      if (reply !== undefined) return reply as unknown as ModelReply;
    }
    if (this.#mode === "record") return undefined;
    throw new StopError(
      "storage",
      `There is no recorded answer to the call of ${model} at ${position || "the start"} (${key.slice(0, 12)}…), and with ` +
        '`run.cache: "replay"` no provider is called. Record it with `run.cache: "record"`',
    );
  }

  sent(call: IdentifiedCall): void {
    this.#file.note({ call: "sent", ...fieldsOf(call) });
  }

  async answered(call: IdentifiedCall, reply: ModelReply): Promise<void> {
    const line = { call: "answered", ...fieldsOf(call), ...reply.usage };
    if (this.#mode === "off") this.#file.note(line);
    else await this.#file.record(line, reply as unknown as JsonValue);
  }

  async joined(call: IdentifiedCall, reply: ModelReply): Promise<void> {
    if (this.#mode === "off") return;
    await this.#file.record({ call: "joined", ...fieldsOf(call) }, reply as unknown as JsonValue);
  }

  discard(calls: readonly IdentifiedCall[]): void {
    if (this.#mode !== "record") return;
    for (const call of calls) this.#file.note({ call: "discarded", ...fieldsOf(call), discarded: true });
  }

  async close(): Promise<void> {
    await Promise.all([this.#file, ...this.#others].map((file) => file.close()));
  }
}

function fieldsOf({ key, position, model, role, iteration, candidate }: IdentifiedCall): RecordLine {
  return { key, position, model, role, iteration, candidate };
}
