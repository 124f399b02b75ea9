/**
 * What the types of the graph promise, and what must not compile.
 *
 * Each refusal stands below the same call written right, so that it can only fail for the reason that its title names.
 * Nothing here runs: the compiler reads it (`npm run test:types`).
 *
 * @module
 */
import { bundle, choices, Module, model, type Node, node, type Parameter, parameter, range, text } from "opto/graph";
import { describe, expectTypeOf, it } from "vitest";

const add = bundle((a: number, b: number) => a + b);
const fetchLength = bundle(async (url: string) => url.length);

describe("bundle", () => {
  it("takes values or nodes", () => {
    expectTypeOf(add(1, node(2))).toEqualTypeOf<Node<number>>();
    // @ts-expect-error a node of the wrong type
    add(1, node("2"));
    // @ts-expect-error a value of the wrong type
    add(1, "2");
    // @ts-expect-error an argument too few
    add(1);
  });

  it("keeps sync and async apart", () => {
    expectTypeOf(add(1, 2)).toEqualTypeOf<Node<number>>();
    expectTypeOf(fetchLength("x")).toEqualTypeOf<Promise<Node<number>>>();
    // @ts-expect-error a promise has no value
    fetchLength("x").value;
  });

  it("infers the type of a default", () => {
    const scale = bundle((a: number, factor = 2) => a * factor);
    expectTypeOf(scale(1)).toEqualTypeOf<Node<number>>();
    // @ts-expect-error a text for a number
    scale(1, "2");
  });

  it("takes functions only", () => {
    bundle(Math.abs);
    // @ts-expect-error a number
    bundle(3);
    // @ts-expect-error an object gives nothing that can be called
    bundle({})();
  });

  it("has its code as a parameter when it is trainable", () => {
    const sort = bundle((items: number[]) => items, { name: "sort", trainable: true, tools: { add }, limits: { steps: 10_000 } });
    expectTypeOf(sort([1])).toEqualTypeOf<Node<number[]>>();
    expectTypeOf(sort.parameter.value).toEqualTypeOf<string>();
    expectTypeOf(sort.parameter).toExtend<Parameter<string>>();
    const search = bundle(async (query: string) => query.length, { trainable: true, name: "search" });
    expectTypeOf(search("x")).toEqualTypeOf<Promise<Node<number>>>();
    expectTypeOf(search.parameter.value).toEqualTypeOf<string>();
    // @ts-expect-error a function that is not trained has none
    add.parameter;
    // @ts-expect-error nor has one that is told not to be
    bundle((x: number) => x, { trainable: false }).parameter;
    // @ts-expect-error a limit that does not exist
    bundle((x: number) => x, { trainable: true, limits: { step: 1 } });
    // @ts-expect-error the code is a text
    sort.parameter.set(1);
    const agent = model({ sort }, ({ sort }, x: number[]) => sort(x));
    expectTypeOf(agent.exportCode()).toEqualTypeOf<string>();
  });

  it("knows its options", () => {
    bundle((a: number) => a, { name: "same" });
    // @ts-expect-error an option that does not exist
    bundle((a: number) => a, { title: "same" });
  });
});

describe("node", () => {
  it("keeps the type of its value, whatever methods that has", () => {
    expectTypeOf(node((x: number) => x > 0)).toEqualTypeOf<Node<(x: number) => boolean>>();
    expectTypeOf(node(new Date(0))).toEqualTypeOf<Node<Date>>();
    expectTypeOf(node(node("x"))).toEqualTypeOf<Node<string>>();
  });
});

describe("parameter", () => {
  it("keeps the type of its value", () => {
    const prompt = parameter("Answer.");
    expectTypeOf(prompt).toExtend<Parameter<string>>();
    prompt.set("Answer in one word.");
    // @ts-expect-error a value of another type
    prompt.set(1);
  });

  it("has a domain of its type", () => {
    parameter(0.5, { domain: range(0, 1) });
    parameter<"a" | "b">("a", { domain: choices(["a", "b"]) });
    // @ts-expect-error numbers for a text
    parameter("a", { domain: range(0, 1) });
  });

  it("is changed through set alone", () => {
    const factor = parameter(2);
    expectTypeOf(factor.value).toEqualTypeOf<number>();
    // @ts-expect-error the value is read-only
    factor.value = 3;
  });
});

describe("text", () => {
  it("is a node of text", () => {
    expectTypeOf(text`Answer ${parameter("x")}`).toEqualTypeOf<Node<string>>();
  });
});

describe("Module", () => {
  class Length extends Module<string, number> {
    override forward(question: string): number {
      return question.length;
    }
  }

  it("takes its input and gives a node of its output", () => {
    expectTypeOf(new Length().call("question")).toEqualTypeOf<Promise<Node<number>>>();
    expectTypeOf(new Length().call(node("question"))).toEqualTypeOf<Promise<Node<number>>>();
    // @ts-expect-error an input of the wrong type
    void new Length().call(1);
  });

  it("must say what it does", () => {
    // @ts-expect-error forward is missing
    class Nothing extends Module<string, number> {}
    void Nothing;
  });

  it("must give what it declares", () => {
    class Wrong extends Module<string, number> {
      // @ts-expect-error a text where a number is declared
      override forward(question: string): string {
        return question;
      }
    }
    void Wrong;
  });
});

describe("model", () => {
  it("infers its parts, input and output", () => {
    const agent = model({ factor: parameter(2) }, async ({ factor }, x: number) => factor.value * x);
    expectTypeOf(agent.call(1)).toEqualTypeOf<Promise<Node<number>>>();
    expectTypeOf(agent.factor).toExtend<Parameter<number>>();
    // @ts-expect-error an input of the wrong type
    void agent.call("1");
    // @ts-expect-error a part that it does not have
    agent.prompt;
  });
});
