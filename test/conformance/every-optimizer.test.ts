/**
 * What every optimizer holds to, whatever a language model answers.
 *
 * @module
 */
import { bundle, choices, leakGuard, model, node, type Optimizer, Parameter, parameter, range } from "opto";
import { CallScheduler } from "opto/llm";
import type { LanguageModelOptimizerOptions } from "opto/optimizers";
import { httpError, networkError, type ScriptedCall, type ScriptedReply } from "opto/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { errorChain } from "../../src/data/error-shape.ts";
import { type AmbientEvent, atPosition } from "../../src/graph/scope.ts";
import { mostTokens } from "../../src/llm/spend/estimate-tokens.ts";
import { RunControl } from "../../src/trainer/run-control.ts";
import {
  partOf,
  playing,
  type Subject,
  searches,
  subjects,
  valuesFor,
  valuesOf,
  variableOf,
  written,
} from "../support/every-optimizer.ts";

const polite = bundle((prompt: string, style: string, question: string) => `${prompt} ${style} ${question}`, { name: "polite" });

function testAgent() {
  return model(
    {
      prompt: parameter("Answer the question briefly and politely: {question}", { maxLength: 80 }),
      weight: parameter(1, { domain: range(0, 5) }),
      style: parameter("short", { domain: choices(["short", "long"]) }),
      tags: parameter(["a"] as string[], { schema: z.array(z.string().max(5)) }),
      even: parameter(2, { validate: (value) => value % 2 === 0 || "must be even" }),
      secret: parameter("sealed", { name: "secret", trainable: false }),
    },
    ({ prompt, weight, style, tags, even, secret }, question: string) =>
      polite(prompt, style, question).map(
        (text) => [text, weight.value, tags.value.join(), even.value, secret.value].join(" "),
        "adds the rest",
      ),
  );
}

type Answer = (call: ScriptedCall) => ScriptedReply | Promise<ScriptedReply>;

async function judged({ make }: Subject, answer: Answer, options: LanguageModelOptimizerOptions = {}) {
  const agent = testAgent();
  const llm = playing(answer);
  const optimizer = make(agent, { model: llm, ...options });
  optimizer.backward(await agent.call("Why?"), { score: 0.25, feedback: "Too dull." });
  return { agent, llm, optimizer };
}

/** Runs at a position of a run, with a scheduler that does not wait, and tells what happened. */
async function eventsOf(work: () => Promise<unknown>): Promise<AmbientEvent[]> {
  const events: AmbientEvent[] = [];
  const scheduler = new CallScheduler({ retry: { maxRetries: 1, initialDelayMs: 1 } });
  const services = { control: new RunControl(), scheduler };
  await atPosition("iteration/1", work, { emit: (event) => events.push(event), services });
  return events;
}

const good = { prompt: "Answer the question politely: {question}", weight: "2", style: "long", tags: '["b"]', even: "4" };
const goodValues = { prompt: good.prompt, weight: 2, style: "long", tags: ["b"], even: 4 };
const answerGood: Answer = (call) => valuesFor(call, good);
/** A value of `weight`, where it is asked for. */
const weightFor = (call: ScriptedCall): (readonly [string, string])[] =>
  partOf(call) === "one" && variableOf(call) !== "weight" ? [] : [["weight", "2"]];
const withoutSteps = (optimizer: Optimizer): string =>
  JSON.stringify({ ...(optimizer.state() as object), steps: 0, accepted: undefined });

