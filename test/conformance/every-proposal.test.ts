/**
 * What every optimizer makes of a request: the values it starts from, further candidates, history, advice, what may change.
 *
 * @module
 */
import {
  bundle,
  choices,
  model,
  OPRO,
  Optimizer,
  OptoPrime,
  OptoPrimeMulti,
  parameter,
  range,
  TextGrad,
  TPE,
  withValues,
} from "opto";
import { atPosition } from "opto/graph";
import type { HistoryView, PastAttempt, Suggestion, SuggestionRequest } from "opto/optimizers";
import type { ScriptedModel } from "opto/testing";
import { describe, expect, it } from "vitest";
import { partOf, playing, valuesFor, variableOf } from "../support/every-optimizer.ts";

const answer = bundle(
  (prompt: string, weight: number, style: string, question: string) => [prompt, weight, style, question].join(" "),
  {
    name: "answer",
  },
);

function testAgent() {
  return model(
    {
      prompt: parameter("Answer {question}"),
      weight: parameter(1, { domain: range(0, 9, { integer: true }) }),
      style: parameter("short", { domain: choices(["short", "long", "mixed"]) }),
    },
    ({ prompt, weight, style }, question: string) => answer(prompt, weight, style, question),
  );
}

type Owner = ReturnType<typeof testAgent>;

/** A user's own: moves a number a step away from where it is, and as far as the best attempt says. */
class Stepper extends Optimizer {
  protected async suggest({ parameters, history, others = [] }: SuggestionRequest): Promise<Suggestion> {
    await null;
    const weight = parameters.get("weight");
    if (weight === undefined) return { values: new Map() };
    const best = (history?.best(1)[0]?.values ?? others[0])?.weight as number | undefined;
    return { values: new Map([["weight", best ?? (weight.value as number) + 1]]) };
  }
}

interface Subject {
  readonly name: string;
  readonly make: (owner: Owner, model: ScriptedModel) => Optimizer;
  /** Whether it asks a language model. */
  readonly asks: boolean;
}

const subjects: readonly Subject[] = [
  { name: "OptoPrime", asks: true, make: (owner, llm) => new OptoPrime(owner, { model: llm, memorySize: 4 }) },
  { name: "OptoPrimeMulti", asks: true, make: (owner, llm) => new OptoPrimeMulti(owner, { model: llm, memorySize: 4 }) },
  { name: "OPRO", asks: true, make: (owner, llm) => new OPRO(owner, { model: llm, memorySize: 4 }) },
  { name: "TextGrad", asks: true, make: (owner, llm) => new TextGrad(owner, { model: llm, memorySize: 4, momentum: 2 }) },
  { name: "TPE", asks: false, make: (owner) => new TPE(owner, { seed: 3 }) },
  { name: "a subclass", asks: false, make: (owner) => new Stepper(owner) },
];
const asking = subjects.filter(({ asks }) => asks);

/** Moves the number that it is shown one up. */
const oneUp = (): ScriptedModel =>
  playing((call) => {
    const first = call.messages[0]?.content ?? "";
    const shown =
      partOf(call) === "one" || !first.includes("# Tried")
        ? first
        : (/current="yes">([\s\S]*?)<\/attempt>/.exec(first)?.[1] ?? "");
    const now = Number(/<variable name="weight">\n(\d+)/.exec(shown)?.[1]);
    if (partOf(call) === "one" && variableOf(call) !== "weight") return "<unchanged/>";
    return valuesFor(call, { weight: String(now + 1) });
  });

async function setUp({ make }: Subject, llm: ScriptedModel = oneUp()) {
  const agent = testAgent();
  const optimizer = make(agent, llm);
  /** The graph of a run with these values. */
  const graphOf = async (values: Record<string, string | number>) => {
    const recorder = make(agent, llm);
    recorder.backward(await withValues(agent, values, () => agent.call("Why?")), { score: 0.25, feedback: "Too dull." });
    return recorder.graph;
  };
  return { agent, llm, optimizer, graphOf };
}

/** The first messages of all calls that ask for values. */
const promptsOf = ({ calls }: ScriptedModel): string[] => {
  return calls
    .filter((call) => !["criticism", "choice"].includes(partOf(call)))
    .map(({ messages }) => messages[0]?.content ?? "");
};

