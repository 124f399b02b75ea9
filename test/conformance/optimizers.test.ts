/**
 * What users of the Python ancestor expect of its language-model optimizer: rows 100 to 122 of the conformance table, and 9.8.
 *
 * Not here: 103 (timing), 113 (in code.test.ts), 115 to 118 (come with optimizers that ask several models).
 *
 * @module
 */
import { model, type Parameter, parameter } from "opto/graph";
import { generate } from "opto/llm";
import { OptoPrime, type OptoPrimeOptions } from "opto/optimizers";
import { httpError, type Script, scriptedModel } from "opto/testing";
import { describe, expect, it } from "vitest";
import type { Row } from "../support/conformance.ts";

const variable = (name: string, value: unknown): string => `<variable name="${name}">\n${value}\n</variable>\n`;

/** An agent of these values after feedback and one step of which the model says `reply`. */
async function stepped(values: Record<string, unknown>, script: Script, options: OptoPrimeOptions = {}) {
  const parts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, parameter(value)]));
  const agent = model(parts, (given, x: string) => Object.values(given).map((each) => JSON.stringify(each.value)) + x);
  const llm = scriptedModel(script);
  const optimizer = new OptoPrime(agent, { model: llm, maxRerolls: 0, ...options });
  optimizer.backward(await agent.call("!"), "Not yet.");
  const proposed = await optimizer.step();
  return { agent, llm, optimizer, proposed, now: agent.candidate() };
}

