import { describe, expect, it } from "vitest";
import { choices, range, subset } from "../../graph/domain.ts";
import { type Parameter, parameter } from "../../graph/parameter.ts";
import { Fence } from "./fence.ts";
import { jsonFormat } from "./json-format.ts";

const long = Array.from({ length: 300 }, (_, i) => `Rule ${i}: be good.`).join("\n");
const parameters = new Map<string, Parameter>([
  ["prompt", parameter("Answer {question}") as Parameter],
  ["long", parameter(long) as Parameter],
  ["weight", parameter(1, { domain: range(0, 5) }) as Parameter],
  ["count", parameter(1, { domain: range(0, 5, { integer: true }) }) as Parameter],
  ["flag", parameter(true) as Parameter],
  ["style", parameter("short", { domain: choices(["short", "long"]) }) as Parameter],
  [
    "mixed",
    parameter<unknown>(1, { domain: choices<unknown & (string | number | null)>([1, "two", null]) as never }) as Parameter,
  ],
  ["words", parameter<string[]>(["free"], { domain: subset(["free", "win", "cash"], { max: 2 }) }) as Parameter],
  ["rules", parameter<unknown>([{ word: "free" }]) as Parameter],
  ["map", parameter<unknown>({ value: 1 }) as Parameter],
  ["any", parameter<unknown>(null) as Parameter],
]);
const variables = Array.from(parameters, ([name, each]) => ({ name, parameter: each, value: each.peek() }));
const format = jsonFormat(new Fence(), variables);
const read = (text: string, finishReason = "stop") => format.read({ text, finishReason }, parameters);
const valuesOf = (text: string) => Object.fromEntries(read(text).values);

