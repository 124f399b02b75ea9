/**
 * Declared limits hold, counted by real tokenizers, on graphs of many forms and sizes with values of 100 KB.
 *
 * @module
 */
import fc from "fast-check";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { OPRO, OptoPrime, TextGrad } from "opto";
import { bundle, choices, type Node, parameter } from "opto/graph";
import { scriptedModel } from "opto/testing";
import { describe, expect, it } from "vitest";
import { mostTokens } from "../src/llm/spend/estimate-tokens.ts";
import { chain, diamond, failure, joinedMinibatch, type LargeGraph, longText, minibatch } from "./support/large-graphs.ts";
import { randomGraph } from "./support/random-graph.ts";

interface Asked {
  readonly system: string;
  readonly prompt: string;
}

const tokensOf = ({ system, prompt }: Asked): number => {
  const text = `${system}\n\n${prompt}`;
  const plain = { disallowedSpecial: new Set<string>() };
  return Math.max(o200k(text, plain), cl100k(text, plain));
};

async function asked(
  { parameters, targets, feedback }: LargeGraph,
  maxPromptTokens: number,
  attempts: readonly { readonly prompt: string; readonly score: number }[] = [],
): Promise<Asked> {
  const model = scriptedModel("<unchanged/>");
  const optimizer = new OptoPrime([...parameters], { model, maxPromptTokens, memorySize: attempts.length });
  for (const { prompt, score } of attempts) optimizer.observe({ prompt }, score, "As it was.");
  optimizer.backward(targets, feedback);
  await optimizer.propose();
  const [{ system = "", prompt } = { prompt: "" }] = model.calls;
  return { system, prompt };
}

