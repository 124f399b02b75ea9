/**
 * Journals as the viewer reads them: in pieces, damaged, with calls by the thousand.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { PriceList } from "../llm/spend/prices.ts";
import { scanJournal, textOfLine, timeOfLine } from "./journal-lines.ts";
import { SpendTally } from "./spend-tally.ts";

const folder = mkdtempSync(join(tmpdir(), "opto-journal-lines-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = "2026-11-25T08:30:00.000Z";

function journal(text: string | Buffer): string {
  const path = join(folder, "events.jsonl");
  writeFileSync(path, text);
  return path;
}

const line = (seq: number, event: object): string => `{"seq":${seq},"time":"${at}",${JSON.stringify(event).slice(1)}\n`;

describe("scanJournal", () => {
  it("tells the types of lines, where they stand, and what is damaged", async () => {
    const first = line(1, { type: "warning", message: "a\u2028\n\u00e9" });
    const mark = `${JSON.stringify({ mark: "run-resumed", time: at, after: 1 })}\n`;
    const text = `${first}\n{"seq":x}\n[]\n{"seq":2,"time":"soon","type":"log"}\n${mark}${line(2, { type: "log", data: 1 })}{"seq":3,"ti`;
    const heard: unknown[] = [];
    const path = journal(text);
    const result = await scanJournal(path, 0, {
      onLine: (found) => {
        if (found.type === "warning") expect([textOfLine(found), timeOfLine(found)]).toEqual([first.trimEnd(), at]);
        heard.push([found.type, found.seq, found.offset]);
      },
    });
    const markAt = Buffer.byteLength(text.slice(0, text.indexOf(mark)));
    expect(heard).toEqual([
      ["warning", 1, 0],
      ["mark", 0, markAt],
      ["log", 2, markAt + mark.length],
    ]);
    expect(result).toEqual({ offset: Buffer.byteLength(text) - '{"seq":3,"ti'.length, damaged: 4 });
    expect(await scanJournal(join(folder, "nothing"), 7, { onLine: () => {} })).toEqual({ offset: 7, damaged: 0 });
  });

  it("reads lines that are longer than what is read at a time", async () => {
    const long = "x".repeat(9 * 2 ** 20);
    const text = line(1, { type: "warning", message: long }) + line(2, { type: "warning", message: "y" });
    const lengths: number[] = [];
    await scanJournal(journal(text), 0, { onLine: ({ start, end }) => lengths.push(end - start) });
    expect(lengths).toEqual(
      text
        .trimEnd()
        .split("\n")
        .map(({ length }) => length),
    );
  });
});

describe("calls", () => {
  const call = (iteration: number | null, more: object = {}) => ({
    type: "model-call",
    position: `${iteration === null ? "begin" : `iteration/${iteration}`}/example/${"7".repeat(1 + ((iteration ?? 0) % 5))}/call/0`,
    model: "openai/gpt-5",
    role: "agent",
    finishReason: "stop",
    inputTokens: 100,
    outputTokens: 7,
    ...more,
  });

  /** What this version does not write so. */
  const odd = [
    { inputTokens: 12.5 },
    { outputTokens: -1 },
    { inputTokens: 1e21 },
    { outputTokens: 12_345_678_901_234_567n.toString() },
    { cachedInputTokens: null },
    { reasoningTokens: 1, cacheWriteTokens: 2 },
    { estimated: "yes" },
    { more: 1 },
    { model: 7 },
    { finishReason: 'a"b\u00fc' },
  ];

  it("without a number are damaged, and so is one that was torn off", async () => {
    const whole = line(1, call(1));
    const text = `${whole}${whole.replace('"seq":1', '"seq":')}${line(2, call(1)).slice(0, -3)}`;
    const tally = new SpendTally();
    const types: string[] = [];
    const result = await scanJournal(journal(text), 0, {
      onLine: (found) => {
        types.push(found.type);
        tally.add(found);
      },
      onCalls: (bytes, from) => tally.take(bytes, from),
    });
    expect([types, tally.calls]).toEqual([["model-call"], 1]);
    expect(result).toMatchObject({ offset: 2 * whole.length - 1, damaged: 1 });
  });

  it("are added up the same whether they are read from their bytes or as JSON", async () => {
    const events = Array.from({ length: 5_000 }, (_, index) => {
      if (index % 97 === 0) return call(null, { model: 'odd "\u00fc" model' });
      if (index % 89 === 0) return call(index % 13, odd[index % odd.length]);
      if (index % 31 === 0) return call(index % 13, { cachedInputTokens: 50, reasoningTokens: 3 });
      if (index % 29 === 0) return call(index % 13, { cacheWriteTokens: 20, estimated: true });
      if (index % 17 === 0) return call(index % 13, { inputTokens: null });
      return call(index % 13, { role: index % 5 === 0 ? "judge" : "agent", finishReason: index % 7 === 0 ? "length" : "stop" });
    });
    const path = journal(events.map((event, index) => line(index + 1, event)).join(""));
    const [fast, slow] = [new SpendTally(), new SpendTally()];
    let [taken, added] = [0, 0];
    await scanJournal(path, 0, {
      onLine: (found) => {
        added++;
        fast.add(found);
      },
      onCalls: (bytes, from) => {
        const before = fast.calls;
        const end = fast.take(bytes, from);
        taken += fast.calls - before;
        return end;
      },
    });
    await scanJournal(path, 0, { onLine: (found) => slow.add(found) });
    expect(taken + added).toBe(events.length);
    // All but those without a number, the odd ones, and the first of each kind.
    expect(taken).toBeGreaterThan(4_600);
    const prices = new PriceList({ "openai/gpt-5": { inputPerMillion: 1, outputPerMillion: 10 } }, 0);
    expect(fast.view(prices)).toEqual(slow.view(prices));
    expect([fast.calls, fast.tokens, fast.usd(prices)]).toEqual([slow.calls, slow.tokens, slow.usd(prices)]);
    expect(fast.view(prices).total).toMatchObject({ calls: fast.calls, usd: null });
  });
});
