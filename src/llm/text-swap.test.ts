/**
 * `TextSwap`: which texts of a call are replaced, for a program's prompts and for an agent's texts.
 *
 * @module
 */
import { describe, expect, it, vi } from "vitest";
import type { SwappedText, TextPlace } from "./call-texts.ts";
import type { DirectOptions } from "./model-request.ts";
import { type SwapRule, swapTexts, TextSwap, withTexts } from "./text-swap.ts";

const rules = {
  program: { calls: "tracked" },
  agent: { calls: "agent", refuse: ({ text, sent }) => new Error(`${text.name} is not in "${sent}"`) },
} satisfies Record<string, SwapRule>;

const anywhere = { kind: "anywhere" } as const;
const instructions = { kind: "instructions" } as const;
const example = { kind: "example" } as const;
const stock = { kind: "tool", tool: "stock" } as const;
const item = { kind: "tool", tool: "stock", property: "item" } as const;

/** A text in a place, and what takes its place. */
function swap(place: TextPlace, original: string, value: string): SwappedText {
  return { name: original, place, originals: () => [original], value };
}

const system = (content: string): object => ({ role: "system", content });
const user = (text: string): object => ({ role: "user", content: [{ type: "text", text }] });
const assistant = (text: string): object => ({ role: "assistant", content: [{ type: "text", text }] });
const toolResult = (text: string): object => ({ role: "tool", content: [{ type: "text", text }] });
const tool = (name: string, description: string, about: string): object => ({
  type: "function",
  name,
  description,
  inputSchema: { type: "object", properties: { item: { type: "string", description: about } } },
});

/** What a call becomes. */
function sent(texts: readonly SwappedText[], prompt: readonly object[], tools?: readonly object[]): DirectOptions {
  const given = { prompt, ...(tools === undefined ? {} : { tools }) } as unknown as DirectOptions;
  return new TextSwap(texts, rules.program).send((call) => withTexts(given, call));
}

describe("what is replaced in messages", () => {
  it.each<{ name: string; texts: SwappedText[]; prompt: object[]; expected: object[] }>([
    {
      name: "anywhere: every occurrence in every system message",
      texts: [swap(anywhere, "A", "X")],
      prompt: [system("A, A"), system("A")],
      expected: [system("X, X"), system("X")],
    },
    {
      name: "instructions: only the first occurrence",
      texts: [swap(instructions, "A", "X")],
      prompt: [system("A, A"), system("A")],
      expected: [system("X, A"), system("A")],
    },
    {
      name: "instructions: equal texts of two messages, each its own",
      texts: [swap(instructions, "A", "X"), swap(instructions, "A", "Y")],
      prompt: [system("A"), system("A")],
      expected: [system("X"), system("Y")],
    },
    {
      name: "anywhere: messages of the user where no system message has the text",
      texts: [swap(anywhere, "A", "X")],
      prompt: [system("B"), user("A, A"), user("A")],
      expected: [system("B"), user("X, X"), user("X")],
    },
    {
      name: "anywhere: not the user's own words, also before the system message",
      texts: [swap(anywhere, "A", "X")],
      prompt: [user("A"), system("A"), user("A")],
      expected: [user("A"), system("X"), user("A")],
    },
    {
      name: "anywhere: nothing of the model or of tools",
      texts: [swap(anywhere, "A", "X")],
      prompt: [assistant("A"), toolResult("A")],
      expected: [assistant("A"), toolResult("A")],
    },
    {
      name: "instructions: no other message",
      texts: [swap(instructions, "A", "X")],
      prompt: [user("A"), assistant("A"), toolResult("A")],
      expected: [user("A"), assistant("A"), toolResult("A")],
    },
    {
      name: "example: a whole message of either side, once",
      texts: [swap(example, "A", "X"), swap(example, "B", "Y")],
      prompt: [user("A"), assistant("B"), user("A"), user("A, B")],
      expected: [user("X"), assistant("Y"), user("A"), user("A, B")],
    },
    {
      name: "example: no system message, and nothing of tools",
      texts: [swap(example, "A", "X")],
      prompt: [system("A"), toolResult("A")],
      expected: [system("A"), toolResult("A")],
    },
    ...[anywhere, instructions].flatMap((place) => [
      {
        name: `${place.kind}: the longer text first`,
        texts: [swap(place, "Be brief.", "S"), swap(place, "Be brief. Be kind.", "L")],
        prompt: [system("Be brief. Be kind.")],
        expected: [system("L")],
      },
      {
        name: `${place.kind}: what takes the place of a text is not searched`,
        texts: [swap(place, "A", "A B"), swap(place, "B", "A")],
        prompt: [system("A B")],
        expected: [system("A B A")],
      },
      {
        name: `${place.kind}: with other line ends`,
        texts: [swap(place, "one\ntwo", "X")],
        prompt: [system("one\r\ntwo\r\n")],
        expected: [system("X\r\n")],
      },
      {
        name: `${place.kind}: a text that is not there changes nothing`,
        texts: [swap(place, "C", "X")],
        prompt: [system("A"), user("B")],
        expected: [system("A"), user("B")],
      },
    ]),
  ])("$name", ({ texts, prompt, expected }) => {
    expect(sent(texts, prompt)).toEqual({ prompt: expected });
  });
});

