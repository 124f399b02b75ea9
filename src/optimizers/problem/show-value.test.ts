import { describe, expect, it } from "vitest";
import { showValue, typeWord } from "./show-value.ts";

class Order {
  id = 7;
  #secret = 1;
  spend(): number {
    return this.#secret;
  }
}

const cycle: Record<string, unknown> = { name: "a", inner: { list: [] } };
(cycle.inner as { list: unknown[] }).list.push(cycle, new Map([["self", cycle]]));
const shared = { x: 1 };
const loop = new Map<string, unknown>();
loop.set("loop", loop);

describe("values as a model reads them", () => {
  it.each<[title: string, value: unknown, text: string, type: string]>([
    ["text", "as\nit is", "as\nit is", "text"],
    ["empty text", "", "", "text"],
    ["a number", 1.5, "1.5", "number"],
    ["NaN", Number.NaN, "NaN", "number"],
    ["a bigint", 10n, "10", "bigint"],
    ["a boolean", true, "true", "boolean"],
    ["null", null, "null", "null"],
    ["undefined", undefined, "undefined", "undefined"],
    ["a list", [1, "a", null], '[1,"a",null]', "list"],
    ["an object", { a: { b: [] } }, '{"a":{"b":[]}}', "object"],
    ["an instance", new Order(), '{"id":7}', "Order"],
    ["a Map", new Map([["a", 1]]), '{"a":1}', "Map"],
    ["a Map with other keys", new Map([[1, "a"]]), '[[1,"a"]]', "Map"],
    ["a Set", new Set([1, 2]), "[1,2]", "Set"],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"', "Date"],
    ["an error", new RangeError("too far"), "(RangeError) too far", "RangeError"],
    [
      "what JSON has no word for",
      { error: new Error("no"), n: Number.POSITIVE_INFINITY, f: Math.abs, big: 1n },
      '{"error":"(Error) no","n":"Infinity","f":"function abs","big":"1"}',
      "object",
    ],
    ["a function", Math.max, "function max", "function"],
    ["a symbol", Symbol("s"), "Symbol(s)", "symbol"],
    ["bytes", new Uint8Array(3), '"(3 bytes)"', "Uint8Array"],
    [
      "bytes in an object",
      { image: Buffer.from("png"), raw: new ArrayBuffer(2) },
      '{"image":"(3 bytes)","raw":"(2 bytes)"}',
      "object",
    ],
    ["the same object twice", [shared, shared], '[{"x":1},{"x":1}]', "list"],
    ["a cycle", cycle, '{"name":"a","inner":{"list":["(contains itself)",{"self":"(contains itself)"}]}}', "object"],
    ["a cyclic Map", loop, '{"loop":"(contains itself)"}', "Map"],
    [
      "a throwing getter",
      {
        get broken() {
          throw new Error("no");
        },
      },
      "[object Object]",
      "object",
    ],
    ["an object without prototype", Object.create(null), "{}", "object"],
  ])("%s", (_title, value, text, type) => {
    expect([showValue(value), typeWord(value)]).toEqual([text, type]);
  });
});
