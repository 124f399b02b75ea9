/**
 * What goes wrong in each row of the table of failures, by the id of the row.
 *
 * @module
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { errorBody, type ServerReply, type ServerRequest } from "../support/openai-server.ts";
import type { Party } from "./read-table.ts";
import { type Fault, marked } from "./rehearse.ts";

/** Makes the fault of a row for one of its parties; `place` is the folder of the runs. */
export type FaultOf = (party: Party, place: string) => Fault;

/** Every request is answered like this. */
const always =
  (reply: ServerReply): FaultOf =>
  () => ({ reply: () => reply });

/** Every request about one example is answered like this. */
const once =
  (reply: ServerReply): FaultOf =>
  () => ({ reply: (request) => (isMarked(request) ? reply : undefined) });

/** One request in three is answered like this, and well when it is made again. */
const atFirst =
  (reply: ServerReply): FaultOf =>
  () => {
    const refused = new Set<string>();
    return {
      reply: ({ body }) => {
        const text = JSON.stringify(body);
        if (refused.has(text) || refused.size > 3) return undefined;
        refused.add(text);
        return reply;
      },
    };
  };

/** The server is gone from some request on. */
const goneAfter =
  (count: Partial<Record<Party, number>>): FaultOf =>
  (party) => ({
    reply: (request, server) => {
      if (request.index < (count[party] ?? 0)) return undefined;
      void server.close();
      return { reset: true };
    },
  });

/** How many requests there are before: an evaluation on 10 examples and a batch of 5; one proposal. */
const startOfSecondIteration: Partial<Record<Party, number>> = { agent: 15, judge: 15, optimizer: 1 };

const isMarked = ({ body }: ServerRequest): boolean => JSON.stringify(body).includes(marked);

const rateLimit = errorBody("Rate limit reached for requests", "rate_limit_exceeded", "requests");
const serverError = errorBody("The server had an error while processing your request", null, "server_error");
const tooLarge = errorBody(
  "Request too large for test-model on tokens per min (TPM): Limit 30000, Requested 41234.",
  "rate_limit_exceeded",
  "tokens",
);
const filtered = errorBody("The response was filtered due to the prompt triggering our content policy", "content_filter");
const tooLong = errorBody(
  "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
  "context_length_exceeded",
);
const page: ServerReply = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<!doctype html><html><body>Sign in to continue</body></html>",
};

