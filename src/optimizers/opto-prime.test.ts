import { describe, expect, it } from "vitest";
import { canonicalJson, type JsonValue } from "../data/json.ts";
import { ConfigurationError, isInfrastructureError } from "../errors.ts";
import { choices, range } from "../graph/domain.ts";
import { model } from "../graph/module.ts";
import { node } from "../graph/node.ts";
import { add, multiply } from "../graph/operators.ts";
import { parameter } from "../graph/parameter.ts";
import { type AmbientEvent, atPosition } from "../graph/scope.ts";
import { CallScheduler } from "../llm/pace/call-scheduler.ts";
import { httpError, networkError } from "../testing/provider-errors.ts";
import { type Script, scriptedModel } from "../testing/scripted-model.ts";
import { RunControl } from "../trainer/run-control.ts";
import { leakGuard } from "./edit-rules/leak-guard.ts";
import { OptoPrime, type OptoPrimeOptions } from "./opto-prime.ts";

function agent() {
  return model(
    {
      prompt: parameter("Answer {question}"),
      weight: parameter(1, { domain: range(0, 5) }),
      style: parameter("short", { domain: choices(["short", "long"]) }),
      secret: parameter("never to be shown as a variable", { name: "secret", trainable: false }),
    },
    ({ prompt, weight, style, secret }, x: string) => [prompt.value, weight.value, style.value, secret.value, x].join(" "),
  );
}

async function judged(
  script: Script,
  options: OptoPrimeOptions = {},
  feedback: string | { score: number; feedback: string } = "Too dull.",
) {
  const subject = agent();
  const llm = scriptedModel(script);
  const optimizer = new OptoPrime(subject, { model: llm, ...options });
  optimizer.backward(await subject.call("hi"), feedback);
  return { subject, llm, optimizer };
}

async function eventsOf(work: () => Promise<unknown>, position = "iteration/1"): Promise<AmbientEvent[]> {
  const events: AmbientEvent[] = [];
  await atPosition(position, work, { emit: (event) => events.push(event) });
  return events;
}

const block = (name: string, value: string): string => `<variable name="${name}">\n${value}\n</variable>\n`;

