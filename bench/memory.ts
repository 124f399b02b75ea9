/**
 * Resident memory: what the library takes at rest, and what rollouts leave behind.
 *
 * @module
 */
import type { Benchmark } from "./benchmark.ts";
import { measureInFreshProcess } from "./fresh-process.ts";

export const residentMemory: readonly Benchmark[] = [
  { name: "resident memory after import", unit: "MB", limit: 55, sample: atRest },
  { name: "resident memory left by 10,000 rollouts", unit: "MB", limit: 10, sample: leftByRollouts },
  { name: "most resident memory, a million examples", unit: "MB", limit: 200, sample: streaming },
];

/** The whole process, Node itself included. */
function atRest(): Promise<number> {
  return measureInFreshProcess(`
    await import("opto");
    gc();
    console.log(process.memoryUsage.rss() / 1e6);
  `);
}

/** The first 10,000 rollouts let the heap find its size; what each further 10,000 add is a leak. */
function leftByRollouts(): Promise<number> {
  return measureInFreshProcess(`
    import { evaluate, model, parameter, standardOptimizationStep } from "opto";

    const agent = model({ prompt: parameter("Answer.") }, ({ prompt }, question) => prompt.value + " " + question);
    const guide = (_question, answer) => [answer.length, "fine"];
    const questions = Array.from({ length: 5_000 }, (_, index) => "question " + index);
    async function tenThousandRollouts() {
      await evaluate(agent, guide, questions, questions);
      for (const question of questions) await standardOptimizationStep(agent, question, guide, question);
      gc();
      return process.memoryUsage.rss();
    }
    const before = await tenThousandRollouts();
    await tenThousandRollouts();
    const after = await tenThousandRollouts();
    console.log((after - before) / 2 / 1e6);
  `);
}

/** The most that the process took while a generator gave a million examples. */
function streaming(): Promise<number> {
  return measureInFreshProcess(`
    import { evaluate, model, parameter } from "opto";

    const agent = model({ prompt: parameter("Answer.") }, async ({ prompt }, question) => prompt.value + " " + question);
    async function* examples() {
      for (let index = 0; index < 1_000_000; index++) yield { input: "question " + index, info: index };
    }
    const { mean } = await evaluate(agent, (_question, answer) => answer.length, examples(), { numThreads: 64 });
    if (!(mean > 20)) throw new Error("Expected a million scores, got the mean " + mean);
    console.log(process.resourceUsage().maxRSS / 1e3);
  `);
}
