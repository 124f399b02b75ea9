/**
 * What a thousand versions of a function leave behind: nothing, neither in WebAssembly nor in the process.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { bundle, loadSandbox } from "opto";
import { beforeAll, describe, expect, it } from "vitest";
import { sandboxUse } from "../src/code/sandbox.ts";

beforeAll(loadSandbox);

/** Bytes that are in use, heap and buffers (WebAssembly counts as such), once all garbage is gone. */
async function used(): Promise<number> {
  setFlagsFromString("--expose-gc");
  for (let round = 0; round < 3; round++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

const pad = bundle((text: string) => text, {
  name: "pad",
  trainable: true,
  limits: { steps: 100_000, memoryBytes: 8 * 2 ** 20 },
});

function versions(count: number, from: number): void {
  for (let index = from; index < from + count; index++) {
    pad.parameter.set(
      `const table = Array.from({ length: 100 }, (_, i) => i + ${index});\nconst pad = (text) => text + table[0];`,
    );
    expect(pad("v").value).toBe(`v${index}`);
    if (index % 100 !== 0) continue;
    // Those that fail, and those that take much, too.
    for (const body of [
      "{ for (;;) {} }",
      "{ const a = []; for (;;) a.push([a.length]); }",
      "{ return pad(text); }",
      "{ throw text; }",
    ]) {
      pad.parameter.set(`const pad = (text) => ${body}; // ${index}`);
      expect(() => pad("v")).toThrow();
    }
  }
}

describe("versions of a function", () => {
  it("1,000 in a row leave nothing", async () => {
    // Fills the cache of loaded programs, which has a bound of its own.
    versions(600, 0);
    const before = await used();
    versions(1_000, 1_000);
    const after = await used();
    expect(after - before).toBeLessThan(16 * 2 ** 20);
    const { programBytes, idleMachines } = sandboxUse();
    expect(programBytes).toBeLessThanOrEqual(32 * 2 ** 20);
    expect(idleMachines).toBeLessThanOrEqual(8);
  });
});
