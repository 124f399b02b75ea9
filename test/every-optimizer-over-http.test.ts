/**
 * Every optimizer over a real socket: an OpenAI-compatible server whose model reads the prompt that it is sent, in whatever
 * form, and answers accordingly. The same is learned under any concurrency.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import {
  BasicSearchAlgorithm,
  bundle,
  choices,
  generate,
  Module,
  model as moduleOf,
  type Node,
  node,
  OPRO,
  type Optimizer,
  OptoPrime,
  OptoPrimeMulti,
  operators,
  parameter,
  TextGrad,
  TPE,
} from "opto";
import { RecordingLogger } from "opto/testing";
import { describe, expect, it } from "vitest";
import { block } from "./support/every-optimizer.ts";
import { type OpenAIServer, type ServerRequest, startOpenAIServer } from "./support/openai-server.ts";

type Make = (owner: ConstructorParameters<typeof OptoPrime>[0], server: OpenAIServer) => Optimizer;

const model = (server: OpenAIServer, name: string) => createOpenAI({ baseURL: server.baseUrl, apiKey: "test" }).chat(name);

const optimizers: readonly { readonly name: string; readonly make: Make }[] = [
  { name: "OptoPrime", make: (owner, server) => new OptoPrime(owner, { model: model(server, "optimizer"), memorySize: 4 }) },
  {
    name: "OptoPrime in JSON",
    make: (owner, server) => new OptoPrime(owner, { model: model(server, "optimizer"), replyFormat: "json" }),
  },
  { name: "OPRO", make: (owner, server) => new OPRO(owner, { model: model(server, "optimizer") }) },
  { name: "TextGrad", make: (owner, server) => new TextGrad(owner, { model: model(server, "optimizer"), momentum: 3 }) },
  {
    name: "OptoPrimeMulti, samples",
    make: (owner, server) => new OptoPrimeMulti(owner, { model: model(server, "optimizer"), technique: "samples" }),
  },
  {
    name: "OptoPrimeMulti, experts and a mixture",
    make: (owner, server) =>
      new OptoPrimeMulti(owner, { model: model(server, "optimizer"), technique: "multiExperts", selectionTechnique: "moa" }),
  },
  {
    name: "OptoPrimeMulti, refinement and majority",
    make: (owner, server) =>
      new OptoPrimeMulti(owner, {
        model: model(server, "optimizer"),
        technique: "selfRefinement",
        selectionTechnique: "majority",
      }),
  },
];

/** The manners in which models write. */
const manners: readonly { readonly name: string; readonly write: (reasoning: string, blocks: string) => string }[] = [
  { name: "in form", write: (reasoning, blocks) => `<reasoning>\n${reasoning}\n</reasoning>\n${blocks}` },
  { name: "with talk around it", write: (reasoning, blocks) => `Gern! ${reasoning}\n\n${blocks}\nHope it helps.` },
  { name: "in a code fence", write: (reasoning, blocks) => `${reasoning}\n\`\`\`\n${blocks}\`\`\`` },
];

/** A model that reads what it is asked for: criticism, a choice, or values that a `policy` finds from the text of the prompt. */
function reader(policy: (prompt: string) => Record<string, string>, write: (typeof manners)[number]["write"]) {
  return ({ system, prompt }: ServerRequest): string => {
    if (system.startsWith("You find out why")) {
      // Passes on what was said, in its own words, to all that it is asked about.
      const said = Array.from(prompt.matchAll(/<feedback[^>]*>\n?([\s\S]*?)\n?<\/feedback>/g), ([, text]) => text).join(" / ");
      const score = /<feedback[^>]* score="([^"]*)"/.exec(prompt)?.[1];
      const names = Array.from((prompt.split("# Your answer\n")[1] ?? "").matchAll(/^- (\S+): /gm), ([, name]) => name as string);
      return names.map((name) => block(name, `${said}${score === undefined ? "" : ` (score ${score})`}`)).join("");
    }
    if (prompt.includes("Which of these answers")) return write("The second.", block("choice", "2"));
    const values = Object.entries(policy(prompt));
    if (system.includes("Reply with exactly one JSON object")) {
      return write("By the feedback.", `${JSON.stringify({ reasoning: "…", values: Object.fromEntries(values) })}\n`);
    }
    if (values.length === 0) return write("All is well.", "<unchanged/>");
    return write("By the feedback.", values.map(([name, value]) => block(name, value)).join(""));
  };
}

