import { expect, it } from "vitest";
import { BytePattern, viewOf } from "./byte-pattern.ts";

/** Every length has another rest behind its words of eight bytes. */
const texts = Array.from({ length: 30 }, (_, more) => `{"seq":1,"time":"é","model":"x/y"}`.repeat(2).slice(0, 4 + more));

it.each(texts)("finds %s where it is, and not where one byte differs", (text) => {
  const bytes = Buffer.from(`--${text}--`);
  const { length } = Buffer.from(text);
  const pattern = new BytePattern(text);
  expect(pattern.length).toBe(length);
  expect(pattern.isAt(viewOf(bytes), 2, bytes.length)).toBe(true);
  expect(pattern.isAt(viewOf(bytes), 1, bytes.length)).toBe(false);
  for (let at = 0; at < length; at++) {
    const other = Buffer.from(bytes);
    other.writeUInt8(other.readUInt8(2 + at) ^ 1, 2 + at);
    expect(pattern.isAt(viewOf(other), 2, other.length)).toBe(false);
  }
});

it("does not look beyond the end", () => {
  const bytes = Buffer.from('{"seq":12');
  expect(new BytePattern('{"seq":').isAt(viewOf(bytes), 0, 7)).toBe(true);
  expect(new BytePattern('{"seq":').isAt(viewOf(bytes), 0, 6)).toBe(false);
});