const attempt = (weight: number, score: number | null, more: Partial<PastAttempt> = {}): PastAttempt => {
  return {
    values: { prompt: "Answer {question}", weight, style: "short" },
    score,
    feedback: "",
    examples: score === null ? 0 : 20,
    ...more,
  };
};

function historyOf(attempts: readonly PastAttempt[], examples = 20): HistoryView {
  const scored = attempts.filter(({ score }) => score !== null).sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
  return {
    examples,
    best: (count) => scored.slice(0, count),
    latest: (count) => attempts.slice(-count),
    find: (values) => attempts.find((one) => JSON.stringify(Object.values(one.values)) === JSON.stringify(Object.values(values))),
    log: { scale: {}, length: attempts.length, from: (place) => attempts.slice(place) },
  };
}

const tried = [
  attempt(4, 0.75),
  attempt(1, 0.5),
  attempt(6, null, { estimate: 0.3, examples: 5, feedback: "(RangeError) six" }),
  attempt(8, null, { estimate: 0.99 }),
  attempt(7, 0.125),
];

describe.each(subjects)("$name", (subject) => {
  it("proposes from the values that it is given, and touches no parameter", async () => {
    const { agent, optimizer, graphOf } = await setUp(subject);
    const kept = () => JSON.stringify({ ...(optimizer.state() as object), steps: 0, accepted: undefined });
    const before = [agent.candidate(), kept()];
    for (const weight of [3, 6]) {
      const from = { prompt: "Answer {question}", weight, style: "long" };
      const proposed = await optimizer.propose({ from, graph: await graphOf(from), label: `from/${weight}` });
      if (subject.name !== "TPE") expect(proposed).toEqual({ weight: weight + 1 });
      else expect(Object.entries(proposed).filter(([name, value]) => value !== from[name as keyof typeof from])).toHaveLength(1);
    }
    expect([agent.candidate(), kept()]).toEqual(before);
  });

  it("does not mix proposals that are made concurrently from different values", async () => {
    const { optimizer, graphOf } = await setUp(subject);
    const froms = [2, 4, 6, 8].map((weight) => ({ prompt: `Answer {question} ${"!".repeat(weight)}`, weight, style: "long" }));
    const graphs = await Promise.all(froms.map(graphOf));
    const propose = (index: number) =>
      optimizer.propose({ from: froms[index], graph: graphs[index] as never, label: `proposal/0/${index}` });
    const alone: unknown[] = [];
    for (const index of froms.keys()) alone.push(await propose(index));
    expect(await Promise.all([...froms.keys()].map(propose))).toEqual(alone);
    expect(new Set(alone.map((one) => JSON.stringify(one))).size).toBe(4);
  });

  it("changes only the parameters that may change", async () => {
    const llm = playing((call) => valuesFor(call, { prompt: "Answer {question}!", weight: "2", style: "long" }));
    const { optimizer, graphOf } = await setUp(subject, llm);
    const from = { prompt: "Answer {question}", weight: 1, style: "short" };
    for (const name of ["weight", "style"]) {
      const request = { from, graph: await graphOf(from), parameters: [name], label: `only/${name}` };
      expect(Object.keys(await optimizer.propose(request))).toEqual(
        subject.name === "a subclass" && name === "style" ? [] : [name],
      );
    }
    await expect(optimizer.propose({ parameters: ["height"] })).rejects.toThrow(/does not train height/);
    for (const prompt of promptsOf(llm)) expect(prompt).not.toMatch(/better values? for .*prompt|values for .*prompt/);
  });
});

