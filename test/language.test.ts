/**
 * Holds the language of messages, prompts, and documentation to plain English. The second half proves that the rules can fail.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { idiomsInMessages, idiomsInPages, readPages } from "./rules/language-rules.ts";
import { readSourceFiles, sourceFile } from "./rules/source-file.ts";

describe("no old idiom is", () => {
  it("in a message or prompt", () => {
    const files = readSourceFiles();
    expect(files.length).toBeGreaterThan(0);
    expect(idiomsInMessages(files)).toEqual([]);
  });

  it("in a page of documentation", () => {
    const pages = readPages();
    expect(pages.length).toBeGreaterThan(3);
    expect(idiomsInPages(pages)).toEqual([]);
  });
});

describe("the rule finds", () => {
  it.each<{ name: string; text: string; expected: readonly string[] }>([
    {
      name: "an idiom in a string",
      text: '// goes on\nthrow new Error("The run goes on at once");',
      expected: [
        'src/a.ts:2 says "at once": say concurrently, or immediately',
        'src/a.ts:2 says "goes on": say continues, or resumes',
      ],
    },
    {
      name: "an idiom in any part of a template, on its own line",
      text: `const text = \`Nobody asked for \${name}.\nIt has \${count} bytes that are none.\`;`,
      expected: [
        'src/a.ts:1 says "Nobody": say no one, or a sentence about the thing: no listeners',
        'src/a.ts:2 says "that are none": say that is not one, or invalid',
      ],
    },
    {
      name: "nothing in comments, names, keys, and longer words",
      text: '/** At once. */\nimport "./whom.ts";\nconst anew = { signs: "blanks", at: "a new whomever told-apart, once moreover" };',
      expected: [],
    },
    {
      name: "nothing in plain English",
      text: '"The run resumes on the next call", "It was told apart by its id", "Going on a trip", "so many candidates can run"',
      expected: [],
    },
  ])("$name", ({ text, expected }) => {
    expect(idiomsInMessages([sourceFile("src/a.ts", text)])).toEqual(expected);
  });

  it("an idiom across a line break of a page", () => {
    expect(idiomsInPages([{ path: "docs/a.md", text: "# A\n\nNumbers belong\ninto `scores`.\n" }])).toEqual([
      'docs/a.md:3 says "belong into": say belongs in',
    ]);
  });
});
