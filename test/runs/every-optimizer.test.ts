/**
 * Runs with every optimizer: cut short and continued, and reckoned before they begin.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, model, OPRO, type Optimizer, OptoPrime, OptoPrimeMulti, parameter, range, TextGrad, TPE, train } from "opto";
import { BasicSearchAlgorithm, estimateRun } from "opto/algorithms";
import { RecordingLogger, type ScriptedModel } from "opto/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toOptimizer } from "../../src/train.ts";
import { playing, type Subject, shownValue, subjects, valuesFor } from "../support/every-optimizer.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-every-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const scale = bundle((a: number, x: number) => a * x, { name: "scale" });
const shift = bundle((x: number, by: number) => x + by, { name: "shift" });

function line() {
  return model(
    {
      a: parameter(0, { domain: range(-9, 9, { integer: true }) }),
      b: parameter(0, { domain: range(-9, 9, { integer: true }) }),
    },
    ({ a, b }, x: number) => shift(scale(a, x), b),
  );
}

const trainDataset = [1, 2, 3].map((x) => ({ input: x, info: 3 * x + 2 }));
const guide = (_x: number, y: number, right: number) => ({
  score: -Math.abs(y - right),
  feedback: y < right ? "too low" : "too high",
});

/** Counts up from what it is shown, so that every question is another one. */
function counting(answered: () => void = () => {}): ScriptedModel {
  return playing((call) => {
    answered();
    const next = (name: string): string => String((Number(shownValue(call.prompt, name) ?? 0) % 9) + 1);
    return valuesFor(call, { a: next("a"), b: next("b") });
  });
}

function learn(subject: Subject, llm: ScriptedModel, runDir: string, signal?: AbortSignal) {
  const agent = line();
  const optimizer = subject.make(agent, { model: llm });
  const options = {
    numEpochs: 2,
    batchSize: 2,
    numProposals: 2,
    numThreads: 4,
    seed: 1,
    evalFrequency: 0,
    logger: [],
    handleSignals: false,
  };
  return train({ agent, trainDataset, guide, optimizer, runDir, signal, ...options }).then(({ parameters }) => parameters);
}

const questions = (...models: readonly ScriptedModel[]): string[] =>
  models
    .flatMap(({ calls }) =>
      calls.map(({ system, messages, temperature }) => JSON.stringify([system.slice(0, 30), messages, temperature])),
    )
    .sort();

describe.each(subjects)("$name", (subject) => {
  it("goes on after an abort at any call, to the same result, and pays for no answer twice", async () => {
    const whole = counting();
    const expected = await learn(subject, whole, join(folder, "whole"));
    const total = whole.calls.length;
    for (const stopAt of [1, Math.ceil(total / 2)]) {
      const runDir = join(folder, `cut-${stopAt}`);
      const controller = new AbortController();
      let answered = 0;
      const first = counting(() => {
        if (++answered === stopAt) setTimeout(() => controller.abort(new Error("enough")), 0);
      });
      const cut = await learn(subject, first, runDir, controller.signal).catch((error: Error) => error.message);
      const second = counting();
      expect(await learn(subject, second, runDir)).toEqual(expected);
      expect(cut).toBe("enough");
      // What was in flight at the abort may be asked for again; nothing that was answered is.
      const asked = questions(first, second);
      expect(new Set(asked)).toEqual(new Set(questions(whole)));
      expect(asked.length).toBeLessThanOrEqual(total + 8);
    }
  });

  it("asks as often as was reckoned", async () => {
    const agent = line();
    const llm = counting();
    const optimizer = subject.make(agent, { model: llm });
    const options = { numEpochs: 2, batchSize: 2, numProposals: 2, evalFrequency: 0 };
    const estimate = await estimateRun({ agent, trainDataset, guide, optimizer, ...options });
    expect(estimate.notes).toEqual([]);
    const logger = new RecordingLogger();
    await new BasicSearchAlgorithm(agent, optimizer, { logger }).train(guide, trainDataset, options);
    const { calls, inputTokens } = estimate.byRole.optimizer ?? expect.fail();
    expect(llm.calls.length).toBeGreaterThanOrEqual(calls.min);
    expect(llm.calls.length).toBeLessThanOrEqual(calls.max);
    // About four characters of English are a token.
    const characters = llm.calls.reduce(
      (sum, call) => sum + call.system.length + call.messages.reduce((all, { content }) => all + content.length, 0),
      0,
    );
    expect(characters / 4).toBeGreaterThanOrEqual(inputTokens.min / 2);
    expect(characters / 4).toBeLessThanOrEqual(inputTokens.max);
  });
});

describe("train", () => {
  it.each<[string, new (...args: never[]) => Optimizer]>([
    ["OptoPrime", OptoPrime],
    ["OptoPrimeMulti", OptoPrimeMulti],
    ["OPRO", OPRO],
    ["TextGrad", TextGrad],
    ["TPE", TPE],
  ])("knows %s by name, as a class and as an instance", (name, Class) => {
    const agent = line();
    expect(toOptimizer(name, agent)).toBeInstanceOf(Class);
    expect(toOptimizer(Class as never, agent)).toBeInstanceOf(Class);
    const instance = toOptimizer(name, agent);
    expect(toOptimizer(instance, agent)).toBe(instance);
  });

  it("refuses a name that is none, with those there are", () => {
    expect(() => toOptimizer("Adam", line())).toThrow(/one of OptoPrime, OptoPrimeMulti, OPRO, TextGrad, TPE, got "Adam"/);
  });
});
