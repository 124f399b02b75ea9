import { describe, expect, it } from "vitest";
import { bundle } from "../graph/bundle.ts";
import { choices, range } from "../graph/domain.ts";
import { model } from "../graph/module.ts";
import { type Node, node } from "../graph/node.ts";
import { parameter } from "../graph/parameter.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { OPRO, type OPROOptions } from "./opro.ts";

function agent() {
  return model(
    {
      prompt: parameter("Sort: {mail}", { description: "what the model is told", constraint: "one sentence" }),
      weight: parameter(1, { domain: range(0, 5) }),
      style: parameter("short", { domain: choices(["short", "long"]) }),
    },
    ({ prompt, weight, style }, mail: string) => [prompt.value, weight.value, style.value, mail].join(" "),
  );
}

async function judged(options: OPROOptions = {}, feedback: string | { score: number; feedback: string } = "Too dull.") {
  const subject = agent();
  const llm = scriptedModel("<unchanged/>");
  const optimizer = new OPRO(subject, { model: llm, ...options });
  optimizer.backward(await subject.call("Hello"), feedback);
  const prompt = async (): Promise<string> => {
    await optimizer.propose();
    return llm.calls.at(-1)?.prompt ?? "";
  };
  return { subject, llm, optimizer, prompt };
}

const scoresIn = (prompt: string): string[] =>
  Array.from(prompt.matchAll(/<attempt score="([^"]*)"/g), ([, score]) => score as string);