/** The lines of one section, without its title. */
function section(prompt: string, title: string): string {
  const part = prompt.split(/^# /m).find((text) => text.startsWith(`${title}\n`));
  return part?.slice(title.length + 1).trimEnd() ?? "";
}

const forms = { chain, minibatch, joinedMinibatch, diamond, failure };
const sizes = [10, 1_000, 10_000];
const limits = [2_000, 8_000, 32_000];

describe.each(Object.entries(forms))("a graph of the form %s", (form, make) => {
  it.each(sizes)("of %i operations keeps to every limit, and says what is missing", async (size) => {
    const graph = make(size);
    const prompts = new Map<number, string>();
    for (const limit of limits) {
      const question = await asked(graph, limit);
      const { prompt } = question;
      expect(tokensOf(question)).toBeLessThanOrEqual(limit);
      // Large values use the room that there is, though our count is above that of tokenizers.
      if (size > 10) expect(tokensOf(question)).toBeGreaterThan(limit / 2);
      // What is always there.
      expect(prompt).toMatch(/^# Instruction\nImprove the values of the variables/);
      expect(section(prompt, "Variables")).toContain("\nAnswer the question: {question}\n");
      expect(section(prompt, "Examples")).toMatch(/<value [\s\S]*<feedback for="[^"]+"/);
      expect(section(prompt, "Your answer")).not.toBe("");
      if (size > 10) expect(section(prompt, "Left out")).not.toBe("");
      // No operation is told of that the code does not have.
      for (const [, name] of section(prompt, "Documentation").matchAll(/<operation name="([^"]+)">/g)) {
        expect(`${section(prompt, "Code")}\n${section(prompt, "Examples")}`).toContain(` = ${name}(`);
      }
      expect((await asked(graph, limit)).prompt).toBe(prompt);
      prompts.set(limit, prompt);
    }
    if (size > 10) expect((prompts.get(8_000) ?? "").length).toBeGreaterThan((prompts.get(2_000) ?? "").length);
    expect(form).not.toBe("");
  });
});

describe("what is kept", () => {
  it.each(sizes.flatMap((size) => limits.map((limit) => [size, limit] as const)))(
    "of %i operations in %i tokens: the operation that failed first, its inputs, and their values",
    async (size, limit) => {
      const { prompt } = await asked(failure(size), limit);
      const [, before, input] =
        /^exception_query_1 = query\((?:\w+)=(step_\d+), (?:\w+)=(table)\) {2}\/\/ threw an error$/m.exec(prompt) ?? [];
      expect([before, input]).toEqual([expect.stringMatching(/^step_/), "table"]);
      expect(prompt).toContain("(TypeError) no such column: price");
      expect(prompt).toMatch(/<value name="table" type="object">\n?\{"ta/);
      // The value that the operation was given is the last one of the chain.
      const passed = Math.floor(size / 10);
      const value = new RegExp(`<value name="${before}" type="text">\\n?St[^<]*</value>`).exec(prompt)?.[0];
      expect(value).toMatch(limit === 2_000 ? /St/ : new RegExp(`Step ${size - passed - 2} begins`));
      expect(prompt).toMatch(/^exception_pass_\d+ = pass\(/m);
    },
  );

  it("of samples: failures and low scores first, distinct feedback before what was said already", async () => {
    const { prompt } = await asked(minibatch(80), 4_000);
    expect(section(prompt, "Left out")).toMatch(/^- \d+ of 40 outputs are not shown: scores 0\.\d to 0\.9\.$/m);
    const said = [...prompt.matchAll(/<feedback for="[^"]*" score="([^"]*)">(Case \d)/g)].map(([, score, text]) => [score, text]);
    expect(said.slice(0, 3)).toEqual([
      ["0", "Case 0"],
      ["0", "Case 3"],
      ["0", "Case 6"],
    ]);
    // All seven before any of them again.
    expect(new Set(said.slice(0, 7).map(([, text]) => text)).size).toBe(Math.min(7, said.length));
  });

  it("of a repeated subgraph: its code once, its values for every run", async () => {
    const { prompt } = await asked(minibatch(20), 8_000);
    const [first = "", ...runs] = section(prompt, "Examples")
      .split(/^Example \d+(?:, (?:wrong|right))?(?:, as example 1)?:\s/m)
      .slice(1);
    expect(first).toMatch(/^fill_1 = fill\(prompt, mail\)\nask_1 = ask\(prompt=fill_1\)\n/);
    expect(prompt.match(/ = ask\(/g)).toHaveLength(1);
    expect(runs.length).toBeGreaterThan(5);
    for (const run of runs) {
      expect([...run.matchAll(/<(?:value|feedback) (?:name|for)="([^"]*)"/g)].map(([, name]) => name)).toEqual([
        "mail",
        "fill_1",
        "ask_1",
        "ask_1",
      ]);
    }
  });

  it("of a batch that was joined: each example with what was said of it", async () => {
    const { prompt } = await asked(joinedMinibatch(100), 4_000);
    expect(prompt).not.toContain("batchify");
    const [, first, second] = section(prompt, "Examples").split(/^Example/m);
    expect(first).toContain('<feedback for="ask_1">Case 0 is wrong.</feedback>');
    expect(second).toContain('<feedback for="ask_1">Case 1 is wrong.</feedback>');
    expect(section(prompt, "Left out")).toContain("\n- The scores of single outputs are not known; their mean is 0.25.\n");
  });

  it("of a long chain: its end and its beginning, with a line for what lies between", async () => {
    const { prompt } = await asked(chain(1_000), 8_000);
    const code = section(prompt, "Examples")
      .split("\n")
      .filter((line) => /^(?:\w+ = |…)/.test(line));
    expect(code[0]).toBe("step_1 = step(_before=prompt, index)");
    const gap = code.findIndex((line) => line.startsWith("…"));
    const [, hidden] = /^… (\d+) operations are not shown …$/.exec(code[gap] ?? "") ?? [];
    expect(Number(hidden)).toBe(1_000 - (code.length - 1));
    expect(code[gap + 1]).toMatch(/^step_\d+ = step\(…, index=/);
    expect(section(prompt, "Left out")).toContain(`${hidden} operations in the middle of long computations are not shown`);
    expect(section(prompt, "Examples")).toContain("Step 999 begins here.");
  });

  it("of earlier attempts: the best, with the number of those that are not told", async () => {
    const attempts = Array.from({ length: 8 }, (_, index) => ({ prompt: `Try ${index}: ${sentenceOf(60)}`, score: index / 10 }));
    const { prompt } = await asked(chain(1_000), 8_000, attempts);
    const scores = [...prompt.matchAll(/<attempt score="([^"]*)">/g)].map(([, score]) => Number(score));
    expect(scores.length).toBeGreaterThan(0);
    expect(scores.length).toBeLessThan(8);
    expect(scores).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7].slice(-scores.length));
    expect(section(prompt, "Left out")).toContain(`${8 - scores.length} of 8 earlier attempts are not shown`);
  });
});

describe("the schema of the reply", () => {
  it.each([
    ["OptoPrime", OptoPrime],
    ["OPRO", OPRO],
    ["TextGrad", TextGrad],
  ] as const)("counts for the limit of %s", async (_name, Optimizer) => {
    const styles = Array.from({ length: 150 }, (_, index) => `style number ${index}`);
    const style = parameter(styles[0] as string, { name: "style", domain: choices(styles) });
    const answer = bundle((style: string, mail: string) => `${style} ${mail}`, { name: "answer" });
    const model = scriptedModel(({ system = "" }) => (system.startsWith("You find out why") ? "Too loud." : '{"values":{}}'));
    const optimizer = new Optimizer([style], { model, replyFormat: "json", maxPromptTokens: 5_500 });
    for (let n = 0; n < 20; n++) optimizer.observe?.({ style: styles[n + 1] as string }, n / 20);
    const mails = Array.from({ length: 20 }, (_, n) => answer(style, longText(`Mail ${n}`)));
    optimizer.backward(
      mails,
      mails.map((_, n) => ({ score: n / 20, feedback: longText(`Case ${n}`) })),
    );
    await optimizer.propose();
    let largest = 0;
    for (const { system = "", prompt, responseFormat } of model.calls) {
      const { schema } = (responseFormat ?? {}) as { readonly schema?: object };
      const schemaTokens = schema === undefined ? 0 : mostTokens(JSON.stringify(schema));
      largest = Math.max(largest, schemaTokens);
      expect(mostTokens(system) + mostTokens(prompt) + schemaTokens).toBeLessThanOrEqual(5_500);
    }
    expect(largest).toBeGreaterThan(500);
  });
});

describe("what cannot be made to fit", () => {
  it("is refused, saying what takes how much", async () => {
    const start = parameter(longText("Variable"), { name: "prompt" });
    const graph = { parameters: [start], targets: [start], feedback: [{ score: 0, feedback: "No." }] };
    await expect(asked(graph, 8_000)).rejects.toThrow(
      /fit into \d+ tokens, but .* need more: \d+ without that output; the longest values are prompt \(\d+\)\. Raise `maxPromptTokens`/s,
    );
    await expect(asked(graph, 8_000)).rejects.toMatchObject({ code: "configuration" });
    await expect(asked(graph, 100)).rejects.toThrow(/the instructions, the variable in full/);
  });
});

describe("any graph", () => {
  it("keeps to the limit or is refused, and gives the same prompt again", async () => {
    await fc.assert(
      fc.asyncProperty(
        randomGraph(60),
        fc.integer({ min: 1_400, max: 4_000 }),
        fc.array(fc.record({ score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })), feedback: fc.string() })),
        async ({ parameters, targets }, limit, said) => {
          const trainable = parameters.filter((one) => one.trainable);
          fc.pre(trainable.length > 0);
          const feedback = targets.map((_: Node, index: number) => said[index] ?? { score: 0, feedback: "No." });
          const graph = { parameters: trainable, targets, feedback };
          const first = await asked(graph, limit).catch((error: unknown) => String(error));
          const second = await asked(graph, limit).catch((error: unknown) => String(error));
          expect(second).toEqual(first);
          if (typeof first === "string") expect(first).toContain("Raise `maxPromptTokens`");
          else expect(tokensOf(first)).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the work", () => {
  it.each(Object.entries(forms))("on a %s grows as the graph does", async (_form, make) => {
    const reads = async (size: number): Promise<number> => {
      const graph = make(size);
      const model = scriptedModel("<unchanged/>");
      const optimizer = new OptoPrime([...graph.parameters], { model, maxPromptTokens: 8_000 });
      optimizer.backward(graph.targets, graph.feedback);
      let count = 0;
      for (const node of optimizer.graph.nodes) {
        const { inputs } = node;
        Object.defineProperty(node, "inputs", {
          get: () => {
            count++;
            return inputs;
          },
        });
      }
      await optimizer.propose();
      return count;
    };
    expect((await reads(10_000)) / (await reads(1_000))).toBeLessThan(11);
  });

  it("on values does not grow with those that are not shown", async () => {
    let written = 0;
    const counting = (size: number): LargeGraph => {
      const graph = minibatch(2 * size);
      written = 0;
      for (const target of graph.targets) {
        Object.defineProperty(target.peek(), "toJSON", {
          value: () => {
            written++;
            return { answer: "x" };
          },
        });
      }
      return graph;
    };
    await asked(counting(100), 4_000);
    const few = written;
    await asked(counting(5_000), 4_000);
    expect(written).toBeLessThan(2 * few);
  });
});

function sentenceOf(words: number): string {
  return Array.from({ length: words }, (_, index) => `word${index}`).join(" ");
}
