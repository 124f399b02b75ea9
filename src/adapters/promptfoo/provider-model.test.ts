/**
 * Providers of promptfoo configs as models.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";
import { ConfigurationError } from "../../errors.ts";
import { foreignSettings, modelOfId, providerModel } from "./provider-model.ts";
import { readPromptfoo } from "./read-promptfoo.ts";

const folder = mkdtempSync(join(tmpdir(), "opto-provider-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a provider", () => {
  it.each([
    { id: "openai:gpt-5-mini", model: "openai/gpt-5-mini" },
    { id: "openai:chat:gpt-5-mini", model: "openai/gpt-5-mini" },
    { id: "anthropic:messages:claude-haiku-4-5", model: "anthropic/claude-haiku-4-5" },
    { id: "vertex:gemini-2.5-pro", model: "google-vertex/gemini-2.5-pro" },
    { id: "bedrock:us.anthropic.claude:0", model: "amazon-bedrock/us.anthropic.claude:0" },
    { id: "openai:embedding:text-embedding-3", model: undefined },
    { id: "file://agent.py", model: undefined },
    { id: "constructor:x", model: undefined },
    { id: "echo", model: undefined },
  ])("$id is the model $model", ({ id, model }) => {
    expect(modelOfId(id)).toBe(model);
  });

  it("has its settings in either form", () => {
    const asked = { model: "openai/m", settings: { temperature: 0, maxOutputTokens: 9, stopSequences: ["."] } };
    const config = { temperature: 0, max_tokens: 9, stop: ".", cost: 1 };
    expect(providerModel({ id: "openai:m", config })).toEqual(asked);
    expect(providerModel({ "openai:m": { config } })).toEqual(asked);
  });

  it("takes what `generate` has, and names what it has not", () => {
    const config = {
      apiKey: "sk-secret",
      apiHost: "gateway.example",
      top_k: 3,
      headers: { "x-team": "a" },
      response_format: { type: "json_object" },
      seed: "{{env.SEED}}",
    };
    const given = { id: "openai:m", label: "mine", env: { OPENAI_API_KEY: "sk-secret" }, config };
    expect(providerModel(given)?.settings).toEqual({ topK: 3, headers: { "x-team": "a" } });
    expect(foreignSettings(given)).toEqual(["apiKey", "apiHost", "response_format", "seed", "env"]);
    expect(foreignSettings({ "openai:m": { config } })).toEqual(["apiKey", "apiHost", "response_format", "seed"]);
    expect(foreignSettings("openai:m")).toEqual([]);
  });

  it("is not asked at another address, with another key, than its own", async () => {
    const provider = "{ id: 'openai:m', config: { apiKey: sk-secret, apiBaseUrl: 'http://127.0.0.1:1/v1' } }";
    const path = join(folder, "promptfooconfig.yaml");
    writeFileSync(
      path,
      `prompts: ["Ask {{q}}"]\nproviders: [${provider}]\ntests: [{ vars: { q: a }, assert: [{ type: equals, value: b }] }]\n`,
    );
    const source = await readPromptfoo(path, (module) => import(pathToFileURL(module).href));
    vi.stubEnv("OPTO_MODEL", "");
    const refused = await Promise.resolve(source.agent?.()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigurationError);
    expect((refused as Error).message).toMatch(/settings that opto cannot pass to it: apiKey, apiBaseUrl\..*Set OPTO_MODEL/);
    expect((refused as Error).message).not.toContain("sk-secret");
    vi.stubEnv("OPTO_MODEL", "openai/named");
    expect(await source.agent?.()).toMatchObject({ model: undefined, settings: {} });
    vi.unstubAllEnvs();
  });
});