describe("OPRO", () => {
  it("writes a prompt that a reader can follow", async () => {
    const { llm, optimizer } = await judged({ objective: "Sort mail well." }, { score: 0.5, feedback: "Too <b>dull</b>." });
    optimizer.observe({ weight: 2 }, 0.25);
    optimizer.observe({ weight: 3, style: "long" }, 0.75, "Good.");
    await optimizer.propose({ label: "proposal/2" });
    const [call] = llm.calls;
    const line = "=".repeat(32);
    await expect(`${call?.system}\n\n${line}\n\n${call?.prompt}\n`).toMatchFileSnapshot("./__golden__/opro.txt");
  });

  it("works from the first step, when nothing has a score yet", async () => {
    const { prompt } = await judged();
    const first = await prompt();
    expect(scoresIn(first)).toEqual(["not known yet"]);
    expect(first).toContain('current="yes"');
    expect(first).toContain("Too dull.");
  });

  it("lists values from the worst to the best, each once; what has no score comes first", async () => {
    const { optimizer, prompt } = await judged({}, { score: 0.5, feedback: "" });
    optimizer.observe({ weight: 2 }, 0.75);
    optimizer.observe({ weight: 3 }, -1);
    optimizer.observe({ weight: 2 }, 0.25);
    expect(scoresIn(await prompt())).toEqual(["-1", "0.25", "0.5"]);
    optimizer.observe({}, 0.9);
    // A score that was reported takes the place of that of the feedback.
    expect(scoresIn(await prompt())).toEqual(["-1", "0.25", "0.9"]);
  });

  it("keeps the best, and shows the current values also when they are not among them", async () => {
    const { optimizer, prompt } = await judged({ memorySize: 3 }, { score: 0, feedback: "" });
    for (const weight of [1.5, 2, 2.5, 3, 3.5]) optimizer.observe({ weight }, weight % 2);
    expect(scoresIn(await prompt())).toEqual(["0", "1", "1.5", "1.5"]);
    expect((optimizer.state() as { memory: unknown[] }).memory).toHaveLength(3);
  });

  it("learns from the scores of feedback when values are replaced", async () => {
    const { optimizer, subject, prompt } = await judged({}, { score: 0.25, feedback: "Too dull." });
    optimizer.update({ weight: 4 });
    optimizer.zeroFeedback();
    optimizer.backward(await subject.call("Hello"), { score: 0.5, feedback: "Better." });
    const next = await prompt();
    expect(scoresIn(next)).toEqual(["0.25", "0.5"]);
    expect(next).toMatch(/score="0.5" current="yes">[\s\S]*<variable name="weight">\n4\n/);
  });

  it.each([
    [0, 0],
    [1, 1],
    [3, 2],
  ])("shows %i examples as asked: %i pieces of feedback", async (numExamples, shown) => {
    const { optimizer, subject, prompt } = await judged({ numExamples });
    optimizer.backward(await subject.call("World"), "Too loud.");
    const said = await prompt();
    expect(said.match(/<feedback for=/g)?.length ?? 0).toBe(shown);
    expect(said.match(/^Example \d+:$/gm)?.length ?? 0).toBe(shown);
    expect(said).not.toContain("# Code");
  });

  it("gives up examples, then the worst attempts, then the middle of long values, and says so", async () => {
    const { optimizer, prompt, subject } = await judged({ maxPromptTokens: 2500 }, { score: 0.5, feedback: "x ".repeat(4000) });
    for (let n = 0; n < 20; n++) optimizer.observe({ prompt: `${n} ${"Sort it well. ".repeat(20)}{mail}` }, n / 20);
    const said = await prompt();
    expect(said).toMatch(/\d+ others with worse scores are left out\./);
    expect(said).not.toContain("# Examples");
    expect(scoresIn(said).at(-1)).toBe("0.95");
    expect(said).toContain(subject.prompt.value);
    const tight = await judged({ maxPromptTokens: 100 });
    await expect(tight.optimizer.propose()).rejects.toThrow(/Expected a prompt of at most/);
  });

  it("tells of an input that all runs share once", async () => {
    const prompt = parameter("Sort", { name: "prompt" });
    const ask = bundle((prompt: string, model: string, mail: string) => [prompt, model, mail].join(), { name: "ask" });
    const llm = scriptedModel("<unchanged/>");
    const optimizer = new OPRO([prompt], { model: llm });
    const outputs = ["one", "two"].map((mail) => ask(prompt, node("m", { name: "model" }), node(mail, { name: "mail" })));
    optimizer.backward(outputs, ["a", "b"]);
    await optimizer.propose();
    const examples = /# Examples\n([\s\S]*?)\n\n#/.exec(llm.calls[0]?.prompt ?? "")?.[1];
    expect(Array.from(examples?.matchAll(/>(.*)</g) ?? [], ([, value]) => value)).toEqual([
      ...["m", "one", "Sort,m,one", "a"],
      ...["two", "Sort,m,two", "b"],
    ]);
  });

  it("shows each example of a batch with its own input, output, and feedback", async () => {
    const tone = parameter("quiet", { name: "tone" });
    const say = bundle((tone: string, mail: string) => `${tone} ${mail}`, { name: "say" });
    const batchify = bundle((first: string, second: string) => `${first}\n${second}`, { name: "batchify" });
    const llm = scriptedModel("<unchanged/>");
    const optimizer = new OPRO([tone], { model: llm });
    const [one, two] = ["one", "two"].map((mail) => say(tone, node(mail, { name: "mail" })));
    optimizer.backward(batchify(one as Node<string>, two as Node<string>), "ID [0]: Too loud.\nID [1]: Too low.");
    await optimizer.propose();
    const examples = /# Examples\n([\s\S]*?)\n\n#/.exec(llm.calls[0]?.prompt ?? "")?.[1];
    const rows = examples?.split("\n\n").map((text) => Array.from(text.matchAll(/>(.*)</g), ([, value]) => value));
    expect(rows).toEqual([
      ["one", "quiet one", "Too loud."],
      ["two", "quiet two", "Too low."],
    ]);
  });

  it("takes no edits, because it does not promise to show long values in full", async () => {
    const prompt = parameter(`Sort it. ${"Be fair. ".repeat(400)}The end.`, { name: "prompt" });
    const edits = [{ variable: "prompt", search: "Sort it.", replace: "File it." }];
    const llm = scriptedModel([JSON.stringify({ values: {}, edits }), JSON.stringify({ values: { prompt: "File it." } })]);
    const optimizer = new OPRO([prompt], { model: llm, replyFormat: "json" });
    optimizer.backward(prompt, { score: 0.5, feedback: "Too long." });
    expect(await optimizer.propose()).toEqual({ prompt: "File it." });
    expect(llm.calls[1]?.prompt).toContain("- prompt: expected the whole new value, got edits");
  });

  it("has the paper's memory by default, and refuses options that are none", () => {
    expect(new OPRO(agent()).settings()).toEqual({ memorySize: 20 });
    expect(() => new OPRO(agent(), { numExamples: -1 })).toThrow(/numExamples/);
  });
});
