/**
 * Runs whose judge or optimizer asks a model that refuses the prompt, or answers what cannot be read.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Feedback, Guide, generate, type JsonValue, OPRO, OptoPrime, OptoPrimeMulti, type RunEvent, TextGrad } from "opto";
import { callModel } from "opto/llm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { errorBody, type ServerReply, type ServerRequest } from "../support/openai-server.ts";
import { startFaultyServer } from "./faulty-server.ts";
import { roleOf } from "./model-server.ts";
import { courseOf, historyOf, modelOf, Support, type SupportOptions, trainSupport } from "./train-support.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-unusable-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const minibatch = { algorithm: "MinibatchAlgorithm", evalFrequency: 0 } as const;

/** Every way in which a provider refuses what a request says. */
const refusals: readonly (readonly [name: string, reply: ServerReply, reason: RegExp])[] = [
  [
    "a filter",
    { status: 400, body: errorBody("The prompt triggered the content management policy", "content_filter") },
    /status 400: The prompt/,
  ],
  [
    "a prompt that is too long",
    {
      status: 400,
      body: errorBody(
        "This model's maximum context length is 64 tokens. Your messages resulted in 90000 tokens.",
        "context_length_exceeded",
      ),
    },
    /maximum context length is 64/,
  ],
  ["a prompt that is too large", { status: 413, body: errorBody("Request too large") }, /status 413/],
  ["a prompt that cannot be processed", { status: 422, body: errorBody("Unprocessable prompt") }, /status 422/],
  ["moderation", { status: 403, body: errorBody("Your input was flagged by moderation") }, /status 403: Your input/],
  ["a law", { status: 451, body: errorBody("Unavailable for legal reasons") }, /status 451/],
  [
    "a router without a model",
    { status: 404, body: errorBody("No endpoints found that support image input") },
    /status 404: No endpoints/,
  ],
];

const of = (role: string, text: string) => (request: ServerRequest) =>
  roleOf(request) === role && JSON.stringify(request.body).includes(text);

function collected(): { events: RunEvent[]; onEvent: (event: RunEvent) => void } {
  const events: RunEvent[] = [];
  return { events, onEvent: (event) => events.push(event) };
}

function typed<T extends RunEvent["type"]>(events: readonly RunEvent[], type: T): Extract<RunEvent, { readonly type: T }>[] {
  return events.filter((event) => event.type === type) as Extract<RunEvent, { readonly type: T }>[];
}

