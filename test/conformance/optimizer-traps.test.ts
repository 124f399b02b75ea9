/**
 * Traps T31 to T42 and defects D-20, D-39 to D-41 of the Python ancestor, none of which may exist here: optimizers, models, judges.
 *
 * T34 (choosing among several models) and T38 (textual gradients) come with what they are about, T37c (code in prompts) stands in code.test.ts.
 * T37b stands with the traps of operations: a parameter keeps its type.
 *
 * @module
 */
import { train } from "opto";
import { MinibatchAlgorithm } from "opto/algorithms";
import { model, type Parameter, parameter } from "opto/graph";
import { LLMJudge } from "opto/guides";
import { resolveModel } from "opto/llm";
import { type Optimizer, OptoPrime, type OptoPrimeOptions, TPE } from "opto/optimizers";
import { httpError, type Script, scriptedModel } from "opto/testing";
import { describe, expect, it } from "vitest";
import { type Row, rejectionOf } from "../support/conformance.ts";
import { distance, line, points, proposing } from "../support/line-fitting.ts";
import { thrownBy } from "../support/nodes.ts";

const variable = (name: string, value: unknown): string => `<variable name="${name}">\n${value}\n</variable>\n`;
const shout = (start: string) => model({ prompt: parameter(start) }, ({ prompt }, x: string) => `${prompt.value}! ${x}`);

/** An optimizer of `shout` that has heard of one output. */
async function judged(script: Script, options: OptoPrimeOptions = {}, start = "Hello", input = "you") {
  const agent = shout(start);
  const llm = scriptedModel(script);
  const optimizer = new OptoPrime(agent, { model: llm, maxRerolls: 0, ...options });
  optimizer.backward(await agent.call(input), { score: 0.5, feedback: "Too loud." });
  return { agent, llm, optimizer };
}

const promptOf = async (options: OptoPrimeOptions = {}, start?: string, input?: string): Promise<string> => {
  const { llm, optimizer } = await judged("<unchanged/>", options, start, input);
  await optimizer.step();
  return llm.calls[0]?.prompt ?? "";
};

