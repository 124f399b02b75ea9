/**
 * Which format an optimizer asks for, what it does when the provider will not have it, and how it asks again.
 *
 * @module
 */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { describe, expect, it } from "vitest";
import { errorBody, startOpenAIServer } from "../../test/support/openai-server.ts";
import { type JsonValue, parseJsonObject } from "../data/json.ts";
import { range } from "../graph/domain.ts";
import { type Parameter, parameter } from "../graph/parameter.ts";
import { type AmbientEvent, atPosition } from "../graph/scope.ts";
import type { ModelLike } from "../llm/language-model.ts";
import { type Script, scriptedModel } from "../testing/scripted-model.ts";
import { OptoPrime, type OptoPrimeOptions } from "./opto-prime.ts";
import { longText } from "./reply/edits.ts";

function parts(first: unknown = "Answer {question}"): Parameter[] {
  return [parameter(first, { name: "prompt" }) as Parameter, parameter(1, { name: "weight", domain: range(0, 5) }) as Parameter];
}

function judged(model: ModelLike, options: OptoPrimeOptions = {}, parameters = parts()): OptoPrime {
  const optimizer = new OptoPrime(parameters, { model, ...options });
  optimizer.backward([...optimizer.parameters.values()], "Too dull.");
  return optimizer;
}

const structured = (script: Script) => scriptedModel(script, { structuredOutput: true });
const answer = (values: Record<string, unknown>, more: object = {}): string =>
  JSON.stringify({ reasoning: "r", values, ...more });

describe("the format", () => {
  it.each<[string, boolean, OptoPrimeOptions, "json" | "tags"]>([
    ["auto", true, {}, "json"],
    ["auto", false, {}, "tags"],
    ["json", false, { replyFormat: "json" }, "json"],
    ["tags", true, { replyFormat: "tags" }, "tags"],
  ])("%s, of a model that offers structured output: %s", async (_title, structuredOutput, options, expected) => {
    const reply = expected === "json" ? answer({ weight: 2 }) : '<variable name="weight">\n2\n</variable>';
    const model = scriptedModel(reply, { structuredOutput });
    expect(await judged(model, options).step()).toEqual({ weight: 2 });
    const [call] = model.calls;
    expect(call?.system.includes("one JSON object")).toBe(expected === "json");
    expect(call?.system.includes("<reasoning>")).toBe(expected === "tags");
    expect(call?.responseFormat !== undefined).toBe(expected === "json");
    // The problem is the same.
    expect(call?.prompt).toContain('<variable name="weight">\n1\n</variable>');
  });

  it("is tagged text where a name is none that a schema may have", async () => {
    const model = structured("<unchanged/>");
    await judged(model, {}, [parameter("a", { name: "my prompt" }) as Parameter]).step();
    expect(model.calls[0]?.responseFormat).toBeUndefined();
  });

  it("shows in the worked example", async () => {
    const model = structured(answer({}));
    await judged(model, { includeExample: true }).step();
    const [, example = ""] = model.calls[0]?.system.split("An answer to it:") ?? [];
    expect(parseJsonObject(example)).toMatchObject({ values: { fee: 5 } });
  });
});

describe("a provider that will not have the schema", () => {
  it("is asked without it, and from the next feedback on for tagged text; also after a restart", async () => {
    await using server = await startOpenAIServer(({ body, system }) => {
      if (body?.response_format) return { status: 400, body: errorBody("response_format is not supported by this model") };
      return system.includes("one JSON object") ? answer({ weight: 2 }) : '<variable name="weight">\n3\n</variable>';
    });
    const model = createOpenAICompatible({ name: "mine", baseURL: server.baseUrl, supportsStructuredOutputs: true }).chatModel(
      "m",
    );
    const optimizer = judged(model);
    const isTagged = (): boolean[] => server.requests.map(({ system }) => system.includes("<reasoning>"));
    // However the proposals of a step follow one another, all are asked in the same form.
    for (const label of ["proposal/0", "proposal/1"]) expect(await optimizer.propose({ label })).toEqual({ weight: 2 });
    expect(isTagged()).toEqual([false, false, false]);

    const state = JSON.parse(JSON.stringify(optimizer.state())) as JsonValue;
    optimizer.update({});
    expect(await optimizer.propose({ label: "proposal/0" })).toEqual({ weight: 3 });
    const restored = judged(model);
    restored.restore(state);
    expect(await restored.propose({ label: "proposal/0" })).toEqual({ weight: 3 });
    expect(isTagged()).toEqual([false, false, false, true, true]);
    expect(server.requests[4]?.prompt).toBe(server.requests[3]?.prompt);
  });

  it("stays with JSON where that was asked for", async () => {
    await using server = await startOpenAIServer(() => answer({ weight: 2 }));
    const model = createOpenAICompatible({ name: "mine", baseURL: server.baseUrl }).chatModel("m");
    const optimizer = judged(model, { replyFormat: "json" });
    await optimizer.step();
    await optimizer.step();
    expect(server.requests.map(({ system }) => system.includes("one JSON object"))).toEqual([true, true]);
  });
});

