/**
 * Estimates: by hand, against real runs, and where they have to be vague.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Dataset } from "../data/dataset.ts";
import type { Range } from "../data/range.ts";
import { type Module, model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { LLMJudge } from "../guides/llm-judge.ts";
import { callModel } from "../llm/call-model.ts";
import { currentDryRun } from "../llm/dry-run.ts";
import type { ModelRole } from "../llm/model-request.ts";
import { askStructured } from "../llm/structured/ask-structured.ts";
import { Optimizer } from "../optimizers/optimizer.ts";
import { OptoPrime } from "../optimizers/opto-prime.ts";
import { describeEstimate, type EstimateLine } from "../search/estimate/sum-estimate.ts";
import { type ScriptedModel, scriptedModel } from "../testing/scripted-model.ts";
import type { RunEvent } from "../trainer/events.ts";
import { BasicSearchAlgorithm, type BasicSearchTrainOptions } from "./basic-search-algorithm.ts";
import { type EstimateOptions, estimateRun } from "./estimate-run.ts";
import { MinibatchAlgorithm } from "./minibatch-algorithm.ts";

/** A model that asks the dry run when there is one. Its tokens are 4 characters each. */
function modelOf(role: ModelRole, reply: (prompt: string, index: number) => string): ScriptedModel {
  return scriptedModel(
    ({ system, messages, prompt, maxOutputTokens, index }) => {
      const conversation = messages.map(({ content }) => ({ role: "user" as const, content }));
      const dryRun = currentDryRun();
      const request = { model: `scripted/${role}`, role, system, messages: conversation, maxOutputTokens };
      if (dryRun !== undefined) return dryRun.answer(request).text;
      const text = reply(prompt, index);
      const asked = system + messages.map(({ content }) => content).join("");
      return { text, usage: { inputTokens: Math.ceil(asked.length / 4), outputTokens: Math.ceil(text.length / 4) } };
    },
    { id: role },
  );
}

type Info = string;
const dataset: Dataset<string, Info> = Array.from({ length: 6 }, (_, index) => ({
  input: `Question ${index}: ${"why ".repeat(1 + 3 * index)}?`,
  info: "because",
}));

/** Asks once, or twice when the question is long. */
function answering(language: ScriptedModel): Module<string, string> {
  const agent = model({ prompt: parameter("Answer in a word.") }, async ({ prompt }, question: string) => {
    const first = await callModel({ model: language, system: prompt.value, prompt: question });
    if (question.length < 40) return first.text;
    return (await callModel({ model: language, system: "Shorter.", prompt: first.text })).text;
  });
  return agent as unknown as Module<string, string>;
}

const agentModel = (): ScriptedModel => modelOf("agent", (_, index) => `An answer of some length, number ${index}`);
const judgeModel = (): ScriptedModel =>
  modelOf("judge", (_, index) =>
    JSON.stringify({ feedback: "It could be shorter, and more to the point.", score: (index % 7) / 7 }),
  );
const optimizerModel = (): ScriptedModel =>
  modelOf("optimizer", (_, index) => {
    const value = index % 3 === 2 ? "nothing" : `<variable name="prompt">\nAnswer in ${index} words, please.\n</variable>`;
    return `<reasoning>The feedback asks for shorter answers that come to the point.</reasoning>\n${value}`;
  });

const scored = (_question: string, answer: string): number => answer.length;
const prices = {
  "scripted/agent": { inputPerMillion: 1, outputPerMillion: 2 },
  "scripted/judge": { inputPerMillion: 1, outputPerMillion: 2 },
  "scripted/optimizer": { inputPerMillion: 10, outputPerMillion: 20 },
};

function parts(): Pick<EstimateOptions<string, string, Info>, "agent" | "guide" | "optimizer" | "trainDataset"> {
  const agent = answering(agentModel());
  return { agent, guide: scored, optimizer: new OptoPrime(agent, { model: optimizerModel() }), trainDataset: dataset };
}

function within(value: number, { min, max }: Range, what: string): void {
  expect(value, what).toBeGreaterThanOrEqual(min);
  expect(value, what).toBeLessThanOrEqual(max);
}

/** Asks no model. */
class Silent extends Optimizer {
  protected suggest() {
    return { values: new Map<string, unknown>() };
  }
  override expectedCalls() {
    return { proposal: [] };
  }
}

