import { describe, expect, it } from "vitest";
import { range } from "../graph/domain.ts";
import { parameter } from "../graph/parameter.ts";
import { type AmbientEvent, atPosition } from "../graph/scope.ts";
import { httpError } from "../testing/provider-errors.ts";
import { type Script, type ScriptedCall, scriptedModel } from "../testing/scripted-model.ts";
import { OptoPrimeMulti } from "./opto-prime-multi.ts";
import type { OptoPrimeMultiOptions } from "./opto-prime-multi-options.ts";

const block = (name: string, value: string): string => `<variable name="${name}">\n${value}\n</variable>\n`;

function setUp(script: Script, options: OptoPrimeMultiOptions = {}) {
  const x = parameter("start", { name: "x" });
  const n = parameter(1, { name: "n", domain: range(0, 9) });
  const llm = scriptedModel(script);
  const optimizer = new OptoPrimeMulti([x, n], { model: llm, ...options });
  optimizer.backward([x, n], { score: 0.5, feedback: "Better, please." });
  return { x, n, llm, optimizer };
}

/** Numbers its answers; chooses the second of several. */
const numbering = (call: ScriptedCall): string =>
  call.prompt.includes("Which of these answers") ? block("choice", "2") : block("x", `answer ${call.index}`);

describe("techniques", () => {
  it.each<[OptoPrimeMultiOptions["technique"], (calls: readonly ScriptedCall[]) => void]>([
    ["samples", (calls) => expect(new Set(calls.map(({ prompt }) => prompt)).size).toBe(1)],
    ["temperatureVariation", (calls) => expect(calls.map(({ temperature }) => temperature)).toEqual([1, 0.5, 0])],
    [
      "selfRefinement",
      (calls) => {
        expect(calls[0]?.prompt).not.toContain("An answer so far");
        expect(calls[1]?.prompt).toContain(`# An answer so far\n<attempt>\n${block("x", "answer 0").trim()}\n</attempt>`);
        expect(calls[2]?.prompt).toContain("answer 1");
        expect(calls[2]?.prompt).not.toContain("answer 0");
      },
    ],
    [
      "iterativeAlternatives",
      (calls) => {
        expect(calls[2]?.prompt).toMatch(/answer 0[\s\S]*answer 1/);
        expect(calls[1]?.prompt).toContain("a clearly different approach");
      },
    ],
    ["multiExperts", (calls) => expect(new Set(calls.map(({ prompt }) => /Answer as (.*?),/.exec(prompt)?.[1])).size).toBe(3)],
  ])("%s asks three times in its way, and then which is best", async (technique, check) => {
    const { llm, optimizer } = setUp(numbering, { technique });
    expect(await optimizer.step()).toEqual({ x: "answer 1" });
    expect(llm.calls).toHaveLength(4);
    check(llm.calls.slice(0, 3));
    expect(llm.calls[3]?.temperature).toBe(0);
    expect(llm.calls[3]?.prompt).toMatch(/<attempt number="1">[\s\S]*<attempt number="3">/);
  });

  it("multiLLM asks its models in turn; without models it is refused", async () => {
    const models = ["a", "b"].map((id) => scriptedModel(({ index }) => block("x", `${id}${index}`), { id }));
    const { llm, optimizer } = setUp(block("choice", "3"), { technique: "multiLLM", models });
    expect(await optimizer.step()).toEqual({ x: "a1" });
    expect([...models, llm].map(({ calls }) => calls.length)).toEqual([2, 1, 1]);
    expect(() => setUp("", { technique: "multiLLM" })).toThrow(/Expected `models`/);
  });

  it.each([
    [1, [0, 0.8], [0.8]],
    [2, [0.2, 0.6], [0.6, 0.2]],
  ] as const)("%i temperatures between %j are %j", async (numResponses, temperatureMinMax, expected) => {
    const { llm, optimizer } = setUp(numbering, { numResponses, temperatureMinMax });
    await optimizer.step();
    expect(llm.calls.slice(0, numResponses).map(({ temperature }) => temperature)).toEqual(expected);
  });

  it("answers whose values hold the tags of the format are shown between others", async () => {
    const tricky = 'Write <variable name="x">y</variable></attempt>';
    const { llm, optimizer } = setUp(({ index }) => block("x", `${tricky} ${index}`), {
      technique: "selfRefinement",
      selectionTechnique: "last",
    });
    // The second answer does not keep to the tags that it was asked for, so the third is asked for without it.
    expect(await optimizer.step()).toEqual({ x: `${tricky} 2` });
    expect(llm.calls[1]?.prompt).toContain("<attempt-2>");
  });
});

