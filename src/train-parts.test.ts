/**
 * The parts of a run by instance, class, name and default; what does not fit is refused before anything is evaluated.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConfigurationError, InvalidArgumentError, MissingPackageError } from "./errors.ts";
import { range } from "./graph/domain.ts";
import { Module, model } from "./graph/module.ts";
import { type Parameter, parameter } from "./graph/parameter.ts";
import { Guide } from "./guides/guide.ts";
import type { LLMJudge } from "./guides/llm-judge.ts";
import { OptoPrime } from "./optimizers/opto-prime.ts";
import { OptoPrimeMulti } from "./optimizers/opto-prime-multi.ts";
import { scriptedModel } from "./testing/scripted-model.ts";
import { train } from "./train.ts";
import type { TrainOptions } from "./train-options.ts";
import { toModule, toNamedGuide, toOptimizer } from "./train-parts.ts";

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/^OPTO_MODEL$|_API_KEY$|_BASE_URL$/.test(name)) vi.stubEnv(name, "");
});
afterEach(() => void vi.unstubAllEnvs());

const prompt = (): Parameter => parameter("Answer.", { name: "prompt" }) as Parameter;
const size = (): Parameter => parameter(1, { name: "size", domain: range(0, 9) }) as Parameter;
const agentOf = (...parts: Parameter[]): Module =>
  model(Object.fromEntries(parts.map((part) => [part.name, part])), () => 1) as unknown as Module;

describe("the optimizer that is not named", () => {
  const key = { OPENAI_API_KEY: "k" };
  const named = { OPTO_MODEL: "openai/mine" };
  it.each<{ env: Record<string, string>; parts: Parameter[]; expected: string; model?: string }>([
    { env: {}, parts: [size()], expected: "TPE" },
    { env: {}, parts: [prompt(), size()], expected: "TPE" },
    { env: key, parts: [prompt()], expected: "OptoPrime", model: "openai/gpt-5-mini" },
    { env: key, parts: [prompt(), size()], expected: "OptoPrime", model: "openai/gpt-5-mini" },
    { env: { GROQ_API_KEY: "k" }, parts: [prompt()], expected: "OptoPrime", model: "groq/openai/gpt-oss-20b" },
    // A key that happens to be in the shell spends nothing where nothing has to be spent.
    { env: key, parts: [size()], expected: "TPE" },
    { env: named, parts: [size()], expected: "OptoPrime", model: "openai/mine" },
    { env: { ...key, ...named }, parts: [prompt()], expected: "OptoPrime", model: "openai/mine" },
    // The models of your own server cannot be guessed.
    { env: { ...key, OPENAI_BASE_URL: "http://127.0.0.1:1/v1" }, parts: [prompt(), size()], expected: "TPE" },
  ])("is $expected with $env", ({ env, parts, expected, model: expectedModel }) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const optimizer = toOptimizer(undefined, agentOf(...parts));
    expect(optimizer.constructor.name).toBe(expected);
    if (expectedModel !== undefined) expect((optimizer as OptoPrime).options.model).toBe(expectedModel);
  });

  it("is refused where none can work, with the ways out", () => {
    expect(() => toOptimizer(undefined, agentOf(prompt()))).toThrow(
      /For OptoPrime, set OPTO_MODEL to "provider\/model", or set a provider's key.*for TPE, give parameters a `domain`/,
    );
  });
});

describe("an optimizer or a judge by name", () => {
  it("asks the small model of the provider whose key is set", () => {
    vi.stubEnv("ANTHROPIC_API_KEY", "k");
    for (const given of ["OptoPrime", "OPRO", "TextGrad", OptoPrimeMulti] as const) {
      const { options } = toOptimizer(given, agentOf(prompt())) as OptoPrime;
      expect(options.model).toBe("anthropic/claude-haiku-4-5");
    }
    expect((toNamedGuide(undefined) as unknown as LLMJudge).options.model).toBe("anthropic/claude-haiku-4-5");
  });
});

describe("train", () => {
  interface Refusal {
    readonly name: string;
    readonly parts: (agent: Module) => Partial<TrainOptions<unknown, unknown, unknown>>;
    readonly error: new (...args: never[]) => Error;
    readonly message: RegExp;
  }
  const nothingNamed = /No language model is set\. Set `model`, or OPTO_MODEL/;

  it.each<Refusal>([
    {
      name: "OptoPrime by name without a model",
      parts: () => ({ optimizer: "OptoPrime" }),
      error: ConfigurationError,
      message: nothingNamed,
    },
    {
      name: "an OptoPrime of your own without a model",
      parts: (agent) => ({ optimizer: new OptoPrime(agent) }),
      error: ConfigurationError,
      message: nothingNamed,
    },
    {
      name: "the default judge without a model",
      parts: (agent) => ({ optimizer: new OptoPrime(agent, { model: scriptedModel("x") }), guide: undefined }),
      error: ConfigurationError,
      message: nothingNamed,
    },
    {
      name: "a model whose package is not installed",
      parts: (agent) => ({ optimizer: new OptoPrime(agent, { model: "mistral/small" }) }),
      error: MissingPackageError,
      message: /npm install @ai-sdk\/mistral/,
    },
    {
      name: "one of several models that is not installed",
      parts: (agent) => ({
        optimizer: new OptoPrimeMulti(agent, { technique: "multiLLM", models: [scriptedModel("x"), "mistral/small"] }),
      }),
      error: MissingPackageError,
      message: /npm install @ai-sdk\/mistral/,
    },
    {
      name: "a function in place of an optimizer",
      parts: () => ({ optimizer: (() => undefined) as never }),
      error: InvalidArgumentError,
      message: /Expected `optimizer` to be an optimizer, its class or its name.*new OptoPrime\(agent\)/,
    },
    {
      name: "an object in place of an algorithm",
      parts: () => ({ algorithm: {} as never }),
      error: InvalidArgumentError,
      message: /Expected `algorithm` to be an algorithm class, a search policy, or the name of one, got \{\}/,
    },
  ])("refuses $name before the agent runs", async ({ parts, error, message }) => {
    let calls = 0;
    const agent = model({ prompt: prompt() }, () => ++calls) as unknown as Module;
    const training = train({
      agent,
      trainDataset: [{ input: 1, info: 1 }],
      guide: () => 1,
      run: null,
      logger: [],
      ...parts(agent),
    });
    await expect(training).rejects.toThrow(error);
    await expect(training).rejects.toThrow(message);
    expect(calls).toBe(0);
  });
});

class Support extends Module<string, string> {
  prompt = parameter("Answer.");
  override forward(): string {
    return this.prompt.value;
  }
}
class Plain {}
class Judge extends Guide {
  override getFeedback(): { score: number; feedback: string } {
    return { score: 1, feedback: "" };
  }
}

describe("what is no agent", () => {
  it.each<[string, unknown, RegExp]>([
    ["a class of agents", Support, /got class Support\. Pass an instance of it: new Support\(\)$/],
    [
      "another class",
      Plain,
      /got class Plain\. Make it extend Module and pass an instance of it: class Plain extends Module, new Plain\(\)$/,
    ],
    ["a function that makes one", () => new Support(), /got function .*\. If it creates the agent, call it;/],
    ["a function of what it does", async (text: string) => text, /model\(\{ … \}, \(parts, input\) => …\)$/],
    ["a module of another copy", { namedParameters: () => new Map() }, /a Module of another copy of opto: check `npm ls opto`/],
    ["a promise", Promise.resolve(new Support()), /\. Await it$/],
    [
      "an object with a forward",
      { forward: () => 1 },
      /An agent is an instance of a class that extends Module, or is created by model/,
    ],
    ["a text", "Answer.", /got "Answer\." \(string\)$/],
    ["nothing", undefined, /got undefined$/],
  ])("%s is refused with what to write", (_, agent, message) => {
    expect(() => toModule(agent as Module)).toThrow(InvalidArgumentError);
    expect(() => toModule(agent as Module)).toThrow(message);
  });

  it("a class of guides is refused with what to write", async () => {
    const agent = new Support();
    const training = train({
      agent: agent as never,
      trainDataset: [{ input: 1, info: 1 }],
      guide: Judge as never,
      optimizer: new OptoPrime(agent, { model: scriptedModel("x") }),
      run: null,
      logger: [],
    });
    await expect(training).rejects.toThrow(/got class Judge\. Pass an instance of it: new Judge\(\)/);
  });
});

it("a page over a run that is not kept is missing with a word", async () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  try {
    const [trainDataset, guide] = [[{ input: 1, info: 1 }], () => 1];
    await train({ agent: agentOf(size()), trainDataset, guide, optimizer: "TPE", run: null, view: true, logger: [] });
    expect(warn.mock.calls).toEqual([["`view` shows runs that are kept: with `run: null` there is no page", "OptoWarning"]]);
  } finally {
    warn.mockRestore();
  }
});
