/**
 * JSON found in what models write.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CurrentTexts } from "./current-texts.ts";
import { type CandidateOptions, type JsonCandidate, jsonCandidates } from "./json-candidates.ts";

const valuesIn = (text: string, repairs?: CandidateOptions["repairs"]): unknown[] =>
  jsonCandidates(text, { repairs }).map(({ value }) => value);

describe("jsonCandidates", () => {
  it.each<{ name: string; text: string; expected: unknown[] }>([
    { name: "JSON alone", text: '{"a":1}', expected: [{ a: 1 }] },
    { name: "a word of JSON alone", text: '"yes"', expected: ["yes"] },
    { name: "words around it", text: 'Sure! Here it is: {"a": [1, {"b": 2}]}. Anything else?', expected: [{ a: [1, { b: 2 }] }] },
    { name: "a code fence", text: 'Here:\n```json\n{"a":1}\n```\nDone.', expected: [{ a: 1 }] },
    { name: "several values", text: 'First {"a":1}, then {"a":2} and [3].', expected: [{ a: 1 }, { a: 2 }, [3]] },
    { name: "brackets in strings", text: 'So: {"a":"} ] \\" {"}!', expected: [{ a: '} ] " {' }] },
    { name: "a value after what is none", text: 'In {…} and {x}: {"a":1}', expected: [{ a: 1 }] },
    { name: "a comma too many", text: '```\n{"a":1,}\n```', expected: [{ a: 1 }] },
    { name: "Python's words and marks", text: "It is {'a': True, 'b': None}.", expected: [{ a: true, b: null }] },
    { name: "a line break in a string", text: '{"a":"x\ny"}', expected: [{ a: "x\ny" }] },
    { name: "quotation marks in a string", text: '{"a":"he said "hi" to me"}', expected: [{ a: 'he said "hi" to me' }] },
    { name: "an odd mark that hides the end", text: '{"a":"5" tall", "b": 1}', expected: [{ a: '5" tall', b: 1 }] },
    { name: "nothing beside a value that cannot be read", text: 'He: {"a":1}. I: {"a" "b" {"c": 1', expected: [] },
    {
      name: "the value around a quotation of one",
      text: '{"say": "He: {"a":1}", "a": 0}',
      expected: [{ say: 'He: {"a":1}', a: 0 }],
    },
    { name: "nothing inside of one that cannot be read", text: '{"say": "He: {"a":1}, "a": 0}', expected: [] },
    { name: "a value after braces of templates", text: 'Fill {{name}} and {"…"} in: {"a":1}', expected: [{ a: 1 }] },
    { name: "a value after odd marks of prose", text: 'The 5" one, ["x", or {"y}: {"a":1}', expected: [{ a: 1 }] },
    { name: "a value before braces and marks of prose", text: '{"a":1} fits {"…} and [" and 5".', expected: [{ a: 1 }] },
    { name: "a value on its own line before a form", text: '{"a":1}\nThe form was {"a": …}.', expected: [{ a: 1 }] },
    { name: "a form before a value", text: 'The form is {"a": …}. So {"a":1}', expected: [{ a: 1 }] },
    { name: "doubled braces", text: '{{"a":1}}', expected: [{ a: 1 }] },
    { name: "marks in pairs with commas", text: '{"a":"Say "x", or "y"."}', expected: [{ a: 'Say "x", or "y".' }] },
    { name: "JSON in a string of JSON", text: '{"a":"Use {"b":"c"} here","d":1}', expected: [{ a: 'Use {"b":"c"} here', d: 1 }] },
    { name: "nothing where an end may be at two marks", text: '{"a":"5" tall", "b": "6" wide"}', expected: [] },
    { name: "typographic marks", text: "{“a”: “it’s”}", expected: [{ a: "it’s" }] },
    { name: "apostrophes between apostrophes", text: "{'a': 'it's', 'b': 'x'}", expected: [{ a: "it's", b: "x" }] },
    { name: "comments", text: '{"a":1, // one\n /* two */ "b":2}', expected: [{ a: 1, b: 2 }] },
    { name: "a comma too few", text: '{"a":"x"\n"b":2}', expected: [{ a: "x", b: 2 }] },
    { name: "a closing bracket too few", text: '{"a":{"b":1}', expected: [{ a: { b: 1 } }] },
    { name: "no end for a string that has none", text: '{"a":1,"b":"x', expected: [] },
    { name: "no JSON", text: "I do not know.", expected: [] },
    { name: "open brackets", text: "[[[ {{{", expected: [] },
    { name: "a name of the language", text: '{"__proto__": {"x": 1}}', expected: [JSON.parse('{"__proto__": {"x": 1}}')] },
  ])("finds $name", ({ text, expected }) => {
    expect(valuesIn(text)).toEqual(expected);
  });

  it("makes no guess about a text that was cut off", () => {
    expect(valuesIn('{"a":[1,2', "none")).toEqual([]);
    expect(valuesIn('{"a":1} {"b":', "none")).toEqual([]);
    expect(valuesIn('{"a":1} and so', "none")).toEqual([{ a: 1 }]);
  });

  it("repairs only what is closed, where a part must not pass for the whole", () => {
    expect(valuesIn(`{"a":{"b":1}`, "closed")).toEqual([]);
    expect(valuesIn(`{"a":{"b":"so {c}`, "closed")).toEqual([]);
    expect(valuesIn(`{'a':"x\ny",}`, "closed")).toEqual([{ a: "x\ny" }]);
  });

  it("finds any JSON value between words", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.object(), fc.array(fc.jsonValue())),
        fc.constantFrom("", "Here: ", "```json\n"),
        (value, before) => {
          const json = JSON.stringify(value);
          fc.pre(json !== undefined);
          expect(valuesIn(`${before}${json}${before === "" ? "" : "\n```"}`)).toEqual([JSON.parse(json)]);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it.each([
    "{",
    "[",
    '{"',
    '"',
    "{[",
    '{"a":',
    "}",
    '[\\"',
    "{…}",
    '["a',
    '{"a":"b"c"',
    "{'a':'",
    '["",["[",',
    "[/*",
    '{"a":1}',
    "a\\tb",
    "\\nu",
  ])("ends soon for %s repeated", (piece) => {
    // Time of this process alone, in microseconds: other work on the machine does not count.
    const started = process.cpuUsage();
    jsonCandidates(piece.repeat(20_000));
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
  });
});