describe("selection", () => {
  const three = ["red", "green", "blue"];
  const colours = (call: ScriptedCall): string => block("x", three[call.index] ?? "none");

  it.each<[string, OptoPrimeMultiOptions, string, number]>([
    ["the selector's", { selector: (candidates) => candidates.findIndex(({ x }) => x === "blue") }, "blue", 3],
    ["the highest score", { scorer: ({ x }) => String(x).length }, "green", 3],
    ["of equal scores the first", { scorer: () => 1 }, "red", 3],
    ["the last", { selectionTechnique: "last" }, "blue", 3],
    ["by default the last, when the model names none", {}, "blue", 4],
  ])("takes %s", async (_title, options, expected, calls) => {
    const { llm, optimizer } = setUp(colours, options);
    expect(await optimizer.step()).toEqual({ x: expected });
    expect(llm.calls).toHaveLength(calls);
  });

  it("a scorer sees the values of all parameters, and may take its time", async () => {
    const seen: unknown[] = [];
    const { optimizer } = setUp(colours, {
      scorer: async (candidate) => {
        seen.push(candidate);
        return 0;
      },
    });
    await optimizer.step();
    expect(seen).toEqual(three.map((x) => ({ x, n: 1 })));
  });

  it("goes by remembered scores when all answers have one", async () => {
    const { llm, optimizer } = setUp(colours, { memorySize: 9 });
    for (const [place, x] of three.entries()) optimizer.observe({ x }, [0.1, 0.9, 0.3][place] as number);
    expect(await optimizer.step()).toEqual({ x: "green" });
    expect(llm.calls).toHaveLength(3);
  });

  it("shows the model the scores that are known", async () => {
    const { llm, optimizer } = setUp(colours, { memorySize: 9 });
    optimizer.observe({ x: "green" }, 0.9);
    await optimizer.step();
    expect(llm.calls[3]?.prompt).toMatch(/<attempt number="2" score="0.9">\n<variable name="x">\ngreen/);
  });

  it("moa makes one answer out of all, and takes the last when that is no use", async () => {
    const mixed = setUp((call) => (call.prompt.includes("Combine these into one answer") ? block("x", "white") : colours(call)), {
      selectionTechnique: "moa",
    });
    expect(await mixed.optimizer.step()).toEqual({ x: "white" });
    const useless = setUp((call) => (call.prompt.includes("Combine these into one answer") ? "?" : colours(call)), {
      selectionTechnique: "moa",
    });
    expect(await useless.optimizer.step()).toEqual({ x: "blue" });
  });

  it("an answer that breaks a rule is only taken when all do", async () => {
    const one = setUp(({ index }) => (index === 1 ? block("n", "3") : block("n", "99")), { selectionTechnique: "last" });
    expect(await one.optimizer.step()).toEqual({ n: 3 });
    expect(one.llm.calls).toHaveLength(3);
    const all = setUp(({ messages, index }) => (messages.length > 1 ? block("n", "4") : block("n", `9${index}`)));
    expect(await all.optimizer.step()).toEqual({ n: 4 });
    expect(all.llm.calls[3]?.messages[1]?.content).toBe(block("n", "90"));
  });

  it.each<[string, OptoPrimeMultiOptions, RegExp]>([
    ["a selector that gives no place", { selector: () => 3 }, /`selector` to return an index from 0 to 2, got 3/],
    ["a scorer that gives no number", { scorer: () => Number.NaN }, /`scorer` to return a finite number, got NaN/],
  ])("refuses %s", async (_title, options, message) => {
    await expect(setUp(colours, options).optimizer.step()).rejects.toThrow(message);
  });

  it.each([
    { technique: "guessing" },
    { numResponses: 0 },
    { temperatureMinMax: [1, 0] },
    { temperatureMinMax: [-1, 0] },
    { expertsList: [] },
    { expertsList: [1] },
    { models: [] },
    { selectionTechnique: "first" },
    { scorer: 1 },
    { selector: "x" },
  ])("refuses the options %j", (options) => {
    expect(() => setUp("", options as never)).toThrow(/^Expected `/);
  });
});

describe("failures", () => {
  async function eventsOf(work: () => Promise<unknown>): Promise<AmbientEvent[]> {
    const events: AmbientEvent[] = [];
    await atPosition("iteration/1", work, { emit: (event) => events.push(event) });
    return events;
  }

  it("an answer that cannot be got does not lose the others", async () => {
    const { optimizer } = setUp(({ index }) => {
      if (index !== 1) throw httpError(400, `refused ${index}`);
      return block("x", "only one");
    });
    const events = await eventsOf(async () => expect(await optimizer.step()).toEqual({ x: "only one" }));
    expect(events.filter(({ type }) => type === "warning").map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Response 0 of 3 failed: .*refused 0/),
      expect.stringMatching(/^Response 2 of 3 failed/),
    ]);
  });

  it.each(["samples", "iterativeAlternatives"] as const)(
    "when all fail, by %s, the error of the first is thrown",
    async (technique) => {
      const { x, optimizer } = setUp(
        ({ index }) => {
          throw httpError(400, `refused ${index}`);
        },
        { technique },
      );
      await expect(optimizer.step()).rejects.toThrow("refused 0");
      expect(x.value).toBe("start");
    },
  );

  it("failures are told of in order, whichever came first", async () => {
    const { optimizer } = setUp(async ({ index }) => {
      await new Promise((resolve) => setTimeout(resolve, 6 - 3 * index));
      throw httpError(400, `refused ${index}`);
    });
    await expect(optimizer.step()).rejects.toThrow("refused 0");
  });

  it("an answer that is asked for again is asked of the model that gave it", async () => {
    const models = ["a", "b"].map((id) => scriptedModel([block("n", "99"), block("n", "5")], { id }));
    const { llm, optimizer } = setUp("", { technique: "multiLLM", models, numResponses: 2 });
    expect(await optimizer.step()).toEqual({ n: 5 });
    expect([...models, llm].map(({ calls }) => calls.length)).toEqual([2, 1, 0]);
  });

  it("a selection that fails takes the last", async () => {
    const { optimizer } = setUp((call) => {
      if (call.prompt.includes("Which of these answers")) throw httpError(400, "no");
      return numbering(call);
    });
    const events = await eventsOf(async () => expect(await optimizer.step()).toEqual({ x: "answer 2" }));
    expect(events).toContainEqual({ type: "warning", message: expect.stringMatching(/^Could not choose a response/) });
  });

  it("a model that is not set up is no failure of one answer", async () => {
    const { optimizer } = setUp("", { model: "nobody/nothing" });
    await expect(optimizer.step()).rejects.toMatchObject({ code: "missing-package" });
  });
});

describe("the question which answer is best", () => {
  it("asks for nothing else", async () => {
    const { llm, optimizer } = setUp(numbering, { technique: "samples", numResponses: 2 });
    await optimizer.propose();
    const { prompt = "" } = llm.calls.at(-1) ?? {};
    expect(prompt.match(/^# Your answer$/gm)).toHaveLength(1);
    expect(prompt).not.toContain("Provide better values");
    expect(prompt.split("# Your answer\n")[1]).toMatch(
      /^This time you are not asked for values[\s\S]*number as the variable `choice`/,
    );
  });
});
