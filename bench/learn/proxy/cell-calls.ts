/**
 * The calls of one cell of the table: counted, limited, recorded, and replayed.
 *
 * @module
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import { type Backend, type BackendReply, type ChatRequest, errorReply, messageOf } from "./backend.ts";
import { callKey } from "./call-key.ts";
import {
  amountOf,
  type BudgetUnit,
  type CallRole,
  nothingSpent,
  type Prices,
  type Spending,
  tokensIn,
  withCall,
} from "./spending.ts";

/** One line of the record. */
interface RecordedCall {
  readonly role: CallRole;
  readonly key: string;
  readonly ms: number;
  readonly request: ChatRequest;
  /** @default 200 */
  readonly status?: number | undefined;
  readonly reply: unknown;
}

/** How calls are answered and counted. */
export interface CellCallsOptions {
  /** The record: JSON lines. */
  readonly file: string;
  readonly unit: BudgetUnit;
  readonly prices: Prices;
  /** Whether calls are answered from the record alone. */
  readonly replays: boolean;
}

/** Who answers, by role. */
export type Backends = Readonly<Record<CallRole, Backend>>;

/**
 * Every call is on record before its reply is used. A program that was interrupted between the two asks again when it resumes: the last reply on
 * record is then given once more, and not counted again.
 */
export class CellCalls {
  readonly #options: CellCallsOptions;
  /** Replies on record that have not been given yet, by role and request, in order. */
  readonly #waiting = new Map<string, RecordedCall[]>();
  /** Replies to calls for held-out scores, by request: a program that resumes asks for all of a stage again. */
  readonly #heldOut = new Map<string, BackendReply>();
  #undelivered: RecordedCall | undefined;
  /** What was said to requests that have no reply yet, by role and request. */
  readonly #refused = new Map<string, string>();
  #spent = nothingSpent;
  #missing = 0;
  #limit = 0;

  constructor(options: CellCallsOptions) {
    this.#options = options;
    const calls = readCalls(options.file, options.replays);
    if (options.replays) {
      for (const call of calls) {
        const place = `${call.role} ${call.key}`;
        this.#waiting.set(place, [...(this.#waiting.get(place) ?? []), call]);
      }
      return;
    }
    for (const call of calls) this.#count(call);
    const last = calls.at(-1);
    // A refusal may have been about something that was put right since.
    this.#undelivered = last?.status === undefined ? last : undefined;
  }

  get spent(): Spending {
    return this.#spent;
  }

  /** Calls of a replay that were not on record. */
  get missing(): number {
    return this.#missing;
  }

  /** Why requests that were within the budget have no reply: what the server, or the way to it, said last. */
  get refusals(): readonly string[] {
    return [...this.#refused.values()];
  }

  /** From how much on calls are refused, in the unit of the budget. */
  allow(limit: number): void {
    this.#limit = limit;
  }

  /** Whether a call that counts would be refused. */
  get isSpent(): boolean {
    return amountOf(this.#spent, this.#options.unit) >= this.#limit;
  }

  /** Forgets every call, for a program that cannot resume. */
  restart(): void {
    rmSync(this.#options.file, { force: true });
    this.#undelivered = undefined;
    this.#refused.clear();
    this.#heldOut.clear();
    this.#spent = nothingSpent;
  }

  /** Answers, or refuses as a provider refuses whose customer has no credit left. */
  async answer(role: CallRole, request: ChatRequest, backends: Backends, signal: AbortSignal): Promise<BackendReply> {
    const key = callKey(request);
    const again = this.#undelivered;
    this.#undelivered = undefined;
    if (again?.role === role && again.key === key) return { status: 200, body: again.reply };
    if (role !== "held-out" && this.isSpent) {
      return errorReply(429, "The budget of this run is spent", "insufficient_quota");
    }
    if (this.#options.replays) return this.#replay(role, key);
    const scored = role === "held-out" ? this.#heldOut.get(key) : undefined;
    if (scored !== undefined) return scored;
    const started = performance.now();
    const place = `${role} ${key}`;
    const reply = await backends[role].answer(request, signal).catch((error: unknown) => {
      if (!signal.aborted) this.#refused.set(place, String(error));
      throw error;
    });
    const { status, body } = reply;
    if (status === 200 && role !== "held-out" && this.#isUncounted(body)) {
      // Like a refused key: it ends a run, resumably.
      const refusal = errorReply(401, "The server reports no tokens; choose --budget-unit task-calls");
      this.#refused.set(place, messageOf(refusal));
      return refusal;
    }
    if (isFinal(status)) {
      this.#refused.delete(place);
      const ms = Math.round(performance.now() - started);
      this.#record({ role, key, ms, request, ...(status === 200 ? {} : { status }), reply: body });
    } else this.#refused.set(place, messageOf(reply));
    return reply;
  }

  /** A budget that does not count a reply would never be spent. */
  #isUncounted(reply: unknown): boolean {
    const { inputTokens, outputTokens } = tokensIn(reply);
    return ["tokens", "dollars"].includes(this.#options.unit) && inputTokens + outputTokens === 0;
  }

  #replay(role: CallRole, key: string): BackendReply {
    const calls = this.#waiting.get(`${role} ${key}`) ?? [];
    // Scores on held-out data may be read again; everything else is given as often as it was.
    const call = role === "held-out" ? calls[0] : calls.shift();
    if (call === undefined) {
      this.#missing++;
      return errorReply(400, `There is no recorded reply to this call (${role}, ${key.slice(0, 16)})`);
    }
    this.#count(call);
    return { status: call.status ?? 200, body: call.reply };
  }

  #record(call: RecordedCall): void {
    mkdirSync(dirname(this.#options.file), { recursive: true });
    appendFileSync(this.#options.file, `${JSON.stringify(call)}\n`);
    this.#count(call);
  }

  #count({ role, key, status = 200, reply }: RecordedCall): void {
    if (role === "held-out" && status === 200) this.#heldOut.set(key, { status, body: reply });
    this.#spent = withCall(this.#spent, { role, ...tokensIn(reply) }, this.#options.prices);
  }
}

/** What the key, the account, or the server is refused for, and what may pass: the same request may be answered another time. */
const passing: readonly number[] = [401, 402, 403, 404, 408, 409, 425, 429];

/** Whether a request has its reply, be it that there is something wrong with it: nobody asks it again. */
function isFinal(status: number): boolean {
  return status === 200 || (status >= 400 && status < 500 && !passing.includes(status));
}

/** The calls on record; a last line that was torn is cut off. */
export function readCalls(file: string, isReadOnly: boolean): RecordedCall[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (!isReadOnly && whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  const lines = whole.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as RecordedCall);
}