describe("strings", () => {
  const read = (raw: string, ...texts: string[]) => {
    const { value, doubts } = jsonCandidates(`{"p":"${raw}"}`, { current: new CurrentTexts(texts) })[0] as JsonCandidate;
    return doubts.length === 0 ? (value as { p: string }).p : doubts;
  };

  it.each<[raw: string, text: string]>([
    ["Digits match \\d+, words \\w+.", "Digits match \\d+, words \\w+."],
    ["Use \\alpha and \\sum.", "Use \\alpha and \\sum."],
    ["$\\frac{1}{2}$", "$\\frac{1}{2}$"],
    ["Use \\beta.", "Use \\beta."],
    ["2 \\times 3 and \\theta", "2 \\times 3 and \\theta"],
    ["\\rho and \\right)", "\\rho and \\right)"],
    ["\\text{a}", "\\text{a}"],
    ["\\bword\\b", "\\bword\\b"],
    ["Keep C:\\data\\logs.", "Keep C:\\data\\logs."],
    ["Escape \\* and \\_.", "Escape \\* and \\_."],
    ["\\underline{x} \\x41", "\\underline{x} \\x41"],
    ...[
      "a \\textless b and \\textgreater",
      "Use \\tiny text, \\normalsize and \\ttfamily",
      "\\toprule",
      "Put the rule under \\toprule",
      "Use \\textsuperscript{2}, \\texttt{x} and \\tilde y",
      "\\textbackslash",
      "0.5\\textwidth and \\tabcolsep",
      "a\\thickspace b\\thinspace c",
      "\\trianglelefteq x, x \\ntrianglelefteq y",
      "\\newtheorem{x}\\newline",
      "x \\ngtr y, x \\nsimeq y, x \\nvdash y, x \\nVdash y",
      "\\raggedright x \\rightharpoonup y \\rtimes z",
      "\\noindent \\tableofcontents \\title{x} \\today",
      "\\tensor{A} \\transpose \\typeout{x} \\thanks{y} \\ref{z}",
    ].map((command): [string, string] => [command, command]),
    ['say \\"hi\\" to \\d', 'say "hi" to \\d'],
    // Escapes of JSON stay what they are.
    ["One.\\nTwo.\\n\\n- three\\n\\t- four", "One.\nTwo.\n\n- three\n\t- four"],
    ["a\\nb", "a\nb"],
    ["x\\ty\\tno\\tnumber", "x\ty\tno\tnumber"],
    ["Q:\\nWhat?\\nA:\\nThis", "Q:\nWhat?\nA:\nThis"],
    ["First\\r\\nsecond", "First\r\nsecond"],
    ["\\u00e9\\/\\u0022", 'é/"'],
    ["\\\\frac and \\\\d\\nnew \\nu", "\\frac and \\d\nnew \nu"],
    ["Match \\d+.\\n\\nThen stop:\\n    x = 1\\nnext".replace("\\nnext", ""), "Match \\d+.\n\nThen stop:\n    x = 1"],
  ])("%s is read as it was meant", (raw, text) => {
    expect(read(raw)).toBe(text);
  });

  it.each([
    ["Use \\nu for it", /two ways in "Use \\nu for it"/],
    ["\\neg p", /two ways/],
    ["x\\neq y", /two ways/],
    ["\\neg p \\lor q", /two ways/],
    ["\\tau", /two ways/],
    ["let \\tau be", /two ways/],
    ["\\nexists x", /two ways/],
    ["The set \\nsubset of", /two ways/],
    ["$a\\nparallel b$", /two ways/],
    ["a \\nsim b", /two ways/],
    ["Take x^2\\nless y", /two ways/],
    ["a\\trace b", /two ways/],
    ["\\tocite", /two ways/],
    ["a \\\\ b \\newline c", /two ways/],
    ["path \\\\tmp\\new", /two ways/],
    ["half \\ud83d of it", /half a character/],
    ["x \\to y", /two ways/],
    ["C:\\new\\table.txt", /two ways/],
    ["C:\\data\\new\\table.txt", /two ways/],
    ["..\\tests\\new.py", /two ways/],
    ["\\s*\\n\\s*", /two ways/],
    ["^\\/api\\/\\d", /two ways/],
    ["[\\u0400-\\u04ff]\\s", /two ways/],
    ["it\\'s", /two ways/],
    ["\\\\d and \\w", /some backslashes of .* once and some twice/],
    ["a\\u0007b", /control character U\+0007/],
    ["a\u0007b", /control character U\+0007/],
    ["a\\rb", /two ways/],
    ["a\rb", /control character U\+000D/],
  ])("%s is in doubt, and the reason says how to write it", (raw, reason) => {
    expect(read(raw)).toEqual([{ path: ["p"], reason: expect.stringMatching(reason) }]);
    expect(read(raw)).toEqual([{ path: ["p"], reason: expect.stringContaining("write every backslash twice") }]);
  });

  it.each([
    ["of three marks", '{"p": """Be brief.\nBe kind."""}'],
    ["of three single marks", "{'p': '''Be brief.'''}"],
    ["in a sum", '{"p": "Be brief. " + "Be kind."}'],
    ["in a sum over lines", '{"p": "Be brief. " +\n  "Be kind."}'],
  ])("%s, as other languages have them, are not read with their marks inside", (_name, text) => {
    expect(jsonCandidates(text)).toEqual([]);
  });

  it.each([
    "Be kind.\nnever lie\nto anyone\nnot even once",
    "Answer\nto the point.\n\nnew lines are fine\nnext\nrules\nthe rest",
    "Steps:\n- one\n- two\n  - three\n\nNotes:\n1. first\n2. second\n",
    "First line\r\nsecond line\r\n\r\nthird",
    "\nBegin with a blank line.",
    "\n\nnever begin with one",
    "Find the\nsubset that\nexists in\nparallel, no\nless",
    "Columns:\nu\ne\ni",
    "def f(x):\n\tif x:\n\t\treturn true\n\treturn none\n\nnumbers = [1]",
    "all:\n\tcc -o main main.c\n\ttest -f main",
    "name\tage\tcity\nbob\t3\trome\nann\t4\toslo",
    "1\tone\n2\ttwo\n3\tthree",
    "Name:\tAda\nAge:\t36",
    "a\tb",
    "C:\\tmp is a folder\nof its own",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "```js\nconst total = 1;\nreturn total;\n```\nnow test it",
    "<rules>\nno guesses\n</rules>\n<task>\ntranslate\n</task>",
    'Reply as {"answer": "..."}\nnothing else.',
    "Costs $5.\nno refunds\nnote: taxes",
    "Path: /usr/bin\nname: x",
    "Bonjour.\ntu dois répondre\nou pas. Ünïcode\nñandú 你好\n世界 👍\n",
    "body {\n  color: red;\n}\nnav{margin:0}",
    'Tom\'s "quoted"\nnotes & <tags>\n\tAnd a tab',
  ])("of ordinary texts are read without a question: %j", (text) => {
    expect(read(JSON.stringify(text).slice(1, -1))).toBe(text);
  });

  it("may have the control characters that the value before had", () => {
    expect(read("a\\fb\\u0007", "\f\u0007")).toBe("a\fb\u0007");
    expect(read("a\\rb", "\r")).toBe("a\rb");
  });

  it.each([
    ["a\\taab", "one\taab", "a\taab"],
    ["More: a line\\nu for it", "a line\nu for you", "More: a line\nu for it"],
    ["b\\times c", "ab\times cd", "b\times c"],
    ["a \\\\ b \\newline c", "b \newline ", "a \\ b \newline c"],
    ["First.\\n\\ne.g. two", "Zero.\n\ne.g. one", "First.\n\ne.g. two"],
    ["Use \\name now", "Use \\name.", "Use \\name now"],
    ["Look into \\temp first", "Look into \\temp.", "Look into \\temp first"],
    ["a\\fbreak", "page\fbreak", "a\fbreak"],
    ["a\\fBreak", "page\fbreak", "a\fBreak"],
  ])("%s is read as the current text has it", (raw, current, text) => {
    expect(read(raw, current)).toBe(text);
  });

  it.each([
    ["If $a \\ne b$", "Answer,\ne.g. so"],
    ["Use \\nu for it", "a line\nu"],
    ["Use $\\tan x$", "x\tan apple"],
    ["b\\times c", "\times"],
    ["$\\frac{1}{2}$", "page\fbreak"],
    ["$\\beta$", "a\bb"],
    ["Separate all lines with \\n please", "Separate lines with \\n please"],
    ["Use \\\\frac and \\name", "Use \\name"],
  ])("%s is asked about, although the current text has something like it", (raw, current) => {
    expect(read(raw, current)).toEqual([expect.objectContaining({ path: ["p"] })]);
  });

  it("what the current text has is no reason where no word follows", () => {
    expect(read("\\s*\\n\\s*", "a\n* b")).toEqual([{ path: ["p"], reason: expect.stringMatching(/two ways/) }]);
  });

  it("a text that is one of the current ones is read by the rules of JSON alone", () => {
    expect(read("\\\\tau \\tau \\newline", "\\tau \tau \newline")).toBe("\\tau \tau \newline");
    expect(read("\\tau", "\\tau \tau \newline")).toEqual([expect.objectContaining({ path: ["p"] })]);
  });

  it("are never changed, whatever text a value is written as JSON", () => {
    const text = fc
      .array(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.constantFrom("\\", "\n", "\t", '"', "{", "}", "'", ", ", ": ", "//", "\\d", "<think>", "aa", "imes", "abla"),
        ),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, (first, second) => {
        const value = { a: first, b: [second] };
        const [candidate] = jsonCandidates(`So:\n${JSON.stringify(value)}\n.`, { current: new CurrentTexts([first, second]) });
        expect(candidate).toMatchObject({ value, doubts: [] });
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});
