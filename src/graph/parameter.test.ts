import { describe, expect, it } from "vitest";
import { z } from "zod";
import { GraphError, InvalidArgumentError } from "../errors.ts";
import { choices, range, subset } from "./domain.ts";
import { node } from "./node.ts";
import { isParameter, Parameter, type ParameterOptions, parameter } from "./parameter.ts";
import { withValues } from "./with-values.ts";

describe("a parameter", () => {
  it("is a node that can be set", () => {
    const prompt = parameter("Be brief.", { name: "prompt", description: "the system prompt", constraint: "one sentence" });
    expect(prompt).toMatchObject({
      kind: "parameter",
      name: "prompt",
      description: "the system prompt",
      constraint: "one sentence",
    });
    expect(prompt).toMatchObject({ trainable: true, inputs: [], value: "Be brief." });
    prompt.set("Be kind.");
    expect([prompt.value, prompt.peek()]).toEqual(["Be kind.", "Be kind."]);
    expect(isParameter(prompt)).toBe(true);
    expect(isParameter(node(1))).toBe(false);
  });

  it("is called `parameter` when nobody says otherwise", () => {
    expect(parameter(1).name).toBe("parameter");
  });

  it("made from a node takes its value and name, and is independent", () => {
    const source = node([1], { name: "weights", description: "not taken" });
    const copy = parameter(source);
    expect(copy).toMatchObject({ name: "weights", description: undefined, value: [1], inputs: [] });
    expect(parameter(source, { name: "other" }).name).toBe("other");
    const again = parameter(copy);
    again.set([2]);
    expect(copy.value).toEqual([1]);
  });

  it("holds a frozen copy", () => {
    const value = { words: ["free"], more: { n: 1 } };
    const p = parameter(value);
    value.words.push("win");
    expect(p.value).toEqual({ words: ["free"], more: { n: 1 } });
    const next = { words: ["cash"], more: { n: 2 } };
    p.set(next);
    next.more.n = 3;
    expect(p.value.more.n).toBe(2);
    expect(() => (p.value.words as string[]).push("x")).toThrow(TypeError);
    expect(Object.isFrozen(p.value.more)).toBe(true);
  });

  it("keeps keys such as __proto__ as data", () => {
    const p = parameter(JSON.parse('{"__proto__":{"polluted":1},"constructor":2}') as Record<string, unknown>);
    expect(Object.keys(p.value)).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((p.value as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("cannot be set where withValues binds it", () => {
    const p = parameter(1, { name: "p" });
    expect(() => withValues([p], { p: 2 }, () => p.set(3))).toThrow(GraphError);
    expect(p.value).toBe(1);
  });
});

describe("the rules of a parameter", () => {
  const evenSchema = z.number().refine((x) => x % 2 === 0, "must be even");
  const person = z.object({ name: z.string().min(2), tags: z.array(z.string()) });

  it.each<{
    name: string;
    value: unknown;
    options?: ParameterOptions<unknown>;
    good: unknown[];
    bad: [unknown, RegExp][];
  }>([
    {
      name: "JSON only",
      value: null,
      good: [null, 1, "a", [1, { b: null }], false],
      bad: [
        [undefined, /value is undefined/],
        [() => 1, /value is a function/],
        [Number.NaN, /value is NaN/],
        [[1, Number.POSITIVE_INFINITY], /value\[1\] is Infinity/],
        [{ a: { b: 5n } }, /value\.a\.b is a bigint/],
        [{ when: new Date(0) }, /value\.when is an instance of Date/],
        [new Map(), /value is an instance of Map/],
        [{ s: Symbol("s") }, /value\.s is a symbol/],
        [node(1), /value is an instance of Node/],
      ],
    },
    {
      name: "the type of the first value: string",
      value: "a",
      good: ["", "b"],
      bad: [
        [1, /expected a string, got 1 \(number\)/],
        [null, /expected a string, got null/],
        [["a"], /expected a string, got \["a"\] \(array of 1\)/],
      ],
    },
    { name: "number", value: 1, good: [0, -1.5], bad: [["1", /expected a number, got "1"/]] },
    {
      name: "boolean",
      value: true,
      good: [false],
      bad: [
        ["false", /expected a boolean/],
        [0, /expected a boolean/],
      ],
    },
    {
      name: "list",
      value: [1],
      good: [[], ["a"]],
      bad: [
        [{}, /expected an array/],
        ["[1]", /expected an array/],
      ],
    },
    {
      name: "object",
      value: {},
      good: [{ a: 1 }],
      bad: [
        [[], /expected an object/],
        [null, /expected an object/],
      ],
    },
    {
      name: "a schema",
      value: 2,
      options: { schema: evenSchema },
      good: [4, 0],
      bad: [
        [3, /must be even/],
        ["4", /expected number/],
      ],
    },
    {
      name: "a schema of objects",
      value: { name: "Ann", tags: [] },
      options: { schema: person },
      good: [{ name: "Bo", tags: ["x"] }],
      bad: [
        [{ name: "B", tags: [] }, /^.*name: /],
        [{ name: "Bo", tags: [1] }, /tags\.0: /],
        [{ name: "Bo", tags: [], extra: 1 }, /expected \{"name":"Bo","tags":\[\]\} \(Object\), to which the schema converts it/],
      ],
    },
    {
      name: "a schema that converts, which must leave a value as it is",
      value: 5,
      options: { schema: z.coerce.number() },
      good: [7],
      bad: [["7", /expected 7 \(number\), to which the schema converts it, got "7"/]],
    },
    {
      name: "a schema allows what the first value's type would not",
      value: "auto",
      options: { schema: z.union([z.literal("auto"), z.number()]) },
      good: [1, "auto"],
      bad: [["manual", /./]],
    },
    {
      name: "a range",
      value: 0,
      options: { domain: range(-1, 1) },
      good: [1, -0.5],
      bad: [[2, /expected a number from -1 to 1, got 2/]],
    },
    {
      name: "choices",
      value: "a",
      options: { domain: choices(["a", "b"]) },
      good: ["b"],
      bad: [["c", /expected one of \["a","b"\]/]],
    },
    {
      name: "a subset",
      value: ["a"],
      options: { domain: subset(["a", "b"], { max: 1 }) },
      good: [[], ["b"]],
      bad: [
        [["a", "b"], /expected a list of 0 to 1/],
        [["c"], /expected a list/],
      ],
    },
    {
      name: "the placeholders of the first text",
      value: "Q: {question} in {language}, {question}",
      good: ["{language}: {question}"],
      bad: [
        ["{question}", /expected the text to keep \{language\}/],
        ["question language", /\{question\}, \{language\}/],
      ],
    },
    {
      name: "given placeholders",
      value: "{a} {b}",
      options: { placeholders: ["a"] },
      good: ["{a}"],
      bad: [["{b}", /keep \{a\}/]],
    },
    {
      name: "the longest text",
      value: "abc",
      options: { maxLength: 5 },
      good: ["", "abcde", "日本語です"],
      bad: [["abcdef", /expected at most 5 characters, got 6/]],
    },
    {
      name: "the longest JSON of any other value",
      value: [1],
      options: { maxLength: 7 },
      good: [[], [1, 2, 3]],
      bad: [[[1, 2, 3, 4], /expected at most 7 characters, got 9/]],
    },
    {
      name: "a rule of the program",
      value: 2,
      options: {
        validate: (value: unknown) => {
          if (value === 13) throw new RangeError("13 is unlucky");
          if (value === 14) return false;
          if (value === 15) return ["is fifteen", "is odd"];
          if (value === 17) throw Object.create(null);
          return (value as number) % 2 === 0 || "must be even";
        },
      },
      good: [4, 0],
      bad: [
        [3, /^must be even$/],
        [13, /13 is unlucky/],
        [14, /the program's own rule rejects this value/],
        [15, /^is fifteen; is odd$/],
        [17, /^a value that cannot be printed$/],
      ],
    },
    {
      name: "a rule of the program that says nothing",
      value: "a",
      options: { validate: (value: unknown) => ({ b: null, c: "" })[value as string] },
      good: ["b", "c", "d"],
      bad: [],
    },
    {
      name: "a rule of the program that relies on the other rules",
      value: [0],
      options: { domain: subset([0, 1, 2]), validate: (value: unknown) => (value as number[]).every((n) => n < 2) || "below 2" },
      good: [[1]],
      bad: [
        [[2], /^below 2$/],
        [[3], /^expected a list of 0 to 3/],
        ["text", /^expected an array/],
      ],
    },
    { name: "no placeholders", value: 'say {"json": 1} to {x}', options: { placeholders: [] }, good: ["x"], bad: [] },
    { name: "braces that are no placeholders", value: '{"json": 1} {} {1a} { b }', good: ["x"], bad: [] },
  ])("$name", ({ value, options = {}, good, bad }) => {
    const p = new Parameter(value, { name: "p", ...options });
    for (const next of good) {
      expect(p.problems(next)).toEqual([]);
      p.set(next);
      expect(p.value).toEqual(next);
    }
    const kept = p.value;
    for (const [next, message] of bad) {
      expect(p.problems(next).join("; ")).toMatch(message);
      expect(() => p.set(next)).toThrow(InvalidArgumentError);
      expect(() => p.set(next)).toThrow(/^The parameter p cannot take this value: /);
      expect(p.value).toBe(kept);
    }
  });

  it("hold for the first value too", () => {
    expect(() => parameter(3, { schema: evenSchema })).toThrow(/must be even/);
    expect(() => parameter(3, { domain: range(0, 1) })).toThrow(InvalidArgumentError);
    expect(() => parameter("x", { domain: ["x", "y"] as never })).toThrow(
      /Expected `domain` to be `choices\(\[…\]\)`, `range\(low, high\)`, or `subset\(\[…\]\)`/,
    );
    expect(() => parameter("x", { placeholders: ["q"] })).toThrow(/keep \{q\}/);
    expect(() => parameter("abc", { maxLength: 2 })).toThrow(/at most 2 characters, got 3/);
    expect(() => parameter("abc", { validate: () => "never" })).toThrow(/never/);
    expect(() => parameter(() => 1)).toThrow(/a function/);
  });

  it("are refused when they are none", () => {
    for (const maxLength of [0, -1, 1.5, Number.NaN, "5"]) {
      expect(() => parameter("a", { maxLength: maxLength as number })).toThrow(/`maxLength` to be a whole number of at least 1/);
    }
    expect(() => parameter("a", { validate: "yes" as never })).toThrow(/`validate` to be a function/);
    const slow = { validate: (async () => true) as never };
    expect(() => parameter("a", slow)).toThrow(/return synchronously, got a promise/);
    expect(() => parameter("a", { validate: (() => Promise.reject(new Error("late"))) as never })).toThrow(/synchronously/);
  });

  it.each<[string, unknown]>([
    ["huge numbers of elements", Array.from({ length: 200_000 }, (_, index) => index)],
    ["a long text", "x".repeat(5_000_000)],
  ])("may be checked on %s", (_, value) => {
    expect(new Parameter(value).value).toEqual(value);
  });

  it("refuse what is nested too deeply to be written", () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) value = [value];
    expect(() => parameter(value)).toThrow(/nested more than 1000 deep/);
  });

  it("refuse what contains itself", () => {
    const value: unknown[] = [];
    value.push({ value });
    expect(() => parameter(value)).toThrow(/value\[0\]\.value contains itself/);
  });

  it("must be checked synchronously", async () => {
    const schema = (answer: Promise<never>): ParameterOptions<string> => ({
      schema: { "~standard": { version: 1, vendor: "test", validate: () => answer } },
    });
    const late = z.string().refine(async () => true);
    expect(() => parameter("a", { schema: late })).toThrow(/schema of the parameter to validate synchronously/);
    // A rejection that nobody awaits must not end the process.
    expect(() => parameter("a", schema(Promise.reject(new Error("boom"))))).toThrow(InvalidArgumentError);
    await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it.each<[string, ParameterOptions<unknown>, RegExp]>([
    [
      "a schema of another kind",
      { schema: { type: "string" } as never },
      /Expected `schema` to be a Standard Schema .*, got \{"type":"string"\}/,
    ],
    ["an unknown option", { constraints: "x" } as never, /Unknown option `constraints` of parameter; did you mean `constraint`/],
    ["the name __proto__", { name: "__proto__" }, /cannot be named/],
    ["a description that is no text", { description: 5 as never }, /description to be a string/],
  ])("refuse %s", (_, options, message) => {
    expect(() => new Parameter("a", options)).toThrow(InvalidArgumentError);
    expect(() => new Parameter("a", options)).toThrow(message);
  });
});
