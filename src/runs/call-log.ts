/**
 * The calls of a run: every request that was sent and every answer that was paid for, appended to one file.
 *
 * @module
 */
import { hash } from "node:crypto";
import type { JsonValue } from "../data/json.ts";
import { StopError } from "../errors.ts";
import { callKey } from "../llm/call-key.ts";
import type { CallRecords, IdentifiedCall } from "../llm/call-records.ts";
import type { Ledger } from "../llm/ledger.ts";
import type { ModelReply, ModelRequest } from "../llm/model-request.ts";
import type { TokenCounts } from "../llm/token-counts.ts";
import type { CallEntry } from "../llm/usage.ts";
import { RecordFile, type RecordLine } from "./record-file.ts";

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
    return { ...entry, position, key: occurrence === 0 ? first : hash("sha256", `${first}/${occurrence}`) };
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