describe("estimateRun", () => {
  it("counts calls by hand", async () => {
    const estimate = await estimateRun({ ...parts(), numEpochs: 2, batchSize: 4, evalFrequency: 0, calls: { prices } });
    // 2 epochs of 6 examples in batches of 4 and 2; 1 or 2 calls each.
    expect(estimate.work).toMatchObject({ iterations: { min: 4, max: 4 }, rollouts: { min: 12, max: 12 } });
    expect(estimate.byRole).toMatchObject({
      agent: { calls: { min: 12, max: 24 }, outputTokens: { min: 12, max: 24 * 512 } },
      optimizer: { calls: { min: 4, max: 8 } },
    });
    expect(estimate.calls).toEqual({ min: 16, max: 32 });
    expect(estimate).toMatchObject({ unpriced: [], notes: [] });
    expect(Object.keys(estimate.byModel)).toEqual(["scripted/agent", "scripted/optimizer"]);
    expect(JSON.parse(JSON.stringify(estimate))).toEqual(estimate);
  });

  const runs: { name: string; options: BasicSearchTrainOptions<string, string, Info>; isSearch?: true }[] = [
    { name: "minibatches", options: { batchSize: 2, numEpochs: 2 } },
    { name: "checks for improvement", options: { batchSize: 3, ensureImprovement: true, numEvalSamples: 2 } },
    { name: "a search", options: { batchSize: 3, numProposals: 3, validateDataset: dataset.slice(0, 2) }, isSearch: true },
  ];

  it.each(runs)("holds what a real run with $name asks and costs", async ({ options, isSearch }) => {
    const agent = answering(agentModel());
    const guide = new LLMJudge<string, string, Info>({ model: judgeModel() });
    const optimizer = new OptoPrime(agent, { model: optimizerModel(), memorySize: 2 });
    const algorithm = isSearch ? BasicSearchAlgorithm : MinibatchAlgorithm;
    const estimate = await estimateRun<string, string, Info>({
      ...options,
      ...{ agent, guide, optimizer, algorithm, trainDataset: dataset, calls: { prices } },
    });
    expect(estimate.notes).toEqual([]);

    const used: Record<string, { calls: number; inputTokens: number; outputTokens: number; usd: number }> = {};
    const onEvent = (event: RunEvent): void => {
      if (event.type !== "model-call") return;
      used[event.role] ??= { calls: 0, inputTokens: 0, outputTokens: 0, usd: 0 };
      const sums = used[event.role] as (typeof used)[string];
      const { inputPerMillion, outputPerMillion } = prices[event.model as keyof typeof prices];
      sums.calls++;
      sums.inputTokens += event.inputTokens ?? 0;
      sums.outputTokens += event.outputTokens ?? 0;
      sums.usd += ((event.inputTokens ?? 0) * inputPerMillion + (event.outputTokens ?? 0) * outputPerMillion) / 1e6;
    };
    await new algorithm<string, string, Info>(agent, optimizer, { logger: { onEvent } }).train(guide, dataset, options);

    expect(Object.keys(used).sort()).toEqual(["agent", "judge", "optimizer"]);
    for (const [role, counted] of Object.entries(used)) {
      const line = estimate.byRole[role] as EstimateLine;
      for (const field of ["calls", "inputTokens", "outputTokens"] as const)
        within(counted[field], line[field], `${role} ${field}`);
      within(counted.usd, line.usd as Range, `${role} usd`);
    }
  });

  it("calls no provider and changes nothing", async () => {
    const given = parts();
    const before = given.agent.candidate();
    await estimateRun({ ...given, guide: new LLMJudge({ model: judgeModel() }), numProposals: 2 });
    expect(given.agent.candidate()).toEqual(before);
    expect(given.agent.parameters()).toHaveLength(1);
  });

  it("says what a placeholder keeps it from seeing, and counts the judge all the same", async () => {
    const asking = agentModel();
    const agent = model({ prompt: parameter("Give a number.") }, async ({ prompt }, question: string) => {
      // Not even a value that fits the schema as far as that can be known.
      const code = await askStructured({
        model: asking,
        system: prompt.value,
        prompt: question,
        schema: z.string().regex(/^\d+$/),
      });
      return (await callModel({ model: asking, prompt: code })).text;
    }) as unknown as Module<string, string>;
    const estimate = await estimateRun({
      agent,
      guide: new LLMJudge({ model: judgeModel() }),
      optimizer: new Silent(agent),
      trainDataset: dataset,
      evalFrequency: 0,
    });
    // At least the first question; at most its correction, too, and what the judge would ask.
    expect(estimate.byRole).toMatchObject({ agent: { calls: { min: 6, max: 12 } }, judge: { calls: { min: 0, max: 6 } } });
    expect(estimate.notes).toEqual([
      expect.stringMatching(
        /^3 of 3 sample rollouts of training ended early, because a placeholder is not a real reply.*unusable/,
      ),
    ]);
  });

  it("says where the agent fails by itself, before a placeholder is given", async () => {
    const asking = agentModel();
    const [first = ""] = dataset.map(({ input }) => input);
    const agent = model({ prompt: parameter("Give a number.") }, async ({ prompt }, question: string) => {
      if (question === first) throw new Error("no such customer");
      const { text } = await callModel({ model: asking, system: prompt.value, prompt: question });
      if (question !== dataset.at(-1)?.input) throw new Error(`not a number: ${text}`);
      return text;
    }) as unknown as Module<string, string>;
    const { notes } = await estimateRun({
      agent,
      guide: scored,
      optimizer: new Silent(agent),
      trainDataset: dataset,
      numSamples: dataset.length,
      evalFrequency: 0,
    });
    expect(notes).toEqual([
      expect.stringMatching(
        /^1 of 6 sample rollouts of training failed before any model was called, so none of their calls are counted \(.*no such customer\)$/,
      ),
      expect.stringMatching(
        /^4 of 6 sample rollouts of training ended early, because a placeholder is not a real reply: .*not a number/,
      ),
    ]);
  });

  it("does not guess prices", async () => {
    const estimate = await estimateRun({ ...parts(), calls: { prices: { "scripted/agent": prices["scripted/agent"] } } });
    expect(estimate.usd).toBeNull();
    expect(estimate.byRole.agent?.usd).not.toBeNull();
    expect(estimate.unpriced).toEqual(["scripted/optimizer"]);
  });

  it("counts nothing for optimizers without a model, and says so for unknown ones", async () => {
    class Own extends Optimizer {
      protected suggest() {
        return { values: new Map<string, unknown>() };
      }
    }
    const given = parts();
    const estimate = await estimateRun({ ...given, optimizer: new Own(given.agent), evalFrequency: 0 });
    expect(Object.keys(estimate.byRole)).toEqual(["agent"]);
    expect(estimate.notes).toEqual(["Calls of Own are not counted, because it does not declare them in `expectedCalls`"]);
  });

  it("is of the search that `train` takes by default, on the data that it sets aside", async () => {
    const given = {
      ...parts(),
      trainDataset: Array.from({ length: 100 }, (_, at) => ({ input: `Why ${at}?`, info: "because" })),
    };
    // Ten batches of 8 of 75 examples; 25 are set aside, on which the start and the end are evaluated.
    expect((await estimateRun(given)).work).toMatchObject({ iterations: { max: 10 }, test: { max: 50 }, proposals: { max: 40 } });
    const { work } = await estimateRun({ ...given, algorithm: "MinibatchAlgorithm" });
    expect(work).toMatchObject({ iterations: { max: 100 }, proposals: { max: 100 } });
  });

  it("refuses what the run would refuse", async () => {
    const given = parts();
    await expect(estimateRun({ ...given, batchsize: 2 } as never)).rejects.toThrow("did you mean `batchSize`?");
    await expect(estimateRun({ ...given, numSamples: 0 })).rejects.toThrow("Expected `numSamples`");
    await expect(estimateRun({ ...given, optimizer: new OptoPrime(given.agent) })).rejects.toThrow("No language model is set");
    await expect(estimateRun({ ...given, signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
  });
});

describe("describeEstimate", () => {
  it("is a small table", async () => {
    const guide = new LLMJudge<string, string, Info>({ model: judgeModel(), maxOutputTokens: 100 });
    const estimate = await estimateRun({ ...parts(), guide, batchSize: 3, numEpochs: 10, calls: { prices } });
    expect(`\n${describeEstimate(estimate)}\n`).toMatchInlineSnapshot(`
      "
                      calls       input tokens     output tokens           dollars
      agent      186 to 372    3,348 to 17,856    186 to 190,464  $0.0037 to $0.40
      judge             186   47,058 to 82,398   2,790 to 18,600    $0.05 to $0.12
      optimizer    20 to 40  14,900 to 476,720     400 to 82,400    $0.16 to $6.42
      total      392 to 598  65,306 to 576,974  3,376 to 291,464    $0.21 to $6.93
      20 iterations, 186 rollouts (forward 60, test 126), 20 proposals
      "
    `);
  });

  it("counts one as one", async () => {
    const estimate = await estimateRun({ ...parts(), evalFrequency: 0, batchSize: 3, stop: { maxIterations: 1 } });
    expect(describeEstimate(estimate)).toContain("\n1 iteration, 3 rollouts (forward 3), 1 proposal\n");
  });

  it("names prices that are missing, and what could not be foreseen", async () => {
    const estimate = await estimateRun({ ...parts(), evalFrequency: 0, stop: { deadline: "2100-01-01" } });
    const text = describeEstimate({ ...estimate, notes: ["A note"] });
    expect(text).toContain("unknown");
    expect(text.split("\n").slice(-4)).toEqual([
      "0 to 6 iterations, 0 to 6 rollouts (forward 0 to 6), 0 to 6 proposals",
      'The price of scripted/agent is not known: it is in no price table. Give calls: { prices: { "scripted/agent": { inputPerMillion: …, outputPerMillion: … } } }, in dollars per million tokens; 0 for a model that costs nothing',
      'The price of scripted/optimizer is not known: it is in no price table. Give calls: { prices: { "scripted/optimizer": { inputPerMillion: …, outputPerMillion: … } } }, in dollars per million tokens; 0 for a model that costs nothing',
      "A note",
    ]);
  });
});