describe("edits", () => {
  const long = `${"Be good. ".repeat(longText / 9 + 1)}Answer {question} briefly.`;

  it("are offered for long texts alone", async () => {
    for (const [value, offered] of [
      ["Answer {question}", false],
      [long, true],
    ] as const) {
      for (const model of [structured(answer({})), scriptedModel("<unchanged/>")]) {
        await judged(model, {}, parts(value)).step();
        expect(/edits/.test(model.calls[0]?.system ?? "")).toBe(offered);
      }
    }
  });

  it.each([
    ["json", answer({}, { edits: [{ variable: "prompt", search: "briefly", replace: "in a word" }] })],
    ["tags", '<variable name="prompt">\n<search>briefly</search><replace>in a word</replace>\n</variable>'],
  ] as const)("change a place of a long text: %s", async (replyFormat, reply) => {
    const parameters = parts(long);
    await judged(scriptedModel(reply), { replyFormat }, parameters).step();
    expect(parameters[0]?.value).toBe(long.replace("briefly", "in a word"));
  });

  it("apply to the value that the prompt showed, and keep the rules of the parameter", async () => {
    const parameters = parts(long);
    const reply = '<variable name="prompt">\n<search>{question}</search><replace>it</replace>\n</variable>';
    const model = scriptedModel([reply, reply.replace("<replace>it", "<replace>{question} well")]);
    const optimizer = judged(model, {}, parameters);
    parameters[0]?.set("Something {question} else");
    expect(await optimizer.propose()).toEqual({ prompt: long.replace("{question}", "{question} well") });
    expect(model.calls[1]?.prompt).toContain("expected the text to keep {question}");
  });
});

describe("the turn after a reply that cannot be used", () => {
  const asked = async (reply: string, replyFormat: "json" | "tags"): Promise<string> => {
    const model = scriptedModel([reply, replyFormat === "json" ? answer({}) : "<unchanged/>"]);
    await judged(model, { replyFormat }).step();
    return model.calls[1]?.prompt ?? "";
  };

  it.each([
    ["json", '"name of the variable": "the new value"'],
    ["tags", '<variable name="name of the variable">'],
  ] as const)("quotes it, and shows the form again where that was the trouble: %s", async (replyFormat, form) => {
    const prompt = await asked("I would rather\nnot say.", replyFormat);
    expect(prompt).toContain('  You wrote: "I would rather\\nnot say."\n');
    expect(prompt).toMatch(/Required form:/);
    expect(prompt).toContain(form);
  });

  it.each([
    ["json", answer({ prompt: `${"x".repeat(5_000)}` })],
    ["tags", `<variable name="prompt">\n${"x".repeat(5_000)}\n</variable>`],
  ] as const)("quotes a long value shortened, and leaves the form alone where it was kept: %s", async (replyFormat, reply) => {
    const prompt = await asked(reply, replyFormat);
    expect(prompt).toMatch(/- prompt: expected the text to keep \{question\}\n {2}You wrote: "x+…\(\d+ characters cut\)…x+"\n/);
    expect(prompt).not.toContain("Required form");
    expect(prompt.length).toBeLessThan(800);
  });

  it.each(["json", "tags"] as const)("is the last one: the old value stays, and an event says so: %s", async (replyFormat) => {
    const parameters = parts();
    const events: AmbientEvent[] = [];
    const optimizer = judged(scriptedModel("I am sorry."), { replyFormat }, parameters);
    await atPosition("iteration/1", () => optimizer.step(), { emit: (event) => events.push(event) });
    expect(parameters.map((each) => each.value)).toEqual(["Answer {question}", 1]);
    expect(events.filter(({ type }) => type === "model-call")).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: "proposal-failed", rejections: [{ name: null }] });
  });
});
