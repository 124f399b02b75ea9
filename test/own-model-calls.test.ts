/**
 * Agents that call the AI SDK themselves: what a budget, a warning, and a dry run make of them.
 *
 * @module
 */
import { symlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, type LanguageModel } from "ai";
import { Module, parameter, type RunEvent, range, type TrainOptions, type TrainResult, tracked, train } from "opto";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CliProjects, opto } from "./support/cli-project.ts";
import { type OpenAIServer, startOpenAIServer } from "./support/openai-server.ts";

// Programs take seconds to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });
const projects = new CliProjects();
let folder: string;
let server: OpenAIServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-own-calls-"));
  server = await startOpenAIServer(({ prompt }) => `About ${prompt}`);
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => projects.remove());

const trainDataset = Array.from({ length: 8 }, (_, index) => ({ input: `question ${index}`, info: `About question ${index}` }));

class Answers extends Module<string, string> {
  level = parameter(1, { domain: range(1, 9, { integer: true }) });
  readonly model: LanguageModel | undefined;

  constructor(model: LanguageModel | undefined) {
    super();
    this.model = model;
  }

  async forward(question: string): Promise<string> {
    const system = `Level ${this.level.value}`;
    if (this.model === undefined) return `About ${question}`;
    return (await generateText({ model: this.model, system, prompt: question, maxRetries: 0 })).text;
  }
}

type Options = Partial<TrainOptions<string, string, string>>;

async function trained(model: LanguageModel | undefined, options: Options): Promise<{ result: TrainResult; warnings: string[] }> {
  const warnings: string[] = [];
  const onEvent = (event: RunEvent): void => {
    if (event.type === "warning") warnings.push(event.message);
  };
  const { run, ...others } = options;
  const result = await train<string, string, string>({
    agent: new Answers(model),
    trainDataset,
    guide: (_question: string, answer: string, info: string) => answer === info,
    optimizer: "TPE",
    batchSize: 2,
    run: { dir: folder, ...run },
    numThreads: 16,
    verbose: false,
    logger: { onEvent },
    ...others,
  });
  return { result, warnings: warnings.filter((message) => message.includes("tracked(model)")) };
}

const plain = (): LanguageModel => createOpenAICompatible({ name: "local", baseURL: server.baseUrl })("test");

describe("a budget", () => {
  it("of calls is kept by a tracked model, without a warning", async () => {
    const { result, warnings } = await trained(tracked(plain() as never), { budget: { calls: 5 } });
    expect([result.stopReason, server.requests.length, result.usage.requests]).toEqual(["budget", 5, 5]);
    expect(warnings).toEqual([]);
  });

  it.each<[string, Options]>([
    ["from the first evaluation", { budget: { usd: 1 } }],
    ["from the first iteration, where nothing is evaluated before", { budget: { calls: 1000 }, evalFrequency: 0 }],
    ["with records of rollouts", { budget: { tokens: 1000 }, run: { cacheRollouts: true } }],
  ])("that sees no call of the agent is warned of once, %s", async (_, options) => {
    const { warnings } = await trained(plain(), options);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^The agent made no model call that counts towards `budget` in \d+ rollouts\. /);
  });

  it.each<[string, Options]>([
    ["none", {}],
    ["one of rollouts and time", { budget: { rollouts: 1000, wallClockMs: 1e8 } }],
  ])("is not warned of when there is %s", async (_, options) => {
    expect((await trained(plain(), options)).warnings).toEqual([]);
  });
});

describe("a dry run", () => {
  const config = (model: string): string => `
    import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
    import { generateText } from "ai";
    import { defineConfig, Module, parameter, range, tracked } from "opto";
    const own = createOpenAICompatible({ name: "local", baseURL: process.env.SERVER })("test");
    const model = ${model};
    class Answers extends Module {
      level = parameter(1, { domain: range(1, 9, { integer: true }) });
      async forward(question) {
        const system = "Level " + this.level.value;
        return (await generateText({ model, system, prompt: question })).text;
      }
    }
    export default defineConfig({
      agent: () => new Answers(),
      trainDataset: Array.from({ length: 8 }, (_, i) => ({ input: "question " + i, info: "" })),
      guide: (_question, answer) => answer.length,
      optimizer: "TPE",
      batchSize: 2,
    });
  `;
  const dryRun = async (model: string, flags = ""): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const home = projects.project({ "opto.config.js": config(model) });
    symlinkSync(resolve("node_modules"), join(home, "node_modules"));
    return opto(home, `train --dry-run ${flags}`, { env: { SERVER: server.baseUrl } });
  };

  it("makes no request of an agent that calls its provider, and says so", async () => {
    const { code, stdout, stderr } = await dryRun("own");
    expect(code, stderr).toBe(0);
    expect(server.requests).toHaveLength(0);
    expect(stdout).toContain(`makes requests of its own, to ${new URL(server.baseUrl).host}. A dry run refuses them`);
    expect(stdout).toContain("tracked(model)");
    expect(stdout).not.toContain("ended early");
  });

  it("makes them when asked to", async () => {
    const { code, stdout, stderr } = await dryRun("own", "--allow-requests");
    expect(code, stderr).toBe(0);
    expect(server.requests.length).toBeGreaterThan(0);
    expect(stdout).not.toContain("requests of its own");
  });

  it("counts the calls of a tracked model", async () => {
    const { code, stdout, stderr } = await dryRun("tracked(own)", "--json");
    expect(code, stderr).toBe(0);
    expect(server.requests).toHaveLength(0);
    const { byRole, rollouts, notes } = JSON.parse(stdout);
    expect(byRole.agent.calls).toEqual(rollouts);
    expect(notes).toEqual([]);
  });
});
