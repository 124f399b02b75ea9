/**
 * Runs with every optimizer: cut short and continued, and reckoned before they begin.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bundle,
  type Logger,
  model,
  OPRO,
  type Optimizer,
  OptoPrime,
  OptoPrimeMulti,
  parameter,
  range,
  TextGrad,
  TPE,
  train,
} from "opto";
import { BasicSearchAlgorithm, estimateRun } from "opto/algorithms";
import { RecordingLogger, type ScriptedModel } from "opto/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toOptimizer } from "../../src/train-parts.ts";
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
function counting(): ScriptedModel {
  return playing((call) => {
    const next = (name: string): string => String((Number(shownValue(call.prompt, name) ?? 0) % 9) + 1);
    return valuesFor(call, { a: next("a"), b: next("b") });
  });
}

/** @param stop aborts the run when so many calls have been answered */
function learn(
  subject: Subject,
  llm: ScriptedModel,
  runDir: string,
  stop?: { readonly afterCalls: number; readonly reason: Error },
) {
  const agent = line();
  const optimizer = subject.make(agent, { model: llm });
  const controller = new AbortController();
  let answered = 0;
  const onEvent: Logger["onEvent"] = ({ type }) => {
    if (type === "model-call" && ++answered === stop?.afterCalls) controller.abort(stop.reason);
  };
  const options = {
    numEpochs: 2,
    batchSize: 2,
    numProposals: 2,
    numThreads: 4,
    seed: 1,
    evalFrequency: 0,
    logger: { onEvent },
    stop: { onSignals: false },
    signal: controller.signal,
  };
  return train({ agent, trainDataset, guide, optimizer, run: { dir: runDir }, ...options }).then(({ parameters }) => parameters);
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
    for (const afterCalls of [1, Math.ceil(total / 2), total]) {
      const runDir = join(folder, `cut-${afterCalls}`);
      const reason = new Error("enough");
      const first = counting();
      const cut = await learn(subject, first, runDir, { afterCalls, reason }).catch((error: unknown) => error);
      const second = counting();
      expect(await learn(subject, second, runDir)).toEqual(expected);
      expect(cut).toBe(reason);
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

describe("an abort", () => {
  it.each(subjects.filter(({ name }) => name === "OptoPrime" || name === "TextGrad"))(
    "at any event of a run with $name ends it with the reason",
    async ({ make }) => {
      /** @returns what the run ended with, and its events */
      const run = async (abortAt: number) => {
        const agent = line();
        const controller = new AbortController();
        const events: string[] = [];
        const onEvent: Logger["onEvent"] = ({ type }) => {
          if (events.push(type) === abortAt) controller.abort(reason);
        };
        const options = { batchSize: 2, numProposals: 2, numThreads: 4, seed: 1, run: null, logger: { onEvent } };
        const parts = { agent, trainDataset, guide, optimizer: make(agent, { model: counting() }), signal: controller.signal };
        const end = await train({ ...parts, ...options, stop: { onSignals: false } }).catch((error: unknown) => error);
        return { end, events };
      };
      const reason = new Error("enough");
      const { events } = await run(0);
      expect(events.at(-1)).toBe("run-end");
      const lost: string[] = [];
      for (let abortAt = 1; abortAt < events.length; abortAt++) {
        if ((await run(abortAt)).end !== reason) lost.push(`${abortAt} ${events[abortAt - 1]}`);
      }
      expect(lost).toEqual([]);
    },
  );
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
