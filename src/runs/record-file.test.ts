import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JsonValue } from "../data/json.ts";
import { RecordFile, type RecordLine } from "./record-file.ts";

let path: string;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opto-records-"));
  path = join(folder, "records.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("RecordFile", () => {
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
