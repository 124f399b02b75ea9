import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { choices, range, subset } from "../../graph/domain.ts";
import { type Parameter, parameter } from "../../graph/parameter.ts";
import { variableText } from "../problem/describe-variable.ts";
import { hostileText } from "./__fixtures__/hostile-text.ts";
import { convert } from "./convert.ts";
import { Fence } from "./fence.ts";
import { parseTaggedReply } from "./parse-tagged-reply.ts";

const text = parameter("now");
const number = parameter(1);
const flag = parameter(true);
const list = parameter<unknown>(["a"]) as Parameter;
const object = parameter<unknown>({ a: 1 }) as Parameter;
const nothing = parameter(null);
const style = parameter("short", { domain: choices(["short", "very long", '"quoted"']) });
const mixed = parameter<unknown>(1, { domain: choices([1, true, null, { a: 1 }, "1x"]) }) as Parameter;
const ratio = parameter(0.5, { domain: range(0, 1) });
const words = parameter<string[]>(["free"], { domain: subset(["free", "- win", "3"]) }) as Parameter;
const optional = parameter<number | null>(1 as number | null, { schema: z.number().nullable() }) as Parameter;
const either = parameter<string | number>(1 as string | number, { schema: z.union([z.string(), z.number()]) }) as Parameter;
const coerced = parameter(1, { schema: z.coerce.number() }) as Parameter;
const trimmed = parameter("a", { schema: z.string().trim() }) as Parameter;

describe("convert", () => {
  it.each<[title: string, Parameter, text: string, value: unknown]>([
    ["text as it is", text, " 5 \n", " 5 \n"],
    ["text that looks like JSON", text, '"a"', '"a"'],
    ["text that looks like null", text, "null", "null"],
    ["empty text", text, "", ""],
    ["a number", number, "2", 2],
    ["a negative fraction with blanks", number, " -2.50\n", -2.5],
    ["a number with an exponent", number, "+1e-3", 0.001],
    ["a number in a code fence", number, "```\n7\n```", 7],
    ["true", flag, "true", true],
    ["false", flag, " false ", false],
    ["a list", list, '["b", 1]', ["b", 1]],
    ["a list in a code fence over lines", list, "```json\n[\n 1\n]\n```", [1]],
    ["an object", object, '{"b": {"c": []}}', { b: { c: [] } }],
    ["text for null", nothing, "value", "value"],
    ["a number for null", nothing, "5", 5],
    ["null for null", nothing, "null", null],
    ["a choice by its text", style, "very long", "very long"],
    ["a choice with blanks around it", style, " short\n", "short"],
    ["a choice in quotes", style, '"short"', "short"],
    ["a choice that has quotes", style, '"quoted"', '"quoted"'],
    ["a choice by JSON", mixed, "true", true],
    ["the choice null", mixed, "null", null],
    ["a choice that is an object", mixed, '{ "a": 1 }', { a: 1 }],
    ["a number of a range", ratio, "0.25", 0.25],
    ["a number outside of it, which the parameter refuses", ratio, "7", 7],
    ["a subset as JSON", words, '["3", "free"]', ["3", "free"]],
    ["a subset, one a line", words, "free\n3\n", ["free", "3"]],
    ["a subset with bullets", words, "* free\n- win\n- 3", ["free", "- win", "3"]],
    ["an empty subset", words, "", []],
    ["a subset with a stranger, which the parameter refuses", words, '["spam"]', ["spam"]],
    ["null where the schema has it", optional, "null", null],
    ["text where the schema has it", either, '"five"', "five"],
    ["a number where the schema has both", either, "5", 5],
    ["text that a schema would trim", trimmed, " a", " a"],
  ])("%s", (_title, of, given, value) => {
    expect(convert(given, of)).toEqual({ value });
  });

  it.each<[title: string, Parameter, text: string, problem: RegExp]>([
    ["words for a number", number, "abc", /^expected a number, got "abc"$/],
    ["a unit", number, "5 kg", /expected a number/],
    ["a number in quotes", number, '"5"', /expected a number/],
    ["a list for a number", number, "[1]", /expected a number/],
    ["true for a number", number, "true", /expected a number/],
    ["nothing for a number", number, " ", /^expected a number, got ""$/],
    ["Infinity", number, "Infinity", /expected a number/],
    ["too large a number", number, "1e999", /expected a number/],
    ["a hexadecimal number", number, "0x10", /expected a number/],
    ["no for a boolean", flag, "no", /^expected true or false, got "no"/],
    ["capitals for a boolean", flag, "True", /expected true or false/],
    ["1 for a boolean", flag, "1", /expected true or false/],
    ["text for a list", list, "abc", /^expected a list, written as JSON, got "abc"/],
    ["single quotes in a list", list, "['a']", /expected a list/],
    ["a list for an object", object, "[]", /^expected an object, written as JSON/],
    ["null for an object", object, "null", /expected an object/],
    ["JSON that is cut off", object, '{"a": 1', /expected an object/],
    ["a choice that is none", style, "medium", /^expected one of \["short","very long","\\"quoted\\""\], got "medium"/],
    ["a choice in other letters", style, "Short", /expected one of/],
    ["words for a range", ratio, "high", /^expected a number from 0 to 1, got "high"/],
    [
      "a line of no element",
      words,
      "free\nspam",
      /^expected a list of 0 to 3 different elements of .*, written as JSON, got "free/,
    ],
    ["what a schema would coerce", coerced, '"5"', /expected a number/],
    ["true that a schema would coerce", coerced, "true", /expected a number/],
    ["what the schema refuses", optional, "abc", /expected a number/],
  ])("refuses %s", (_title, of, given, problem) => {
    expect(convert(given, of)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it("a reply of `[1]` for a number is no 1, of `abc` for a list no list of letters", () => {
    expect(convert("[1]", number)).not.toHaveProperty("value");
    expect(convert("abc", list)).not.toHaveProperty("value");
  });

  it("reads back every value as it was shown", () => {
    const json = fc.oneof(
      hostileText,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
      fc.boolean(),
      fc.array(fc.jsonValue({ maxDepth: 3 })),
      fc.dictionary(fc.oneof(fc.string(), hostileText, fc.constant("__proto__")), hostileText),
    );
    fc.assert(
      fc.property(json, (value) => {
        const of = parameter<unknown>(JSON.parse(JSON.stringify(value))) as Parameter;
        const shown = variableText(of.peek());
        const fence = Fence.around([shown]);
        const { blocks } = parseTaggedReply(fence.block("variable", shown, { name: "x" }), fence, () => true);
        expect(blocks).toHaveLength(1);
        expect(convert(blocks[0]?.text as string, of)).toEqual({ value: of.peek() });
      }),
      { numRuns: 500 },
    );
  });
});
