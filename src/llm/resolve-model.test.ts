/**
 * Models by name: from the environment, from packages, from servers of one's own.
 *
 * @module
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAI } from "@ai-sdk/openai";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startOpenAIServer } from "../../test/support/openai-server.ts";
import { ConfigurationError, MissingPackageError } from "../errors.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { callModel } from "./call-model.ts";
import { type LanguageModel, modelName } from "./language-model.ts";
import { configuredModel, resolveModel } from "./resolve-model.ts";

const variables = [
  "OPTO_MODEL",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "ANTHROPIC_API_KEY",
  "GOOGLE_GENERATIVE_AI_API_KEY",
  "GEMINI_API_KEY",
  "GOOGLE_API_KEY",
  "MISTRAL_API_KEY",
  "GROQ_API_KEY",
] as const;

type Environment = Partial<Record<(typeof variables)[number], string>>;

function setEnvironment(environment: Environment): void {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
}

beforeEach(() => {
  for (const name of variables) vi.stubEnv(name, "");
});
afterEach(() => void vi.unstubAllEnvs());

describe("resolveModel", () => {
  it("gives an object as it is", async () => {
    const model = scriptedModel("x");
    expect(await resolveModel(model)).toBe(model);
  });

  it("loads the package of the provider that a name begins with", async () => {
    const { provider, modelId } = await resolveModel("openai/some-model");
    expect({ provider, modelId }).toEqual({ provider: "openai.responses", modelId: "some-model" });
  });

  it("takes OPTO_MODEL where none is given", async () => {
    setEnvironment({ OPTO_MODEL: "openai/some-model" });
    expect((await resolveModel()).modelId).toBe("some-model");
    expect((await resolveModel("openai/other-model")).modelId).toBe("other-model");
  });

  it.each<{ name: string; environment: Environment; key: string }>([
    { name: "without a key", environment: {}, key: "Bearer unused" },
    { name: "with a key", environment: { OPENAI_API_KEY: "mine" }, key: "Bearer mine" },
  ])("talks to the server at OPENAI_BASE_URL $name", async ({ environment, key }) => {
    await using server = await startOpenAIServer(({ body }) => `I am ${body?.model}`);
    setEnvironment({ ...environment, OPENAI_BASE_URL: server.baseUrl, OPTO_MODEL: "openai/meta-llama/Llama-3-8B" });
    const reply = await callModel({ prompt: "Who are you?" });
    expect(reply).toMatchObject({ text: "I am meta-llama/Llama-3-8B", model: "openai/meta-llama/Llama-3-8B" });
    expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([["/v1/chat/completions", key]]);
  });

  it.each<{ name: string; model: unknown; environment?: Environment; message: RegExp }>([
    { name: "nothing", model: undefined, message: /No language model is set.*or OPTO_MODEL to.*OPTO_MODEL=openai\/gpt/ },
    {
      name: "nothing but a key",
      model: undefined,
      environment: { ANTHROPIC_API_KEY: "k" },
      message: /for example OPTO_MODEL=anthropic\/claude/,
    },
    {
      name: "a name without a provider",
      model: "gpt-5",
      message: /Expected the model to be "provider\/model".*got "?gpt-5"? \(string\)/,
    },
    {
      name: "such a name in OPTO_MODEL",
      model: undefined,
      environment: { OPTO_MODEL: "gpt-5" },
      message: /Expected OPTO_MODEL to be/,
    },
    { name: "a path", model: "../secret/x", message: /Expected the model to be/ },
    { name: "something else", model: 7, message: /a language model of the AI SDK, got 7/ },
    { name: "a package without a default provider", model: "openai-compatible/x", message: /exports no language model provider/ },
    {
      name: "an address with a password, without quoting it",
      model: "openai/gpt-5-mini",
      environment: { OPENAI_BASE_URL: "http://user:s3cretPass99@127.0.0.1:9/v1" },
      message: /^OPENAI_BASE_URL contains a user name or a password, which no request can be sent with(?!.*s3cret)/,
    },
  ])("refuses $name", async ({ model, environment = {}, message }) => {
    setEnvironment(environment);
    const resolving = resolveModel(model as LanguageModel);
    await expect(resolving).rejects.toThrow(ConfigurationError);
    await expect(resolving).rejects.toThrow(message);
  });

  it("finds packages of the user's project, and gives them the key that they do not look for", async () => {
    const project = await mkdtemp(join(tmpdir(), "opto-project-"));
    const home = join(project, "node_modules", "@ai-sdk", "google");
    await mkdir(home, { recursive: true });
    await writeFile(
      join(home, "package.json"),
      JSON.stringify({ name: "@ai-sdk/google", type: "module", exports: "./index.js" }),
    );
    const source = `const make = ({ apiKey = "none" } = {}) => ({ languageModel: (id) => ({ doGenerate() {}, modelId: id + " with " + apiKey }) });
      export const google = make();
      export const createGoogle = make;`;
    await writeFile(join(home, "index.js"), source);
    vi.spyOn(process, "cwd").mockReturnValue(project);
    try {
      expect((await resolveModel("google/flash")).modelId).toBe("flash with none");
      setEnvironment({ GEMINI_API_KEY: "mine" });
      expect((await resolveModel("google/flash")).modelId).toBe("flash with mine");
      setEnvironment({ GOOGLE_GENERATIVE_AI_API_KEY: "usual" });
      expect((await resolveModel("google/flash")).modelId).toBe("flash with none");
    } finally {
      vi.restoreAllMocks();
      await rm(project, { recursive: true });
    }
  });

  it("says how to install a package that is missing", async () => {
    const resolving = resolveModel("no-such-provider/x");
    await expect(resolving).rejects.toThrow(MissingPackageError);
    await expect(resolving).rejects.toThrow(
      'The model "no-such-provider/x" needs the package "@ai-sdk/no-such-provider", which is not installed. Run: npm install @ai-sdk/no-such-provider',
    );
  });
});

describe("configuredModel", () => {
  it.each<{ environment: Environment; expected: RegExp | undefined }>([
    { environment: {}, expected: undefined },
    { environment: { OPTO_MODEL: "a/b", OPENAI_API_KEY: "k" }, expected: /^a\/b$/ },
    { environment: { OPENAI_API_KEY: "k" }, expected: /^openai\/gpt-.*mini$/ },
    { environment: { ANTHROPIC_API_KEY: "k" }, expected: /^anthropic\/claude-haiku/ },
    { environment: { GOOGLE_GENERATIVE_AI_API_KEY: "k" }, expected: /^google\/gemini-.*flash/ },
    { environment: { GEMINI_API_KEY: "k" }, expected: /^google\/gemini-.*flash/ },
    { environment: { MISTRAL_API_KEY: "k" }, expected: /^mistral\/mistral-small/ },
    { environment: { GROQ_API_KEY: "k" }, expected: /^groq\/openai\/gpt-oss/ },
    { environment: { GROQ_API_KEY: "k", OPENAI_API_KEY: "k" }, expected: /^openai\// },
    // The models of one's own server cannot be guessed.
    { environment: { OPENAI_BASE_URL: "http://127.0.0.1:1/v1" }, expected: undefined },
    { environment: { OPENAI_BASE_URL: "http://127.0.0.1:1/v1", OPENAI_API_KEY: "k" }, expected: undefined },
    { environment: { OPENAI_BASE_URL: "http://127.0.0.1:1/v1", OPENAI_API_KEY: "k", GROQ_API_KEY: "k" }, expected: /^groq/ },
    { environment: { OPENAI_BASE_URL: "http://127.0.0.1:1/v1", OPTO_MODEL: "openai/x" }, expected: /^openai\/x$/ },
  ])("of $environment is $expected", ({ environment, expected }) => {
    setEnvironment(environment);
    if (expected === undefined) expect(configuredModel()).toBeUndefined();
    else expect(configuredModel()).toMatch(expected);
  });
});

describe("modelName", () => {
  it.each<[LanguageModel | string, string]>([
    ["openai/gpt-5-mini", "openai/gpt-5-mini"],
    [createOpenAI({ apiKey: "k" })("gpt-5-mini"), "openai/gpt-5-mini"],
    [createOpenAI({ apiKey: "k" }).chat("gpt-5-mini"), "openai/gpt-5-mini"],
    [scriptedModel("x", { id: "y" }), "scripted/y"],
  ])("of %s is %s", (model, expected) => {
    expect(modelName(model)).toBe(expected);
  });
});