/** By the id of the row. */
export const faults: Readonly<Record<string, FaultOf>> = {
  // Set-up
  "wrong-key": always({ status: 401, body: errorBody("Incorrect API key provided: sk-te**st", "invalid_api_key") }),
  "own-client-key": () => ({
    agent: () => {
      throw Object.assign(new Error("Incorrect API key provided"), { response: { status: 401 } });
    },
  }),
  "unknown-model": always({
    status: 404,
    body: errorBody("The model `test-model` does not exist or you do not have access to it.", "model_not_found"),
  }),
  "unsupported-setting": always({
    status: 400,
    body: errorBody("Unsupported parameter: 'top_p' is not supported with this model.", "unsupported_parameter"),
  }),
  "nothing-listens": () => ({ isClosed: true }),
  "web-page": always(page),
  "wrong-option": () => ({ options: { batchSize: 0 } }),
  "no-model": () => ({ options: { optimizer: "OptoPrime" } }),
  "unknown-price": () => ({ options: { budget: { usd: 1 } } }),

  // Limits and outages
  "rate-limit": atFirst({ status: 429, body: rateLimit, headers: { "retry-after-ms": "1" } }),
  "rate-limit-untold": atFirst({ status: 429, body: rateLimit }),
  "server-error": atFirst({ status: 500, body: serverError }),
  unavailable: atFirst({ status: 503, body: errorBody("Service Unavailable") }),
  overloaded: atFirst({ status: 529, body: errorBody("Overloaded", null, "overloaded_error") }),
  "broken-reply": atFirst({ reset: "mid-body" }),
  "half-reply": atFirst({ status: 200, body: '{"id":"chatcmpl-1","choices":[{"message":{"role":"assist' }),
  "no-reply": (party, place) => ({ ...atFirst({ hang: true })(party, place), options: { calls: hasty } }),
  "server-error-always": once({ status: 500, body: serverError }),
  "no-reply-ever": (party, place) => ({ ...once({ hang: true })(party, place), options: { calls: hasty } }),
  "server-gone": goneAfter(startOfSecondIteration),
  "quota-spent": quotaFrom(errorBody("You exceeded your current quota", "insufficient_quota", "insufficient_quota")),
  "daily-limit": quotaFrom(
    errorBody("Rate limit reached on requests per day (RPD): Limit 200, Used 200.", "rate_limit_exceeded"),
  ),
  "agent-above-limit": once({ status: 429, body: tooLarge }),

  // The agent
  "agent-throws": () => ({
    agent: (question, usual) => {
      if (question.startsWith(marked)) throw new RangeError("no such order");
      return usual();
    },
  }),
  "agent-always-throws": () => ({
    agent: () => {
      throw new ReferenceError("orders is not defined");
    },
  }),
  "agent-hangs": () => ({
    agent: (question, usual) => (question.startsWith(marked) ? new Promise(() => {}) : usual()),
    options: { rollouts: { timeoutMs: 2_000 } },
  }),
  "guide-hangs": () => ({
    ...guideFault(() => new Promise(() => {})),
    options: { rollouts: { timeoutMs: 2_000 } },
  }),
  "agent-client-down": () => ({
    agent: (question, usual) => {
      if (!question.startsWith(marked)) return usual();
      throw Object.assign(new Error("Service is unavailable"), { $metadata: { httpStatusCode: 503 } });
    },
  }),

  // Refused prompts, unusable replies
  refused: once({ status: 400, body: filtered }),
  "agent-refused": once({ status: 400, body: filtered }),
  "judge-too-long": once({ status: 400, body: tooLong }),
  "judge-above-limit": once({ status: 429, body: tooLarge }),
  "agent-too-long": once({ status: 400, body: tooLong }),
  "prompt-too-long": () => {
    let longest: number | undefined;
    return {
      reply: ({ prompt }) => {
        longest ??= 0.95 * prompt.length;
        return prompt.length > longest ? { status: 400, body: tooLong } : undefined;
      },
    };
  },
  "always-refused": always({ status: 400, body: filtered }),
  unreadable: once("I would rather not say."),
  "always-unreadable": always("I would rather not say."),
  "breaks-a-rule": once(`<variable name="prompt">\n${"Be brief. ".repeat(100)}\n</variable>`),

  // The guide
  "guide-throws": () =>
    guideFault(() => {
      throw new TypeError("Cannot read properties of undefined");
    }),
  "guide-nan": () => guideFault(() => Number.NaN),
  "guide-undefined": () => guideFault(() => undefined),
  "guide-null": () => guideFault(() => ({ score: null, feedback: "unclear" })),

  // The end of a run
  budget: () => ({ options: { budget: { calls: 40 } } }),
  deadline: () => ({
    options: { stop: { deadline: new Date(Date.now() + hour) } },
    onEvent: (event) => {
      if (event.type !== "iteration-start" || event.iteration !== 1) return;
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * hour });
    },
    mend: () => vi.useRealTimers(),
  }),
  abort: () => {
    const controller = new AbortController();
    return {
      options: { signal: controller.signal },
      onEvent: ({ type }) => {
        if (type === "iteration-start") controller.abort(new Error("Enough for today"));
      },
    };
  },
  unwritable: (_party, place) => {
    // In the place of a file that the run writes, as no permission stops the superuser.
    const path = join(place, "night", "checkpoint.previous.json");
    return {
      onEvent: (event) => {
        if (event.type === "run-start") mkdirSync(join(path, "in the way"), { recursive: true });
      },
      mend: () => rmSync(path, { recursive: true }),
    };
  },
  "ctrl-c": () => ({
    onEvent: ({ type }) => {
      if (type === "iteration-start") process.emit("SIGINT", "SIGINT");
    },
  }),
};

const hour = 3_600_000;
const hasty = { retry: { maxRetries: 1, initialDelayMs: 1, maxDelayMs: 2 }, timeoutMs: 2_000 };

function quotaFrom(body: object): FaultOf {
  return (party) => ({
    reply: ({ index }) => (index < (startOfSecondIteration[party] ?? 0) ? undefined : { status: 429, body }),
  });
}

function guideFault(instead: () => unknown): Fault {
  return { guide: (question, usual) => (question.startsWith(marked) ? instead() : usual()) };
}
