import { describe, expect, it } from "vitest";
import { ids } from "../../test/support/nodes.ts";
import { ExecutionError } from "./execution-error.ts";
import { node } from "./node.ts";
import { parameter } from "./parameter.ts";
import { noTrace } from "./scope.ts";
import { text } from "./text.ts";

const question = node("Why?", { name: "question" });
const language = parameter("French", { name: "language" });

describe("text", () => {
  it("fills its slots and depends on those that are nodes", () => {
    const prompt = text`Answer ${question} in ${language}, in ${3} words.`;
    expect(prompt).toMatchObject({
      value: "Answer Why? in French, in 3 words.",
      kind: "message",
      name: "text",
      inputNames: ["question", "language"],
    });
    expect(ids(prompt.inputs)).toEqual(ids([question, language]));
    expect(prompt.operation?.description).toBe('Fills the template "Answer {question} in {language}, in 3 words."');
  });

  it.each<[string, unknown, string]>([
    ["a string", 'a "b" {c} \n', 'a "b" {c} \n'],
    ["a number", 1.5, "1.5"],
    ["no number", Number.NaN, "NaN"],
    ["a bigint", 12n, "12"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["null", null, "null"],
    ["undefined", undefined, "undefined"],
    ["a list", [1, "a"], '[1,"a"]'],
    ["an object", { a: { b: 1 } }, '{"a":{"b":1}}'],
    ["a Map", new Map([["a", 1]]), '{"a":1}'],
    ["a Set", new Set([1]), "[1]"],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["an error", new TypeError("no"), "TypeError: no"],
  ])("shows %s", (_, value, expected) => {
    expect(text`<${value}>`.value).toBe(`<${expected}>`);
    expect(text`<${node(value)}>`.value).toBe(`<${expected}>`);
  });

  it("without slots is a constant text", () => {
    expect(text`Hello`).toMatchObject({ value: "Hello", inputs: [] });
    expect(text``.value).toBe("");
  });

  it("keeps a node that stands in two slots once", () => {
    const both = text`${question} ${question}`;
    expect(both).toMatchObject({ value: "Why? Why?", inputNames: ["question"] });
    expect(both.operation?.description).toContain('"{question} {question}"');
  });

  it("tells nodes of one name apart, whatever their names", () => {
    const [x, y, taken] = [node("1", { name: "x" }), node("2", { name: "x" }), node("3", { name: "x_2" })];
    const result = text`${x}${y}${taken}`;
    expect(result.inputNames).toEqual(["x", "x_2", "x_2_2"]);
    expect(new Set(result.inputNames).size).toBe(3);
  });

  it("depends on nodes inside of its slots", () => {
    const result = text`Words: ${["a", question, { language }]}`;
    expect(result.value).toBe('Words: ["a","Why?",{"language":"French"}]');
    expect(result.inputNames).toEqual(["slot"]);
    expect(ids(result.inputs[0]?.inputs ?? [])).toEqual(ids([question, language]));
  });

  it("cannot be broken out of by a value", () => {
    const hostile = node("{language} $" + "{language} `", { name: "hostile" });
    expect(text`${hostile} ${language}`.value).toBe("{language} $" + "{language} ` French");
  });

  it("without tracing is the same text", () => {
    expect(noTrace(() => text`${question} ${[language]}`)).toMatchObject({ value: 'Why? ["French"]', inputs: [] });
  });

  it("of a value that cannot be shown still has some text", () => {
    const circular: unknown[] = [];
    circular.push(circular);
    expect(text`${node(circular)}`.value).toContain("Circular");
    expect(() => text`${node({ toJSON: () => JSON.parse("{") })}`).not.toThrow(ExecutionError);
  });
});