describe("a step", () => {
  it("asks once, with the problem, and applies the values of the reply", async () => {
    const { subject, llm, optimizer } = await judged(
      `<reasoning>why</reasoning>\n${block("weight", "2")}${block("style", "long")}`,
    );
    expect(await optimizer.step()).toEqual({ weight: 2, style: "long" });
    expect(subject.candidate()).toMatchObject({ prompt: "Answer {question}", weight: 2, style: "long" });
    expect(llm.calls).toHaveLength(1);
    expect(llm.calls[0]?.system).toMatch(/^You improve a program/);
    expect(llm.calls[0]?.prompt).toMatch(/Too dull\.[\s\S]*prompt, weight, style\.$/);
  });

  it("guards the texts in a list as it guards a text", async () => {
    const examples = parameter([{ answer: "Paris has been the capital since long ago" }], { name: "examples" });
    const guard = leakGuard(["It is Lima which is the capital of Peru", "Paris has been the capital since 987"]);
    const [quoting, own] = ["well, it is Lima which is the capital", "Paris has been the capital since for ever"].map((answer) =>
      JSON.stringify([{ answer }]),
    ) as [string, string];
    const llm = scriptedModel([block("examples", quoting), block("examples", own)]);
    const optimizer = new OptoPrime([examples], { model: llm, leakGuard: guard });
    optimizer.backward(examples, "Too short.");
    expect(await optimizer.step()).toEqual({ examples: JSON.parse(own) });
    expect(llm.calls[1]?.prompt).toContain('no answer quoted from the training data, got "it is Lima which is the"');
  });

  it("shows a frozen parameter as an input", async () => {
    const { llm, optimizer } = await judged("<unchanged/>");
    await optimizer.step();
    const prompt = llm.calls[0]?.prompt ?? "";
    expect(prompt).not.toContain('<variable name="secret">');
    expect(prompt).toContain('<value name="secret" type="text">never to be shown as a variable</value>');
  });

  it("a frozen parameter that the reply names is refused", async () => {
    const { subject, optimizer } = await judged(block("secret", "now"));
    const before = subject.candidate();
    expect(await optimizer.step()).toEqual({});
    expect(subject.candidate()).toEqual(before);
  });

  it.each([["<reasoning>It is fine.</reasoning>\n<unchanged/>"], ["No change needed."]])(
    "%j is a legitimate answer",
    async (reply) => {
      const { llm, optimizer } = await judged(reply);
      const events = await eventsOf(async () => expect(await optimizer.step()).toEqual({}));
      expect(llm.calls).toHaveLength(1);
      expect(events.map(({ type }) => type)).toEqual(["model-call"]);
    },
  );

  it("passes temperature and the longest reply on, and nothing that was not given", async () => {
    const { llm, optimizer } = await judged("<unchanged/>", { temperature: 0.7, maxOutputTokens: 900 });
    await optimizer.step();
    expect(llm.calls[0]).toMatchObject({ temperature: 0.7, maxOutputTokens: 900 });
    const other = await judged("<unchanged/>");
    await other.optimizer.step();
    expect([other.llm.calls[0]?.temperature, other.llm.calls[0]?.maxOutputTokens]).toEqual([undefined, undefined]);
  });

  it("objective and worked example are part of the prompt", async () => {
    const { llm, optimizer } = await judged("<unchanged/>", { objective: "Be as rude as can be.", includeExample: true });
    await optimizer.step();
    expect(llm.calls[0]?.prompt).toMatch(
      /^# Instruction\nBe as rude as can be\. Where there is a score, higher is better\.\n\n# Documentation\n/,
    );
    expect(llm.calls[0]?.system).toContain("The price should be 9.");
    expect(llm.calls[0]?.prompt).not.toContain("The price should be 9.");
  });
});

describe("without feedback", () => {
  it.each([
    ["none at all", /^No feedback reached the trainable parameters, so they are unchanged$/, () => {}],
    [
      "on an output that reads no parameter",
      /^No output depends on `prompt`, .*`weight`.*: they were not read in forward \(`\.value`\)/,
      (optimizer: OptoPrime) => optimizer.backward(node(1), "no"),
    ],
    [
      "without a word or a score",
      /^No feedback reached the trainable parameters/,
      (optimizer: OptoPrime) => optimizer.backward(optimizer.parameters.get("weight") as never, " "),
    ],
  ])("%s: no call, no change, a warning", async (_title, message, give) => {
    const llm = scriptedModel([]);
    const optimizer = new OptoPrime(agent(), { model: llm });
    give(optimizer);
    const events = await eventsOf(async () => expect(await optimizer.step()).toEqual({}));
    expect(llm.calls).toHaveLength(0);
    expect(events).toEqual([{ type: "warning", message: expect.stringMatching(message) }]);
  });
});

