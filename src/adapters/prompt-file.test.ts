import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { model } from "../graph/module.ts";
import { withValues } from "../graph/with-values.ts";
import { type PromptFileOptions, promptFile } from "./prompt-file.ts";
import { writeBack } from "./write-back.ts";

const folder = mkdtempSync(join(tmpdir(), "opto-prompt-file-"));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;

/** A new file. */
function file(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, `${count++}-${name}`);
  writeFileSync(path, bytes);
  return path;
}

/** The bytes of the file after its prompt was changed and written back. */
async function bytesAfter(path: string, value: string, options?: PromptFileOptions): Promise<Buffer> {
  const prompt = promptFile(path, options);
  prompt.set(value);
  await writeBack([prompt]);
  return readFileSync(path);
}

const utf16le = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le");
const utf16be = (text: string): Buffer => utf16le(text).swap16();

interface Shape {
  readonly name: string;
  readonly path: string;
  readonly options?: PromptFileOptions;
  readonly before: string | Buffer;
  /** What the parameter holds. */
  readonly value: string;
  /** By the text that is written: the bytes of the file after it. */
  readonly after: readonly (readonly [value: string, bytes: string | Buffer])[];
}

const shapes: readonly Shape[] = [
  {
    name: "plain text with a final newline",
    path: "a.txt",
    before: "Answer.\n",
    value: "Answer.",
    after: [
      ["Be brief.\nAnswer.", "Be brief.\nAnswer.\n"],
      ["Be brief.\n", "Be brief.\n\n"],
      ["---\na: 1\n---\n", "---\na: 1\n---\n\n"],
      ["", "\n"],
    ],
  },
  {
    name: "plain text without a final newline",
    path: "a.hbs",
    before: "  Answer {{question}}",
    value: "  Answer {{question}}",
    after: [
      ["{{question}}: be brief", "{{question}}: be brief"],
      ["{{question}}\n", "{{question}}\n\n"],
    ],
  },
  {
    name: "Markdown with front matter",
    path: "a.md",
    before: "---\nmodel: gpt-5\n# note\n---   \n\n# Support\n\nAnswer.\n",
    value: "# Support\n\nAnswer.",
    after: [
      ["Be brief.\n---\nEnd", "---\nmodel: gpt-5\n# note\n---   \n\nBe brief.\n---\nEnd\n"],
      ["\nindented", "---\nmodel: gpt-5\n# note\n---   \n\n\nindented\n"],
    ],
  },
  {
    name: "Markdown whose front matter the text follows immediately",
    path: "a.markdown",
    before: "---\na: 1\n---\nAnswer.",
    value: "Answer.",
    after: [
      ["Brief.", "---\na: 1\n---\nBrief."],
      ["\nBrief.\n", "---\na: 1\n---\n\n\nBrief.\n\n"],
    ],
  },
  {
    name: "Markdown with a rule instead of front matter",
    path: "a.md",
    before: "Answer.\n---\nBriefly.\n",
    value: "Answer.\n---\nBriefly.",
    after: [["No.", "No.\n"]],
  },
  {
    name: "Markdown with front matter alone",
    path: "a.md",
    before: "---\na: 1\n---",
    value: "",
    after: [["Brief.", "---\na: 1\n---\nBrief."]],
  },
  {
    name: "dotprompt",
    path: "a.prompt",
    before:
      '---\nmodel: googleai/gemini\ninput:\n  schema:\n    question: string\n---\n{{role "system"}}\nAnswer.\n{{role "user"}}\n{{question}}{{#if a}}!{{/if}}\n',
    value: '{{role "system"}}\nAnswer.\n{{role "user"}}\n{{question}}{{#if a}}!{{/if}}',
    after: [
      [
        '{{role "system"}}\nBrief.\n{{role "user"}}\n{{question}}{{#if a}}?{{/if}}',
        '---\nmodel: googleai/gemini\ninput:\n  schema:\n    question: string\n---\n{{role "system"}}\nBrief.\n{{role "user"}}\n{{question}}{{#if a}}?{{/if}}\n',
      ],
    ],
  },
  {
    name: "CRLF",
    path: "a.md",
    before: "---\r\na: 1\r\n---\r\n\r\nOne\r\nTwo\r\n",
    value: "One\nTwo",
    after: [["Three\n\nFour", "---\r\na: 1\r\n---\r\n\r\nThree\r\n\r\nFour\r\n"]],
  },
  {
    name: "mixed line ends, of which those around the text are kept",
    path: "a.md",
    before: "---\r\na: 1\n---\r\nOne\nTwo\nThree\n",
    value: "One\nTwo\nThree",
    after: [["Four\nFive", "---\r\na: 1\n---\r\nFour\nFive\n"]],
  },
  {
    name: "UTF-8 with a byte order mark",
    path: "a.txt",
    before: "\uFEFFÄ\n",
    value: "Ä",
    after: [["Ö😀", "\uFEFFÖ😀\n"]],
  },
  {
    name: "UTF-16 LE",
    path: "a.txt",
    before: utf16le("Ä\r\nB\r\n"),
    value: "Ä\nB",
    after: [["😀\nß", utf16le("😀\r\nß\r\n")]],
  },
  {
    name: "UTF-16 BE",
    path: "a.md",
    before: utf16be("---\na: 1\n---\nÄ"),
    value: "Ä",
    after: [["😀\nß", utf16be("---\na: 1\n---\n😀\nß")]],
  },
  {
    name: "a plain YAML scalar",
    path: "a.yaml",
    options: { at: "prompts.0" },
    before: "# top\nprompts:\n  - Answer it {{q}} # first\n  - other\ntests: [1,  2]\n",
    value: "Answer it {{q}}",
    after: [
      ["Be brief {{q}}", "# top\nprompts:\n  - Be brief {{q}} # first\n  - other\ntests: [1,  2]\n"],
      ["Note: be brief {{q}}", '# top\nprompts:\n  - "Note: be brief {{q}}" # first\n  - other\ntests: [1,  2]\n'],
      ["A\nB {{q}}", '# top\nprompts:\n  - "A\\nB {{q}}" # first\n  - other\ntests: [1,  2]\n'],
      ["{{q}}", '# top\nprompts:\n  - "{{q}}" # first\n  - other\ntests: [1,  2]\n'],
    ],
  },
  {
    name: "a plain YAML scalar that becomes several lines",
    path: "a.yml",
    options: { at: "a.b" },
    before: "a:\n  b: One line\nc: 1\n",
    value: "One line",
    after: [
      ["One\n\nTwo: 2", "a:\n  b: |-\n    One\n\n    Two: 2\nc: 1\n"],
      ["yes", 'a:\n  b: "yes"\nc: 1\n'],
    ],
  },
  {
    name: "quoted YAML scalars",
    path: "a.yaml",
    options: { at: ["x.y"] },
    before: "x.y: 'it''s'\nz: 'it''s'\n",
    value: "it's",
    after: [
      ["it isn't", "x.y: 'it isn''t'\nz: 'it''s'\n"],
      ["two\nlines", "x.y: \"two\\nlines\"\nz: 'it''s'\n"],
    ],
  },
  {
    name: "a double-quoted YAML scalar",
    path: "a.yaml",
    options: { at: "x" },
    before: 'x: "a\\u00e4\n  b"  # c\ny: 1',
    value: "aä b",
    after: [['say "hi"\u2028', 'x: "say \\"hi\\"\\u2028"  # c\ny: 1']],
  },
  {
    name: "a literal YAML block",
    path: "promptfooconfig.yaml",
    options: { at: "prompts.0.raw" },
    before: "prompts:\n  - raw: | # the prompt\n      Answer.\n\n        indented\n\n    id: a\n# end\n",
    value: "Answer.\n\n  indented",
    after: [
      ["Brief.", "prompts:\n  - raw: | # the prompt\n      Brief.\n\n    id: a\n# end\n"],
      ["  Brief.\nx", "prompts:\n  - raw: |2 # the prompt\n        Brief.\n      x\n\n    id: a\n# end\n"],
      [
        "Trailing  \n# no comment",
        "prompts:\n  - raw: | # the prompt\n      Trailing  \n      # no comment\n\n    id: a\n# end\n",
      ],
      ["bell\u0007", 'prompts:\n  - raw: "bell\\u0007" # the prompt\n\n    id: a\n# end\n'],
    ],
  },
  {
    name: "a stripped literal YAML block with CRLF",
    path: "a.yaml",
    options: { at: "p" },
    before: "p: |-\r\n  One\r\n  Two\r\nq: 1\r\n",
    value: "One\nTwo",
    after: [
      ["A\n\nB", "p: |-\r\n  A\r\n\r\n  B\r\nq: 1\r\n"],
      ["A\n", "p: |+\r\n  A\r\n\r\nq: 1\r\n"],
    ],
  },
  {
    name: "a literal YAML block that keeps its last line ends",
    path: "a.yaml",
    options: { at: "p" },
    before: "p: |+\n  One\n\nq: 1\n",
    value: "One\n",
    after: [["Two\n\n", "p: |+\n  Two\n\n\nq: 1\n"]],
  },
  {
    name: "a literal YAML block at the end of a file without a newline",
    path: "a.yaml",
    options: { at: "p" },
    before: "p: |\n  One",
    value: "One",
    after: [["Two\nThree", "p: |\n  Two\n  Three"]],
  },
  {
    name: "a folded YAML block",
    path: "a.yaml",
    options: { at: "p" },
    before: "p: >\n  Answer\n  briefly.\n\n  Always.\nq: 1\n",
    value: "Answer briefly.\nAlways.",
    after: [
      ["One.\nTwo.\n\nThree.", "p: >\n  One.\n\n  Two.\n\n\n  Three.\nq: 1\n"],
      [`${"word ".repeat(20)}end`, `p: >\n  ${"word ".repeat(15).trim()}\n  ${"word ".repeat(5).trim()} end\nq: 1\n`],
      ["list:\n  - a\n  - b", "p: >\n  list:\n    - a\n    - b\nq: 1\n"],
    ],
  },
  {
    name: "YAML in UTF-16",
    path: "a.yaml",
    options: { at: "p" },
    before: utf16le("p: ä b\r\nq: 1\r\n"),
    value: "ä b",
    after: [["ö b", utf16le("p: ö b\r\nq: 1\r\n")]],
  },
  {
    name: "JSON",
    path: "a.json",
    options: { at: "prompts.1.text" },
    before: '{\n\t"prompts": ["a", { "text" : "it \\"is\\" {x y}",  "n": 1e3 }]\n}\n',
    value: 'it "is" {x y}',
    after: [["two\nlines \\ ä", '{\n\t"prompts": ["a", { "text" : "two\\nlines \\\\ ä",  "n": 1e3 }]\n}\n']],
  },
  {
    name: "JSON that escapes what is not ASCII, with comments",
    path: "a.jsonc",
    options: { at: "a" },
    before: '{ "a": "\\u00e4", /* b */ "b": 1, }',
    value: "ä",
    after: [["ö😀", '{ "a": "\\u00f6\\ud83d\\ude00", /* b */ "b": 1, }']],
  },
  {
    name: "YAML under another ending",
    path: "config",
    options: { at: "p", format: "yaml" },
    before: "p: one word",
    value: "one word",
    after: [["two words", "p: two words"]],
  },
];

