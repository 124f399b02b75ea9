import { describe, expect, it } from "vitest";
import { placeOf } from "./call-services.ts";
import { callKey } from "./calls-in-flight.ts";

describe("callKey", () => {
  const request = { prompt: "Hi", temperature: 0.5, providerOptions: { openai: { a: 1, b: 2 } } };
  const key = callKey("iteration/1", "openai/m", request);

  it("is the same for what gives the same answer", () => {
    const same = { providerOptions: { openai: { b: 2, a: 1 } }, temperature: 0.5, prompt: "Hi" };
    const asked = { ...same, maxRetries: 3, role: "judge" as const, signal: AbortSignal.abort(), model: "x" };
    expect(callKey("iteration/1", "openai/m", asked)).toBe(key);
  });

  it.each([
    ["another position", callKey("iteration/2", "openai/m", request)],
    ["another model", callKey("iteration/1", "openai/n", request)],
    ["another prompt", callKey("iteration/1", "openai/m", { ...request, prompt: "Ho" })],
    ["another temperature", callKey("iteration/1", "openai/m", { ...request, temperature: 0 })],
    ["a system prompt", callKey("iteration/1", "openai/m", { ...request, system: "S" })],
  ])("differs for %s", (_, other) => {
    expect(other).not.toBe(key);
  });

  it("tells images apart by their bytes", () => {
    const withImage = (byte: number): string => {
      const content = [{ type: "image", image: Uint8Array.of(byte) }];
      return callKey("", "m", { messages: [{ role: "user", content }] });
    };
    expect(withImage(1)).toBe(withImage(1));
    expect(withImage(1)).not.toBe(withImage(2));
  });
});

describe("placeOf", () => {
  it.each([
    ["", null, null],
    ["evaluate/example/1/sample/0/call/0", null, null],
    ["iteration/0/test/example/1/sample/0/call/0", 0, null],
    ["iteration/12/validate/candidate/2/example/0/sample/0", 12, "iteration/12/candidate/2"],
    ["iteration/12/proposal/3/call/1", 12, "iteration/12/proposal/3"],
  ])("%s", (position, iteration, candidate) => {
    expect(placeOf(position)).toEqual({ iteration, candidate });
  });
});