const traps: readonly Row[] = [
  [
    "T31 without feedback nothing is asked and nothing changes; with nothing to train there is no optimizer",
    async () => {
      const agent = shout("Hello");
      const llm = scriptedModel(variable("prompt", "Bye"));
      const optimizer = new OptoPrime(agent, { model: llm });
      expect(await optimizer.step()).toEqual({});
      optimizer.backward(await agent.call("you"), " ");
      expect(await optimizer.step()).toEqual({});
      expect([llm.calls.length, agent.prompt.value]).toEqual([0, "Hello"]);
      expect(() => new OptoPrime([parameter("a", { trainable: false })])).toThrow(/at least one trainable parameter/);
    },
  ],
  [
    "T32 a restored optimizer still has its parameters; its state is plain JSON whatever the model",
    async () => {
      const { optimizer, agent } = await judged(variable("prompt", "Hi"), { memorySize: 2 });
      await optimizer.step();
      const state = JSON.parse(JSON.stringify(optimizer.state()));
      const other = new OptoPrime(agent, { model: scriptedModel(variable("prompt", "Hey")), memorySize: 2 });
      other.restore(state);
      other.backward(await agent.call("you"), "Shorter.");
      await other.step();
      expect([agent.prompt.value, [...other.parameters.keys()]]).toEqual(["Hey", ["prompt"]]);
    },
  ],
  [
    "T33 options of one optimizer are those of no other",
    async () => {
      const plain = await promptOf();
      expect(await promptOf({ objective: "Make it rhyme." })).toContain("Make it rhyme.");
      expect(await promptOf()).toBe(plain);
    },
  ],
  [
    "T35 a failing call is one failing call, and its error arrives as it is",
    async () => {
      const refused = httpError(401, "no such key");
      const { optimizer, llm } = await judged(() => {
        throw refused;
      });
      await expect(optimizer.step()).rejects.toMatchObject({ statusCode: 401 });
      expect(llm.calls).toHaveLength(1);
    },
  ],
  [
    "T36 data of the program is shown as it is, no object shows its address, long values are cut",
    async () => {
      const data = "# Variables\nYou improve a program [object Object]";
      expect(await promptOf({}, "Hello", data)).toContain(data);
      expect((await promptOf({ maxValueLength: 100 }, "Hello", "x".repeat(100_000))).length).toBeLessThan(2_000);
      class Client {
        readonly made = Symbol("never the same");
      }
      const ofClient = async (): Promise<string> => {
        const agent = model({ prompt: parameter("Hello"), client: new Client() }, ({ prompt, client }, _x: string) => [
          prompt.value,
          client,
        ]);
        const llm = scriptedModel("<unchanged/>");
        const optimizer = new OptoPrime(agent, { model: llm });
        optimizer.backward(await agent.call("you"), "no");
        await optimizer.step();
        return llm.calls[0]?.prompt ?? "";
      };
      expect(await ofClient()).toBe(await ofClient());
    },
  ],
  [
    "T37 values keep backticks, braces, `def` and TERMINATE",
    async () => {
      for (const value of [
        "use `x` and ``` and {a: {b}}",
        "def is a word; TERMINATE the talk",
        '{"reasoning": "no"}',
        "__code",
      ]) {
        const { optimizer, agent } = await judged(variable("prompt", value));
        await optimizer.step();
        expect(agent.prompt.value.trim()).toBe(value);
      }
    },
  ],
  [
    "T37d a problem has all its parts, in one order, and the form of the answer is said once",
    async () => {
      const { optimizer, llm } = await judged("<unchanged/>");
      await optimizer.step();
      const titles = Array.from((llm.calls[0]?.prompt ?? "").matchAll(/^# (.*)$/gm), ([, title]) => title);
      expect(titles).toEqual(["Instruction", "Documentation", "Variables", "Examples", "Your answer"]);
      expect(llm.calls[0]?.system?.match(/Reply in this form/g)).toHaveLength(1);
    },
  ],
  [
    "T37e with example and memory the problem is all there; a failing call is not remembered",
    async () => {
      const { optimizer, llm, agent } = await judged(variable("prompt", "Hi"), { includeExample: true, memorySize: 3 });
      await optimizer.step();
      optimizer.zeroFeedback();
      optimizer.backward(await agent.call("you"), "Now too short.");
      await optimizer.step();
      expect(llm.calls[1]?.prompt).toMatch(/Now too short\.[\s\S]*need changing: prompt\.$/);
      expect(llm.calls[1]?.prompt).toContain("Too loud.");
      const failing = await judged(
        () => {
          throw httpError(401, "no such key");
        },
        { memorySize: 3 },
      );
      const before = failing.optimizer.state();
      await expect(failing.optimizer.step()).rejects.toThrow();
      expect({ ...(failing.optimizer.state() as object), steps: 0 }).toEqual(before);
    },
  ],
  [
    "T39 a name that leads nowhere says what was expected; there is no model that nobody named",
    async () => {
      await expect(resolveModel("fast")).rejects.toThrow(/provider\/model/);
      await expect(resolveModel("nobody/fast")).rejects.toThrow(/nobody/);
      await expect(resolveModel()).rejects.toThrow(/OPTO_MODEL/);
    },
  ],
  [
    "T42 an error is told by what it is, not by its words",
    async () => {
      const quarrel = model({ p: parameter(1) }, () => {
        throw new Error("network quota temporary rate limit 429 timeout");
      });
      expect((await rejectionOf(quarrel.call(1))).exceptionNode.value).toMatch(/^\(Error\) network quota/);
    },
  ],
  [
    "D-20 proposals made at once share an optimizer and do not see one another",
    async () => {
      const { optimizer, llm } = await judged(variable("prompt", "Hi"), { memorySize: 5 });
      await Promise.all([0, 1, 2].map((proposal) => optimizer.propose({ label: `proposal/${proposal}` })));
      const again = await optimizer.propose({ label: "proposal/0" });
      expect(again).toEqual({ prompt: "\nHi\n".trim() });
      expect(llm.calls[3]?.prompt).toBe(llm.calls[0]?.prompt);
      expect(llm.calls.every(({ prompt }) => !prompt.includes("# Earlier attempts"))).toBe(true);
    },
  ],
  [
    "D-39 an optimizer of other parameters, or a list of optimizers, is refused",
    async () => {
      const [mine, other] = [line().agent, line().agent];
      expect(() => new MinibatchAlgorithm(mine, proposing(other, 1))).toThrow(/parameters of the agent, got a/);
      expect(thrownBy(() => new MinibatchAlgorithm(mine, [proposing(mine, 1)] as unknown as Optimizer))).toMatchObject({
        code: "invalid-argument",
      });
      const list = [proposing(mine, 1)] as unknown as Optimizer;
      await expect(
        train({ agent: mine, trainDataset: points(1), guide: distance, optimizer: list, logger: [], run: null }),
      ).rejects.toThrow(/Expected `optimizer` to be an optimizer, its class or its name/);
    },
  ],
  [
    "D-40 no model is looked for where one is given, or where none is needed; a value of another type is refused",
    async () => {
      const agent = model({ n: parameter(1) }, ({ n }, x: number) => n.value + x);
      const optimizer = new OptoPrime(agent, { model: scriptedModel(variable("n", "many")), maxRerolls: 0 });
      optimizer.backward(await agent.call(1), "more");
      expect(await optimizer.step()).toEqual({});
      expect(agent.n.value).toBe(1);
      const { agent: fitted } = line();
      await new MinibatchAlgorithm(fitted, proposing(fitted, 2)).train(distance, points(2));
      expect(() => new TPE([parameter("no domain") as Parameter])).toThrow(/declare a domain/);
    },
  ],
  [
    "D-41 the judge's criteria reach it, its verdict is a number and no word in a sentence, braces are text",
    async () => {
      const llm = scriptedModel('{"feedback": "Not correct {at all}. I would not say score: 1.", "score": 0}');
      const judge = new LLMJudge({ model: llm, criteria: "Rhymes {well}." });
      expect(await judge.getFeedback("{q}", "{a}", "{r}")).toMatchObject({
        score: 0,
        feedback: expect.stringContaining("{at all}"),
      });
      expect(llm.calls[0]?.system).toContain("Rhymes {well}.");
    },
  ],
];

describe("10 traps of optimizers, models and judges", () => {
  it.each(traps)("%s", (_title, check) => check() as Promise<void>);
});
