import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choices, range } from "../../graph/domain.ts";
import { type Parameter, parameter } from "../../graph/parameter.ts";
import { mutate } from "./__fixtures__/mutate.ts";
import { Fence } from "./fence.ts";
import { readTaggedReply } from "./tagged-format.ts";

const parameters = new Map<string, Parameter>([
  ["prompt", parameter("Answer {question}") as Parameter],
  ["weight", parameter(1, { domain: range(0, 5) }) as Parameter],
  ["flag", parameter(true) as Parameter],
  ["style", parameter("short", { domain: choices(["short", "long"]) }) as Parameter],
  ["rules", parameter<unknown>([{ word: "free" }]) as Parameter],
]);
const read = (text: string, finishReason = "stop", fence = new Fence()) =>
  readTaggedReply({ text, finishReason }, fence, parameters);

describe("readTaggedReply", () => {
  it("gives values of the parameters' types; names that there are not stay as they came, for the optimizer to refuse", () => {
    const { values, rejections } = read(
      '<reasoning>r</reasoning><variable name="weight">2</variable><variable name="rules">[]</variable><variable name="zeal">high</variable>',
    );
    expect(values).toEqual(
      new Map<string, unknown>([
        ["weight", 2],
        ["rules", []],
        ["zeal", "high"],
      ]),
    );
    expect(rejections).toEqual([]);
  });

  it.each([
    ["empty", "", "stop", null, /expected a reply with <variable name="…"> … <\/variable> blocks, got an empty one/],
    ["blank", " \n\t", "stop", null, /an empty one/],
    ["prose", "I would shorten the prompt.", "stop", null, /expected a block .* or <unchanged\/> to change none; got neither/],
    ["reasoning alone", "<reasoning>why</reasoning>", "stop", null, /got neither/],
    ["a tag in prose", 'I would set <variable name="prompt"> to something shorter.', "stop", null, /got neither/],
    ["JSON", '{"suggestion": {"weight": 2}}', "stop", null, /got neither/],
    ["cut off before any variable", "<reasoning>It seems", "length", null, /length limit before any/],
    ["empty and cut off", "", "length", null, /length limit before any/],
    ["without a name", "<variable>2</variable>", "stop", null, /has no name/],
    [
      "of the wrong type",
      '<variable name="weight">heavy</variable>',
      "stop",
      "weight",
      /expected a number from 0 to 5, got "heavy"/,
    ],
    ["no choice", '<variable name="style">brief</variable>', "stop", "style", /expected one of \["short","long"\]/],
    ["cut off inside a text", '<variable name="prompt">\nAnswer {question} in', "length", "prompt", /may be cut off/],
    ["cut off inside a number", '<variable name="weight">\n4', "length", "weight", /may be cut off/],
    ["filtered inside a text", '<variable name="prompt">\nAnswer {question} in', "content-filter", "prompt", /may be cut off/],
    ["of unknown end inside a text", '<variable name="prompt">\nAnswer {question} in', "unknown", "prompt", /may be cut off/],
    ["left open and empty", '<variable name="prompt">', "stop", "prompt", /expected the block to be closed by <\/variable>/],
    [
      "closed by another tag",
      '<variable name="prompt">\nAnswer {question}\n</prompt>',
      "stop",
      "prompt",
      /closed by <\/variable>/,
    ],
    [
      "holding its own closing tag",
      '<variable name="prompt">\n{question}</variable> and more</variable>',
      "stop",
      "prompt",
      /would be cut off/,
    ],
  ])("refuses a reply that is %s, with a reason", (_title, text, finishReason, name, reason) => {
    const { values, rejections } = read(text, finishReason);
    expect(values.size).toBe(0);
    expect(rejections).toEqual([{ name, reason: expect.stringMatching(reason) }]);
  });

  it.each([["<unchanged/>"], ["<reasoning>fine</reasoning>\nNo change needed."]])("%j is no error", (text) => {
    expect(read(text)).toMatchObject({ values: new Map(), rejections: [], salvaged: [], isMalformed: false });
  });

  it("takes what is whole of a reply that was cut off", () => {
    const { values, rejections } = read('<variable name="weight">2</variable>\n<variable name="prompt">\nAnswer', "length");
    expect([...values]).toEqual([["weight", 2]]);
    expect(rejections.map(({ name }) => name)).toEqual(["prompt"]);
  });

  it("a later block that is cut off takes the place of an earlier whole one", () => {
    const { values, rejections } = read('<variable name="weight">2</variable>\n<variable name="weight">\n3', "length");
    expect(values.size).toBe(0);
    expect(rejections.map(({ name }) => name)).toEqual(["weight"]);
  });

  it("salvages blocks left open by a model that had said all, and says which", () => {
    const { values, salvaged } = read('<variable name="prompt">\nSay {question}\n\n<variable name="weight">\n3\n');
    expect([...values]).toEqual([
      ["prompt", "Say {question}"],
      ["weight", 3],
    ]);
    expect(salvaged).toEqual(["prompt", "weight"]);
  });

  it.each([
    ["in another language around the block", 'Конечно! Вот ответ:\n<variable name="weight">2</variable>\n以上です。'],
    ["that refuses and answers all the same", 'I am sorry, I cannot do that.\n<variable name="weight">2</variable>'],
  ])("takes the block of a reply %s", (_title, text) => {
    expect([...read(text).values]).toEqual([["weight", 2]]);
  });

  it.each([
    ["withheld by a filter", "", "content-filter", /content filter withheld the reply/],
    ["a refusal", "I am sorry, but I cannot help with that.", "stop", /got neither/],
    ["prose of another language", "申し訳ありませんが、できません。", "stop", /got neither/],
  ])("of %s shows the form once more and quotes it", (_title, text, finishReason, reason) => {
    const { rejections, isMalformed, quotes } = read(text, finishReason);
    expect(rejections).toEqual([{ name: null, reason: expect.stringMatching(reason) }]);
    expect(isMalformed).toBe(true);
    expect(quotes.get(null)).toBe(text);
  });

  it("without the numbers that the prompt's tags have, blocks are text", () => {
    const { values, rejections } = read('<variable name="weight">2</variable>', "stop", new Fence("-2"));
    expect(values.size).toBe(0);
    expect(rejections[0]?.reason).toMatch(/with their number, as in <variable-2 name="…">/);
  });

  it("whatever a model does to a good reply: no crash, and no value of another type", () => {
    const good =
      '<reasoning>\nWhy.\n</reasoning>\n<variable name="prompt">\nAnswer {question} well.\n</variable>\n<variable name="weight">\n2.5\n</variable>\n' +
      '<variable name="flag">\nfalse\n</variable>\n<variable name="style">\nlong\n</variable>\n<variable name="rules">\n[{"word": "win"}]\n</variable>\n';
    const types: Record<string, (value: unknown) => boolean> = {
      prompt: (value) => typeof value === "string",
      weight: (value) => typeof value === "number" && Number.isFinite(value),
      flag: (value) => typeof value === "boolean",
      style: (value) => value === "short" || value === "long",
      rules: Array.isArray,
    };
    const mutation = fc.tuple(
      fc.constantFrom("cut", "drop", "insert", "double", "swap"),
      fc.nat(good.length),
      fc.nat(60),
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom("</variable>", '<variable name="flag">', "<reasoning>", "```", "\r\n", '"', ">", "<"),
      ),
    );
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 8 }), fc.constantFrom("stop", "length", "other"), (mutations, finishReason) => {
        const text = mutations.reduce(mutate, good);
        const { values, rejections } = read(text, finishReason);
        for (const [name, value] of values) if (parameters.has(name)) expect(types[name]?.(value)).toBe(true);
        for (const { reason } of rejections) expect(reason).not.toBe("");
      }),
      { numRuns: 2_000 },
    );
  });

  it("cut anywhere by the length limit, no value is a beginning of the whole one", () => {
    const whole = "Answer {question} in one sentence, {question} being what was asked.";
    const good = `<reasoning>r</reasoning>\n<variable name="prompt">\n${whole}\n</variable>\n<variable name="weight">25</variable>`;
    for (let length = 0; length < good.length; length++) {
      const { values } = read(good.slice(0, length), "length");
      if (values.has("prompt")) expect(values.get("prompt")).toBe(whole);
      if (values.has("weight")) expect(values.get("weight")).toBe(25);
    }
  });
});