describe("a reply that cannot be used", () => {
  it("is answered with the reasons, in the same conversation", async () => {
    const first = `${block("weight", "heavy")}${block("style", "long")}${block("prompt", "Answer")}`;
    const { llm, optimizer } = await judged([first, `${block("weight", "4")}${block("prompt", "Say {question}")}`]);
    expect(await optimizer.step()).toEqual({ style: "long", weight: 4, prompt: "Say {question}" });
    const [one, two] = llm.calls;
    expect(two?.system).toBe(one?.system);
    expect(two?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(two?.messages[0]?.content).toBe(one?.prompt);
    expect(two?.messages[1]?.content).toBe(first);
    expect(two?.prompt).toBe(
      "Not all of your reply could be used:\n" +
        '- weight: expected a number from 0 to 5, got "heavy"\n' +
        "- prompt: expected the text to keep {question}\n" +
        '  You wrote: "Answer"\n' +
        "Your values for these variables have been applied: style. Reply again in the same form, with only the remaining changes.",
    );
  });

  it("leaves what an earlier reply had right as applied", async () => {
    const { llm, optimizer } = await judged([block("style", "long") + block("weight", "9"), "", block("weight", "4")], {
      maxRerolls: 2,
    });
    expect(await optimizer.step()).toEqual({ style: "long", weight: 4 });
    expect(llm.calls[2]?.prompt).toMatch(
      /^Your reply could not be used:\n- The reply: .*\nYour values for these variables have been applied: style\. Reply again in the same form, with only the remaining/,
    );
  });

  it("is said to have been of no use, and how to change nothing where it had no form", async () => {
    const { llm, optimizer } = await judged(["", block("weight", "9"), block("weight", "4")], { maxRerolls: 2 });
    expect(await optimizer.step()).toEqual({ weight: 4 });
    const [, empty, outside] = llm.calls;
    expect(empty?.prompt).toMatch(
      /^Your reply could not be used:\n- The reply: .*\nReply again, with all your changes\.\nRequired form:\n<reasoning>/,
    );
    expect(empty?.prompt).toMatch(/<\/variable>\nIf no variable should change, write <unchanged\/> [^\n]*$/);
    expect(outside?.prompt).toBe(
      'Your reply could not be used:\n- weight: expected a number from 0 to 5, got 9 (number)\n  You wrote: "9"\n' +
        "Reply again, with all your changes.",
    );
  });

  it.each<[string, Script]>([
    ["empty", ["", block("weight", "2")]],
    ["prose", ["I do not know.", block("weight", "2")]],
    ["cut off", [{ text: '<variable name="prompt">\nAnswer {question} in', finishReason: "length" }, block("weight", "2")]],
    ["about an unknown variable", [block("size", "2"), block("weight", "2")]],
    ["outside of the domain", [block("weight", "9"), block("weight", "2")]],
  ])("%s, is asked for again", async (_title, script) => {
    const { subject, llm, optimizer } = await judged(script);
    const events = await eventsOf(async () => expect(await optimizer.step()).toEqual({ weight: 2 }));
    expect(subject.prompt.value).toBe("Answer {question}");
    expect(llm.calls).toHaveLength(2);
    expect(llm.calls[1]?.messages.every(({ content }) => content !== "")).toBe(true);
    expect(events.filter(({ type }) => type === "proposal-rejected")).toHaveLength(1);
  });

  it.each([0, 1, 3])(
    "with maxRerolls %i is asked for that many times more, and then leaves everything as it is",
    async (maxRerolls) => {
      const { subject, llm, optimizer } = await judged(block("weight", "heavy"), { maxRerolls });
      const before = subject.candidate();
      expect(await optimizer.step()).toEqual({});
      expect(subject.candidate()).toEqual(before);
      expect(llm.calls.map(({ messages }) => messages.length)).toEqual(
        Array.from({ length: maxRerolls + 1 }, (_, i) => 1 + 2 * i),
      );
    },
  );

  it("keeps the conversations of concurrent steps apart", async () => {
    const { llm, optimizer } = await judged(async ({ messages }) => {
      const proposal = Number(/proposal (\d)/.exec(messages[0]?.content ?? "")?.[1] ?? 1);
      await new Promise((resolve) => setTimeout(resolve, (proposal * 7) % 5));
      return messages.length > 1 ? block("weight", String(proposal)) : block("weight", `heavy ${proposal}`);
    });
    const labels = [0, 1, 2, 3].map((i) => `proposal/${i}`);
    const proposals = await Promise.all(labels.map((label) => optimizer.propose({ label })));
    expect(proposals).toEqual([1, 2, 3, 4].map((weight) => ({ weight })));
    for (const { messages } of llm.calls.filter(({ messages }) => messages.length > 1)) {
      const proposal = /proposal (\d)/.exec(messages[0]?.content ?? "")?.[1] ?? "1";
      expect(messages[1]?.content).toContain(`heavy ${proposal}`);
      expect(messages[2]?.content).toContain(`"heavy ${proposal}"`);
    }
  });

  it("a block left open is salvaged with a warning", async () => {
    const { optimizer } = await judged('<reasoning>r</reasoning>\n<variable name="weight">\n3\n');
    const events = await eventsOf(async () => expect(await optimizer.step()).toEqual({ weight: 3 }));
    expect(events).toContainEqual({ type: "warning", message: expect.stringMatching(/did not close the block of weight/) });
  });
});

describe("proposals of one step", () => {
  it("ask differently, and the same in every run", async () => {
    const ask = async () => {
      const { llm, optimizer } = await judged("<unchanged/>");
      for (const i of [0, 1, 2, 7]) await atPosition("iteration/4", () => optimizer.propose({ label: `proposal/${i}` }));
      return llm.calls.map(({ prompt }) => prompt);
    };
    const prompts = await ask();
    expect(new Set(prompts).size).toBe(4);
    expect(prompts[0]).not.toContain("This is proposal");
    expect(prompts[1]).toMatch(/This is proposal 2 of several .*\.$/);
    expect(prompts[3]).toContain("This is proposal 8 of several");
    expect(await ask()).toEqual(prompts);
  });
});

describe("verbose", () => {
  const types = (events: readonly AmbientEvent[]) => events.map(({ type }) => type);

  it.each([
    [true, ["prompt", "model-call", "reply"]],
    ["output" as const, ["model-call", "reply"]],
    [false, ["model-call"]],
  ])("%s tells of %j", async (verbose, expected) => {
    const { llm, optimizer } = await judged("<unchanged/>");
    const events = await eventsOf(() => optimizer.step({ verbose, label: "proposal/0" }));
    expect(types(events)).toEqual(expected);
    const [call] = llm.calls;
    for (const event of events) {
      if (event.type === "prompt") expect(event.text).toBe(`${call?.system}\n\n${call?.prompt}`);
      if (event.type === "reply") expect(event.text).toBe("<unchanged/>");
      if (event.type !== "model-call") expect(event).toMatchObject({ role: "optimizer", position: "iteration/1/proposal/0" });
    }
  });

  it("with nobody listening does no harm", async () => {
    const { optimizer } = await judged(["", block("weight", "2")]);
    expect(await optimizer.step({ verbose: true })).toEqual({ weight: 2 });
  });
});

describe("what is not the model's fault", () => {
  it.each([
    ["a server error", () => httpError(503, "slow down", { "retry-after-ms": "1" }), { cause: { statusCode: 503 } }],
    ["a network failure", () => networkError("ECONNREFUSED"), { cause: { code: "ECONNREFUSED" } }],
    ["a wrong key", () => httpError(401, "who are you"), { statusCode: 401 }],
  ])("%s passes through and leaves everything as it is", async (_title, error, fields) => {
    const { subject, llm, optimizer } = await judged(
      () => {
        throw error();
      },
      { memorySize: 3 },
    );
    const before = canonicalJson([subject.candidate(), (optimizer.state() as { memory: JsonValue }).memory]);
    const scheduler = new CallScheduler({ retry: { maxRetries: 1, initialDelayMs: 1 } });
    const services = { control: new RunControl(), scheduler };
    const step = atPosition("iteration/1", () => optimizer.step(), { services });
    const thrown = await step.catch((caught: unknown) => caught);
    expect(isInfrastructureError(thrown)).toBe(true);
    // Before any call was answered, a closed port and a wrong key are a wrong set-up; the provider's error is the cause.
    expect(thrown instanceof ConfigurationError ? thrown.cause : thrown).toMatchObject(fields);
    expect(canonicalJson([subject.candidate(), (optimizer.state() as { memory: JsonValue }).memory])).toBe(before);
    expect(optimizer.graph.targets).toHaveLength(1);
    // Nothing was asked in other words.
    expect(new Set(llm.calls.map(({ prompt }) => prompt)).size).toBe(1);
  });

  it("an abort in the middle of a call throws its reason unchanged", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const { subject, llm, optimizer } = await judged(() => {
      setTimeout(() => controller.abort(reason), 5);
      return new Promise<string>(() => {});
    });
    await expect(optimizer.step({ signal: controller.signal })).rejects.toBe(reason);
    expect(llm.calls).toHaveLength(1);
    expect(subject.weight.value).toBe(1);
  });
});

