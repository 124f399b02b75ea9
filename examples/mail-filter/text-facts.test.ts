import { describe, expect, it } from "vitest";
import { readText, type TextFacts, wordsOf } from "./text-facts.ts";

describe("readText", () => {
  it.each<[text: string, facts: Partial<TextFacts>]>([
    ["", { length: 0, shouting: 0, foreign: 0, exclamations: 0, quotedLines: 0 }],
    ["a b\n c\t", { length: 3 }],
    ["WIN big now I AM", { shouting: 1 / 3 }],
    ["Größe", { foreign: 2 / 5 }],
    ["Now! Now!!", { exclamations: 3 }],
    ["call (800) 555-1234 or 1-800-555-1234, not 2002-10-01 12:30", { phoneNumbers: 2 }],
    ["> so\n| so\nor > so", { quotedLines: 2 }],
    ["Bye\n-- \nAnn", { signature: true }],
    ["Bye\n--\nAnn", { signature: true }],
    ["---\nBye", { signature: false }],
    ["Dear\nFriend,", { greetsStranger: true }],
    ["Dear Ann,", { greetsStranger: false }],
    ["Just CLICK  here:", { callsToAct: true }],
    ["the click of the door", { callsToAct: false }],
    ["to be removed, answer", { offersRemoval: true }],
    ["you may opt-out", { offersRemoval: true }],
    ["removed the file; option two", { offersRemoval: false }],
  ])("reads %j", (text, facts) => {
    expect(readText(text)).toMatchObject(facts);
  });

  it("looks for phrases at the beginning and at the end of a long text", () => {
    const middle = "word ".repeat(1000);
    expect(readText(`order now ${middle}`).callsToAct).toBe(true);
    expect(readText(`${middle} order now`).callsToAct).toBe(true);
    expect(readText(`${middle} order now ${middle}`).callsToAct).toBe(false);
  });
});

describe("wordsOf", () => {
  it("gives the different words of three letters and more, in lower case", () => {
    expect([...wordsOf("I don't know; DON'T ask e-mail, no. 'Quoted' 42nd")]).toEqual([
      "don't",
      "know",
      "ask",
      "e-mail",
      "quoted",
    ]);
  });

  it("gives no word of no text", () => {
    expect(wordsOf("").size).toBe(0);
  });
});
