/**
 * Replies of a language model that are damaged in every way: 10,000 for each format, or `FUZZ_RUNS`. Whatever is applied keeps the
 * rules of its parameter, nothing crashes, and nothing takes long. And the other way round: what a good reply says arrives as it
 * was said.
 *
 * @module
 */
import fc from "fast-check";
import type { JsonValue } from "opto/data";
import { choices, type Parameter, parameter, range, subset } from "opto/graph";
import { Optimizer, OptoPrime, type ReplyFormat, type ReplyFormatName, type Suggestion } from "opto/optimizers";
import { scriptedModel } from "opto/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { shorten } from "../../src/data/json.ts";
import { hostileText } from "../../src/optimizers/reply/__fixtures__/hostile-text.ts";
import { mutate } from "../../src/optimizers/reply/__fixtures__/mutate.ts";
import { replyFormats } from "../../src/optimizers/reply/choose-format.ts";
import { offersEdits } from "../../src/optimizers/reply/edits.ts";
import { Fence } from "../../src/optimizers/reply/fence.ts";

const code = `/** Sorts. */
export function sort(xs: number[]): number[] {
  // </variable> and <search> are only words here
${Array.from({ length: 80 }, (_, i) => `  if (xs[${i}] > xs[${i + 1}]) swap(xs, ${i});`).join("\n")}
  return xs;
}`;

const damagedReplies = Number(process.env.FUZZ_RUNS ?? 10_000);
const anything = z.unknown();
const fewExamples = z.array(z.strictObject({ in: z.string().max(20), out: z.number() })).max(3);

/** One parameter for each kind of rule. */
function parametersWithRules(): Parameter[] {
  const named = (value: unknown, name: string, options: object = {}) => parameter(value, { name, ...options }) as Parameter;
  return [
    named("Answer {question} for {user}.", "agent.prompt", { maxLength: 200 }),
    named(code, "code", { validate: (text: string) => text.startsWith("/**") || "expected it to begin with its comment" }),
    named(0.5, "temperature", { domain: range(0, 2) }),
    named(3, "count", { domain: range(0, 9, { integer: true }) }),
    named("short", "style", { domain: choices(["short", "long"]) }),
    named(1, "mixed", { domain: choices<JsonValue>([1, "1 or 2", null, { deep: [1] }]), schema: anything }),
    named(["free"], "words", { domain: subset(["free", "win", "cash"], { min: 1, max: 2 }) }),
    named([{ in: "a", out: 1 }], "examples", { schema: fewExamples }),
    named(true, "flag"),
    named(null, "anything", { maxLength: 100 }),
    named({ a: 1 }, "map"),
  ];
}

/** An optimizer that is handed replies; rules are those of every optimizer. */
class Replaying extends Optimizer {
  protected override readonly maxRerolls = 0;
  readonly format: ReplyFormat;
  reply = { text: "", finishReason: "stop" };
  rejected = 0;

  constructor(parameters: Parameter[], name: ReplyFormatName) {
    super(parameters);
    const asked = Array.from(this.parameters, ([key, each]) => ({ name: key, parameter: each, value: each.peek() }));
    const texts = asked.map(({ value }) => (typeof value === "string" ? value : ""));
    this.format = replyFormats[name](Fence.around(texts, offersEdits(asked)), asked);
  }

  protected override suggest(): Suggestion {
    const read = this.format.read(this.reply, this.parameters);
    this.rejected += read.rejections.length;
    if (read.rejections.some(({ reason }) => reason === "")) expect.fail("a value was rejected without a reason");
    return read;
  }
}

const good = new Map<string, JsonValue>([
  ["agent.prompt", "Answer {question} of {user} in a word."],
  ["temperature", 1.25],
  ["count", 7],
  ["style", "long"],
  ["mixed", "1 or 2"],
  ["words", ["win", "cash"]],
  ["examples", [{ in: "b", out: 2 }]],
  ["flag", false],
  ["anything", { x: [1, null] }],
  ["map", { b: "2" }],
]);