describe("memory", () => {
  const attemptsIn = (prompt = ""): string => /# Earlier attempts\n([\s\S]*?)\n\n# Your answer/.exec(prompt)?.[1] ?? "";

  it("tells of what was tried and what came of it, not of what was only proposed", async () => {
    const { subject, llm, optimizer } = await judged(
      [block("weight", "2"), block("weight", "3"), block("weight", "4"), "<unchanged/>"],
      { memorySize: 5 },
      { score: 0.25, feedback: "Too light." },
    );
    await optimizer.propose();
    await optimizer.propose();
    await optimizer.step();
    for (const call of llm.calls) expect(attemptsIn(call.prompt)).toBe("");
    optimizer.observe({ weight: 3 }, 0.75);
    optimizer.zeroFeedback();
    optimizer.backward(await subject.call("hi"), "Too heavy.");
    await optimizer.step();
    expect(attemptsIn(llm.calls[3]?.prompt)).toBe(
      "Oldest first. Variables that an attempt does not show had the same value as now.\n" +
        `<attempt score="0.25">\n${block("weight", "1")}<feedback>Too light.</feedback>\n</attempt>\n` +
        `<attempt score="0.75">\n${block("weight", "3")}</attempt>`,
    );
  });

  it("keeps the last distinct attempts; with 0, the default, none", async () => {
    const { llm, optimizer } = await judged("<unchanged/>", { memorySize: 2 });
    optimizer.observe({ weight: 2 }, 0.2);
    optimizer.observe({ weight: 3 }, 0.3);
    optimizer.observe({ weight: 2 }, 0.25, "Fails on one.");
    optimizer.observe({ weight: 4, unknown: 1 }, 0.4);
    await optimizer.propose();
    const told = attemptsIn(llm.calls[0]?.prompt);
    expect([...told.matchAll(/score="([^"]*)"/g)].map((match) => match[1])).toEqual(["0.25", "0.4"]);
    expect(told).toContain("<feedback>Fails on one.</feedback>");
    const none = await judged("<unchanged/>");
    none.optimizer.observe({ weight: 2 }, 0.2);
    await none.optimizer.propose();
    expect(attemptsIn(none.llm.calls[0]?.prompt)).toBe("");
  });

  it("a reported score stands, what was said later is added", async () => {
    const { llm, optimizer } = await judged("<unchanged/>", { memorySize: 2 }, { score: 0.1, feedback: "Dull." });
    optimizer.observe({}, 0.5);
    optimizer.update({});
    await optimizer.propose();
    expect(attemptsIn(llm.calls[0]?.prompt)).toContain(
      '<attempt score="0.5">\nThe current values.\n<feedback>Dull.</feedback>\n</attempt>',
    );
  });

  it("an update that is refused is not remembered", async () => {
    const { optimizer } = await judged("<unchanged/>", { memorySize: 2 });
    const before = canonicalJson(optimizer.state());
    expect(() => optimizer.update({ weight: 99 })).toThrow(/from 0 to 5/);
    expect(canonicalJson(optimizer.state())).toBe(before);
  });

  it("is the same for all proposals of a step, and after state and restore through JSON", async () => {
    const { subject, llm, optimizer } = await judged("<unchanged/>", { memorySize: 3 }, { score: 0.1, feedback: "Dull." });
    optimizer.observe({ style: "long", prompt: "</attempt> {question}" }, 0.3, "Better.");
    optimizer.update({});
    await Promise.all([optimizer.propose({ label: "proposal/0" }), optimizer.propose({ label: "proposal/0" })]);
    expect(llm.calls[1]?.prompt).toBe(llm.calls[0]?.prompt);
    expect(attemptsIn(llm.calls[0]?.prompt)).not.toBe("");

    const restored = new OptoPrime(subject, { model: llm, memorySize: 3 });
    restored.restore(JSON.parse(JSON.stringify(optimizer.state())));
    for (const { target, feedback } of optimizer.graph.targets) restored.backward(target, feedback);
    await restored.propose({ label: "proposal/0" });
    expect(attemptsIn(llm.calls[2]?.prompt)).toBe(attemptsIn(llm.calls[0]?.prompt));
    expect(canonicalJson(restored.state())).not.toBe("{}");
  });

  it("a state of another kind is refused as a whole", () => {
    const optimizer = new OptoPrime(agent(), { memorySize: 2 });
    optimizer.observe({ weight: 2 }, 0.2);
    const before = canonicalJson(optimizer.state());
    const bad: JsonValue[] = [
      null,
      { memory: [] },
      { steps: 1, memory: "x" },
      { steps: 1, memory: [{ values: {}, score: "1", feedback: "" }] },
    ];
    for (const state of bad) expect(() => optimizer.restore(state)).toThrow(/Expected/);
    expect(canonicalJson(optimizer.state())).toBe(before);
  });
});

describe("options", () => {
  it.each<[OptoPrimeOptions, RegExp]>([
    [{ memmorySize: 1 } as OptoPrimeOptions, /Unknown option `memmorySize` of OptoPrime; did you mean `memorySize`\?/],
    [{ memorySize: -1 }, /`memorySize` of OptoPrime to be a whole number of at least 0, got -1/],
    [{ memorySize: 1.5 }, /`memorySize`/],
    [{ maxRerolls: -1 }, /`maxRerolls`/],
    [{ maxValueLength: 0 }, /`maxValueLength` of OptoPrime to be a whole number of at least 1/],
    [{ maxOutputTokens: 0 }, /`maxOutputTokens`/],
    [{ temperature: Number.NaN }, /`temperature` of OptoPrime to be a number of at least 0/],
    [{ objective: " " }, /`objective` of OptoPrime to be a non-empty string/],
    [{ includeExample: 1 as never }, /`includeExample` of OptoPrime to be true or false/],
  ])("%j is refused", (options, message) => {
    expect(() => new OptoPrime(agent(), options)).toThrow(message);
  });

  it("undefined is not given", () => {
    expect(() => new OptoPrime(agent(), { memorySize: undefined, temperature: undefined })).not.toThrow();
  });
});

describe("learning", () => {
  it("finds the input of a formula from `too high` and `too low`", async () => {
    const x = parameter(0, { name: "x", description: "a whole number" });
    // Plays a model that halves the interval, by nothing but what the prompt shows.
    let [low, high] = [-64, 64];
    const llm = scriptedModel(({ prompt }) => {
      const now = Number(/<variable name="x">\n(.*)\n<\/variable>\n\n# Examples/.exec(prompt)?.[1]);
      if (/<feedback [^>]*>The number needs to be larger\./.test(prompt)) low = now;
      else if (/<feedback [^>]*>The number needs to be smaller\./.test(prompt)) high = now;
      else return "<unchanged/>";
      return `<reasoning>Between ${low} and ${high}.</reasoning>\n${block("x", String(Math.round((low + high) / 2)))}`;
    });
    const optimizer = new OptoPrime([x], { model: llm, memorySize: 10 });
    const seen: number[] = [];
    for (let step = 0; step < 10; step++) {
      const y = add(multiply(x, 3), 7);
      seen.push(x.value);
      const word = y.value < 118 ? "larger" : "smaller";
      optimizer.zeroFeedback();
      optimizer.backward(
        y,
        y.value === 118 ? { score: 1, feedback: "Right." } : { score: 0, feedback: `The number needs to be ${word}.` },
      );
      if (canonicalJson(await optimizer.step()) === "{}") break;
    }
    expect(seen).toEqual([0, 32, 48, 40, 36, 38, 37]);
    expect(llm.calls.at(-1)?.prompt.match(/<attempt /g)).toHaveLength(6);
  });
});
