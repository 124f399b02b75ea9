import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CheckpointError } from "../errors.ts";
import type { RunEvent } from "../trainer/events.ts";
import { fileLines } from "./append-file.ts";
import { EventLines, Journal, readHistory, readRunEvents } from "./journal.ts";

let path: string;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opto-journal-"));
  path = join(folder, "events.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const failures: Error[] = [];
const open = (): Journal =>
  Journal.open(path, { onFailure: (error) => failures.push(error), clock: { now: () => 0, monotonic: () => 0 } });
const warning = (message: string): RunEvent => ({ type: "warning", message });

describe("Journal", () => {
  it("writes one event a line with its number, and marks without one", async () => {
    const journal = open();
    journal.onEvent(warning("a"));
    journal.onEvent({ type: "model-retry", position: "p", model: "m", attempt: 0, delayMs: 5, reason: "429" });
    journal.onEvent(warning("b"));
    expect(journal.seq).toBe(2);
    await journal.close();
    expect(readFileSync(path, "utf8")).toBe(
      '{"seq":1,"time":"1970-01-01T00:00:00.000Z","type":"warning","message":"a"}\n' +
        '{"mark":"model-retry","time":"1970-01-01T00:00:00.000Z","position":"p","model":"m","attempt":0,"delayMs":5,"reason":"429"}\n' +
        '{"seq":2,"time":"1970-01-01T00:00:00.000Z","type":"warning","message":"b"}\n',
    );
  });

  it("reaches the disk before a checkpoint counts on it", async () => {
    const journal = open();
    journal.onEvent(warning("a"));
    await journal.durable();
    expect(readFileSync(path, "utf8")).toContain('"a"');
    await journal.close();
  });

  it("goes on after an event; what followed it is void", async () => {
    const first = open();
    for (const message of ["a", "b", "c"]) first.onEvent(warning(message));
    await first.close();
    const second = open();
    expect(second.seq).toBe(3);
    second.resume(1, { pid: 7 });
    second.onEvent(warning("B"));
    await second.close();
    expect((await readRunEvents(path)).map(({ seq, ...event }) => [seq, (event as { message?: string }).message])).toEqual([
      [1, "a"],
      [2, "B"],
    ]);
  });

  it("hears nothing after its end, and writes into no file that has got its number since", async () => {
    const journal = open();
    journal.onEvent(warning("a"));
    await journal.close();
    const whole = readFileSync(path, "utf8");
    const others = ["b", "c"].map((name) => join(folder, name));
    const files = others.map((other) => openSync(other, "w"));
    journal.onEvent(warning("late"));
    await journal.durable().catch(() => {});
    expect([readFileSync(path, "utf8"), ...others.map((other) => readFileSync(other, "utf8"))]).toEqual([whole, "", ""]);
    for (const file of files) closeSync(file);
  });

  it("cuts off what a crash has torn", async () => {
    const journal = open();
    for (const message of ["a", "b"]) journal.onEvent(warning(message));
    await journal.close();
    const whole = readFileSync(path, "utf8");
    appendFileSync(path, '{"seq":3,"time":"19');
    const again = open();
    expect(again.seq).toBe(2);
    expect(readFileSync(path, "utf8")).toBe(whole);
    await again.close();
  });

  it.each(["values", "type", "message"])("ends before an event with a zero in it, near %s", async (place) => {
    const journal = open();
    journal.onEvent(warning("a"));
    journal.onEvent({ type: "candidate-proposed", position: "p", candidate: "p", parents: [], origin: "o", values: { a: 1 } });
    journal.onEvent(warning("message"));
    await journal.close();
    const bytes = readFileSync(path);
    bytes[bytes.lastIndexOf(place) + 1] = 0;
    writeFileSync(path, bytes);
    const again = open();
    const lost = place === "values" ? 1 : 2;
    expect(again.seq).toBe(lost);
    expect([...again.candidateEvents(3)]).toHaveLength(lost - 1);
    await again.close();
    expect(await readRunEvents(path)).toHaveLength(lost);
  });

  it("takes keys out of what others have said", async () => {
    const journal = open();
    journal.onEvent(warning("Incorrect API key provided: sk-abcdefghijklmnopqrstuvwxyz"));
    await journal.close();
    expect(readFileSync(path, "utf8")).toContain("[key removed]");
  });
});

describe("readHistory", () => {
  it("gives the same history up to any byte at which the file is cut", async () => {
    const journal = open();
    for (let number = 0; number < 20; number++) {
      journal.onEvent(warning(`${"x".repeat(number)}\u2028\n`));
      if (number === 9) journal.resume(5, {});
    }
    await journal.close();
    const bytes = readFileSync(path);
    const { seq, length } = readHistory(fileLines([bytes]));
    expect([seq, length]).toEqual([15, bytes.length]);
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.boolean(), (kept, zeros) => {
        const damaged = zeros
          ? Buffer.concat([bytes.subarray(0, kept), Buffer.alloc(bytes.length - kept)])
          : bytes.subarray(0, kept);
        const events = new EventLines();
        const history = readHistory(fileLines([damaged]), events);
        expect(history.length).toBeLessThanOrEqual(kept);
        expect(readHistory(fileLines([bytes.subarray(0, history.length)]))).toEqual(history);
        expect(events.lines.map((line) => JSON.parse(line).seq)).toEqual(
          Array.from({ length: history.seq }, (_, index) => index + 1),
        );
      }),
    );
  });

  it("stops at a gap in the numbers, and at a mark that counts on events which are not there", () => {
    const line = (seq: number): string => `{"seq":${seq},"time":"t","type":"warning"}\n`;
    const mark = '{"mark":"run-resumed","time":"t","after":9}\n';
    const seqOf = (text: string): number => readHistory(fileLines([Buffer.from(text)])).seq;
    expect(seqOf(line(1) + line(3))).toBe(1);
    expect(seqOf(line(1) + mark + line(2))).toBe(1);
    expect(seqOf(`${line(1)}nonsense\n${line(2)}`)).toBe(1);
  });

  it("of a file that is not there is an error that names it", async () => {
    await expect(readRunEvents(join(folder, "none"))).rejects.toThrow(CheckpointError);
    writeFileSync(path, "");
    truncateSync(path);
    expect(await readRunEvents(path)).toEqual([]);
  });
});
