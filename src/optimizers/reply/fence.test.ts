import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileText } from "./__fixtures__/hostile-text.ts";
import { Fence, unescapeAttribute, unwrap } from "./fence.ts";
import { parseTaggedReply } from "./parse-tagged-reply.ts";

describe("Fence", () => {
  it.each([
    ["plain tags for plain texts", ["a", "<b>", "<values>", "<variablex", "variable>"], ""],
    ["a number as soon as one of the tags is there", ["a", "see <variable>"], "-2"],
    ["also for the other tags, in any case, closing or cut off", ["</FEEDBACK"], "-2"],
    ["the first number that is free", ["<value>", "<variable-2>", "<operation-3", "<attempt-5>"], "-4"],
    ["a number alone is no reason", ["<value-2>"], ""],
  ])("%s", (_title, texts, mark) => {
    expect(Fence.around(texts).mark).toBe(mark);
  });

  it("gives back any text that stood in a block, by the tags chosen for it", () => {
    fc.assert(
      fc.property(hostileText, hostileText, (text, other) => {
        const fence = Fence.around([text, other]);
        const reply = `${fence.block("variable", text, { name: "a" })}\n${fence.block("variable", other, { name: "b" })}`;
        const { blocks } = parseTaggedReply(reply, fence, () => true);
        expect(blocks).toEqual([
          { name: "a", text, state: "closed" },
          { name: "b", text: other, state: "closed" },
        ]);
      }),
      { numRuns: 500 },
    );
  });

  it("gives back any name", () => {
    fc.assert(
      fc.property(
        hostileText.map((name) => name.trim()),
        (name) => {
          const fence = Fence.around([]);
          const { blocks } = parseTaggedReply(fence.block("variable", "1", { name }), fence, () => true);
          expect(blocks.map((block) => block.name)).toEqual([name]);
        },
      ),
    );
  });

  it.each([
    ["\na\n", "a"],
    ["\n\n a \n\n", "\n a \n"],
    ["a", "a"],
    ["  a  ", "a"],
    ["\n  a\n  ", "  a"],
    [" \t\na\n", "a"],
    ["\n\n", ""],
    ["\n", ""],
    ["", ""],
    ["\r\na\r\nb\r\n", "a\nb"],
    ["\na\r\nb\n", "a\r\nb"],
  ])("unwraps %j", (inner, text) => {
    expect(unwrap(inner)).toBe(text);
  });

  it("unescapes once", () => {
    expect(unescapeAttribute("&amp;lt; &lt;&gt;&quot;&#10;&nbsp;")).toBe('&lt; <>"\n&nbsp;');
  });
});