describe("promptFile", () => {
  it.each(shapes)("takes the text out of $name, and puts another one there", async ({ path, options, before, value, after }) => {
    for (const [text, bytes] of after) {
      const written = file(path, before);
      const prompt = promptFile(written, options);
      expect(prompt.value).toBe(value);
      expect((await bytesAfter(written, text, options)).toString("latin1")).toBe(Buffer.from(bytes).toString("latin1"));
      expect(promptFile(written, options).value).toBe(text);
    }
  });

  it.each(shapes)("leaves $name alone where the value is the same", async ({ path, options, before, value }) => {
    expect(await bytesAfter(file(path, before), value, options)).toEqual(Buffer.from(before));
  });

  it.each<{ name: string; path: string; text?: string | Buffer; options?: PromptFileOptions; message: string }>([
    {
      name: "a template literal",
      path: "agent.ts",
      text: "export const system = `Answer \u0024{language}.`;\n",
      message:
        "is program code, where a text may contain expressions and escapes, so it cannot be written back safely. Move the text to a file such as prompts/",
    },
    {
      name: "bytes that are not UTF-8",
      path: "a.txt",
      text: Buffer.from([0x41, 0xff, 0x42]),
      message: "it has bytes that are not valid UTF-8",
    },
    { name: "a path in a text", path: "a.md", options: { at: "a" }, message: "`at` works only in YAML and JSON" },
    {
      name: "a whole YAML file",
      path: "a.yaml",
      text: "a: b c\nl:\n  - d\n",
      message: 'name the text in it with `at`; it has texts at "a", "l.0"',
    },
    {
      name: "a path that is not there",
      path: "a.yaml",
      text: "a: b\n",
      options: { at: "a.b" },
      message: 'it has nothing at "a.b"; it has texts at "a"',
    },
    {
      name: "a number in YAML",
      path: "a.yaml",
      text: "a: 1\n",
      options: { at: "a" },
      message: 'expected a text at "a", got a value that is not a text; it has no texts',
    },
    {
      name: "an alias in YAML",
      path: "a.yaml",
      text: "a: &x b\nc: *x\n",
      options: { at: "c" },
      message: "got an alias: write the text here itself, or name the path of what it refers to",
    },
    { name: "YAML that is damaged", path: "a.yaml", text: "a: [1\n", options: { at: "a" }, message: "it is not valid YAML: " },
    {
      name: "several YAML documents",
      path: "a.yaml",
      text: "a: b\n---\na: c\n",
      options: { at: "a" },
      message: "expected one YAML document in it, got 2",
    },
    { name: "JSON that is damaged", path: "a.json", text: '{"a": "b"', options: { at: "a" }, message: "it is not valid JSON" },
    {
      name: "a list in JSON",
      path: "a.json",
      text: '{"a": ["b"]}',
      options: { at: "a" },
      message: 'expected a text at "a", got a list; it has texts at "a.0"',
    },
    {
      name: "a reference to another file",
      path: "a.yaml",
      text: "p:\n  - file://prompts/a.txt\n",
      options: { at: "p.0" },
      message: '"p.0" refers to another file. Use promptFile for that: prompts/a.txt',
    },
    { name: "an unknown option", path: "a.txt", options: { att: "a" } as never, message: "Unknown option `att` of parameter" },
    {
      name: "an unknown format",
      path: "a.txt",
      options: { format: "toml" as never },
      message: "Expected `format` of promptFile to be",
    },
  ])("refuses $name", ({ path, text = "Answer.", options, message }) => {
    expect(() => promptFile(file(path, text), options)).toThrow(message);
  });

  it("takes file URLs, and says what relative paths are relative to", () => {
    const path = file("a.md", "Answer.");
    expect(promptFile(pathToFileURL(path)).value).toBe("Answer.");
    expect(promptFile(pathToFileURL(path).href).value).toBe("Answer.");
    expect(() => promptFile("nowhere/a.md")).toThrow(
      `There is no file ${join(process.cwd(), "nowhere/a.md")}. Relative paths start at the working directory. For a path relative to the module, write new URL("a.md", import.meta.url)`,
    );
    expect(() => promptFile("")).toThrow("Expected promptFile to be given a path or a file URL");
  });

  it("has the rules of any parameter, and refuses early what its file cannot hold", () => {
    const path = file("a.md", "Answer {question} of {user}.\n");
    const prompt = promptFile(path, { maxLength: 40, validate: (text) => !text.includes("!"), description: "the system prompt" });
    expect(prompt.description).toBe("the system prompt");
    expect(prompt.problems("No {question}")).toEqual(["expected the text to keep {user}"]);
    expect(prompt.problems("{question} {user}!")).toEqual(["the program's own rule rejects this value"]);
    expect(prompt.problems("---\n---\n{question} {user}")[0]).toContain("its beginning would be read as front matter");
    expect(prompt.problems("{question} {user}\r\n")[0]).toContain("got a carriage return");
    expect(prompt.problems("{question} {user}\ud800")[0]).toContain("half of a surrogate pair");
    expect(prompt.problems("{question} {user}")).toEqual([]);
  });

  it.each<{ name: string; value: string; problem?: string }>([
    { name: "other text, white space, and order", value: '{{role "system"}}Help.{{ #if vip }}Be kind to {{customer}}.{{~/if}}' },
    {
      name: "a block that is left open",
      value: '{{~role "system"~}} {{customer}} {{#if vip}}',
      problem: "before: it lacks {{/if}}",
    },
    {
      name: "another end of a block",
      value: '{{role "system"}} {{customer}} {{#if vip}} {{/each}}',
      problem: "it lacks {{/if}}, and it adds {{/each}}",
    },
    {
      name: "a variable that is misspelled",
      value: '{{role "system"}} {{customer}} {{customerr}} {{#if vip}} {{/if}}',
      problem: "before: it adds {{customerr}}",
    },
    {
      name: "a tag without an end",
      value: '{{role "system"}} {{customer}} {{#if vip}} {{/if}} {{#if',
      problem: "expected every {{ to have its }}",
    },
    {
      name: "a block that ends first",
      value: '{{role "system"}} {{customer}} {{/if}} {{#if vip}}',
      problem: "as in {{#if vip}} … {{/if}}",
    },
    {
      name: "a marker that is gone",
      value: "{{customer}} {{#if vip}} {{/if}}",
      problem: 'to keep its markers {{role "system"}}',
    },
  ])("keeps the tags of dotprompt: $name", ({ value, problem }) => {
    const path = file(
      "tags.prompt",
      '---\nmodel: x\n---\n{{~role "system"~}}\nYou help {{customer}}. {{#if vip}}Be kind.{{/if}}\n',
    );
    const problems = promptFile(path).problems(value);
    if (problem === undefined) expect(problems).toEqual([]);
    else expect(problems.join()).toContain(problem);
    expect(promptFile(path, { placeholders: [] }).problems(value)).toEqual([]);
  });

  it("keeps the markers of dotprompt, and refuses references to files in YAML and JSON", () => {
    const prompt = promptFile(file("a.prompt", '{{role "system"}}\nAnswer.\n{{history}}\n{{role "user"}}\n{{question}}\n'));
    expect(prompt.problems('{{role "user"}} Brief. {{history}} {{role "system"}} {{question}}')[0]).toContain(
      'expected the text to keep its markers {{role "system"}}, {{history}}, {{role "user"}} in this order',
    );
    expect(prompt.problems('{{role "system"}} Brief. {{history}} {{role "user"}}: {{question}}')).toEqual([]);
    const plain = promptFile(file("b.prompt", "Answer.\n"));
    expect(plain.problems('{{role "system"}} Answer.')[0]).toContain("and to add none");
    for (const other of [
      promptFile(file("a.yaml", "p: some text\n"), { at: "p" }),
      promptFile(file("a.json", '{"p": "some text"}'), { at: "p" }),
    ])
      expect(other.problems("file:///etc/passwd")[0]).toContain("expected a text that does not begin with file://");
  });

  it("keeps its origin in clones and under candidates, as plain data beside the value", () => {
    const path = file("a.yaml", "p: one word\n");
    const agent = model({ prompt: promptFile(path, { at: "p" }) }, ({ prompt }) => prompt.value);
    const { origin } = agent.prompt;
    expect(origin?.record).toMatchObject({ kind: "file", at: ["p"], sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(agent.clone().prompt.origin).toBe(origin);
    withValues(agent, { prompt: "other" }, () => expect(agent.prompt.origin).toBe(origin));
    expect(agent.candidate()).toEqual({ prompt: "one word" });
    expect(JSON.parse(JSON.stringify(origin?.record))).toEqual(origin?.record);
  });
});

describe("any text in any surroundings", () => {
  const pieces = fc.constantFrom(
    ..."a b é 😀 \n \n\n \t : # ' \" \\ - | > { } % & * ! @ ` --- ... , [ ] ? 1 true ~".split(" "),
    " ",
    "  ",
    " #",
    ": ",
    "- ",
    "\u0085",
    "\u2028",
    "\u0007",
    "\ufeff",
    "a longer run of words ",
  );
  const text = fc.array(pieces, { maxLength: 30 }).map((all) => all.join(""));
  const encode = (content: string, kind: number): Buffer =>
    [Buffer.from(content), Buffer.from(`\uFEFF${content}`), utf16le(content), utf16be(content)][kind] as Buffer;

  async function roundTrip(
    name: string,
    before: string,
    after: string,
    start: string,
    value: string,
    kind: number,
    options?: PromptFileOptions,
  ) {
    const path = file(name, encode(before + start + after, kind));
    const prompt = promptFile(path, options);
    if (prompt.problems(value).length > 0) return;
    const written = await bytesAfter(path, value, options);
    expect(promptFile(path, options).value).toBe(value);
    const head = encode(before, kind);
    const tail = encode(after, kind).subarray([0, 3, 2, 2][kind]);
    expect(written.subarray(0, head.length)).toEqual(head);
    expect(written.subarray(written.length - tail.length)).toEqual(tail);
  }

  const runs = { numRuns: 100 };

  it("is written below front matter", async () => {
    const kinds = fc.nat(3);
    const front = fc.constantFrom("", "---\na: 1\n---\n\n", "---\r\na: ä\r\n---\r\n\r\n");
    await fc.assert(
      fc.asyncProperty(front, text, kinds, fc.boolean(), async (before, value, kind, hasEnd) => {
        const end = before.includes("\r") ? "\r\n" : "\n";
        await roundTrip("a.md", before, hasEnd ? end : "", "Answer.", value, kind);
      }),
      runs,
    );
  });

  it("is written into YAML of every style", async () => {
    const places = fc.constantFrom<[before: string, start: string, after: string]>(
      ["a: x\np: ", "plain text", " # c\nb: [1, 2]\n"],
      ["p: ", "'single'", "\nb: 1"],
      ["b: 1\np: ", '"double"', "  # c\n"],
      ["l:\n  - p: ", "|\n      literal\n        more", "\n\n    b: 1\n# end\n"],
      ["p: ", "|-\n  literal", "\nb: 1\n"],
      ["p: ", ">\n  folded text that\n  continues\n\n  here", "\n\n\nb: 1\n"],
      ["p: ", ">-\n      folded\n      text", "\n# comment\nb: 1\n"],
      ["{p: ", "flow text", ", b: 1}\n"],
    );
    await fc.assert(
      fc.asyncProperty(places, text, fc.nat(3), fc.boolean(), async ([before, start, after], value, kind, isCrlf) => {
        const ends = (part: string): string => (isCrlf ? part.replaceAll("\n", "\r\n") : part);
        const at = before.startsWith("l:") ? "l.0.p" : "p";
        await roundTrip("a.yaml", ends(before), ends(after), ends(start), value, kind, { at, placeholders: [] });
      }),
      runs,
    );
  });

  it("is written between random data in YAML", async () => {
    const data = fc.jsonValue({ maxDepth: 3 });
    const styles = fc.constantFrom("PLAIN", "QUOTE_SINGLE", "QUOTE_DOUBLE", "BLOCK_LITERAL", "BLOCK_FOLDED");
    const first = text.filter((value) => !/^\s*file:/.test(value));
    await fc.assert(
      fc.asyncProperty(
        data,
        data,
        first,
        text,
        styles,
        fc.constantFrom(2, 4),
        async (head, tail, before, value, style, indent) => {
          const options = { defaultStringType: style, defaultKeyType: "PLAIN", indent } as const;
          const source = `# top\n${stringify({ head, list: [{ prompt: before }], tail }, options)}# end\n`;
          const path = file("a.yaml", source);
          const place = { at: "list.0.prompt", placeholders: [] };
          const written = (await bytesAfter(path, value, place)).toString();
          expect(promptFile(path, place).value).toBe(value);
          const changed = parse(written) as { readonly list: [{ readonly prompt: string }] };
          expect([value, `${value}\n`]).toContain(changed.list[0].prompt);
          expect(changed).toEqual({ ...parse(source), list: changed.list });
          const [start, end] = [source.lastIndexOf("prompt:", source.indexOf("\ntail:")), source.indexOf("\ntail:")];
          expect(written.startsWith(source.slice(0, start))).toBe(true);
          expect(written.endsWith(source.slice(end))).toBe(true);
        },
      ),
      runs,
    );
  });

  it("is written into JSON", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.string({ unit: "binary" }), fc.nat(1), async (other, value, kind) => {
        await roundTrip("a.json", `{ "o": ${other},\r\n  "p" : `, `,\t"q": ${other} }\n`, '"text"', value, kind, { at: "p" });
      }),
      runs,
    );
  });
});

it.each([".rb", ".go", ".rs", ".java", ".kt", ".cs", ".php", ".swift", ".sh", ".lua", ".c", ".cpp", ".h", ".sql", ".PY"])(
  "a prompt is not taken from program code: %s",
  (ending) => {
    expect(() => promptFile(`prompts/agent${ending}`)).toThrow("is program code");
  },
);