describe("readJsonReply", () => {
  it.each<[string, string, Record<string, unknown>]>([
    [
      "the form that was asked for",
      '{"reasoning":"r","values":{"prompt":"Say {question}","weight":2,"flag":null},"edits":[]}',
      { prompt: "Say {question}", weight: 2 },
    ],
    ["a code fence", 'Here:\n```json\n{"values":{"prompt":"a ``` b"}}\n```\nDone.', { prompt: "a ``` b" }],
    ["words around it, in another language", 'Вот ответ: {"values":{"weight":3}} — 以上です。', { weight: 3 }],
    ["thoughts before it", '<think>{"values":{"weight":1}}</think>{"values":{"weight":3}}', { weight: 3 }],
    ["a draft before it", '<draft>{"values":{"flag":false}}</draft>{"values":{"weight":3}}', { weight: 3 }],
    ["a draft before words for no change", '<plan>{"values":{"weight":1}}</plan>\nNo changes needed.', {}],
    ["the answer folded away", '<details>{"values":{"weight":3}}</details>', { weight: 3 }],
    ["a comma too many and single quotes", "{'values': {'weight': 3,},}", { weight: 3 }],
    ["line breaks in a text", '{"values":{"prompt":"a\nb"}}', { prompt: "a\nb" }],
    ["two objects about different variables", '{"values":{"weight":3}}\n{"values":{"flag":false}}', { weight: 3, flag: false }],
    ["the same object twice", '{"values":{"weight":3}}\n{"values":{"weight":3}}', { weight: 3 }],
    ["the name of the ancestor", '{"reasoning":"r","answer":"","suggestion":{"weight":3}}', { weight: 3 }],
    ["the values alone", '{"weight":3,"because":"r"}', { weight: 3 }],
    ["a suggestion that is none", '{"suggestion":"no","weight":3}', { weight: 3 }],
    [
      "a list of names and values",
      '{"values":[{"name":"weight","value":3},{"variable":"flag","value":false}]}',
      { weight: 3, flag: false },
    ],
    ["an object around the answer", '{"response":{"reasoning":"r","values":{"weight":3}}}', { weight: 3 }],
    ["a tool call as text", '<tool_call>{"name":"answer","arguments":{"values":{"weight":3}}}</tool_call>', { weight: 3 }],
    ["an object around a value", '{"values":{"weight":{"value":3}}}', { weight: 3 }],
    ["blanks around names", '{" values ":{" weight ":3}}', { weight: 3 }],
    [
      "values inside of strings",
      '{"values":{"weight":"3","flag":"false","rules":"[1]","map":"{\\"a\\":1}","any":"[2]"}}',
      { weight: 3, flag: false, rules: [1], map: { a: 1 }, any: [2] },
    ],
    [
      "values as they are",
      '{"values":{"rules":[1],"map":{"value":2},"any":{"value":2},"words":["win"],"style":"long"}}',
      { rules: [1], map: { value: 2 }, any: { value: 2 }, words: ["win"], style: "long" },
    ],
    ["choices of several types", '{"values":{"mixed":"two"}}', { mixed: "two" }],
    ["the choice null", '{"values":{"mixed":"null"}}', { mixed: null }],
    ["the last of two", '{"values":{"weight":2,"weight":3}}', { weight: 3 }],
  ])("takes %s", (_title, text, values) => {
    expect(valuesOf(text)).toEqual(values);
    expect(read(text).rejections).toEqual([]);
  });

  it("takes neither of two that contradict each other when the last stands in prose", () => {
    const { values, rejections } = read('It could be:\n{"values":{"weight":1}}\nBetter: {"values":{"weight":3}}');
    expect([...values]).toEqual([]);
    expect(rejections).toEqual([
      { name: null, reason: expect.stringMatching(/several that say different things about "weight"/) },
    ]);
  });

  it.each([
    ['{"reasoning":"r","values":{}}'],
    ['{"values":null}'],
    ['{"values":{"weight":null,"prompt":null},"edits":[]}'],
    ["No change needed."],
  ])("%s is no error", (text) => expect(read(text)).toMatchObject({ values: new Map(), rejections: [], isMalformed: false }));

  it.each<[string, string, string, string | null, RegExp]>([
    ["empty", " ", "stop", null, /got an empty reply/],
    ["prose", "I am sorry, but I cannot help with that.", "stop", null, /expected a JSON object with "values", got no JSON/],
    ["withheld", "", "content-filter", null, /content filter/],
    ["withheld midway", '{"values":{"prompt":"a', "content-filter", null, /content filter/],
    [
      "cut off by its length",
      '{"values":{"weight":2,"prompt":"Use {question}',
      "length",
      null,
      /length limit before the JSON object was closed/,
    ],
    [
      "cut off by a server that does not say so",
      '{"values":{"weight":2,"prompt":"Use {question}',
      "stop",
      null,
      /cannot be read/,
    ],
    ["without values", '{"reasoning":"r"}', "stop", null, /got JSON without/],
    ["tagged text", '<variable name="weight">\n2\n</variable>', "stop", null, /got no JSON/],
    ["a list", "[1, 2]", "stop", null, /got JSON without/],
    [
      "contradicting itself",
      '{"values":{"weight":2}} or {"values":{"weight":3}}',
      "stop",
      null,
      /several that say different things about "weight"/,
    ],
    ["of the wrong type", '{"values":{"weight":"heavy"}}', "stop", "weight", /expected a number from 0 to 5, got "heavy"/],
    ["a number for a text", '{"values":{"prompt":5}}', "stop", "prompt", /expected text, got 5 \(number\)/],
    ["a list for a text", '{"values":{"prompt":["a"]}}', "stop", "prompt", /expected text, got \["a"\]/],
    ["no choice", '{"values":{"style":"brief"}}', "stop", "style", /expected one of/],
    ["a number that is none", '{"values":{"weight":1e999}}', "stop", "weight", /is Infinity/],
    ["too deep", `{"values":{"any":${"[".repeat(5000)}${"]".repeat(5000)}}}`, "stop", "any", /nested more than 1000 deep/],
    [
      "both a value and edits",
      '{"values":{"long":"a"},"edits":[{"variable":"long","search":"Rule 7:","replace":""}]}',
      "stop",
      "long",
      /got both/,
    ],
    [
      "an edit without its search",
      '{"values":{},"edits":[{"variable":"long","replace":"x"}]}',
      "stop",
      "long",
      /to have "search" and "replace", both strings/,
    ],
    ["an edit without a name", '{"values":{},"edits":[{"search":"a","replace":"x"}]}', "stop", null, /name its "variable"/],
    [
      "an edit of a number",
      '{"values":{},"edits":[{"variable":"weight","search":"1","replace":"2"}]}',
      "stop",
      "weight",
      /only text values can be edited/,
    ],
    [
      "an edit that fits nowhere",
      '{"values":{},"edits":[{"variable":"long","search":"Rule 7: be bad.","replace":"x"}]}',
      "stop",
      "long",
      /the closest text is/,
    ],
  ])("refuses what is %s, with a reason", (_title, text, finishReason, name, reason) => {
    const { values, rejections, quotes } = read(text, finishReason);
    expect(values.size).toBe(0);
    expect(rejections).toEqual([{ name, reason: expect.stringMatching(reason) }]);
    expect(quotes.get(null)).toBe(text);
  });

  it.each([
    [
      "a list of edits",
      '{"values":{"long":null},"edits":[{"variable":"long","search":"Rule 7: be good.","replace":"Rule 7: rest."}]}',
    ],
    ["edits by name", '{"edits":{"long":[{"search":"Rule 7: be good.","replace":"Rule 7: rest."}]}}'],
    [
      "edits in the place of the value",
      '{"values":{"long":{"edits":[{"search":"Rule 7: be good.","replace":"Rule 7: rest."}]}}}',
    ],
  ])("makes %s", (_title, text) => {
    expect(valuesOf(text)).toEqual({ long: long.replace("Rule 7: be good.", "Rule 7: rest.") });
  });

  it("leaves names that there are not for the optimizer to refuse, names of the language among them", () => {
    const { values, rejections } = read(
      '{"values":{"zeal":1,"__proto__":{"x":1},"constructor":2},"edits":[{"variable":"__proto__","search":"a","replace":"b"}]}',
    );
    expect([...values.keys()]).toEqual(["zeal", "constructor"]);
    expect(rejections).toEqual([{ name: "__proto__", reason: expect.any(String) }]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it("cut anywhere, no value is a beginning of the whole one", () => {
    const whole = JSON.stringify({
      reasoning: "see {x}",
      values: { prompt: "Answer {question}, {question}!", weight: 2.5, any: "{}" },
    });
    for (const finishReason of ["stop", "length"]) {
      for (let length = 0; length < whole.length; length++)
        expect([...read(whole.slice(0, length), finishReason).values]).toEqual([]);
    }
  });
});

describe("the schema of the reply", () => {
  it("says what each variable may be; null leaves it alone", () => {
    const { schema } = format.responseFormat as unknown as { schema: { properties: { values: { properties: object } } } };
    expect(schema.properties.values.properties).toEqual({
      prompt: { type: ["string", "null"] },
      long: { type: ["string", "null"] },
      weight: { type: ["number", "null"], minimum: 0, maximum: 5 },
      count: { type: ["integer", "null"], minimum: 0, maximum: 5 },
      flag: { type: ["boolean", "null"] },
      style: { type: ["string", "null"], enum: ["short", "long", null] },
      mixed: { type: ["string", "null"], enum: ["1", "two", "null", null] },
      words: { type: ["array", "null"], items: { type: "string", enum: ["free", "win", "cash"] } },
      rules: { type: ["string", "null"], description: "a list, written as JSON" },
      map: { type: ["string", "null"], description: "an object, written as JSON" },
      any: { type: ["string", "null"], description: "any JSON value" },
    });
    expect(schema).toMatchObject({
      required: ["reasoning", "values", "edits"],
      additionalProperties: false,
      properties: { edits: { items: { properties: { variable: { enum: ["prompt", "long"] } } } } },
    });
  });

  it("has no edits where no text is long", () => {
    const short = jsonFormat(
      new Fence(),
      variables.filter(({ name }) => name !== "long"),
    );
    expect(short.responseFormat?.schema.required).toEqual(["reasoning", "values"]);
    expect([short.form, ...short.rules].join()).not.toContain("edits");
  });
});
