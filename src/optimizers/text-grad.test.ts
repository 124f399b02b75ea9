import { train } from "opto";
import { prioritySearch } from "opto/algorithms";
import { describe, expect, it } from "vitest";
import { bundle } from "../graph/bundle.ts";
import { choices, range } from "../graph/domain.ts";
import { model } from "../graph/module.ts";
import { node } from "../graph/node.ts";
import { add } from "../graph/operators.ts";
import { parameter } from "../graph/parameter.ts";
import { type AmbientEvent, atPosition } from "../graph/scope.ts";
import { text } from "../graph/text.ts";
import { type Script, type ScriptedCall, scriptedModel } from "../testing/scripted-model.ts";
import { batchify } from "../trainer/batch-outputs.ts";
import { TextGrad, type TextGradOptions } from "./text-grad.ts";

const answer = bundle((prompt: string, style: string) => `${style}: ${prompt}`, {
  name: "answer",
  description: "Asks the language model.",
});

/** A prompt that two operations use, a style that one uses, and parts that cannot be trained. */
function mailAgent() {
  return model(
    {
      prompt: parameter("Sort this mail: {mail}", {
        description: "what the model is told",
        constraint: "at most two sentences",
        maxLength: 200,
      }),
      style: parameter("short", { domain: choices(["short", "long"]) }),
      limit: parameter(3, { domain: range(0, 9, { integer: true }) }),
      company: parameter("Acme", { name: "company", trainable: false }),
    },
    ({ prompt, style, limit, company }, mail: string) => {
      const filled = text`${prompt} (${company}): ${node(mail, { name: "mail", description: "as it came in" })}`;
      const answered = answer(filled, style);
      return add(answered as never, add(limit, add(1, 2)));
    },
  );
}

