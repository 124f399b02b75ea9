/**
 * Holds the glossary of `docs/concepts.md` against the names that users see: one word for one thing.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { trainTable } from "../src/train-options.ts";

interface Term {
  readonly word: string;
  readonly meaning: string;
  /** Words that are not used for it. */
  readonly rejected: readonly string[];
}

/** Names that have a word the glossary rejects, and why they keep it. */
const exceptions: Readonly<Record<string, string>> = {
  Minibatch: "the seed's name",
  MinibatchAlgorithm: "the seed's name",
  MinibatchTrainOptions: "the options of the seed's `train`",
  ResponseFormat: "the AI SDK's name",
  ResponseReply: "a reply of OpenAI's Responses API",
  LLMJudge: "what such judges are called everywhere",
  LLMJudgeOptions: "the options of LLMJudge",
  UnusableAnswerError: "its code is in the journals of runs",
};

/** The rows of the glossary. */
function glossary(page: string): Term[] {
  const rows = page.slice(page.indexOf("## Words")).matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm);
  return [...rows]
    .map(([, word = "", meaning = "", rejected = ""]) => ({ word, meaning, rejected: rejected.split(", ") }))
    .filter(({ word }) => word !== "word");
}

/** The names that a file exports from others. */
function exportedNames(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "");
  return [...code.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = ""]) =>
    list.split(",").flatMap((part) => /(\w+)\s*$/.exec(part.trim())?.[1] ?? []),
  );
}

/** `PastAttempts` and `past-attempts` as `past`, `attempts`. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/);
}

/** Whether a name has a word, in the singular or the plural. */
function has(name: string, word: string): boolean {
  return wordsOf(name).some((part) => part === word || part === `${word}s` || part === `${word}es`);
}

/** One line for every name with a word that the glossary rejects. */
function violations(names: readonly string[], terms: readonly Term[], allowed: Readonly<Record<string, string>>): string[] {
  return terms.flatMap(({ word, rejected }) =>
    names.flatMap((name) =>
      rejected
        .filter((synonym) => has(name, synonym) && allowed[name] === undefined)
        .map((synonym) => {
          return `${name}: the glossary has "${word}" for "${synonym}"`;
        }),
    ),
  );
}

const terms = glossary(readFileSync("docs/concepts.md", "utf8"));
const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as { exports: Readonly<Record<string, unknown>> };
const exported = Object.keys(exports).flatMap((subpath) =>
  exportedNames(readFileSync(`src${subpath.slice(1)}/index.ts`, "utf8")),
);
const eventTypes = [...readFileSync("src/trainer/events.ts", "utf8").matchAll(/type: "([a-z-]+)"/g)].map(([, type = ""]) => type);
const names = [...new Set([...exported, ...eventTypes, ...Object.keys(trainTable)])];

describe("the glossary", () => {
  it("has terms, each once and with a meaning, none of which is another's synonym", () => {
    expect(terms.length).toBeGreaterThan(40);
    const words = terms.map(({ word }) => word);
    expect(words.length).toBe(new Set(words).size);
    expect(terms.filter(({ meaning }) => meaning.trim() === "")).toEqual([]);
    const synonyms = terms.flatMap(({ rejected }) => rejected);
    expect(synonyms.filter((synonym) => words.includes(synonym))).toEqual([]);
    expect(synonyms.length).toBe(new Set(synonyms).size);
  });

  it("is kept by the names of exports, events and options", () => {
    expect(names.length).toBeGreaterThan(250);
    expect(violations(names, terms, exceptions)).toEqual([]);
  });

  it("has no exception that is not needed", () => {
    const needed = violations(names, terms, {}).map((line) => line.slice(0, line.indexOf(":")));
    expect(Object.keys(exceptions).filter((name) => !needed.includes(name))).toEqual([]);
  });

  it("has no term that is not used", () => {
    const pages = readdirSync("docs").filter((file) => file.endsWith(".md") && file !== "concepts.md");
    const text = pages.map((page) => readFileSync(`docs/${page}`, "utf8").toLowerCase()).join("\n");
    const isUsed = (word: string): boolean => names.some((name) => has(name, word)) || new RegExp(`\\b${word}s?\\b`).test(text);
    expect(terms.filter(({ word }) => !isUsed(word)).map(({ word }) => word)).toEqual([]);
  });

  it.each([
    ["ModelResponse", 'ModelResponse: the glossary has "reply" for "response"'],
    ["LLMEpisodes", 'LLMEpisodes: the glossary has "rollout" for "episode"'],
    ["round-start", 'round-start: the glossary has "iteration" for "round"'],
  ])("would find %s", (name, expected) => {
    expect(violations([name], terms, {})).toContain(expected);
  });

  it("reads names, renamed ones too", () => {
    expect(
      exportedNames('/** export { no } */\nexport { a, type B, c as d } from "./x.ts";\nexport type { E } from "./y.ts";'),
    ).toEqual(["a", "B", "d", "E"]);
  });
});
