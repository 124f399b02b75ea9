/**
 * The calls of one cell of the table: counted, limited, recorded, and replayed.
 *
 * @module
 */
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { type Backend, type BackendReply, type ChatRequest, errorReply, messageOf } from "./backend.ts";
import { callKey } from "./call-key.ts";
import { type ObtainedReply, type SharedReplies, sharedKey, wholeLines } from "./shared-replies.ts";
import {
  type BudgetUnit,
  type CallRole,
  isSpent,
  nothingSpent,
  type Prices,
  type Spending,
  tokensIn,
  withCall,
} from "./spending.ts";

/** One line of the record. */
export interface RecordedCall {
  readonly role: CallRole;
  readonly key: string;
  /** Milliseconds that the reply took when it was first asked. */
  readonly ms: number;
  /** The name of the shared reply, which has request and reply then. */
  readonly shared?: string | undefined;
  /** Whether another call had asked before, so that nobody waited for this one. @default false */
  readonly isAgain?: boolean | undefined;
  readonly request?: ChatRequest | undefined;
  /** @default 200 */
  readonly status?: number | undefined;
  readonly reply?: unknown;
}

/** How calls are answered and counted. */
export interface CellCallsOptions {
  /** The record: JSON lines. */
  readonly file: string;
  readonly unit: BudgetUnit;
  readonly prices: Prices;
  /** Whether calls are answered from the record alone. */
  readonly replays: boolean;
  /** Replies at temperature 0, of all cells. */
  readonly shared: SharedReplies;
  /** Settings that task and held-out calls have besides their own: the server gets them, the record does not. @default none */
  readonly taskSettings?: Readonly<Record<string, unknown>> | undefined;
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
  /** Held-out calls on record, by request: a program that resumes asks for all of a stage again. */
  readonly #heldOut = new Set<string>();
  #undelivered: RecordedCall | undefined;
  /** What was said to requests that have no reply yet, by role and request. */
  readonly #refused = new Map<string, string>();
  #spent = nothingSpent;
  #sparedMs = 0;
  #missing = 0;
  #limit = 0;

  constructor(options: CellCallsOptions) {
    this.#options = options;
    const calls = readCalls(options.file, options.replays);
    if (options.replays) {
      for (const call of calls.filter(({ shared }) => shared === undefined)) {
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

  /** Milliseconds that the calls of a run would have taken longer if no other run had asked before. */
  get sparedMs(): number {
    return this.#sparedMs;
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
    return isSpent(this.#spent, this.#options.unit, this.#limit);
  }

  /** Forgets every call, for a program that cannot resume. */
  restart(): void {
    rmSync(this.#options.file, { force: true });
    this.#undelivered = undefined;
    this.#refused.clear();
    this.#heldOut.clear();
    this.#spent = nothingSpent;
    this.#sparedMs = 0;
  }

  /** Answers, or refuses as a provider refuses whose customer has no credit left. */
  async answer(role: CallRole, request: ChatRequest, backends: Backends, signal: AbortSignal): Promise<BackendReply> {
    const key = callKey(request);
    const again = this.#undelivered;
    this.#undelivered = undefined;
    if (again?.role === role && again.key === key) return { status: 200, body: this.#replyOf(again) };
    if (role !== "held-out" && this.isSpent) {
      return errorReply(429, "The budget of this run is spent", "insufficient_quota");
    }
    const sent = role === "optimizer" ? request : { ...request, ...this.#options.taskSettings };
    // Held-out calls are few enough to be made once, and are at temperature 0 anyway.
    const isShared = role === "held-out" || (role === "task" && request.temperature === 0);
    if (this.#options.replays) return this.#replay(role, key, isShared ? sharedKey(sent) : undefined);
    const place = `${role} ${key}`;
    const started = performance.now();
    const { reply, isAgain } = await this.#ask(backends[role], sent, isShared, signal).catch((error: unknown) => {
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
    if (!isFinal(status)) {
      this.#refused.set(place, messageOf(reply));
      return reply;
    }
    this.#refused.delete(place);
    if (role === "held-out" && this.#heldOut.has(key)) return reply;
    const shared = isShared && status === 200 ? this.#options.shared.find(sharedKey(sent)) : undefined;
    const waited = Math.round(performance.now() - started);
    this.#record(
      shared === undefined
        ? { role, key, ms: waited, request, ...(status === 200 ? {} : { status }), reply: body }
        : { role, key, ms: shared.ms, shared: shared.key, ...(isAgain ? { isAgain } : {}) },
    );
    return reply;
  }

  async #ask(backend: Backend, request: ChatRequest, isShared: boolean, signal: AbortSignal): Promise<ObtainedReply> {
    if (isShared) return this.#options.shared.obtain(request, backend, signal);
    return { reply: await backend.answer(request, signal), isAgain: false };
  }

  /** A budget that does not count a reply would never be spent. */
  #isUncounted(reply: unknown): boolean {
    const { inputTokens, outputTokens } = tokensIn(reply);
    return ["tokens", "dollars"].includes(this.#options.unit) && inputTokens + outputTokens === 0;
  }

  #replay(role: CallRole, key: string, shared: string | undefined): BackendReply {
    const own = this.#waiting.get(`${role} ${key}`)?.shift();
    const call = own ?? this.#sharedCall(role, key, shared);
    if (call === undefined) {
      this.#missing++;
      return errorReply(400, `There is no recorded reply to this call (${role}, ${key.slice(0, 16)})`);
    }
    this.#count(call);
    return { status: call.status ?? 200, body: this.#replyOf(call) };
  }

  #sharedCall(role: CallRole, key: string, shared: string | undefined): RecordedCall | undefined {
    const found = shared === undefined ? undefined : this.#options.shared.find(shared);
    return found === undefined ? undefined : { role, key, ms: found.ms, shared };
  }

  #replyOf({ shared, reply }: RecordedCall): unknown {
    if (shared === undefined) return reply;
    const found = this.#options.shared.find(shared);
    if (found === undefined) throw new Error(`Reply ${shared} is missing in the record of this table`);
    return found.reply;
  }

  #record(call: RecordedCall): void {
    mkdirSync(dirname(this.#options.file), { recursive: true });
    appendFileSync(this.#options.file, `${JSON.stringify(call)}\n`);
    this.#count(call);
  }

  #count(call: RecordedCall): void {
    if (call.role === "held-out") this.#heldOut.add(call.key);
    else if (call.isAgain) this.#sparedMs += call.ms;
    this.#spent = withCall(this.#spent, { role: call.role, ...tokensIn(this.#replyOf(call)) }, this.#options.prices);
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
  return wholeLines(file, isReadOnly).map((line) => JSON.parse(line) as RecordedCall);
}