const block = (name: string, value: string): string => `<variable name="${name}">\n${value}\n</variable>\n`;
const isGradient = ({ system }: ScriptedCall): boolean => system.startsWith("You find out why");
/** The names that a gradient call asks about. */
const askedIn = ({ prompt }: ScriptedCall): string[] =>
  Array.from(/# Your answer\n([\s\S]*)/.exec(prompt)?.[1]?.matchAll(/^- (\S+): /gm) ?? [], ([, name]) => name as string);

/** Criticises every input, and writes the values that it is told to. */
function critic(values: Record<string, string>) {
  return (call: ScriptedCall): string => {
    if (isGradient(call))
      return askedIn(call)
        .map((name) => block(name, `Criticism of ${name}.`))
        .join("");
    const name = /Provide a better value for (\S+)\./.exec(call.prompt)?.[1] ?? "";
    return `<reasoning>why</reasoning>\n${block(name, values[name] ?? "?")}`;
  };
}

async function judged(script: Script, options: TextGradOptions = {}) {
  const agent = mailAgent();
  const llm = scriptedModel(script);
  const optimizer = new TextGrad(agent, { model: llm, ...options });
  optimizer.backward(await agent.call("Hello"), { score: 0.25, feedback: "Too loud.", scores: { politeness: 0.5 } });
  return { agent, llm, optimizer };
}

const good = { prompt: "File this mail: {mail}", style: "long", limit: "5" };

describe("the backward pass", () => {
  it("asks once for each operation that depends on a trainable parameter, outputs first, then for each parameter", async () => {
    const { agent, llm, optimizer } = await judged(critic(good));
    expect(await optimizer.step()).toEqual({ prompt: "File this mail: {mail}", style: "long", limit: 5 });
    expect(agent.candidate()).toMatchObject({ limit: 5, company: "Acme" });
    const asked = llm.calls.map((call) => (isGradient(call) ? askedIn(call) : /better value for (\S+)\./.exec(call.prompt)?.[1]));
    // add(1, 2) depends on nothing that can be trained, and company is frozen.
    expect(asked).toEqual([["x", "y"], ["limit"], ["prompt", "style"], ["prompt"], "prompt", "style", "limit"]);
  });

  it("writes prompts that a reader can follow", async () => {
    const { agent, llm, optimizer } = await judged(critic(good), { objective: "Sort mail well.", momentum: 1, memorySize: 1 });
    await optimizer.step();
    optimizer.zeroFeedback();
    const targets = [await agent.call("Hello"), await agent.call("I want a refund")];
    optimizer.backward(targets, [
      { score: 1, feedback: "Fine." },
      { score: 0, feedback: "Too long for <b>this</b>." },
    ]);
    await optimizer.step();
    const second = llm.calls.slice(7);
    const line = "=".repeat(32);
    const ofAnswer = second.find(({ prompt }) => prompt.includes('<operation name="answer">'));
    const written = [second[0], ofAnswer, second.find((call) => !isGradient(call))];
    const golden = written.map((call) => `${call?.system}\n\n${line}\n\n${call?.prompt}`).join(`\n\n${line}\n\n`);
    await expect(`${golden}\n`).toMatchFileSnapshot("./__golden__/text-grad.txt");
  });

  it("joins what several users of a value say, and tells the same only once", async () => {
    const x = parameter("a", { name: "x" });
    const shout = bundle((word: string) => word.toUpperCase(), { name: "shout" });
    const louder = shout(x) as never;
    const llm = scriptedModel((call) =>
      isGradient(call)
        ? askedIn(call)
            .map((name) => block(name, `Change ${name}.`))
            .join("")
        : block("x", "b"),
    );
    const optimizer = new TextGrad([x], { model: llm });
    optimizer.backward([add(louder, 1), add(louder, 2), add(louder, 3)], ["one", "two", "two"]);
    await optimizer.step();
    const ofShout = llm.calls.find(({ prompt }) => prompt.includes('<operation name="shout">'));
    expect(ofShout?.prompt.match(/<feedback.*>/g)).toEqual(['<feedback from="add">Change x.</feedback>']);
    expect(llm.calls).toHaveLength(5);
  });

  it("feedback on a parameter itself costs no gradient call", async () => {
    const x = parameter("a", { name: "x" });
    const llm = scriptedModel(block("x", "b"));
    const optimizer = new TextGrad([x], { model: llm });
    optimizer.backward(x, { score: 0.5, feedback: "Say b." });
    expect(await optimizer.step()).toEqual({ x: "b" });
    expect(llm.calls).toHaveLength(1);
    expect(llm.calls[0]?.prompt).toContain('<feedback score="0.5">Say b.</feedback>');
  });

  it("of a joined batch asks about its examples, not about the joining, unless only the batch has a score", async () => {
    const x = parameter("a", { name: "x" });
    const shout = bundle((word: string, mail: string) => `${word} ${mail}`.toUpperCase(), { name: "shout" });
    const llm = scriptedModel((call) => (isGradient(call) ? "Say b." : block("x", "b")));
    const optimizer = new TextGrad([x], { model: llm });
    const outputs = [shout(x, "one"), shout(x, "two")];
    optimizer.backward(batchify(...outputs), { score: 0.5, feedback: batchify("Too loud.", "").peek() });
    expect(await optimizer.step()).toEqual({ x: "b" });
    expect(llm.calls.map(({ prompt }) => /<operation name="(\w+)"/.exec(prompt)?.[1])).toEqual(["shout", "shout"]);
    expect(llm.calls[0]?.prompt).toContain("<feedback>Too loud.</feedback>");
    optimizer.zeroFeedback();
    optimizer.backward(batchify(...outputs), { score: 0.5, feedback: batchify("", "").peek() });
    await optimizer.step();
    expect(llm.calls[2]?.prompt).toContain('<operation name="batchify">');
  });

  it("goes no further where nothing is to change, and rewrites nothing then", async () => {
    const { llm, optimizer } = await judged("<unchanged/>");
    expect(await optimizer.step()).toEqual({});
    expect(llm.calls).toHaveLength(1);
  });

  it("only what was criticised is rewritten", async () => {
    const { llm, optimizer } = await judged((call) => {
      if (!isGradient(call)) return block("limit", "7");
      return askedIn(call).includes("y") ? block("y", "Larger.") : block("limit", "Larger.");
    });
    expect(await optimizer.step()).toEqual({ limit: 7 });
    expect(llm.calls.map(isGradient)).toEqual([true, true, false]);
  });

  it.each([
    [
      "prose without a block is about all",
      "Everything is too loud.",
      /<feedback from="add">Everything is too loud\.<\/feedback>/,
    ],
    ["an empty reply passes the feedback on", "", /<feedback from="add">Too loud\.<\/feedback>/],
    [
      "blocks of other names do not count",
      `${block("z", "No.")}${block("x", "Quieter.")}`,
      /<feedback from="add">Quieter\.<\/feedback>/,
    ],
  ])("%s", async (_title, reply, expected) => {
    let first = true;
    const { llm, optimizer } = await judged(() => {
      if (first) {
        first = false;
        return reply;
      }
      return "<unchanged/>";
    });
    await optimizer.step();
    const next = llm.calls.find(({ prompt }) => prompt.includes('<operation name="answer">'));
    expect(next?.prompt).toMatch(expected);
  });

  it("shows an operation that threw with its error", async () => {
    const prompt = parameter("x", { name: "prompt" });
    const fail = bundle(
      (given: string): string => {
        throw new TypeError(`cannot read ${given}`);
      },
      { name: "fail", description: "Reads." },
    );
    const llm = scriptedModel(critic({ prompt: "y" }));
    const optimizer = new TextGrad([prompt], { model: llm });
    const error = await Promise.resolve()
      .then(() => fail(prompt))
      .catch((thrown: { exceptionNode: never }) => thrown);
    optimizer.backward((error as { exceptionNode: never }).exceptionNode, "It failed.");
    expect(await optimizer.step()).toEqual({ prompt: "y" });
    expect(llm.calls[0]?.prompt).toContain('type="error"');
    expect(llm.calls[0]?.prompt).toContain("(TypeError) cannot read x");
  });
});

describe("in a run", () => {
  it.each([
    ["MinibatchAlgorithm", undefined],
    ["PrioritySearch", prioritySearch({ numCandidates: 1 })],
  ])("%s: outputs with the best score and no feedback cost no call beside others", async (_, algorithm) => {
    const agent = model({ word: parameter("a", { name: "word" }) }, ({ word }, x: string) => shout(word, x));
    const shout = bundle((word: string, x: string) => `${word}${x}`, { name: "shout" });
    const criticised: string[] = [];
    const llm = scriptedModel((call) => {
      if (!isGradient(call)) return "<unchanged/>";
      criticised.push(/<value name="x"[^>]*>\s*(\w+)|\b(ok\d|bad)\b/.exec(call.prompt)?.[0] ?? "?");
      return call.prompt.includes("bad") ? block("word", "Say b.") : "<unchanged/>";
    });
    const guide = Object.assign(
      (_x: string, _y: unknown, info: string) => ({
        score: info === "bad" ? 0 : 1,
        feedback: new Map([["bad", "Wrong."]]).get(info) ?? (info === "odd" ? "Nice." : ""),
      }),
      { scoreRange: [0, 1] as const },
    );
    const rows = ["ok1", "ok2", "bad", "ok3"].map((input) => ({ input, info: input === "ok3" ? "odd" : input }));
    await train({
      ...{
        agent,
        trainDataset: rows,
        guide,
        optimizer: new TextGrad(agent, { model: llm }),
        batchSize: 4,
        numEpochs: 1,
        evalFrequency: 0,
      },
      ...(algorithm === undefined ? {} : { algorithm }),
      ...{ run: null, verbose: false, shuffle: false },
    } as never);
    expect(criticised).toHaveLength(2);
    expect(criticised.join(" ")).toMatch(/bad/);
    expect(criticised.join(" ")).toMatch(/ok3/);
  });
});

describe("proposals of one step", () => {
  const labels = [0, 1, 2, 3].map((number) => `proposal/${number}`);

  async function run(delay: (call: ScriptedCall) => number, concurrency?: number) {
    const { llm, optimizer } = await judged(
      async (call) => {
        await new Promise((resolve) => setTimeout(resolve, delay(call)));
        if (!isGradient(call)) return block("limit", String(call.prompt.match(/This is proposal (\d)/)?.[1] ?? 1));
        return critic({})(call);
      },
      concurrency === undefined ? {} : { concurrency },
    );
    const events: AmbientEvent[] = [];
    const proposals = await atPosition("iteration/2", () => Promise.all(labels.map((label) => optimizer.propose({ label }))), {
      emit: (event) => events.push(event),
    });
    const calls = events.filter(({ type }) => type === "model-call").map(({ position }) => position as string);
    return { llm, proposals, calls: calls.sort() };
  }

  it("pay for the gradients once, and stand at positions that do not depend on timing", async () => {
    const even = await run(() => 1);
    expect(even.proposals.map(({ limit }) => limit)).toEqual([1, 2, 3, 4]);
    expect(even.llm.calls.filter(isGradient)).toHaveLength(4);
    expect(even.calls.filter((position) => position.includes("gradient"))).toEqual(
      [0, 1, 2, 3].map((number) => `iteration/2/gradient/${number}/call/0`),
    );
    expect(even.calls.filter((position) => position.includes("rewrite/limit"))).toHaveLength(4 * 1);
    for (const [delay, concurrency] of [
      [(call: ScriptedCall) => (call.index * 7) % 5, 1],
      [(call: ScriptedCall) => 6 - (call.index % 6), 3],
    ] as const) {
      const other = await run(delay, concurrency);
      expect(other.proposals).toEqual(even.proposals);
      expect(other.calls).toEqual(even.calls);
    }
  });

  it("one that is given up leaves the gradients to the others", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const { llm, optimizer } = await judged(async (call) => {
      if (call.index === 1) controller.abort(reason);
      await new Promise((resolve) => setTimeout(resolve, 2));
      return critic(good)(call);
    });
    const [first, second] = await Promise.allSettled([
      optimizer.propose({ label: "proposal/0", signal: controller.signal }),
      optimizer.propose({ label: "proposal/1" }),
    ]);
    expect(first).toEqual({ status: "rejected", reason });
    expect(second).toMatchObject({ status: "fulfilled", value: { style: "long" } });
    expect(llm.calls.filter(isGradient)).toHaveLength(4);
  });

  it("an abort of the run around it ends the gradients, too", async () => {
    const controller = new AbortController();
    const reason = new Error("the run ends");
    const { llm, optimizer } = await judged(() => {
      setTimeout(() => controller.abort(reason), 2);
      return new Promise<string>(() => {});
    });
    const step = atPosition("iteration/1", () => optimizer.propose(), { signal: controller.signal });
    await expect(step).rejects.toBe(reason);
    expect(llm.calls[0]?.signal?.aborted).toBe(true);
  });

  it("a failed pass is taken up where it failed", async () => {
    let failing = true;
    const { llm, optimizer } = await judged((call) => {
      if (failing && call.prompt.includes('<operation name="answer">')) throw new TypeError("broken script");
      return critic(good)(call);
    });
    await expect(optimizer.propose()).rejects.toThrow();
    const before = llm.calls.length;
    failing = false;
    expect(await optimizer.propose()).toMatchObject({ style: "long" });
    expect(llm.calls.slice(before).filter(isGradient).map(askedIn)).toEqual([["prompt", "style"], ["prompt"]]);
  });

  it("no more calls are in flight than allowed", async () => {
    let [inFlight, peak] = [0, 0];
    const { optimizer } = await judged(
      async (call) => {
        peak = Math.max(peak, ++inFlight);
        await new Promise((resolve) => setTimeout(resolve, 2));
        inFlight--;
        return critic(good)(call);
      },
      { concurrency: 2 },
    );
    await Promise.all(labels.map((label) => optimizer.propose({ label })));
    expect(peak).toBe(2);
  });
});

