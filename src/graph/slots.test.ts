/**
 * What is a slot of a template, and what is not.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { parameter } from "./parameter.ts";
import { asWritten, fillSlots, hasSlot, slotsOf } from "./slots.ts";

describe("slotsOf", () => {
  it.each<[text: string, slots: string[]]>([
    ["Answer {question}.", ["question"]],
    ["{greeting}{name}, {greeting}", ["greeting", "name"]],
    ['Q: "{question}" in ({language})', ["question", "language"]],
    ["<question>{question}</question>", ["question"]],
    ["Sprache:{sprache}/{größe}", ["sprache", "größe"]],
    ["回答{问题}，用{语言}。", ["问题", "语言"]],
    ["{name}님 {вопрос} {_private1}", ["name", "вопрос", "_private1"]],
    ["As said (above) {question}", ["question"]],
    ["Review:\n```\n{code}\n```", ["code"]],
    // Values of JSON, also where its own braces are doubled.
    ['Answer as {"answer": {answer}}', ["answer"]],
    ['{"q": {question}, "c": {context}}', ["question", "context"]],
    ['Write {{"a": {value}}}, {{"b": {other}}}', ["value", "other"]],
    // LaTeX, sets, CSS, code, shells and git.
    ["Use \\frac{ab}{cd}, \\mathbf{xy}, x^{max}, y_{min} and $\\text{area}$", []],
    ["Let S be {x}, a set; {α} too.", []],
    ["One of {yes, no} or {1, 2}", []],
    ["a{color} h1{margin}", []],
    ["The sets {{apple}, {pear}}, \\sqrt{ {area}}", []],
    ["import {useState} from 'react'; const {data} = await f(); export {run} from \"./run\"", []],
    ["Let {customer} know. Import {orders} from {shop}", ["customer", "orders", "shop"]],
    ["Write () => {return} or f(a){stop}", []],
    ["class A {} { mood } {1a} {a-b} {a.b}", []],
    ['Answer as {"mood": "happy"}.', []],
    ["Run $" + "{HOME}/bin, HEAD@{upstream}, #{ruby}, %{ruby}", []],
    ["{return} {this} {None}", []],
    // Two pairs of braces.
    ["Write {{name}} where it goes; the question: {question}", ["question"]],
    ["Hello {{customer}} of {{ city }}", ["{customer}", "{ city }"]],
    ["{{{raw}}}", []],
  ])("of %j are %j", (text, slots) => {
    expect(slotsOf(text)).toEqual(slots);
  });
});

describe("placeholders of a parameter", () => {
  it("tell one pair of braces from two", () => {
    const single = parameter("Answer {question}.");
    expect(single.problems("Answer {{question}}.")).toEqual(["expected the text to keep {question}"]);
    const double = parameter("Hello {{customer}}");
    expect(double.problems("Dear {{customer}}")).toEqual([]);
    expect(double.problems("Dear {customer}")).toEqual(["expected the text to keep {{customer}}"]);
  });

  it("that are given are found with the braces that the first text has", () => {
    const names = { placeholders: ["customer", "{x}"] };
    expect(parameter("Hello {{customer}}: {x}", names).placeholders).toEqual(["{customer}", "x"]);
    expect(parameter("Use \\mathbf{x}", { placeholders: ["x"] }).problems("Use y")).toEqual(["expected the text to keep {x}"]);
    expect(asWritten(["a"], 5)).toEqual(["a"]);
  });
});

it("hasSlot takes just as many braces", () => {
  expect(["{a}", "{{a}}", '{"b": {a}}', "{{a} }", "{{a}} {a}", "{ab}"].map((text) => hasSlot(text, "a"))).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
});

describe("fillSlots", () => {
  const fill = (template: string, values: Record<string, string>): string => fillSlots(template, (slot) => values[slot]);

  it("fills what it has a value for and leaves other braces alone", () => {
    const template = "{question} as \\frac{ab}{cd}, {{question}}, {größe}, {x}";
    expect(fill(template, { question: "{x}?", größe: "L", x: "1" })).toBe("{x}? as \\frac{ab}{cd}, {{question}}, L, 1");
  });

  it("fills what is a value of JSON", () => {
    expect(fill('{"q": {q}, "in": {in}} {{"q": {q}}}', { q: "1", in: "2" })).toBe('{"q": 1, "in": 2} {{"q": 1}}');
  });

  it("throws for a slot without a value", () => {
    expect(() => fill("Say {w}", {})).toThrow("the template needs a value for {w}");
    expect(() => fill("Say {word}", {})).toThrow("the template needs a value for {word}");
  });
});
