/**
 * Where a function was called from, whatever the program does with its stack traces.
 *
 * @module
 */
import { afterEach, describe, expect, it } from "vitest";
import { callSite } from "./call-site.ts";

const { prepareStackTrace, stackTraceLimit } = Error;
afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
});

function here(): ReturnType<typeof callSite> {
  return callSite(here);
}

describe("callSite", () => {
  it("begins with the caller of the given function", () => {
    const site = here();
    expect(site?.frames[0]?.file).toContain("call-site.test.ts");
    expect(site?.frames.some(({ file }) => file.startsWith("node:"))).toBe(false);
  });

  it("leaves the settings of stack traces as they were", () => {
    const mine = (): string => "mine";
    Error.prepareStackTrace = mine;
    Error.stackTraceLimit = 0;
    expect(here()?.frames[0]?.file).toContain("call-site.test.ts");
    expect([Error.prepareStackTrace, Error.stackTraceLimit]).toEqual([mine, 0]);
    expect(new Error("x").stack).toBe("mine");
  });

  it("reads the frames as the program shows them", () => {
    Error.prepareStackTrace = () =>
      "Error: call site\n    at f (/app/src/agent.ts:3:7)\n    at async file:///app/src/b.ts:10:2\n    at node:internal/x:1:1\n    at native";
    const site = here();
    expect(site?.shownFrames()).toEqual([
      { file: "/app/src/agent.ts", line: 3, column: 7 },
      { file: "file:///app/src/b.ts", line: 10, column: 2 },
    ]);
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("mine");
      },
    ],
    ["gives no text", () => ({ at: 1 })],
    ["gives other text", () => "at a:b:c\n  at (::)"],
  ])("is there when what the program has set %s", (_, prepare) => {
    Error.prepareStackTrace = prepare;
    const site = here();
    expect(site?.frames[0]?.file).toContain("call-site.test.ts");
    expect(site?.shownFrames()).toEqual([]);
  });
});
