import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { range } from "../graph/domain.ts";
import { Module } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { atPosition } from "../graph/scope.ts";
import { generate } from "../llm/generate.ts";
import { TPE } from "../optimizers/tpe.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { train } from "../train.ts";
import { fileNames } from "./run-files.ts";

/** Three chains of two calls each at once, whose answers take a while that differs from process to process. */
class Committee extends Module<number, number> {
  a = parameter(0, { domain: range(-2, 2, { integer: true }) });
  readonly model = scriptedModel(async ({ prompt }) => {
    await pause(Math.random() * 6);
    return { text: `${prompt}!`, usage: { inputTokens: prompt.length, outputTokens: 1 } };
  });

  async forward(x: number): Promise<number> {
    const ask = async (name: string): Promise<void> => {
      const first = await generate({ model: this.model, prompt: `${name} ${x} ${this.a.value}` });
      await generate({ model: this.model, prompt: `again ${first.value}` });
    };
    await Promise.all(["first", "second", "third"].map((name) => atPosition(name, () => ask(name))));
    return this.a.value * x;
  }
}

it.each([
  ["", {}],
  [", also with kept rollouts", { cacheRollouts: true }],
])("the journal does not show in which order answers arrive within an agent%s", async (_, options) => {
  const runDir = await mkdtemp(join(tmpdir(), "opto-order-"));
  const journals = await Promise.all(
    [1, 32].map(async (numThreads) => {
      const agent = new Committee();
      const run = `threads-${numThreads}`;
      await train({
        agent,
        trainDataset: [1, 2, 3].map((x) => ({ input: x, info: 2 * x })),
        guide: (_x: number, y: number, right: number) => -Math.abs(y - right),
        optimizer: new TPE(agent),
        batchSize: 3,
        numThreads,
        run: { dir: runDir, id: run, ...options },
        logger: [],
      });
      const text = await readFile(join(runDir, run, fileNames.events), "utf8");
      return text.replace(/"time":"[^"]*"/g, "").replace(/"numThreads":\d+/, "");
    }),
  );
  expect(journals[0]?.match(/"model-call"/g)).toHaveLength(54);
  expect(journals[1]).toBe(journals[0]);
  await rm(runDir, { recursive: true });
});