describe("what is replaced in tools", () => {
  const tools = [tool("stock", "How many", "name"), tool("price", "How many", "name")];

  it.each<{ name: string; texts: SwappedText[]; expected: object[] }>([
    {
      name: "the description of the tool that is meant",
      texts: [swap(stock, "How many", "Left")],
      expected: [tool("stock", "Left", "name"), tool("price", "How many", "name")],
    },
    {
      name: "the description of the argument that is meant",
      texts: [swap(item, "name", "the item")],
      expected: [tool("stock", "How many", "the item"), tool("price", "How many", "name")],
    },
    { name: "nothing for a text of messages", texts: [swap(anywhere, "How many", "X")], expected: tools },
  ])("$name", ({ texts, expected }) => {
    expect(sent(texts, [], tools).tools).toEqual(expected);
  });

  it("in the wrappers of OpenAI, Google and Bedrock", () => {
    const [plain, changed] = [tool("stock", "How many", "name"), tool("stock", "Left", "name")];
    const wrapped = (one: object): object[] => [{ function: one }, { functionDeclarations: [one] }, { toolSpec: one }];
    for (const [index, wrapper] of wrapped(plain).entries())
      expect(sent([swap(stock, "How many", "Left")], [], [wrapper]).tools).toEqual([wrapped(changed)[index]]);
  });
});

describe("the rule of an agent", () => {
  it.each<{ name: string; texts: SwappedText[]; first: object; message?: string }>([
    { name: "instructions", texts: [swap(instructions, "A", "X")], first: { prompt: [system("B")] }, message: 'A is not in "B"' },
    { name: "an example", texts: [swap(example, "A", "X")], first: { prompt: [user("A!")] }, message: 'A is not in ""' },
    {
      name: "a tool",
      texts: [swap(stock, "A", "X")],
      first: { prompt: [], tools: [tool("stock", "B", "")] },
      message: 'A is not in "B"',
    },
    {
      name: "no tool that is not offered",
      texts: [swap(stock, "A", "X")],
      first: { prompt: [], tools: [tool("price", "B", "")] },
    },
  ])("refuses a run whose first call lacks $name", async ({ texts, first, message }) => {
    const run = new TextSwap(texts, rules.agent);
    const ask = vi.fn(async () => "answer");
    const call = run.within(() => run.call((call) => withTexts(first as DirectOptions, call), ask));
    if (message === undefined) await expect(call).resolves.toBe("answer");
    else await expect(call).rejects.toThrow(message);
    expect(ask).toHaveBeenCalledTimes(message === undefined ? 1 : 0);
  });

  it("lets later calls do without the text", async () => {
    const run = new TextSwap([swap(instructions, "A", "X")], rules.agent);
    const send = (prompt: object[]): Promise<DirectOptions> =>
      run.call(
        (call) => withTexts({ prompt } as unknown as DirectOptions, call),
        async (given) => given,
      );
    expect(await send([system("A")])).toEqual({ prompt: [system("X")] });
    expect(await send([system("B")])).toEqual({ prompt: [system("B")] });
    expect(run.calls).toBe(2);
  });

  it("throws what the model threw, whatever the framework makes of it", async () => {
    const run = new TextSwap([], rules.agent);
    const refused = new Error("refused");
    const failing = (): Promise<never> =>
      run.call(
        () => null,
        () => Promise.reject(refused),
      );
    const wrapping = run.within(() => failing().catch(() => Promise.reject(new Error("The agent failed"))));
    await expect(wrapping).rejects.toBe(refused);
    await expect(new TextSwap([], rules.agent).within(async () => "handled")).resolves.toBe("handled");
  });
});

describe("the calls that a swap is for", () => {
  const given = { prompt: [system("A")] } as unknown as DirectOptions;
  const expected = { prompt: [system("X")] };

  it.each([
    { rule: "program", place: anywhere, sentByTracked: expected },
    { rule: "agent", place: instructions, sentByTracked: given },
  ] as const)("are for a $rule those of any tracked model, or of its own", async ({ rule, place, sentByTracked }) => {
    const run = new TextSwap([swap(place, "A", "X")], rules[rule]);
    await run.within(async () => expect(swapTexts(given)).toEqual(sentByTracked));
    expect(TextSwap.current("tracked") ?? TextSwap.current("agent")).toBeUndefined();
    expect(swapTexts(given)).toBe(given);
  });

  it("says which texts were found in any call, and when", async () => {
    const onFound = vi.fn();
    const text = { ...swap(anywhere, "A", "X"), onFound };
    const other = swap(anywhere, "B", "Y");
    const run = new TextSwap([text, other], rules.program);
    await run.within(async () => {
      swapTexts({ prompt: [user("C")] } as unknown as DirectOptions);
      expect([run.hasFound(text), onFound.mock.calls.length]).toEqual([false, 0]);
      swapTexts(given);
      expect(onFound).toHaveBeenCalledOnce();
    });
    expect([run.hasFound(text), run.hasFound(other), run.calls]).toEqual([true, false, 2]);
  });
});
