/**
 * The counting server with a real limit, and faults on top of it that a seeded stream decides.
 *
 * @module
 */

import { Random } from "opto/data";
import type { ModelRole } from "opto/llm";
import { errorBody, type ServerReply, type ServerRequest, startOpenAIServer } from "../support/openai-server.ts";
import { answerOf, fraction, roleOf } from "./model-server.ts";

/** How often something goes wrong, each from 0 to 1. */
export interface Faults {
  /** Status 429; every second one says for how long to wait. */
  readonly refused?: number;
  /** Status 500, at once. */
  readonly failed?: number;
  /** A body that is no completion, after the usual time. */
  readonly malformed?: number;
  /** The connection is dropped: at once, or after the usual time in the middle of the answer. */
  readonly reset?: number;
  /** Never answered. */
  readonly hang?: number;
}

/** What a faulty server can be made with. */
export interface FaultyServerOptions {
  readonly seed?: number;
  readonly faults?: Faults;
  /** Requests in flight; what comes above is refused. @default no limit */
  readonly limit?: number;
  /** Half to one and a half times this, by the content of the request. @default 0 */
  readonly latencyMs?: number;
  /** Whether a hanging request keeps one of the places until the client has gone; else it is lost before. @default false */
  readonly hangsInside?: boolean;
  /** In seconds, for refusals that say so. @default 1 */
  readonly retryAfter?: number;
  /** Decides before everything else; what it leaves open goes its usual way. */
  readonly instead?: (request: ServerRequest) => ServerReply | undefined;
}

/** A whole answer that the server gave. */
export interface GivenAnswer {
  readonly role: ModelRole;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
}

/** What happened to requests that got no answer. */
export type FaultCounts = Record<"refused" | "overLimit" | "failed" | "malformed" | "reset" | "hang", number>;

/** A running server. */
export interface FaultyServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly seen: readonly ServerRequest[];
  readonly answers: readonly GivenAnswer[];
  readonly counts: Readonly<FaultCounts>;
  /** When the first request came, by the monotonic clock. */
  readonly begunAt: number | undefined;
}

/** What comes with status 200 when something between the model and the client is broken. */
const brokenBodies: readonly unknown[] = [
  '{"id":"chatcmpl-1","choices":[{"message":{"role":"assist',
  "<html><body>502 Bad Gateway</body></html>",
  "",
  { object: "chat.completion" },
  { id: "chatcmpl-1", object: "chat.completion", created: 0, model: "test-model", choices: [] },
  { error: { message: "The server had an error while processing your request", type: "server_error", code: null } },
];

/** Starts a server whose good answers depend on the request alone. */
export async function startFaultyServer(options: FaultyServerOptions = {}): Promise<FaultyServer> {
  const { seed = 0, faults = {}, limit = Number.POSITIVE_INFINITY, latencyMs = 0, retryAfter = 1, instead } = options;
  const { hangsInside = false } = options;
  const { refused = 0, failed = 0, malformed = 0, reset = 0, hang = 0 } = faults;
  const random = new Random(seed, "faults");
  const answers: GivenAnswer[] = [];
  const counts: FaultCounts = { refused: 0, overLimit: 0, failed: 0, malformed: 0, reset: 0, hang: 0 };
  let inFlight = 0;
  let begunAt: number | undefined;

  /** What goes wrong with the next request. */
  function nextFault(): keyof Faults | undefined {
    let chance = random.next();
    for (const [kind, share] of Object.entries({ refused, failed, malformed, reset, hang })) {
      chance -= share;
      if (chance < 0) return kind as keyof Faults;
    }
    return undefined;
  }

  function refusal(isTold: boolean): ServerReply {
    const body = errorBody("Rate limit reached for requests", "rate_limit_exceeded", "requests");
    return { status: 429, body, ...(isTold ? { headers: { "retry-after": String(retryAfter) } } : {}) };
  }

  const server = await startOpenAIServer(async (request): Promise<ServerReply> => {
    begunAt ??= performance.now();
    const decided = instead?.(request);
    if (decided !== undefined) return decided;
    const [fault, isEven] = [nextFault(), random.next() < 0.5];
    if (fault !== undefined) counts[fault]++;
    if (fault === "refused") return refusal(isEven);
    if (fault === "failed") return { status: 500, body: errorBody("The server had an error", null, "server_error") };
    if (fault === "hang" && !hangsInside) return { hang: true };
    if (fault === "reset" && isEven) return { reset: true };
    if (inFlight >= limit) {
      if (fault === undefined) counts.overLimit++;
      return refusal(false);
    }
    inFlight++;
    try {
      if (fault === "hang") {
        await request.gone;
        return { hang: true };
      }
      const text = answerOf(request);
      const time = latencyMs * (0.5 + fraction(`${text}${request.prompt}`));
      if (time > 0) await new Promise((resolve) => setTimeout(resolve, time));
      if (fault === "malformed") return { status: 200, body: brokenBodies[counts.malformed % brokenBodies.length] };
      if (fault === "reset") return { reset: "mid-body" };
      // One reply in twelve is thought about at length.
      const thought = fraction(`thought ${JSON.stringify(request.body)}`) < 1 / 12 ? 1500 : 0;
      const inputTokens = Math.ceil(JSON.stringify(request.body).length / 4);
      const usage = { inputTokens, outputTokens: Math.ceil(text.length / 4) + thought };
      answers.push({ role: roleOf(request), ...usage, at: performance.now() });
      return { text, usage };
    } finally {
      inFlight--;
    }
  });
  return {
    baseUrl: server.baseUrl,
    seen: server.requests,
    answers,
    counts,
    get begunAt() {
      return begunAt;
    },
    [Symbol.asyncDispose]: server.close,
  };
}