/** `<variable name="x">` blocks of a prompt, the last of a name counting. */
function shown(prompt: string, name: string): string[] {
  return Array.from(
    prompt.matchAll(new RegExp(`<variable name="${name}">\\n([\\s\\S]*?)\\n</variable>`, "g")),
    ([, value]) => value as string,
  );
}

describe("the numerical example", () => {
  const square = bundle((x: number) => x * x, { name: "square", description: "x times x" });

  /** Bisects: from all values that the prompt shows with a score, or from the direction that the feedback tells. */
  function bisect(prompt: string): Record<string, string> {
    const tried = Array.from(
      prompt.matchAll(/<attempt score="(-?[\d.e+]+)"[^>]*>\n<variable name="width">\n(\d+)/g),
      ([, score, width]) => ({
        width: Number(width),
        score: Number(score),
      }),
    );
    if (prompt.includes("# Tried")) return { width: String(besideTheBest(tried)) };
    const current = Number(shown(prompt, "width")[0]);
    const steps = /by (\d+)/.exec(prompt.split(/# (?:Feedback|Examples)\n/)[1] ?? "")?.[1];
    const direction = /too (low|high)/.exec(prompt.split(/# (?:Feedback|Examples)\n/)[1] ?? "")?.[1];
    if (direction === undefined) return {};
    const size = Math.max(1, Math.floor(Math.sqrt(Number(steps)) / 2));
    return { width: String(Math.min(64, Math.max(1, direction === "low" ? current + size : current - size))) };
  }

  /** The place beside the best that was not tried, in the direction in which scores rise. */
  function besideTheBest(tried: readonly { readonly width: number; readonly score: number }[]): number {
    const best = tried.at(-1)?.width ?? 1;
    const known = new Set(tried.map(({ width }) => width));
    for (const step of [16, -16, 8, -8, 4, -4, 2, -2, 1, -1]) {
      const next = best + step;
      if (next >= 1 && next <= 64 && !known.has(next)) return next;
    }
    return best;
  }

  async function learn(make: Make, write: (typeof manners)[number]["write"]): Promise<number[]> {
    await using server = await startOpenAIServer(reader(bisect, write));
    const width = parameter(1, { name: "width", description: "a side of the box" });
    const optimizer = make([width], server);
    const path: number[] = [];
    for (let step = 0; step < 60; step++) {
      const result = operators.add(square(width), node(6, { name: "border" }));
      const distance = 42 - result.value;
      path.push(width.value);
      if (distance === 0) break;
      optimizer.zeroFeedback();
      const text = `too ${distance > 0 ? "low" : "high"} by ${Math.abs(distance)}`;
      optimizer.backward(result, { score: -Math.abs(distance), feedback: text });
      await optimizer.step();
    }
    return path;
  }

  it.each(
    optimizers.flatMap((optimizer) => manners.map((manner) => ({ ...optimizer, manner: manner.name, write: manner.write }))),
  )("is learned by $name from a model that answers $manner", async ({ make, write }) => {
    const path = await learn(make, write);
    expect(path.at(-1)).toBe(6);
    expect(path.length).toBeGreaterThan(2);
  });
});

describe("a prompt task", () => {
  /** Answers with the model called "agent", which obeys its instructions as far as it has been given any. */
  class Capital extends Module<string, string> {
    readonly prompt = parameter("Name the capital of {country}.", { description: "what the model is told" });
    readonly tone = parameter("formal", { domain: choices(["formal", "plain"]) });
    readonly server: OpenAIServer;

    constructor(server: OpenAIServer) {
      super();
      this.server = server;
    }

    forward(country: string): Promise<Node<string>> {
      const system = this.prompt.map((prompt) => `${prompt} Be ${this.tone.value}.`, "The prompt with the tone.");
      return generate({ model: model(this.server, "agent"), system, prompt: country, maxRetries: 0 });
    }
  }

  const rules = ["one word", "lower case", "no period"] as const;

  function obedient({ system, prompt }: ServerRequest): string {
    let answer = system.includes("one word") ? "Paris." : `The capital of ${prompt} is Paris.`;
    if (system.includes("lower case")) answer = answer.toLowerCase();
    return system.includes("no period") ? answer.replace(".", "") : answer;
  }

  function guide(_country: string, answer: string): [number, string] {
    const wrong = rules.filter((_, place) => [answer.includes(" "), /[A-Z]/.test(answer), answer.endsWith(".")][place]);
    return [1 - wrong.length / 3, wrong.length === 0 ? "Right." : `Use ${wrong[0]}.`];
  }

  /** Adds to the prompt that scored best what the feedback asks for, or what no prompt has tried yet. */
  function attentive(prompt: string): Record<string, string> {
    const best = shown(prompt.split("# Examples")[0] ?? "", "prompt").at(prompt.includes("# Tried") ? -1 : 0);
    const feedback = prompt.split(/# (?:Feedback|Examples)\n/)[1] ?? "";
    const asked =
      rules.find((rule) => feedback.includes(`Use ${rule}`) && !best?.includes(rule)) ??
      rules.find((rule) => !best?.includes(rule));
    return best === undefined || asked === undefined || !/better value for prompt|# Tried|need changing: prompt/.test(prompt)
      ? {}
      : { prompt: `${best} Use ${asked}.` };
  }

  async function train(make: Make, numThreads: number, write: (typeof manners)[number]["write"]) {
    await using server = await startOpenAIServer(async (request) => {
      await new Promise((resolve) => setTimeout(resolve, (request.index * 7) % 4));
      return request.body?.model === "agent" ? obedient(request) : reader(attentive, write)(request);
    });
    const agent = new Capital(server);
    const logger = Object.assign(new RecordingLogger(), { order: "logical" as const });
    const search = new BasicSearchAlgorithm(agent, make(agent, server), { numThreads, logger });
    const examples = ["France", "the French Republic"].map((input) => ({ input, info: null }));
    const result = await search.train(guide, examples, {
      batchSize: 2,
      numEpochs: 4,
      numProposals: 2,
      evalFrequency: 0,
      seed: 3,
    });
    const events = logger.events
      .filter(({ type }) => type === "model-call" || type === "candidate-scored" || type === "candidate-proposed")
      .map((event) => JSON.stringify(event));
    return { candidate: agent.candidate(), scores: result.trainScores, events };
  }

  it.each(optimizers)("is learned by $name, with the same events under any concurrency", async ({ make }) => {
    const { write } = manners[0] as (typeof manners)[number];
    const alone = await train(make, 1, write);
    for (const rule of rules) expect(alone.candidate.prompt).toContain(rule);
    expect(alone.candidate.prompt).toContain("{country}");
    for (const numThreads of [2, 8]) expect(await train(make, numThreads, write)).toEqual(alone);
    const talkative = await train(make, 4, (manners[1] as (typeof manners)[number]).write);
    expect(talkative.candidate).toEqual(alone.candidate);
  });

  it("TPE needs no server: it learns the number of a formula from scores alone", async () => {
    const agent = moduleOf(
      { width: parameter(1, { domain: choices([1, 2, 3, 4, 5, 6, 7, 8]) }) },
      ({ width }, x: number) => width.value ** 2 + x,
    );
    const search = new BasicSearchAlgorithm(agent, new TPE(agent, { seed: 1 }), { numThreads: 4 });
    await search.train((_x, y: number) => -Math.abs(42 - y), [{ input: 6, info: null }], { numEpochs: 20, evalFrequency: 0 });
    expect(agent.width.value).toBe(6);
  });
});