describe.each(subjects)("$name", (subject) => {
  it("applies usable values of every type", async () => {
    const { agent, optimizer } = await judged(subject, answerGood);
    expect(await optimizer.step()).toEqual(goodValues);
    expect(agent.candidate()).toEqual({ ...goodValues, secret: "sealed" });
  });

  it("bypassing leaves everything untouched", async () => {
    const { agent, optimizer } = await judged(subject, answerGood);
    const before = [agent.candidate(), withoutSteps(optimizer), optimizer.graph.targets.length];
    expect(await optimizer.step({ bypassing: true })).toEqual(goodValues);
    expect(await optimizer.propose()).toEqual(goodValues);
    expect([agent.candidate(), withoutSteps(optimizer), optimizer.graph.targets.length]).toEqual(before);
  });

  it.each(["nobody", "__proto__", "constructor", "toString", "secret", "Weight", ""])(
    "a value for %j changes nothing and is reported",
    async (name) => {
      const { agent, optimizer } = await judged(subject, (call) => written(call, [[name, "99"], ...weightFor(call)]));
      const events = await eventsOf(async () => expect(await optimizer.step()).toEqual({ weight: 2 }));
      expect(agent.candidate()).toEqual({ ...testAgent().candidate(), weight: 2 });
      expect(events.some(({ type }) => type === "proposal-rejected")).toBe(true);
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );

  it("of two values for one name the last counts", async () => {
    const { optimizer } = await judged(subject, (call) =>
      written(
        call,
        weightFor(call).flatMap(([name, value]) => [[name, "1.5"] as const, [name, value] as const]),
      ),
    );
    expect(await optimizer.step()).toEqual({ weight: 2 });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ["a number that is none", { weight: "heavy" }, /weight: expected a number from 0 to 5, got "heavy"/],
    ["a number out of range", { weight: "6" }, /weight: expected a number from 0 to 5/],
    ["no choice of these", { style: "medium" }, /style: expected one of/],
    ["a list of another type", { tags: "[1]" }, /tags: 0: /],
    ["what the schema refuses", { tags: '["too long"]' }, /tags: 0: /],
    ["an object for a list", { tags: '{"__proto__": 1}' }, /tags: /],
    ["what the program's own rule refuses", { even: "3" }, /even: must be even/],
    ["a text without its placeholder", { prompt: "Answer the question." }, /prompt: expected the text to keep \{question\}/],
    ["a text that is too long", { prompt: `{question}${"!".repeat(80)}` }, /prompt: expected at most 80 characters, got 90/],
  ])("%s is refused with the reason, asked for again, and never applied", async (_title, bad, reason) => {
    const { agent, llm, optimizer } = await judged(subject, (call) => valuesFor(call, bad));
    const events = await eventsOf(async () => expect(await optimizer.step()).toEqual({}));
    expect(agent.candidate()).toEqual(testAgent().candidate());
    const again = llm.calls.filter(
      ({ messages, prompt }) => messages.length > 1 && /^(?:Not all of y|Y)our reply could/.test(prompt),
    );
    expect(again.length).toBeGreaterThan(0);
    for (const { prompt } of again) expect(prompt).toMatch(reason);
    expect(events.filter(({ type }) => type === "proposal-failed")).toHaveLength(1);
  });

  it("a reroll may put right what was wrong, and what was right stays", async () => {
    const { optimizer } = await judged(subject, (call) =>
      call.messages.length === 1 ? valuesFor(call, { ...good, even: "3" }) : valuesFor(call, { even: "8" }),
    );
    expect(await optimizer.step()).toEqual({ ...goodValues, even: 8 });
  });

  it("keeps to `maxChange` and `leakGuard`", async () => {
    const options = { maxChange: 0.2, leakGuard: leakGuard(["the capital of France is Paris"], { words: 4 }) };
    const far = await judged(subject, (call) => valuesFor(call, { prompt: "{question}" }), options);
    expect(await far.optimizer.step()).toEqual({});
    expect(far.llm.calls.at(-1)?.prompt).toMatch(/a change of at most 20%/);
    // Said before it is broken.
    const told = far.llm.calls.filter((call) => partOf(call) !== "criticism");
    for (const { system } of told) expect(system).toContain("rejected if more than 20% of its words are removed or added");
    const leaking = await judged(subject, (call) => valuesFor(call, { prompt: "{question} The capital of France is Paris" }), {
      leakGuard: options.leakGuard,
    });
    expect(await leaking.optimizer.step()).toEqual({});
    expect(leaking.llm.calls.at(-1)?.prompt).toMatch(/no answer quoted/);
    const near = await judged(subject, (call) => valuesFor(call, { prompt: good.prompt }), options);
    expect(await near.optimizer.step()).toEqual({ prompt: good.prompt });
  });

  it.each<[string, ScriptedReply]>([
    ["an empty reply", ""],
    ["blanks", " \n\t "],
    ["prose", "Das weiß ich nicht. 我不知道。"],
    ["a reply cut off", { text: '<variable name="weight">\n2', finishReason: "length" }],
    ["control characters", '\u0000\u001b[31m\u202e<variable name="weight">'],
  ])("%s changes nothing, and the reason goes back", async (_title, reply) => {
    const { agent, llm, optimizer } = await judged(subject, () => reply);
    expect(await optimizer.step()).toEqual({});
    expect(agent.candidate()).toEqual(testAgent().candidate());
    const again = llm.calls.filter(({ messages }) => messages.length > 1);
    expect(again.length).toBeGreaterThan(0);
    for (const { messages } of again) expect(messages.every(({ content }) => content.trim() !== "")).toBe(true);
  });

  it("takes a block out of whatever language stands around it", async () => {
    const { optimizer } = await judged(subject, (call) => {
      const inside = valuesFor(call, { weight: "2" });
      return weightFor(call).length === 0 ? inside : `Natürlich! 好的，\n\n${inside}\n\nНадеюсь, это поможет.`;
    });
    expect(await optimizer.step()).toEqual({ weight: 2 });
  });

  it("an abort in the middle of a call throws its reason unchanged and changes nothing", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const { agent, llm, optimizer } = await judged(subject, () => {
      setTimeout(() => controller.abort(reason), 5);
      return new Promise<string>(() => {});
    });
    const before = [agent.candidate(), withoutSteps(optimizer)];
    await expect(optimizer.step({ signal: controller.signal })).rejects.toBe(reason);
    expect([agent.candidate(), withoutSteps(optimizer)]).toEqual(before);
    expect(llm.calls.length).toBeGreaterThan(0);
    await expect(optimizer.step({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("asks the same, byte for byte, after its state was saved and restored", async () => {
    const { agent, optimizer, llm } = await judged(subject, answerGood);
    await optimizer.step();
    optimizer.observe?.({ weight: 3 }, 0.75, "Good.");
    optimizer.observe?.({ weight: 4 }, -1);
    const state = JSON.parse(JSON.stringify(optimizer.state()));
    const other = playing(answerGood);
    const restored = subject.make(agent, { model: other });
    restored.restore(state);
    expect(restored.state()).toEqual(optimizer.state());
    const before = llm.calls.length;
    for (const each of [optimizer, restored]) {
      each.zeroFeedback();
      each.backward(await agent.call("How?"), { score: 0.5, feedback: "Better." });
      await each.propose({ label: "proposal/1" });
    }
    const asked = ({ system, messages, temperature }: ScriptedCall) => ({ system, messages, temperature });
    expect(other.calls.length).toBeGreaterThan(0);
    expect(other.calls.map(asked)).toEqual(llm.calls.slice(before).map(asked));
    for (const bad of [null, 1, "state", { steps: "1" }])
      expect(() => restored.restore(bad as never)).toThrow(/state of an optimizer|list of/);
  });

  it("proposals of one step do not disturb each other, and are the same whatever their timing", async () => {
    const labels = [0, 1, 2, 3].map((number) => `proposal/${number}`);
    const run = async (delay: (index: number) => number, together: boolean) => {
      const { agent, llm, optimizer } = await judged(subject, async (call) => {
        await new Promise((resolve) => setTimeout(resolve, delay(call.index)));
        const number = Number(/This is proposal (\d)/.exec(call.messages[0]?.content ?? "")?.[1] ?? 1);
        return valuesFor(call, call.messages.length === 1 ? { weight: `too heavy for ${number}` } : { weight: String(number) });
      });
      const before = [agent.candidate(), withoutSteps(optimizer)];
      let proposals: unknown[] = [];
      const events = await eventsOf(async () => {
        if (together) proposals = await Promise.all(labels.map((label) => optimizer.propose({ label })));
        else for (const label of labels) proposals.push(await optimizer.propose({ label }));
      });
      expect([agent.candidate(), withoutSteps(optimizer)]).toEqual(before);
      const calls = events
        .filter(({ type }) => type === "model-call")
        .map(({ position }) => String(position))
        .sort();
      const prompts = llm.calls.map(({ messages }) => JSON.stringify(messages)).sort();
      return { proposals, calls, prompts };
    };
    const alone = await run(() => 0, false);
    expect(alone.proposals).toEqual([1, 2, 3, 4].map((weight) => ({ weight })));
    expect(new Set(alone.calls).size).toBe(alone.calls.length);
    expect(await run((index) => (index * 7) % 5, true)).toEqual(alone);
    expect(await run((index) => 8 - (index % 8), true)).toEqual(alone);
  });

  it("without feedback asks nothing, changes nothing and says so", async () => {
    const agent = testAgent();
    const llm = playing(answerGood);
    const optimizer = subject.make(agent, { model: llm });
    for (const give of [() => {}, () => optimizer.backward(node(1), "no"), () => optimizer.backward(agent.weight, " ")]) {
      give();
      const events = await eventsOf(async () => expect(await optimizer.step()).toEqual({}));
      expect(events).toEqual([{ type: "warning", message: expect.stringMatching(/no feedback (?:reached|from which)/i) }]);
    }
    expect(llm.calls).toHaveLength(0);
    expect(agent.candidate()).toEqual(testAgent().candidate());
  });

  it.each<[string, () => Error, number | undefined]>([
    ["a server error", () => httpError(503, "slow down", { "retry-after-ms": "1" }), 503],
    ["a network failure", () => networkError("ECONNREFUSED"), undefined],
    ["a wrong key", () => httpError(401, "who are you"), 401],
    ["a refusal", () => httpError(400, "filtered"), 400],
  ])("%s passes through and leaves everything as it is", async (_title, error, statusCode) => {
    const { agent, optimizer } = await judged(subject, () => {
      throw error();
    });
    const before = [agent.candidate(), withoutSteps(optimizer)];
    await eventsOf(async () => {
      const thrown: unknown = await optimizer.step().catch((reason: unknown) => reason);
      // As the provider's client threw it, or as the cause of what opto says of it.
      const provider = errorChain(thrown).find(({ names }) => names.includes("AI_APICallError"));
      expect(provider).toMatchObject({ status: statusCode });
    });
    expect([agent.candidate(), withoutSteps(optimizer)]).toEqual(before);
    expect(optimizer.graph.targets).toHaveLength(1);
  });

  it("writes nothing onto nodes", async () => {
    const { optimizer } = await judged(subject, answerGood);
    const { nodes } = optimizer.graph;
    const look = nodes.map((each) => [Object.keys(each), each instanceof Parameter ? undefined : each.peek()]);
    for (const each of nodes) Object.freeze(each);
    await optimizer.step();
    expect(nodes.map((each) => [Object.keys(each), each instanceof Parameter ? undefined : each.peek()])).toEqual(look);
  });

  it("tells its settings as plain JSON, without the model, and expects what it asks", async () => {
    const { agent, optimizer, llm } = await judged(subject, answerGood, { objective: "Rhyme." });
    const settings = optimizer.settings();
    expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
    expect(settings).toMatchObject({ objective: "Rhyme." });
    expect(JSON.stringify(settings)).not.toContain("scripted");
    await optimizer.propose();
    const { proposal, shared = [] } =
      optimizer.expectedCalls?.({ agent, batchSize: 1, longestInput: 4, rollout: [], operations: { min: 2, max: 2 } }) ??
      expect.fail();
    const most = [...proposal, ...shared].reduce((sum, { calls }) => sum + calls.max, 0);
    const least = [...proposal, ...shared].reduce((sum, { calls }) => sum + calls.min, 0);
    expect(llm.calls.length).toBeGreaterThanOrEqual(least);
    expect(llm.calls.length).toBeLessThanOrEqual(most);
  });

  it("refuses options that it does not have, and values out of range", () => {
    const make = (options: object) => () => subject.make(testAgent(), { model: "scripted/none", ...options });
    expect(make({ memorysize: 3 })).toThrow(/memorysize/);
    expect(make({ maxChange: 2 })).toThrow(/maxChange/);
    expect(make({ memorySize: -1 })).toThrow(/memorySize/);
    expect(() => subject.make([parameter("a", { trainable: false })], { model: "scripted/none" })).toThrow(
      /at least one trainable/,
    );
  });

  it("keeps its prompt within `maxPromptTokens`, however long the values are", async () => {
    const long = model({ prompt: parameter("Be brief.") }, ({ prompt }, x: string) => polite(prompt, "short", x));
    const llm = playing((call) => valuesFor(call, { prompt: "Be very brief." }));
    const optimizer = subject.make(long, { model: llm, maxPromptTokens: 4000 });
    const outputs = await Promise.all(["a", "b", "c"].map((letter) => long.call(letter.repeat(20_000))));
    optimizer.backward(
      outputs,
      outputs.map(() => ({ score: 0, feedback: "Too long. ".repeat(2000) })),
    );
    for (let past = 0; past < 5; past++) optimizer.observe?.({ prompt: `Be ${"very ".repeat(300 + past)}brief.` }, past);
    expect(await optimizer.step()).toEqual({ prompt: "Be very brief." });
    for (const { system, messages } of llm.calls) {
      expect(mostTokens(system + messages.map(({ content }) => content).join(""))).toBeLessThanOrEqual(4000);
    }
  });
});

describe.each(searches)("$name", ({ make }) => {
  async function judgedSearch() {
    const agent = testAgent();
    const optimizer = make(agent);
    optimizer.backward(await agent.call("Why?"), { score: 0.25, feedback: "Too dull." });
    return { agent, optimizer };
  }

  it("bypassing leaves everything untouched; what is applied keeps the rules; frozen parameters stay", async () => {
    const { agent, optimizer } = await judgedSearch();
    const before = [agent.candidate(), withoutSteps(optimizer)];
    const proposal = await optimizer.propose();
    expect([agent.candidate(), withoutSteps(optimizer)]).toEqual(before);
    expect(Object.keys(proposal).every((name) => ["weight", "style"].includes(name))).toBe(true);
    const applied = await optimizer.step();
    expect(valuesOf(optimizer)).toMatchObject(applied);
    expect(agent.secret.value).toBe("sealed");
  });

  it("proposals are the same whatever their timing, and after a restart", async () => {
    const propose = async (optimizer: Optimizer) => {
      return atPosition("iteration/1", () =>
        Promise.all([0, 1, 2, 3].map((number) => optimizer.propose({ label: `proposal/${number}` }))),
      );
    };
    const { agent, optimizer } = await judgedSearch();
    optimizer.observe?.({ weight: 3 }, 0.75);
    const restored = make(agent);
    restored.restore(JSON.parse(JSON.stringify(optimizer.state())));
    const proposals = await propose(optimizer);
    expect(await propose(restored)).toEqual(proposals);
    const reversed: unknown[] = [];
    for (const number of [3, 2, 1, 0]) {
      reversed.unshift(await atPosition("iteration/1", () => restored.propose({ label: `proposal/${number}` })));
    }
    expect(reversed).toEqual(proposals);
  });

  it("an abort throws its reason unchanged; calls of models are expected of none", async () => {
    const { optimizer } = await judgedSearch();
    const reason = new Error("enough");
    await expect(optimizer.step({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(optimizer.expectedCalls?.({} as never)).toEqual({ proposal: [] });
    expect(JSON.parse(JSON.stringify(optimizer.settings()))).toEqual(optimizer.settings());
  });
});
