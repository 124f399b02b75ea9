import { describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { type ExecutionError, exceptionText } from "./execution-error.ts";

const unreadable = (key: string): Error => Object.defineProperty(new Error("no"), key, { get: () => JSON.parse("{") });

describe("exceptionText", () => {
  it.each<[string, unknown, RegExp]>([
    ["an error", new RangeError("too far"), /^\(RangeError\) too far$/],
    ["a text", "too far", /^\(string\) too far$/],
    ["an error whose name cannot be read", unreadable("name"), /^\(object\) ./],
    ["an error whose message cannot be read", unreadable("message"), /^\(object\) ./],
    ["an error whose message is no text", Object.assign(new Error(), { message: Symbol("s") }), /^\(object\) ./],
    ["a revoked proxy", revokedProxy(), /^\(object\) ./],
  ])("of %s never throws", (_, thrown, expected) => {
    expect(exceptionText(thrown)).toMatch(expected);
  });

  it("lets an operation fail with an error whose message cannot be read", async () => {
    const thrown = unreadable("message");
    const failing = bundle(async () => Promise.reject(thrown), { name: "failing" });
    const error = (await (failing() as unknown as Promise<unknown>).catch((error: unknown) => error)) as ExecutionError;
    expect([error.code, error.cause === thrown]).toEqual(["execution", true]);
  });
});

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