describe.each(asking)("the prompt of $name", (subject) => {
  const from = { prompt: "Answer {question}", weight: 1, style: "short" };

  async function promptFor(request: Partial<Parameters<Optimizer["propose"]>[0]>): Promise<string> {
    const { llm, optimizer, graphOf } = await setUp(subject);
    await optimizer.propose({ from, graph: await graphOf(from), ...request });
    return promptsOf(llm).at(-1) ?? "";
  }

  it("has the advice, in a section of its own", async () => {
    const advice = "Candidates with an <variable name='x'> did badly.\nPrefer short prompts.";
    const prompt = await promptFor({ advice });
    expect(prompt).toContain(`# Advice\n${advice}\n\n# Your answer`);
    // Tags that the advice contains cannot be taken for those of the prompt.
    expect(prompt).toContain('<variable-2 name="weight">');
    expect(await promptFor({})).not.toContain("# Advice");
  });

  it("has further candidates, with the scores that are known", async () => {
    const others = [{ ...from, weight: 4, style: "long" }, { ...from, weight: 7 }, { style: "mixed" }];
    const prompt = await promptFor({ others, history: historyOf(tried) });
    const section = /# Other candidates\n([\s\S]*?)\n\n# /.exec(prompt)?.[1] ?? "";
    expect(section.match(/<attempt/g)).toHaveLength(3);
    expect(section).toMatch(/<attempt>\n<variable name="weight">\n4\n<\/variable>\n<variable name="style">\nlong/);
    expect(section).toMatch(/<attempt score="0.125">\n<variable name="weight">\n7/);
    expect(section).toMatch(/<attempt>\n<variable name="style">\nmixed/);
    expect(await promptFor({})).not.toContain("# Other candidates");
  });

  it("shows attempts with scores that can be compared, and no others as such", async () => {
    const prompt = await promptFor({ history: historyOf(tried) });
    expect(prompt).toContain("Every score is the mean over the same 20 examples, ");
    const section = /# (?:Earlier attempts|Tried)\n([\s\S]*?)\n\n# /.exec(prompt)?.[1] ?? "";
    const heads = Array.from(section.matchAll(/<attempt([^>]*)>/g), ([, head]) => head);
    if (subject.name === "OPRO") {
      // From the worst to the best, without what has no score.
      expect(heads).toEqual([' score="0.125"', ' score="0.5" current="yes"', ' score="0.75"']);
    } else {
      // The current values, the best, the latest.
      const others = [' score="0.75"', ' score="0.125"', ' estimate="0.3" examples="5 of 20"', ' examples="0 of 20"'];
      expect(heads[0]).toBe(' score="0.5"');
      expect(heads.slice(1).sort()).toEqual(others.sort());
      expect(section).toContain("The current values.");
      expect(section).toContain("(RangeError) six");
      // The feedback's score is of other examples.
      expect(section).not.toContain("0.25");
    }
    expect(section).not.toContain("0.99");
  });

  it("shows estimates where nothing has a score", async () => {
    const estimated = [attempt(4, null, { estimate: 0.75, examples: 5 }), attempt(1, null, { estimate: 0.5, examples: 20 })];
    const history = { ...historyOf(estimated), best: () => estimated };
    const prompt = await promptFor({ history });
    const section = /# (?:Earlier attempts|Tried)\n([\s\S]*?)\n\n# /.exec(prompt)?.[1] ?? "";
    const heads = Array.from(section.matchAll(/<attempt([^>]*)>/g), ([, head]) => head);
    const [current, other] = [' estimate="0.5" examples="20 of 20"', ' estimate="0.75" examples="5 of 20"'];
    expect(heads).toEqual(subject.name === "OPRO" ? [`${current} current="yes"`, other] : [current, other]);
  });

  it("reads what was observed where there is no history, and keeps nothing of one that was given", async () => {
    const { llm, optimizer, graphOf } = await setUp(subject);
    optimizer.observe?.({ weight: 5 }, 0.625);
    const graph = await graphOf(from);
    const ask = async (history?: HistoryView): Promise<string> => {
      await optimizer.propose({ from, graph, history });
      return promptsOf(llm).at(-1) ?? "";
    };
    const before = await ask();
    expect(before).toContain('score="0.625"');
    const withHistory = await ask(historyOf(tried));
    expect(withHistory).not.toContain('score="0.625"');
    // What a search reports is in its history; what its user reports afterwards is not.
    atPosition("iteration/1", () => optimizer.observe?.({ weight: 9 }, 0.875));
    expect(await ask()).toBe(before);
    await ask(historyOf(tried));
    optimizer.observe?.({ weight: 9 }, 0.875);
    expect(await ask()).toContain('score="0.875"');
  });
});