const tags = (mark: string) =>
  [
    "<variable",
    "</variable",
    '<variable name="code"',
    '<variable name="count"',
    "<reasoning",
    "</reasoning",
    "<search",
    "</search",
    "<replace",
    "</replace",
    "<unchanged/",
  ].map((tag) => `${tag.replace(/^(<\/?\w+)/, `$1${mark}`)}>`);
const json = [
  '{"values":{"count":99}}',
  '"edits":[{"variable":"code","search":"xs","replace":""}]',
  '"values":',
  "{",
  "}",
  "[",
  "]",
  '"',
  '\\"',
  "\\",
  "'",
  ",",
  ":",
  '"__proto__":{"count":1},',
  '"constructor":',
  "null",
  "1e999",
  "-0",
  "9".repeat(400),
  "NaN",
  "\\ud800",
  "\\u0000",
];
const noise = [
  "```",
  "```json\n",
  "\0",
  "\u0007",
  "\ud800",
  "\udc00",
  "\r\n",
  "\n",
  "\u2028",
  "\ufeff",
  "{question}",
  "{user}",
  "/**",
  "以上です。",
  "&lt;",
  "__proto__",
  "[".repeat(3_000),
  '{"a":'.repeat(3_000),
  "<think>",
  "</think>",
];

/** Each assertion of the test runner takes longer than to read a reply, so it is asked only where something is wrong. */
function keepsRules({ parameters }: Replaying, proposed: Readonly<Record<string, JsonValue>>): void {
  for (const [key, value] of Object.entries(proposed)) {
    const problems = parameters.get(key)?.problems(value);
    if (problems?.length !== 0) expect.fail(`${key} breaks a rule: ${problems?.join("; ") ?? "it is no parameter"}`);
  }
}