describe("a judge's prompt that is refused", () => {
  it.each(refusals)("for %s: leaves its example unscored and the run goes on", async (_name, refusal, reason) => {
    const isRefused = of("judge", "Question 2:");
    await using server = await startFaultyServer({ instead: (request) => (isRefused(request) ? refusal : undefined) });
    const { events, onEvent } = collected();
    const result = await trainSupport(server, { ...minibatch, run: { dir: folder }, onEvent });
    expect(result).toMatchObject({ stopReason: "completed", unscored: 1 });
    const [unscored, ...others] = typed(events, "rollout-end").filter(({ status }) => status === "unscored");
    expect(others).toEqual([]);
    expect(unscored?.error).toMatch(/^UnusableAnswerError: The guide got no usable verdict on the input "Question 2/);
    expect(unscored?.error).toMatch(reason);
  });

  it("for every example alike: stops the run, saying why and what to do, and the resumed run asks again", async () => {
    const refusal = refusals[0]?.[1] as ServerReply;
    const isRefused = of("judge", "");
    await using server = await startFaultyServer({ instead: (request) => (isRefused(request) ? refusal : undefined) });
    const options: SupportOptions = { ...minibatch, run: { dir: folder, id: "night" } };
    await expect(trainSupport(server, options)).rejects.toThrow(
      /none of 2 rollouts could be scored.*status 400: The prompt triggered.*Fix that, then run the same command again: an unfinished run resumes, and rollouts that could not be scored are repeated/s,
    );
    await using healthy = await startFaultyServer();
    const result = await trainSupport(healthy, options);
    expect(result.stopReason).toBe("completed");
    // The answers of the agent were paid for by the first process.
    expect(healthy.seen.filter((request) => roleOf(request) === "agent")).toHaveLength(2);
  });
});

const prose: ServerReply = { text: "It is quite good, I would say.", usage: { inputTokens: 11, outputTokens: 7 } };

/** A guide of one's own that asks a model, in ways that people write. */
class OwnJudge extends Guide<string, string, string> {
  readonly #ask: (answer: string) => Promise<Feedback>;

  constructor(ask: (answer: string) => Promise<Feedback>) {
    super();
    this.#ask = ask;
  }

  override getFeedback(_question: string, answer: string): Promise<Feedback> {
    return this.#ask(answer);
  }

  override clone(): this {
    return this;
  }
}

const system = "You judge.";
type Server = { readonly baseUrl: string };
const guides: readonly (readonly [name: string, guide: (server: Server) => SupportOptions["guide"], failure: RegExp])[] = [
  ["an LLMJudge", () => undefined, /none of 2 rollouts could be scored.*no usable verdict/s],
  [
    "a guide that calls generate with a schema",
    (server) =>
      new OwnJudge(async (prompt) => {
        const schema = z.object({ score: z.number() });
        const { value } = await generate({ model: modelOf(server), system, prompt, schema });
        return { score: value.score, feedback: "" };
      }),
    /none of 2 rollouts could be scored.*no usable verdict/s,
  ],
  [
    "a guide that parses by itself and throws",
    (server) =>
      new OwnJudge(async (prompt) => {
        const { text } = await callModel({ model: modelOf(server), system, prompt });
        return { score: JSON.parse(text).score as number, feedback: "" };
      }),
    /The guide failed on the input.*Unexpected token/s,
  ],
  [
    "a guide that parses by itself and gives no score",
    (server) =>
      new OwnJudge(async (prompt) => {
        const { text } = await callModel({ model: modelOf(server), system, prompt });
        const [, score] = /"score":\s*([\d.]+)/.exec(text) ?? [];
        return { score: score === undefined ? null : Number(score), feedback: "" };
      }),
    /^$/,
  ],
];

describe("replies of a judge that cannot be read", () => {
  it.each(guides)(
    "of %s are asked for again by the next process, and each that was paid is counted once",
    async (_name, guide, failure) => {
      const isJudge = of("judge", "");
      await using broken = await startFaultyServer({ instead: (request) => (isJudge(request) ? prose : undefined) });
      const options: SupportOptions = { ...minibatch, run: { dir: folder, id: "night" }, numEpochs: 1 };
      const optionsFor = (server: Server): SupportOptions => {
        const own = guide(server);
        return own === undefined ? options : { ...options, guide: own };
      };
      // A guide without a score does not end the run, so something else has to.
      const budget = failure.source === "^$" ? { calls: 4 } : undefined;
      const first = await trainSupport(broken, { ...optionsFor(broken), budget }).catch((error: unknown) => error as Error);
      if (first instanceof Error) expect(first.message).toMatch(failure);
      const paidForJudge = broken.seen.filter(isJudge).length;
      expect(paidForJudge).toBeGreaterThan(0);

      await using healthy = await startFaultyServer();
      const result = await trainSupport(healthy, optionsFor(healthy));
      expect(result).toMatchObject({ stopReason: "completed", unscored: 0 });
      // Each of the four examples was judged, and the agent paid for nothing twice.
      expect(healthy.seen.filter(isJudge)).toHaveLength(4);
      const ofAgent = (server: typeof healthy): number => server.seen.filter((request) => roleOf(request) === "agent").length;
      expect(ofAgent(broken) + ofAgent(healthy)).toBe(4);
      expect(result.usage.requests).toBe(broken.seen.length + healthy.seen.length);
      expect(result.usage.calls).toBe(broken.seen.length + healthy.seen.length);

      // And what has been read is not asked for a third time.
      const again = await trainSupport(healthy, { ...optionsFor(healthy), numEpochs: 1 });
      expect(courseOf(again)).toEqual(courseOf(result));
    },
  );

  it("are asked for again also where rollouts are kept, and where they come from another run", async () => {
    const isJudge = of("judge", "");
    await using broken = await startFaultyServer({ instead: (request) => (isJudge(request) ? prose : undefined) });
    const options: SupportOptions = { ...minibatch, run: { dir: folder, cacheRollouts: true } };
    await expect(trainSupport(broken, { ...options, run: { ...options.run, id: "first" } })).rejects.toThrow(
      "none of 2 rollouts could be scored",
    );

    await using healthy = await startFaultyServer();
    const fromOther = await trainSupport(healthy, { ...options, run: { ...options.run, id: "second", cacheFrom: "first" } });
    expect(fromOther).toMatchObject({ stopReason: "completed", unscored: 0 });
    const ofAgent = healthy.seen.filter((request) => roleOf(request) === "agent");
    expect(ofAgent).toHaveLength(2);

    // The first run does not take the reply that it has discarded from anywhere else.
    await using last = await startFaultyServer();
    const resumed = await trainSupport(last, { ...options, run: { ...options.run, id: "first" } });
    expect(courseOf(resumed)).toEqual(courseOf(fromOther));
  });

  it("are replayed as they came where no provider may be called", async () => {
    const isRead = of("judge", "Question 2:");
    await using server = await startFaultyServer({ instead: (request) => (isRead(request) ? prose : undefined) });
    const options: SupportOptions = { ...minibatch, run: { dir: folder } };
    const recorded = await trainSupport(server, { ...options, run: { ...options.run, id: "first" } });
    expect(recorded.unscored).toBe(1);
    const count = server.seen.length;
    const replayed = await trainSupport(server, {
      ...options,
      run: { ...options.run, id: "second", cache: "replay", cacheFrom: "first" },
    });
    expect(courseOf(replayed)).toEqual(courseOf(recorded));
    expect(server.seen).toHaveLength(count);
  });
});

type Make = (agent: Support, model: ReturnType<typeof modelOf>) => SupportOptions["optimizer"];
const optimizers: readonly (readonly [name: string, make: Make])[] = [
  ["OptoPrime", (agent, model) => new OptoPrime(agent, { model })],
  ["OPRO", (agent, model) => new OPRO(agent, { model })],
  ["OptoPrimeMulti", (agent, model) => new OptoPrimeMulti(agent, { model, numResponses: 2 })],
  ["TextGrad", (agent, model) => new TextGrad(agent, { model })],
];

const notOfOthers = (request: ServerRequest): boolean => !["You judge"].some((start) => request.system.includes(start));
const isOptimizer = (request: ServerRequest): boolean =>
  notOfOthers(request) && !/^(neutral|[a-z]+): Question/.test(request.prompt);

describe("an optimizer's prompt that is refused", () => {
  it.each(optimizers)("%s: is a failed proposal with its reason, and the run goes on", async (_name, make) => {
    let steps = 0;
    await using server = await startFaultyServer({
      instead: (request) => {
        if (!isOptimizer(request)) return undefined;
        return steps === 0 ? (refusals[0]?.[1] as ServerReply) : "<unchanged/>";
      },
    });
    const { events, onEvent } = collected();
    const agent = new Support(modelOf(server));
    const count = (event: RunEvent): void => {
      onEvent(event);
      if (event.type === "iteration-end") steps++;
    };
    const optimizer = make(agent, modelOf(server));
    const result = await trainSupport(server, { ...minibatch, run: null, agent, optimizer, onEvent: count });
    expect(result.stopReason).toBe("completed");
    const failed = typed(events, "proposal-failed").filter(({ position }) => position.startsWith("iteration/1/"));
    expect(failed).toHaveLength(1);
    expect(failed[0]?.rejections).toEqual([{ name: null, reason: expect.stringMatching(/status 400: The prompt triggered/) }]);
    expect(agent.prompt.value).toBe("Answer the customer.");
  });

  it.each(refusals)("for %s: is a failed proposal", async (_name, refusal, reason) => {
    let isFirst = true;
    await using server = await startFaultyServer({
      instead: (request) => (roleOf(request) === "optimizer" && isFirst ? refusal : undefined),
    });
    const { events, onEvent } = collected();
    const listen = (event: RunEvent): void => {
      onEvent(event);
      if (event.type === "iteration-end") isFirst = false;
    };
    const result = await trainSupport(server, { ...minibatch, run: null, onEvent: listen });
    expect(result.stopReason).toBe("completed");
    const [failed] = typed(events, "proposal-failed");
    expect(failed).toMatchObject({ position: "iteration/1/proposal/0" });
    expect(failed?.rejections[0]?.reason).toMatch(reason);
  });

  it("for one of the proposals of a search: costs that one", async () => {
    let isFirst = true;
    await using server = await startFaultyServer({
      instead: (request) => {
        if (roleOf(request) !== "optimizer" || !isFirst) return undefined;
        isFirst = false;
        return refusals[0]?.[1];
      },
    });
    const { events, onEvent } = collected();
    const result = await trainSupport(server, { run: null, onEvent });
    expect(result.stopReason).toBe("completed");
    expect(typed(events, "proposal-failed")).toHaveLength(1);
    expect(typed(events, "candidate-proposed").filter(({ values }) => Object.keys(values).length > 0).length).toBeGreaterThan(0);
  });

  it.each([
    ["a search", {}, /None of 2 proposals could be made.*status 400.*Change what causes this.*the run resumes/s],
    ["one proposal a step", minibatch, /In 2 steps in a row.*status 400.*Change what causes this.*the run resumes/s],
  ])("in all of %s: stops the run, and the resumed run asks again", async (_name, algorithm, message) => {
    await using server = await startFaultyServer({
      instead: (request) => (roleOf(request) === "optimizer" ? refusals[0]?.[1] : undefined),
    });
    const options: SupportOptions = { ...algorithm, run: { dir: folder, id: "night" } };
    await expect(trainSupport(server, options)).rejects.toThrow(message);
    await using healthy = await startFaultyServer();
    const result = await trainSupport(healthy, options);
    expect(result.stopReason).toBe("completed");
    expect(healthy.seen.some((request) => roleOf(request) === "optimizer")).toBe(true);
  });

  it("long after others were answered: does not stop the run", async () => {
    let steps = 0;
    await using server = await startFaultyServer({
      instead: (request) => (roleOf(request) === "optimizer" && steps >= 1 ? refusals[0]?.[1] : undefined),
    });
    const onEvent = ({ type }: RunEvent): void => {
      if (type === "iteration-end") steps++;
    };
    const result = await trainSupport(server, { ...minibatch, run: null, numEpochs: 2, onEvent });
    expect(result.stopReason).toBe("completed");
  });
});

describe("replies of an optimizer that cannot be read", () => {
  it("are asked for again by the next process", async () => {
    const nonsense: ServerReply = { text: "I would rather not.", usage: { inputTokens: 5, outputTokens: 5 } };
    await using broken = await startFaultyServer({
      instead: (request) => (roleOf(request) === "optimizer" ? nonsense : undefined),
    });
    const options: SupportOptions = { ...minibatch, run: { dir: folder, id: "night" }, ensureImprovement: true };
    const controller = new AbortController();
    const onEvent = ({ type }: RunEvent): void => {
      if (type === "proposal-failed") controller.abort(new Error("enough"));
    };
    await expect(trainSupport(broken, { ...options, onEvent, signal: controller.signal })).rejects.toThrow("enough");
    await using healthy = await startFaultyServer();
    await using unbroken = await startFaultyServer();
    const expected = await trainSupport(unbroken, { ...options, run: { ...options.run, id: "whole" } });
    const result = await trainSupport(healthy, options);
    expect(courseOf(result)).toEqual(courseOf(expected));
    expect(await historyOf(folder, "night")).toEqual(await historyOf(folder, "whole"));
    expect(result.usage.requests).toBe(broken.seen.length + healthy.seen.length);
  });
});

describe("a reply that was cut off", () => {
  it.each(optimizers)("is described so to %s, and its event says why it ended", async (_name, make) => {
    const prompts: string[] = [];
    await using server = await startFaultyServer({
      instead: (request) => {
        if (roleOf(request) === "judge") return undefined;
        if (!isOptimizer(request)) return { text: "The first of seven reasons is", finishReason: "length" };
        prompts.push(request.prompt);
        return "<unchanged/>";
      },
    });
    const { events, onEvent } = collected();
    const agent = new Support(modelOf(server));
    const optimizer = make(agent, modelOf(server));
    await trainSupport(server, { ...minibatch, run: null, agent, optimizer, onEvent });
    expect(prompts.some((prompt) => prompt.includes("The reply of openai/test-model was cut off at the token limit."))).toBe(
      true,
    );
    const reasons = typed(events, "model-call").map(({ role, finishReason }) => `${role} ${finishReason}`);
    expect(new Set(reasons)).toEqual(new Set(["agent length", "judge stop", "optimizer stop"]));
  });

  it("is described so also by a rollout that is kept from process to process", async () => {
    const prompts: string[] = [];
    await using server = await startFaultyServer({
      instead: (request) => {
        if (roleOf(request) === "agent") return { text: "The first of seven reasons is", finishReason: "length" };
        if (roleOf(request) === "optimizer") prompts.push(request.prompt);
        return undefined;
      },
    });
    const options: SupportOptions = { ...minibatch, run: { dir: folder, id: "night", cacheRollouts: true } };
    expect(await trainSupport(server, { ...options, budget: { calls: 4 } })).toMatchObject({ stopReason: "budget" });
    expect(prompts).toEqual([]);
    await trainSupport(server, options);
    expect(prompts[0]).toContain("was cut off at the token limit.");
  });
});

describe("a batch whose outputs all have the best score", () => {
  const scored = (score: number): Guide<string, string, string> =>
    Object.assign(new OwnJudge(async () => ({ score, feedback: "It says so." })), { scoreRange: [0, 1] as const });

  it.each([
    ["OptoPrime", minibatch],
    ["a search", {}],
  ])("is nothing that %s asks a model about, and an event says so", async (_name, algorithm) => {
    await using server = await startFaultyServer();
    const { events, onEvent } = collected();
    const result = await trainSupport(server, { ...algorithm, evalFrequency: 0, run: null, guide: scored(1), onEvent });
    expect(result).toMatchObject({ stopReason: "completed", trainScores: [1, 1] });
    expect(server.seen.filter((request) => roleOf(request) === "optimizer")).toEqual([]);
    expect(typed(events, "update-skipped")).toEqual([1, 2].map((iteration) => ({ type: "update-skipped", iteration, score: 1 })));
  });

  it.each([
    ["a score below the best", scored(0.99)],
    ["no range that is declared", new OwnJudge(async () => ({ score: 1, feedback: "It says so." }))],
  ])("is asked about with %s", async (_name, guide) => {
    await using server = await startFaultyServer();
    await trainSupport(server, { ...minibatch, run: null, guide });
    expect(server.seen.filter((request) => roleOf(request) === "optimizer").length).toBeGreaterThan(0);
  });
});

describe("the model that judges", () => {
  it("is named when the run starts", async () => {
    await using server = await startFaultyServer();
    const { events, onEvent } = collected();
    await trainSupport(server, { ...minibatch, run: null, onEvent });
    expect(typed(events, "run-start")[0]?.judge).toBe("openai/test-model");
    const own = collected();
    await trainSupport(server, { ...minibatch, run: null, guide: () => 1, onEvent: own.onEvent });
    expect("judge" in (typed(own.events, "run-start")[0] as unknown as Record<string, JsonValue>)).toBe(false);
  });
});