describe("edits in a block", () => {
  const value = "Sort the mail.\nBe brief.\nNever guess.";
  const long = new Map([["long", parameter(value) as Parameter], ...parameters]);
  const shown = new Map<string, unknown>([
    ["long", value],
    ["weight", 1],
  ]);
  const editing = (text: string, mark = "", editable: typeof shown | undefined = shown, finishReason = "stop") =>
    readTaggedReply({ text, finishReason }, new Fence(mark), long, editable);
  const pair = (search: string, replace: string, mark = "") =>
    `<search${mark}>\n${search}\n</search${mark}>\n<replace${mark}>\n${replace}\n</replace${mark}>`;
  const block = (inner: string, name = "long", mark = "") => `<variable${mark} name="${name}">\n${inner}\n</variable${mark}>\n`;

  it.each([
    ["one", block(pair("Be brief.", "Be kind.")), "Sort the mail.\nBe kind.\nNever guess."],
    [
      "two",
      block(`${pair("Be brief.", "Be kind.")}\n\n${pair("Sort", "Sort out")}`),
      "Sort out the mail.\nBe kind.\nNever guess.",
    ],
    [
      "two in a block each",
      block(pair("Be brief.", "Be kind.")) + block(pair("Sort", "Sort out")),
      "Sort out the mail.\nBe kind.\nNever guess.",
    ],
    ["one on a line", block("<search>brief</search><replace>kind</replace>"), "Sort the mail.\nBe kind.\nNever guess."],
    [
      "one in upper case, in a code fence",
      block(`\`\`\`\n${pair("brief", "kind").toUpperCase().replace("BRIEF", "brief").replace("KIND", "kind")}\n\`\`\``),
      "Sort the mail.\nBe kind.\nNever guess.",
    ],
    ["one after a whole value", block("Anew.") + block(pair("brief", "kind")), "Sort the mail.\nBe kind.\nNever guess."],
    ["the whole value after one", block(pair("brief", "kind")) + block("Anew."), "Anew."],
    ["the same reply twice", block(pair("brief", "kind")).repeat(2), "Sort the mail.\nBe kind.\nNever guess."],
  ])("%s, applied to the value that was shown", (_title, text, expected) => {
    expect(editing(text)).toMatchObject({ values: new Map([["long", expected]]), rejections: [] });
  });

  it.each([
    ["words between them", block(`First:\n${pair("brief", "kind")}`), "long", /either the whole new value, or edits alone/],
    ["a search without its replace", block("<search>\nbrief\n</search>"), "long", /edits alone/],
    ["an edit in another order", block("<replace>a</replace><search>b</search>"), "long", /edits alone/],
    ["an edit of a number", block(pair("1", "2"), "weight"), "weight", /only text values can be edited/],
    ["an edit that fits nowhere", block(pair("Be brave.", "x")), "long", /the closest text is/],
  ])("refuses %s", (_title, text, name, reason) => {
    const { values, rejections } = editing(text);
    expect(values.size).toBe(0);
    expect(rejections).toEqual([{ name, reason: expect.stringMatching(reason) }]);
  });

  it("that are cut off are not made in part", () => {
    const text = block(`${pair("brief", "kind")}\n${pair("Sort", "Sort out")}`);
    for (let length = 0; length < text.length - 1; length++) {
      const { values } = editing(text.slice(0, length), "", shown, "length");
      if (values.size > 0) expect(values.get("long")).toBe("Sort out the mail.\nBe kind.\nNever guess.");
    }
  });

  it("are text where the prompt offers none, and where the tags have another number", () => {
    const inner = pair("brief", "kind");
    expect(readTaggedReply({ text: block(inner), finishReason: "stop" }, new Fence(), long).values.get("long")).toBe(inner);
    expect(editing(block(inner, "long", "-2"), "-2").values.get("long")).toBe(inner);
    expect(editing(block(pair("brief", "kind", "-2"), "long", "-2"), "-2").values.get("long")).toContain("Be kind.");
  });
});
