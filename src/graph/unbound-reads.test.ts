import { MinibatchAlgorithm } from "opto";
import { RecordingLogger } from "opto/testing";
import { describe, expect, it } from "vitest";
import { Optimizer, type Suggestion } from "../optimizers/optimizer.ts";
import { type Module, model } from "./module.ts";
import { type Parameter, parameter } from "./parameter.ts";

class Once extends Optimizer {
  protected suggest(): Suggestion {
    return { values: new Map([["a", 1]]) };
  }
}

/** Runs tasks from a loop that began before any run. */
function taskLoop(): { later<T>(task: () => T): Promise<T>; close(): void } {
  const waiting: (() => void)[] = [];
  const timer = setInterval(() => {
    for (const run of waiting.splice(0)) run();
  }, 1);
  return {
    later: (task) => new Promise((resolve) => waiting.push(() => resolve(task()))),
    close: () => clearInterval(timer),
  };
}

async function warningsOf(agent: Module<number, number>): Promise<string[]> {
  const logger = new RecordingLogger();
  const trainer = new MinibatchAlgorithm(agent, new Once(agent), { logger });
  const examples = Array.from({ length: 4 }, (_, input) => ({ input, info: null }));
  await trainer.train((_x: number, y: number) => y, examples, { batchSize: 2, ensureImprovement: true });
  return logger.events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
}

describe("a parameter that is read outside the run that trains it", () => {
  it("is reported once", async () => {
    const loop = taskLoop();
    const shared: Parameter<number> = parameter(0, { name: "a" });
    const agent = model({ a: shared }, (_, x: number) => loop.later(() => shared.value + x));
    const warnings = await warningsOf(agent as never).finally(loop.close);
    expect(warnings.filter((message) => message.includes("AsyncResource.bind"))).toEqual([
      expect.stringMatching(/^The parameter a was read outside the run that is training it/),
    ]);
  });

  it("is not reported where the agent reads it in its rollout, and others look at the agent", async () => {
    const agent = model({ a: parameter(0) }, ({ a }, x: number) => a.value + x);
    const timer = setInterval(() => agent.candidate(), 1);
    expect(await warningsOf(agent).finally(() => clearInterval(timer))).toEqual([]);
    expect(agent.a.value).toBe(1);
  });
});
