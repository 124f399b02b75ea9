/**
 * The bound against real tokenizers, in texts as they occur and in rows of random characters.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { Random } from "../../data/random.ts";
import { mostTokens } from "./estimate-tokens.ts";

const plain = { disallowedSpecial: new Set<string>() };
const counted = (text: string): number => Math.max(o200k(text, plain), cl100k(text, plain));

const random = new Random(7);
const pick = (characters: string, length: number): string => {
  const all = [...characters];
  return Array.from({ length }, () => all[random.integer(0, all.length - 1)]).join("");
};
const between = (first: number, last: number, length = 1000): string =>
  Array.from({ length }, () => String.fromCodePoint(random.integer(first, last))).join("");
const bytes = Uint8Array.from({ length: 3000 }, () => random.integer(0, 255));
const small = "abcdefghijklmnopqrstuvwxyz";
const capitals = small.toUpperCase();
const digits = "0123456789";
const signs = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

describe("the bound on tokens", () => {
  it.each<[string, string]>([
    ["documentation", readFileSync("docs/training.md", "utf8")],
    ["code", readFileSync("src/llm/pace/call-failure.ts", "utf8")],
    ["a prompt", readFileSync("src/optimizers/__golden__/opto-prime.txt", "utf8")],
    ["JSON", readFileSync("package-lock.json", "utf8").slice(0, 30_000)],
    ["JSON in JSON", JSON.stringify(readFileSync("package.json", "utf8"))],
    ["numbers", Array.from({ length: 500 }, () => random.next().toFixed(6)).join(", ")],
    ["German", "Die Donaudampfschifffahrtsgesellschaft überprüft ihre Rechtsschutzversicherung. ".repeat(5)],
    ["Polish", "Zażółć gęślą jaźń. Wczoraj poszliśmy do biblioteki, a potem na spacer. ".repeat(5)],
    ["Vietnamese", "Hôm qua chúng tôi đã đến thư viện rồi đi dạo trong công viên. ".repeat(5)],
    ["Russian", "Съешь же ещё этих мягких французских булок, да выпей чаю. ".repeat(5)],
    ["Chinese", "我们昨天去了图书馆，然后在公园里散步。人工智能正在改变世界。".repeat(5)],
    ["Japanese", "昨日は図書館に行って、公園を散歩しました。".repeat(5)],
    ["Korean", "어제 우리는 도서관에 갔다가 공원에서 산책했습니다. ".repeat(5)],
    ["Hindi", "मैं कल पुस्तकालय गया था और फिर पार्क में टहला। ".repeat(5)],
    ["Arabic", "ذهبت أمس إلى المكتبة ثم تنزهت في الحديقة. ".repeat(5)],
    ["Thai", "เมื่อวานฉันไปห้องสมุดแล้วเดินเล่นในสวนสาธารณะ ".repeat(5)],
    ["base64", Buffer.from(bytes).toString("base64")],
    ["hexadecimal digits", Buffer.from(bytes).toString("hex")],
    ["capital hexadecimal digits", Buffer.from(bytes).toString("hex").toUpperCase()],
    ["random small letters", pick(small, 3000)],
    ["random small letters in words", pick(`${small}  `, 3000)],
    ["random consonants", pick("bcdfghjklmnpqrstvwxz", 3000)],
    ["random vowels", pick("aeiouy", 3000)],
    ["random capitals", pick(capitals, 3000)],
    ["random capitals in words", pick(`${capitals}   `, 3000)],
    ["random letters", pick(small + capitals, 3000)],
    ["random letters and digits", pick(small + digits, 3000)],
    ["random digits", pick(digits, 3000)],
    ["random signs", pick(signs, 3000)],
    ["random printable ASCII", pick(`${small}${capitals}${digits}${signs} `, 5000)],
    ["random blanks", pick(" \t\n\r", 3000)],
    ["blanks", " ".repeat(5000)],
    ["line breaks", "\n".repeat(3000)],
    ["tabs", "\t".repeat(3000)],
    ["control characters", between(0, 31)],
    ["single letters", "x ".repeat(2000)],
    ["two blanks each", "x  ".repeat(1000)],
    ["single digits", " 1".repeat(1000)],
    ["one letter", "a".repeat(3000)],
    ["dashes", "-".repeat(2000)],
    ["accents", "é".repeat(1000)],
    ["letters of Latin-1", between(0xa0, 0xff)],
    ["further Latin letters", between(0x100, 0x24f)],
    ["Greek letters", between(0x391, 0x3c9)],
    ["Cyrillic letters", between(0x400, 0x45f)],
    ["Hebrew letters", between(0x5d0, 0x5ea)],
    ["Arabic letters", between(0x620, 0x64a)],
    ["Devanagari", between(0x905, 0x939)],
    ["Thai letters", between(0xe01, 0xe4e)],
    ["kana", between(0x3041, 0x30fe)],
    ["Chinese characters", between(0x4e00, 0x9fa5)],
    ["rare Chinese characters", between(0x3400, 0x4dbf)],
    ["Hangul", between(0xac00, 0xd7a3)],
    ["signs beyond ASCII", between(0x2000, 0x2bff)],
    ["private characters", between(0xe000, 0xf8ff)],
    ["emoji", between(0x1f300, 0x1f64f)],
    ["families of emoji", "👨‍👩‍👧‍👦".repeat(200)],
    ["flags", "🇩🇪🇫🇷".repeat(200)],
    ["letters for mathematics", between(0x1d400, 0x1d7ff)],
    ["characters of four bytes", between(0x20000, 0x2a6d6)],
    ["half characters", "\ud83d".repeat(500)],
  ])("holds for %s", (_title, text) => {
    expect(mostTokens(text)).toBeGreaterThanOrEqual(counted(text));
  });

  it.each([
    ["prose", readFileSync("docs/training.md", "utf8"), 1.7],
    ["code", readFileSync("src/llm/pace/call-failure.ts", "utf8"), 1.9],
    ["JSON", readFileSync("package-lock.json", "utf8").slice(0, 30_000), 1.5],
  ])("is not far above in %s", (_title, text, most) => {
    expect(mostTokens(text) / o200k(text, plain)).toBeLessThan(most);
  });

  it("of nothing is nothing", () => {
    expect(mostTokens("")).toBe(0);
  });
});
