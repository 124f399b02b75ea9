/**
 * A sorting function learned from failing test cases: OptoPrime over a real socket, the proposals run in the sandbox, hostile
 * ones among them.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { bundle, MinibatchAlgorithm, model, OptoPrime } from "opto";
import { RecordingLogger } from "opto/testing";
import { describe, expect, it } from "vitest";
import { type ServerRequest, startOpenAIServer } from "./support/openai-server.ts";

interface Case {
  readonly input: readonly number[];
  readonly info: readonly number[];
}

const cases: readonly Case[] = [[3, 1, 2], [], [10, 9, 1], [-1, -2, 0], [2, 2, 1]].map((input) => ({
  input,
  info: input.toSorted((a, b) => a - b),
}));

function makeAgent() {
  const sortList = bundle(
    function sortList(items: readonly number[]): readonly number[] {
      return items;
    },
    {
      trainable: true,
      description: "Sorts numbers ascending.",
      limits: { steps: 500_000, timeMs: 500, memoryBytes: 8 * 2 ** 20 },
    },
  );
  return model({ sortList }, async ({ sortList }, items: readonly number[]) => sortList(items));
}

function guide(items: readonly number[], answer: readonly number[], sorted: readonly number[]): [number, string] {
  const right = JSON.stringify(answer) === JSON.stringify(sorted);
  return right
    ? [1, "Right."]
    : [0, `sortList(${JSON.stringify(items)}) gave ${JSON.stringify(answer)}, expected ${JSON.stringify(sorted)}.`];
}

const signature = "function sortList(items: readonly number[]): readonly number[]";
const right = `${signature} {\n  return items.toSorted((a, b) => a - b);\n}`;

/** Trains with one reply of the model after the other; the last is the right one. */
async function train(proposals: readonly string[]) {
  const asked: ServerRequest[] = [];
  const server = await startOpenAIServer((request) => {
    asked.push(request);
    const code = [...proposals, right][asked.length - 1] ?? right;
    return `<reasoning>\nThe numbers should come in order.\n</reasoning>\n<variable name="sortList">\n\`\`\`ts\n${code}\n\`\`\`\n</variable>`;
  });
  try {
    const agent = makeAgent();
    const logger = new RecordingLogger();
    const client = createOpenAI({ baseURL: server.baseUrl, apiKey: "test" });
    const optimizer = new OptoPrime(agent, { model: client.chat("optimizer"), maxRerolls: 1 });
    const trainer = new MinibatchAlgorithm(agent, optimizer, { logger });
    const options = { batchSize: cases.length, numEpochs: proposals.length + 2, shuffle: false, evalFrequency: 0 };
    const result = await trainer.train(guide, cases, options);
    return { agent, result, logger, asked };
  } finally {
    await server.close();
  }
}

describe("a sorting function", () => {
  it("is learned from failing cases, by way of a wrong version and one that fails", async () => {
    const wrong = `${signature} {\n  return items.toSorted();\n}`;
    const failing = `${signature} {\n  const first = items[0];\n  return first.list.sort();\n}`;
    const { agent, result, asked } = await train([wrong, failing]);
    expect(result.trainScores.map((score) => Math.round(score * 5))).toEqual([1, 3, 0, 5]);
    expect(agent.sortList.parameter.value).toBe(right);
    expect((await agent.call([30, 4, -200])).value).toEqual([-200, 4, 30]);
    // The problem as the model reads it.
    const [first, , third] = asked;
    expect(first?.prompt).toContain("code: a complete TypeScript program");
    expect(first?.prompt).toContain("declare `function sortList(items)` at the top level");
    expect(first?.prompt).toContain("  return items;\n}");
    expect(third?.prompt).toContain("return first.list.sort();  <-- (TypeError) cannot read property 'sort' of undefined");
    expect(agent.exportCode()).toContain("export function sortList(items: readonly number[])");
  });

  /** Refused before they are tried; the reason goes back to the model. */
  it.each([
    ["process", "return [process.pid];", "expected no `process`"],
    ["require", 'return require("node:fs").readdirSync(".");', "expected no `require`"],
    ["import()", 'return import("node:fs");', "expected no import"],
    ["eval", 'return eval("items");', "code cannot be created from text"],
    ["a proxy", "return new Proxy(items, {});", "expected no `Proxy`"],
    ["a timer", "setTimeout(() => 1); return items;", "expected no `setTimeout`"],
  ])("training goes on after code with %s is refused", async (_title, body, reason) => {
    const { agent, result, logger, asked } = await train([`${signature} {\n  ${body}\n}`]);
    expect(logger.ofType("proposal-rejected").map((event) => event.reason)).toEqual([expect.stringContaining(reason)]);
    expect(asked[1]?.prompt).toContain(reason);
    expect(agent.sortList.parameter.value).toBe(right);
    expect(result.trainScores.at(-1)).toBe(1);
  });

  /** Tried and contained; the failure is the feedback. */
  it.each([
    ["an endless loop", "for (;;) {}", "(LimitError) more than 500,000 steps"],
    [
      "a memory bomb",
      "const a = []; for (;;) a.push(new Array(1e4).fill(0));",
      "(LimitError) more than 8,388,608 bytes of memory",
    ],
    ["deep recursion", "return sortList([...items, 1]);", "(LimitError) more than"],
    ["work that no step counts", "'a'.repeat(5e6).indexOf('a'.repeat(2.5e6) + 'b'); return items;", "(LimitError)"],
    [
      "a constructor of code",
      'return items.constructor.constructor("return process")().argv;',
      "(TypeError) code cannot be created from text",
    ],
    ["a promise that never settles", "return new Promise(() => {});", "(TypeError) the function must stay synchronous"],
    [
      "a result that is a getter",
      "return Object.defineProperty({}, 0, { get: () => 1, enumerable: true });",
      "(TypeError) the result.0 is a getter",
    ],
    ["a result that is a function", "return () => items;", "(TypeError) the result is a function"],
    [
      "pollution of prototypes",
      "Object.prototype.polluted = 1; Array.prototype.map = null; throw new Error('done');",
      "(Error) done",
    ],
  ])("training goes on after %s", async (_title, body, feedback) => {
    const { agent, result, asked } = await train([`${signature} {\n  ${body}\n}`]);
    expect(asked[1]?.prompt).toContain(feedback);
    expect(agent.sortList.parameter.value).toBe(right);
    expect(result.trainScores.at(-1)).toBe(1);
    expect(result.unscored).toBe(0);
    expect("polluted" in {}).toBe(false);
    expect([1].map((x) => x + 1)).toEqual([2]);
  });

  it("an async tool that never answers is waited for until the run is aborted", async () => {
    const wait = (): Promise<number> => new Promise(() => undefined);
    const waiting = bundle(async (x: number) => x + (await wait()), { name: "waiting", trainable: true, tools: { wait } });
    waiting.parameter.set("const waiting = async (x) => x + (await wait()) + 1;");
    const agent = model({ waiting }, async ({ waiting }, x: number) => waiting(x));
    const controller = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 30);
    const optimizer = new OptoPrime(agent, { model: "none/none" });
    const trainer = new MinibatchAlgorithm(agent, optimizer);
    await expect(trainer.train(() => 1, [{ input: 1, info: null }], { signal: controller.signal })).rejects.toBe(reason);
  });
});