const suggestions: readonly Row[] = [
  [
    "100 a text for a number is a number",
    async () => expect((await stepped({ int: 1 }, variable("int", "2"))).proposed).toEqual({ int: 2 }),
  ],
  [
    "101 a text for a value that is null is taken as it is",
    async () => expect((await stepped({ any: null }, variable("any", "value"))).proposed).toEqual({ any: "value" }),
  ],
  [
    "102, 104 a reply without blocks, or of another form, changes nothing",
    async () => {
      for (const reply of ["nothing to see", '{"suggestion": ["int", 2]}', "<suggestion>int = 2</suggestion>", "null"]) {
        expect((await stepped({ int: 1 }, reply)).now).toEqual({ int: 1 });
      }
    },
  ],
  [
    "104 the model is asked for the variables by name",
    async () => {
      const { llm } = await stepped({ int0: 1 }, "<unchanged/>");
      expect(llm.calls[0]?.prompt).toMatch(/need changing: int0\.$/);
      expect(llm.calls[0]?.system).toContain('<variable name="name of the variable">');
    },
  ],
  [
    "105 reasoning and two variables",
    async () => {
      const reply = `<reasoning>\nwhy\n</reasoning>\n${variable("a", "one")}${variable("b", "two")}`;
      expect((await stepped({ a: "", b: "" }, reply)).proposed).toEqual({ a: "one", b: "two" });
    },
  ],
  [
    "106 a variable inside a variable is text of the outer one",
    async () => {
      const inner = '<variable name="b">  inner  </variable>';
      expect((await stepped({ a: "", b: "" }, variable("a", `before ${inner} after`))).proposed).toEqual({
        a: `before ${inner} after`,
      });
    },
  ],
  [
    "107 an empty name is dropped, and an empty block replaces no value",
    async () => {
      expect((await stepped({ a: "full" }, `${variable("", "lost")}${variable("a", "")}`)).proposed).toEqual({});
    },
  ],
  [
    "108 a block that lacks its name is dropped",
    async () => {
      expect((await stepped({ a: "old" }, `<variable>lost</variable>${variable("a", "new")}`)).proposed).toEqual({ a: "new" });
    },
  ],
  [
    "109 reasoning left open swallows no variable",
    async () => {
      expect((await stepped({ a: "old" }, `<reasoning>so\n${variable("a", "new")}`)).proposed).toEqual({ a: "new" });
    },
  ],
  [
    "110 no reasoning, no variables",
    async () => {
      expect((await stepped({ a: "old" }, variable("a", "new"))).proposed).toEqual({ a: "new" });
      expect((await stepped({ a: "old" }, "<reasoning>fine</reasoning>")).proposed).toEqual({});
    },
  ],
  [
    "111 ends are trimmed, signs stay, the last of two counts, noise is ignored",
    async () => {
      const value = `a < b && c > "d" 'e'`;
      const reply = `noise ${variable("a", "first")} more\n${variable("a", `\n${value}\n`)} noise`;
      expect(String((await stepped({ a: "old" }, reply)).proposed.a).trim()).toBe(value);
    },
  ],
  [
    "112 variables and inputs are shown with name and type",
    async () => {
      const { llm } = await stepped({ word: "old", n: 1 }, "<unchanged/>");
      expect(llm.calls[0]?.prompt).toMatch(/^n \(a number\)\n<variable name="n">\n1\n<\/variable>$/m);
      expect(llm.calls[0]?.prompt).toContain('<value name="input" type="text">!</value>');
    },
  ],
  [
    "114 long inputs are cut, and say so; variables are not",
    async () => {
      const long = Array.from({ length: 100 }, (_, index) => index);
      const agent = model({ list: parameter(long) }, ({ list }, x: readonly number[]) => list.value.length + x.length);
      const llm = scriptedModel("<unchanged/>");
      const optimizer = new OptoPrime(agent, { model: llm, maxValueLength: 40 });
      optimizer.backward(await agent.call(long), "no");
      await optimizer.step();
      const prompt = llm.calls[0]?.prompt ?? "";
      expect(prompt).toContain(JSON.stringify(long, null, 2).slice(0, 100));
      expect(prompt).toMatch(/<value name="input" type="list">\[0,1,2[^\n]*(?:characters|middle) cut[^\n]*<\/value>/);
    },
  ],
  [
    "119 a variable that there is not changes nothing and breaks nothing",
    async () => {
      const script = variable("x", "5");
      expect((await stepped({ x0: 1 }, script)).proposed).toEqual({});
      expect((await stepped({ x0: 1 }, `${script}${variable("__proto__", "5")}${variable("x0", "2")}`)).proposed).toEqual({
        x0: 2,
      });
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  ],
  [
    "120 a number, a text and a list change in one step; feedback may be given to a parameter itself; the state is JSON",
    async () => {
      const reply = variable("n", 2) + variable("t", "new") + variable("l", "[3]");
      const { now, optimizer } = await stepped({ n: 1, t: "old", l: [1] }, reply, { memorySize: 2 });
      expect(now).toEqual({ n: 2, t: "new", l: [3] });
      expect(JSON.parse(JSON.stringify(optimizer.state()))).toEqual(optimizer.state());
      const direct = parameter("old", { name: "direct" });
      const alone = new OptoPrime([direct as Parameter], { model: scriptedModel(variable("direct", "better")) });
      alone.backward(direct, "Say something better.");
      await alone.step();
      expect(direct.value).toBe("better");
    },
  ],
  ["121 a call answers", async () => expect((await generate({ model: scriptedModel("4"), prompt: "2 + 2?" })).value).toBe("4")],
  [
    "122 what will not pass by waiting is not asked again, whatever its words",
    async () => {
      for (const status of [400, 401, 403]) {
        const llm = scriptedModel(() => {
          throw httpError(status, "network quota temporary rate limit");
        });
        await expect(generate({ model: llm, prompt: "hi" })).rejects.toThrow();
        expect(llm.calls).toHaveLength(1);
      }
    },
  ],
  [
    "9.8 a conversation with history: three turns, one pass back, one prompt",
    async () => {
      const llm = scriptedModel("fine");
      const agent = model(
        { system: parameter("Be brief."), history: [] as string[] },
        async ({ system, history }, turn: string) => {
          history.push(turn);
          const reply = await generate({ model: llm, system, prompt: history.join("\n") });
          history.push(reply.value);
          return reply;
        },
      );
      const turns = [];
      for (const turn of ["one", "two", "three"]) turns.push(await agent.call(turn));
      expect(llm.calls[2]?.prompt).toBe("one\nfine\ntwo\nfine\nthree");
      const asked = scriptedModel("<unchanged/>");
      const optimizer = new OptoPrime(agent, { model: asked });
      optimizer.backward(turns, ["a", "b", "Too long a talk."]);
      await optimizer.step();
      expect(asked.calls[0]?.prompt).toContain("Too long a talk.");
      expect(asked.calls[0]?.prompt).toMatch(/need changing: system\.$/);
    },
  ],
];

const json = { replyFormat: "json" } as const;

/** What the ancestor's JSON variant did with a reply: the table of 7.2, and traps T37 to T37d. */
const jsonSuggestions: readonly Row[] = [
  [
    "100 a text for a number is a number",
    async () => expect((await stepped({ int: 1 }, '{"suggestion": {"int": "2"}}', json)).proposed).toEqual({ int: 2 }),
  ],
  [
    "101 a text for a value that is null is taken as it is",
    async () =>
      expect((await stepped({ any: null }, '{"suggestion": {"any": "value"}}', json)).proposed).toEqual({ any: "value" }),
  ],
  [
    "102 the rows of the table, wherever the values stand",
    async () => {
      const replies: readonly (readonly [string, object])[] = [
        ['{"reasoning": "r", "values": {"p0": 5}}', { p0: 5 }],
        ['```json\n{"values": {"p0": 5}}\n```', { p0: 5 }],
        ['So: {"values": {"p0": 5}}. Done.', { p0: 5 }],
        ['{" values ": {" p0 ": 5}}', { p0: 5 }],
        ['{"p0": 5}', { p0: 5 }],
        ['{"suggestion": "no", "p0": 5}', { p0: 5 }],
        ['{"values": {"p0": "2",}}', { p0: 2 }],
        ["{'values': {'p0': 5}}", { p0: 5 }],
        ['["p0", 5]', {}],
        ["garbage", {}],
        ["", {}],
      ];
      for (const [reply, expected] of replies) expect((await stepped({ p0: 1 }, reply, json)).proposed).toEqual(expected);
    },
  ],
  [
    "104 the instructions have the keys of the answer; a reply that cannot be parsed changes nothing",
    async () => {
      const { llm, now } = await stepped({ int0: 1 }, "no JSON", json);
      expect(llm.calls[0]?.system).toMatch(/"reasoning": [\s\S]*"values": \{/);
      expect(llm.calls[0]?.prompt).toMatch(/need changing: int0\.$/);
      expect(now).toEqual({ int0: 1 });
    },
  ],
  [
    "T37 backticks, line breaks, `def` and TERMINATE inside of a text stay as they are; of two raw line breaks each stays in its text",
    async () => {
      const text = "```py\ndef f(): pass\n```\nTERMINATE";
      expect((await stepped({ a: "old" }, JSON.stringify({ values: { a: text } }), json)).proposed).toEqual({ a: text });
      const raw = '{"values": {"a": "one\ntwo", "b": "three\nfour"}}';
      expect((await stepped({ a: "", b: "" }, raw, json)).proposed).toEqual({ a: "one\ntwo", b: "three\nfour" });
    },
  ],
  [
    "T37b what is of another type is refused, never kept raw or made to fit",
    async () => {
      const values = { int: 1, flag: true, list: [1], map: { a: 1 }, text: "old" };
      const reply = { values: { int: "abc", flag: "no", list: "abc", map: "zz", text: 5 } };
      const { proposed, now } = await stepped(values, JSON.stringify(reply), json);
      expect(proposed).toEqual({});
      expect(now).toEqual(values);
    },
  ],
];

describe("9.6 suggestions", () => {
  it.each(suggestions)("%s", (_title, check) => check() as Promise<void>);
});

describe("9.6 suggestions as JSON", () => {
  it.each(jsonSuggestions)("%s", (_title, check) => check() as Promise<void>);
});