describe("the rewriting", () => {
  it("asks again only for the variable whose value was refused, with its reason", async () => {
    let tries = 0;
    const { llm, optimizer } = await judged((call) => {
      if (!isGradient(call) && call.messages[0]?.content.includes("better value for limit"))
        return block("limit", tries++ === 0 ? "99" : "8");
      return critic(good)(call);
    });
    expect(await optimizer.step()).toEqual({ prompt: "File this mail: {mail}", style: "long", limit: 8 });
    const again = llm.calls.filter(({ messages }) => messages.length > 1);
    expect(again).toHaveLength(1);
    expect(again[0]?.prompt).toContain("- limit: expected a whole number from 0 to 9, got 99");
  });

  it("takes no value of another variable", async () => {
    const { agent, llm, optimizer } = await judged((call) => {
      if (isGradient(call)) return critic(good)(call);
      return call.messages[0]?.content.includes("better value for style")
        ? block("style", "long") + block("prompt", "Mine: {mail}")
        : "<unchanged/>";
    });
    expect(await optimizer.step()).toEqual({ style: "long" });
    expect(agent.prompt.value).toBe("Sort this mail: {mail}");
    expect(llm.calls.at(-1)?.prompt).toContain("- The reply: prompt was not asked for, only: style");
  });

  it("momentum shows what the variable was and what was said of it then, also after a restart", async () => {
    const { agent, optimizer } = await judged(critic(good), { momentum: 2 });
    await optimizer.step();
    const restored = new TextGrad(agent, { model: scriptedModel(critic(good)), momentum: 2 });
    restored.restore(JSON.parse(JSON.stringify(optimizer.state())));
    const prompts: string[] = [];
    for (const one of [optimizer, restored]) {
      const llm = scriptedModel(critic(good));
      Object.assign(one, { options: Object.freeze({ ...one.options, model: llm }) });
      one.zeroFeedback();
      one.backward(await agent.call("Hi"), "Shorter.");
      await one.propose();
      prompts.push(llm.calls.find(({ prompt }) => prompt.includes("better value for style"))?.prompt ?? "");
    }
    expect(prompts[0]).toContain(
      `# Earlier values\n<attempt>\n${block("style", "short")}<feedback>Criticism of style.</feedback>\n</attempt>`,
    );
    expect(prompts[1]).toBe(prompts[0]);
    for (const state of [
      { steps: 1, past: 3 },
      { steps: 1, past: [{ name: "a", values: [{}] }] },
    ]) {
      expect(() => restored.restore(state as never)).toThrow(/list of earlier values/);
    }
  });

  it("settings do not tell of how many calls are in flight", () => {
    const x = parameter("a", { name: "x" });
    expect(new TextGrad([x], { concurrency: 2, momentum: 3 }).settings()).toEqual({ momentum: 3 });
    expect(() => new TextGrad([x], { momentum: -1 })).toThrow(/momentum/);
    expect(() => new TextGrad([x], { momentun: 1 } as never)).toThrow(/momentun/);
  });
});
