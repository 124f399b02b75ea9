import { describe, expect, it } from "vitest";
import { leftOut } from "./left-out.ts";

const current = "Sort the mail.\nReply with one word.\n[the rest stays the same]";

describe("leftOut", () => {
  it.each([
    ["..."],
    ["…"],
    [" . . . "],
    ["<new value>"],
    ["the new value"],
    ["[Your improved prompt here]"],
    ["{new text}"],
    ["unchanged"],
    ["[unchanged]"],
    ["(No change)"],
    ["<unchanged/>"],
  ])("refuses %j for a whole text", (text) => {
    expect(leftOut(text, current)).toBe(
      `expected the whole new text, got ${JSON.stringify(text.trim())} in its place; leave out the variable to keep its value`,
    );
  });

  it.each([
    ["[rest of the prompt unchanged]"],
    ["[... rest of the instructions ...]"],
    ["(... the rest remains as before ...)"],
    ["... rest unchanged ..."],
    ["… existing instructions …"],
    ["// ... existing code ..."],
    ["# ... rest of the code unchanged"],
    ["<!-- ... remaining examples ... -->"],
    ["- [Remaining rules stay the same]"],
    ["[All other instructions remain unchanged.]"],
    ["<rest of the prompt stays the same>"],
  ])("refuses a line %j", (line) => {
    expect(leftOut(`Sort the mail carefully.\n${line}`, current)).toMatch(/in place of a part of it; write out all lines$/);
    expect(leftOut(`${line}\nSort the mail carefully.`, "Sort it.")).toMatch(/write out all lines$/);
  });

  it.each([
    ["Reply with one word."],
    ["Change the date only; the rest stays the same."],
    ["Everything else stays the same."],
    ["Keep the rest of the text unchanged."],
    ["If nothing has to change, answer [unchanged]."],
    ["Wait... then answer the rest of the question as before."],
    ["# Existing customers: same rules"],
    ["[Example] The previous order remains open."],
    ["Answer with ... where a word is missing."],
    ["- Remaining budget: 5 lines"],
    ["[the rest stays the same]"],
    ["<previous_orders>"],
    ["[existing customer] means one with an order."],
    ["// the rest of the code is here for readers"],
  ])("lets a line %j be", (line) => {
    expect(leftOut(`Sort the mail.\n${line}`, current)).toBeUndefined();
  });

  it("lets a text stay as it is", () => {
    expect(leftOut("...", "...")).toBeUndefined();
    expect(leftOut("...", "---")).toBeUndefined();
    expect(leftOut("...", "")).toBeUndefined();
    expect(leftOut(current, current)).toBeUndefined();
  });

  it("takes time that grows with the length of a text", () => {
    const started = process.cpuUsage();
    leftOut("[rest of the ".repeat(50_000), current);
    leftOut(`${"[".repeat(100)}rest unchanged`.repeat(20_000), current);
    leftOut("[rest of same\n".repeat(50_000), current);
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });
});