/** The tests of one format. */
export function describeReplies(name: ReplyFormatName): void {
  const optimizerOf = () => new Replaying(parametersWithRules(), name);
  const { format } = optimizerOf();
  const mark = /<variable(-\d+)?/.exec(replyFormats.tags(Fence.around([code], true), []).form)?.[1] ?? "";
  const replyWith = (extra: string) =>
    name === "tags" ? `${format.answer("why", good)}\n${extra}` : format.answer("why", good).replace('"edits": []', extra);
  const edit = (search: string, replace: string) =>
    name === "tags"
      ? `<variable${mark} name="code">\n<search${mark}>\n${search}\n</search${mark}>\n<replace${mark}>\n${replace}\n</replace${mark}>\n</variable${mark}>`
      : `"edits": [${JSON.stringify({ variable: "code", search, replace })}]`;
  const whole = [
    edit("  return xs;", "  return [...xs];"),
    edit("swap", "exchange"),
    edit("not there", ""),
    edit("/** Sorts. */", ""),
  ].map(replyWith);
  const other = replyFormats[name === "tags" ? "json" : "tags"](Fence.around([code], true), []).answer("why", good);

  it("that are good are taken as a whole", async () => {
    const optimizer = optimizerOf();
    optimizer.reply.text = whole[0] as string;
    const code_ = code.replace("return xs;", "return [...xs];");
    expect(await optimizer.propose()).toEqual({ ...Object.fromEntries(good), code: code_ });
  });

  it("thousands that are damaged: no crash, and no value that breaks a rule", async () => {
    const mutation = fc.tuple(
      fc.constantFrom("cut", "behead", "drop", "insert", "insert", "insert", "double", "swap", "repeat", "append"),
      fc.nat(4_000),
      fc.nat(80),
      fc.oneof(
        fc.constantFrom(...tags(mark), ...tags("")),
        fc.constantFrom(...json),
        fc.constantFrom(...noise),
        fc.string({ unit: "binary" }),
      ),
    );
    const replies = fc.tuple(fc.constantFrom(...whole, other), fc.array(mutation, { minLength: 1, maxLength: 6 }));
    const ends = fc.constantFrom("stop", "stop", "length", "content-filter", "other");
    const [optimizer, before] = [optimizerOf(), optimizerOf()];
    const start = Object.fromEntries(Array.from(before.parameters, ([key, each]) => [key, each.peek() as JsonValue]));
    let [applied, ran] = [0, 0];
    await fc.assert(
      fc.asyncProperty(replies, ends, async ([text, mutations], finishReason) => {
        ran++;
        optimizer.reply = { text: mutations.reduce(mutate, text), finishReason };
        const proposed = await optimizer.propose();
        applied += Object.keys(proposed).length;
        keepsRules(optimizer, proposed);
        // What was proposed can be set, and what was not is as it was.
        before.update(proposed);
        const isAsItWas = before.parameters.get("code")?.peek() === code;
        if (isAsItWas !== (!Object.hasOwn(proposed, "code") || proposed.code === code))
          expect.fail("the code is not what was proposed");
        before.update(start);
      }),
      { numRuns: damagedReplies, seed: 20_260_101, endOnFailure: true },
    );
    // The damage is neither so small nor so great that nothing is tested.
    expect(ran).toBe(damagedReplies);
    expect(applied).toBeGreaterThan(damagedReplies / 2);
    expect(optimizer.rejected).toBeGreaterThan(damagedReplies / 2);
    expect(({} as Record<string, unknown>).count).toBeUndefined();
  });

  const floods = [
    ...tags(mark),
    ...json,
    ...noise,
    edit("xs[1]", "y"),
    '{"values":{"count":1}}',
    "{'values':{'count':1,}}",
    '{"a":"b"c"}',
    " ",
    "a",
  ].map((piece) => [shorten(JSON.stringify(piece), 60), piece] as const);

  // Each is read in a fraction of a second; a reader whose time grew with the square of the length would need minutes.
  it.each(floods)("of 100,000 characters of %s end", async (_title, piece) => {
    const optimizer = optimizerOf();
    const flood = piece.repeat(Math.ceil(100_000 / piece.length));
    const around = name === "tags" ? [`<variable${mark} name="words">`, `</variable${mark}>`] : ['{"values":{"words":"', '"}}'];
    for (const text of [flood, `${around[0]}${flood}${around[1]}`, replyWith(edit(flood, "")), `${whole[0]}${flood}`]) {
      optimizer.reply = { text, finishReason: "stop" };
      keepsRules(optimizer, await optimizer.propose());
    }
  });

  it("carry any text through prompt and reply unchanged: the tags of the format, its JSON, code", async () => {
    const texts = fc.oneof(
      hostileText,
      fc.constantFrom(
        code,
        format.form,
        ...format.rules,
        ...whole,
        other,
        '{"values": {"a": "\\n"}}',
        "```ts\nconst a = `b`;\n```",
        "<search>\n</replace>",
      ),
      fc.tuple(hostileText, fc.constantFrom(...whole)).map(([text, reply]) => `${text}${reply}${text}`),
    );
    await fc.assert(
      fc.asyncProperty(texts, texts, fc.boolean(), async (first, second, isLong) => {
        // Slots in a first value are rules; here any text may follow.
        const start = isLong ? `${first}\n${"filler ".repeat(300)}` : first;
        const parts = [
          parameter(start, { name: "first", placeholders: [] }),
          parameter<unknown>({ of: second }, { name: "second" }),
        ];
        let shown = "";
        const model = scriptedModel(({ system, prompt }) => {
          const tag = /<variable(-\d+)? name="first">\n/.exec(prompt) as RegExpExecArray;
          shown = prompt.slice(tag.index + tag[0].length, prompt.indexOf(`\n</variable${tag[1] ?? ""}>`, tag.index));
          // A model that copies what it is shown, in the form that it is told.
          const fence = new Fence(tag[1] ?? "");
          const asked = parts.map((each) => ({ name: each.name, parameter: each as Parameter, value: each.peek() as unknown }));
          expect(system).toContain(replyFormats[name](fence, asked).form);
          return replyFormats[name](fence, asked).answer(
            "Because.",
            new Map<string, JsonValue>([
              ["first", shown],
              ["second", { of: second }],
            ]),
          );
        });
        const optimizer = new OptoPrime(parts as Parameter[], { model, replyFormat: name, maxRerolls: 0 });
        optimizer.backward(
          parts.map((each) => each as never),
          ["no", "no"],
        );
        expect(await optimizer.propose()).toEqual({ first: start, second: { of: second } });
        expect(shown).toBe(start);
      }),
      { numRuns: 150, seed: 7 },
    );
  });
}
