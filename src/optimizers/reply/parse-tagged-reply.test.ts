import { describe, expect, it } from "vitest";
import { Fence } from "./fence.ts";
import { type ParsedReply, parseTaggedReply, type ReplyBlock } from "./parse-tagged-reply.ts";

const known = new Set(["a", "b", "triage.systemPrompt"]);
const parse = (reply: string, mark = ""): ParsedReply => parseTaggedReply(reply, new Fence(mark), (name) => known.has(name));

type Row = [title: string, reply: string, blocks: Record<string, string | [string, ReplyBlock["state"]]>, reasoning?: string];

describe("parseTaggedReply", () => {
  it.each<Row>([
    [
      "reasoning and two variables",
      '<reasoning>\nwhy\n</reasoning>\n<variable name="a">\n1\n</variable>\n<variable name="b">\n2\n</variable>',
      { a: "1", b: "2" },
      "why",
    ],
    [
      "a dotted path and lines",
      '<variable name="triage.systemPrompt">\nOne.\n\n  Two.\n</variable>',
      { "triage.systemPrompt": "One.\n\n  Two." },
    ],
    [
      "all on one line",
      '<reasoning>why</reasoning><variable name="a"> 1 </variable><variable name="b">2</variable>',
      { a: "1", b: "2" },
      "why",
    ],
    [
      "prose around",
      'Sure! Here it is:\n\n<variable name="a">1</variable>\n\nand\n<variable name="b">2</variable>\nHope it helps.',
      { a: "1", b: "2" },
    ],
    ["a code fence around", '```xml\n<reasoning>why</reasoning>\n<variable name="a">\n1\n</variable>\n```', { a: "1" }, "why"],
    [
      "single quotes, no quotes, more attributes",
      "<variable type='text' name='a'>1</variable><variable name=b >2</variable>",
      { a: "1", b: "2" },
    ],
    ["a missing quote", '<variable name="a>1</variable>', { a: "1" }],
    ["a tag over two lines, blanks around the equals sign", '<variable\n  name = "a"\n>1</variable >', { a: "1" }],
    ["capitals", '<Reasoning>why</REASONING><VARIABLE NAME="a">1</Variable>', { a: "1" }, "why"],
    [
      "carriage returns",
      '<reasoning>\r\nwhy\r\n</reasoning>\r\n<variable name="a">\r\n1\r\n2\r\n</variable>\r\n',
      { a: "1\n2" },
      "why",
    ],
    ["a draft", '<draft>\n<variable name="a">0</variable>\n</draft>\n<variable name="b">2</variable>', { b: "2" }],
    [
      "a draft under a heading",
      '## Draft\n<variable name="a">0</variable>\n## Final answer\n<variable name="b">2</variable>',
      { b: "2" },
    ],
    [
      "a draft, and an answer left open",
      '<plan><variable name="a">0</variable></plan>\n<variable name="b">\n2',
      { b: ["2", "open"] },
    ],
    ["the answer folded away", '<details>\n<variable name="a">1</variable>\n</details>', { a: "1" }],
    ["the answer in an analysis", '<analysis>So <variable name="a">1</variable></analysis>', { a: "1" }],
    [
      "tags of thoughts in values",
      '<variable name="a"><details>x</details> **Thinking:** y\n**Final answer:** z <!-- n --></variable>',
      { a: "<details>x</details> **Thinking:** y\n**Final answer:** z <!-- n -->" },
    ],
    [
      "tags of thoughts in a value left open",
      '<variable name="a">\nFirst <plan>steps</plan>, then <analysis>why</analysis>.',
      { a: ["First <plan>steps</plan>, then <analysis>why</analysis>.", "open"] },
    ],
    ["blanks around a name", '<variable name=" a ">1</variable>', { a: "1" }],
    ["no reasoning", '<variable name="a">1</variable>', { a: "1" }, ""],
    ["reasoning alone", "<reasoning>why</reasoning>", {}, "why"],
    [
      "reasoning behind the variables, speaking of one",
      '<variable name="a">1</variable><reasoning>set <variable name="b">2</variable></reasoning>',
      { a: "1" },
      'set <variable name="b">2</variable>',
    ],
    [
      "reasoning that speaks of a tag",
      '<reasoning>I set <variable name="b"> to 2</reasoning>\n<variable name="a">1</variable>',
      { a: "1" },
      'I set <variable name="b"> to 2',
    ],
    [
      "reasoning left open",
      '<reasoning>\nwhy\n<variable name="a">\n1\n</variable>',
      { a: "1" },
      'why\n<variable name="a">\n1\n</variable>',
    ],
    [
      "a variable inside a value",
      '<variable name="a">x <variable name="b">y</variable> z</variable>',
      { a: 'x <variable name="b">y</variable> z' },
    ],
    [
      "two levels inside",
      '<variable name="a"><variable><variable name="b">y</variable></variable></variable>',
      { a: '<variable><variable name="b">y</variable></variable>' },
    ],
    [
      "other tags inside",
      '<variable name="a">\n<name>x</name> <value>y</value> <b>&amp;</b> "q" \'\n</variable>',
      { a: '<name>x</name> <value>y</value> <b>&amp;</b> "q" \'' },
    ],
    ["the tags of shown values around it", '<variable name="a">\n<value>\n 5\n</value>\n</variable>', { a: " 5" }],
    [
      "reasoning tags inside a value",
      '<variable name="a">Think in <reasoning>…</reasoning> first.</variable>',
      { a: "Think in <reasoning>…</reasoning> first." },
    ],
    [
      "backticks inside a value",
      '<variable name="a">\nUse `x` and\n```js\ny\n```\n</variable>',
      { a: "Use `x` and\n```js\ny\n```" },
    ],
    ["an empty value", '<variable name="a"></variable><variable name="b">\n\n</variable>', { a: "", b: "" }],
    ["an empty name, no name", '<variable name="">1</variable><variable>2</variable>', { "": "2" }],
    ["the last of a name", '<variable name="a">1</variable>\n<variable name="a">2</variable>', { a: "2" }],
    ["a prototype's name", '<variable name="__proto__">1</variable>', { ["__proto__"]: "1" }],
    ["an unknown name", '<variable name="z">1</variable>', { z: "1" }],
    ["a value with nothing but a tag", '<variable name="a"/>', {}],
    ["left open at the end", '<variable name="a">1</variable>\n<variable name="b">\n2\n', { a: "1", b: ["2", "open"] }],
    ["left open at the end of a code fence", '```\n<variable name="b">\n2\n```', { b: ["2", "open"] }],
    ["left open before the next", '<variable name="a">\n1\n\n<variable name="b">\n2\n</variable>', { a: ["1", "open"], b: "2" }],
    ["spoken of in prose", 'I write <variable name="b"> for b.\n<variable name="a">1</variable>', { a: "1" }],
    [
      "a closing tag inside a value",
      '<variable name="a">\nClose with </variable> always.\n</variable>',
      { a: ["Close with ", "ambiguous"] },
    ],
    ["closed twice", '<variable name="a">1</variable>\n</variable>', { a: "1" }],
    ["garbage", '{"suggestion": {"a": 5}} <<<>>> </variable> <variable <', {}],
    ["nothing", "", {}],
    [
      "control characters",
      '\u0000<variable name="a">\u0007\u0000\u{1F600}\uD800</variable>',
      { a: "\u0007\u0000\u{1F600}\uD800" },
    ],
    ["escaped names", '<variable name="&lt;a&gt; &amp; &quot;b&quot;">1</variable>', { '<a> & "b"': "1" }],
  ])("%s", (_title, reply, expected, reasoning) => {
    const parsed = parse(reply);
    const wanted = Object.entries(expected).map(([name, is]) => {
      const [text, state] = typeof is === "string" ? [is, "closed"] : is;
      return [name, { name, text, state }];
    });
    // Of several blocks of one name the last counts.
    expect([...new Map(parsed.blocks.map((block) => [block.name, block]))]).toEqual(wanted);
    if (reasoning !== undefined) expect(parsed.reasoning).toBe(reasoning);
    expect(parsed.unchanged).toBe(false);
  });

  it.each(["<unchanged/>", "No changes needed."])("a draft is none where nothing is to change in the end: %s", (answer) => {
    const { blocks, unchanged } = parse(`<plan><variable name="a">0</variable></plan>\n${answer}`);
    expect([blocks, unchanged]).toEqual([[], true]);
  });

  it.each([
    ["<reasoning>fine</reasoning>\n<unchanged/>", true],
    ["<UNCHANGED>", true],
    ["<unchanged></unchanged>", true],
    ["<reasoning>fine</reasoning>\nNo change needed.", true],
    ["No changes are necessary.", true],
    ["```\nunchanged\n```", true],
    ["<reasoning>no change</reasoning>", false],
    ['<variable name="a">no change</variable>', false],
    ['<variable name="a"><unchanged/></variable>', false],
    ["There is no change of weather.", false],
    ["", false],
  ])("knows a declaration that nothing changes: %j", (reply, unchanged) => {
    expect(parse(reply).unchanged).toBe(unchanged);
  });

  it("reads numbered tags only, when the prompt had them", () => {
    const reply = '<variable name="a">1</variable>\n<variable-2 name="b">\n</variable>\n</variable-2>';
    expect(parse("<unchanged/>", "-2").unchanged).toBe(true);
    expect(parse(reply, "-2").blocks).toEqual([{ name: "b", text: "</variable>", state: "closed" }]);
  });

  it.each([
    ["open tags", '\n<variable name="a">'],
    ["open reasonings", "<reasoning>"],
    ["closing tags", 'x</variable><variable name="a">1</variable>'],
    ["tags cut off", '<variable name="'],
    ["angle brackets", "<"],
    ["blanks", " ".repeat(50)],
    ["lines of blanks and fences", "\n```   "],
    ["unchanged", "no change "],
  ])("is quick with many %s", (_title, piece) => {
    const before = process.cpuUsage();
    parse(piece.repeat(20_000));
    parse(`<variable name="a">\n${piece.repeat(20_000)}`);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1_500);
  });
});
