import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JsonValue } from "../data/json.ts";
import { StopError } from "../errors.ts";
import { RecordFile, type RecordLine } from "./record-file.ts";

let path: string;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opto-records-"));
  path = join(folder, "records.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("RecordFile", () => {
  it("knows what was discarded, in this process and the next, until something is recorded anew", async () => {
    const file = new RecordFile(path);
    await file.record({ key: "a" }, "first");
    await file.record({ key: "b" }, "second");
    file.note({ key: "a", discarded: true });
    file.note({ key: "b", discarded: true });
    await file.record({ key: "b" }, "third");
    const told = (records: RecordFile): unknown[] => ["a", "b", "c"].map((key) => [records.isDiscarded(key), records.find(key)]);
    const expected = [
      [true, "first"],
      [false, "third"],
      [false, undefined],
    ];
    expect(told(file)).toEqual(expected);
    await file.close();
    const again = new RecordFile(path);
    expect(told(again)).toEqual(expected);
    await again.close();
  });

  it("finds content again by its key, in this process and the next", async () => {
    const file = new RecordFile(path);
    file.note({ key: "a", call: "sent" });
    await Promise.all(["a", "b", "c"].map((key) => file.record({ key, call: "answered" }, { text: `${key} \u2028 "ü"\n` })));
    await file.record({ key: "a" }, "again");
    const contents = (records: RecordFile): unknown[] => ["a", "b", "c", "d"].map((key) => records.find(key));
    const expected = ["again", { text: 'b \u2028 "ü"\n' }, { text: 'c \u2028 "ü"\n' }, undefined];
    expect(contents(file)).toEqual(expected);
    await file.close();
    const lines: RecordLine[] = [];
    const again = new RecordFile(path, (line) => lines.push(line));
    expect(contents(again)).toEqual(expected);
    expect(lines.map(({ key, call }) => [key, call])).toEqual([
      ["a", "sent"],
      ["a", "answered"],
      ["b", "answered"],
      ["c", "answered"],
      ["a", undefined],
    ]);
    await again.close();
  });

  it("says what to do when it cannot be opened", () => {
    const open = (): unknown => new RecordFile(folder);
    expect(open).toThrow(StopError);
    expect(open).toThrow(/^Could not write .*opto-records-\w+: EISDIR.* Fix that, then run the same command again to resume$/);
  });

  it("takes and gives nothing after its end", async () => {
    const file = new RecordFile(path);
    await file.record({ key: "a" }, "answer");
    await file.close();
    const others = ["b", "c"].map((name) => join(folder, name));
    const files = others.map((other) => openSync(other, "w"));
    expect(() => file.note({ key: "b" })).toThrow(`${path} is closed, because its run has ended`);
    expect(() => file.find("a")).toThrow(StopError);
    expect(others.map((other) => readFileSync(other, "utf8"))).toEqual(["", ""]);
    for (const other of files) closeSync(other);
  });

  it("that is only read is left as it is, also with a last line that is being written", async () => {
    const file = new RecordFile(path);
    await file.record({ key: "a" }, "answer");
    await file.close();
    appendFileSync(path, '{"key":"b","content":"ans');
    const text = readFileSync(path, "utf8");
    const reader = new RecordFile(path, undefined, { readOnly: true });
    expect(reader.find("a")).toBe("answer");
    await reader.close();
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(() => new RecordFile(join(folder, "none"), undefined, { readOnly: true })).toThrow("ENOENT");
  });

  it("never gives a content that was not recorded, whatever becomes of the file", async () => {
    const file = new RecordFile(path);
    const contents = new Map<string, JsonValue>();
    for (let number = 0; number < 12; number++) {
      const content = { number, text: "some text ".repeat(number % 4) };
      contents.set(`key-${number}`, content);
      await file.record({ key: `key-${number}`, other: number }, content);
    }
    await file.close();
    const bytes = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), async (at, byte, cut) => {
        const damaged = Buffer.from(cut ? bytes.subarray(0, at) : bytes);
        if (!cut) damaged[at] = byte;
        writeFileSync(path, damaged);
        const again = new RecordFile(path);
        let found = 0;
        for (const [key, content] of contents) {
          const read = again.find(key);
          if (read !== undefined) expect(read).toEqual(content);
          found += Number(read !== undefined);
        }
        // One byte spoils one record, or two when it was the end of a line.
        if (!cut) expect(found).toBeGreaterThanOrEqual(contents.size - 2);
        await again.close();
      }),
    );
  });
});
