/**
 * A training run inside of the test's own process: an agent with a judge, learning by OptoPrime from a server that speaks the
 * OpenAI protocol. Every call of it is another process's view: a new agent, optimizer and trainer.
 *
 * @module
 */

import { join } from "node:path";
import { createOpenAI } from "@ai-sdk/openai";
import {
  type Dataset,
  generate,
  LLMJudge,
  Module,
  type Node,
  OptoPrime,
  parameter,
  type RunEvent,
  type TrainOptions,
  type TrainResult,
  train,
} from "opto";
import { readRunEvents } from "opto/runs";
import { layered } from "../support/layered.ts";

type ChatModel = ReturnType<ReturnType<typeof createOpenAI>["chat"]>;

/** Answers customers. */
export class Support extends Module<string, string> {
  prompt = parameter("Answer the customer.", { description: "instructions to the model" });
  tone = parameter("neutral", { description: "how the answer sounds" });
  readonly model: ChatModel;

  constructor(model: ChatModel) {
    super();
    this.model = model;
  }

  forward(question: string): Promise<Node<string>> | Promise<string> {
    return generate({ model: this.model, system: this.prompt, prompt: `${this.tone.value}: ${question}` });
  }
}

/** The name under which runs know the model, and prices are given. */
export const modelName = "openai/test-model";

/** The model of a server. */
export function modelOf(server: { readonly baseUrl: string }): ChatModel {
  return createOpenAI({ baseURL: server.baseUrl, apiKey: "sk-test" }).chat("test-model");
}

/** Questions with what a judge is told about them. */
export function questions(count: number, first = 0): Dataset<string, string> {
  return Array.from({ length: count }, (_, index) => {
    return { input: `Question ${first + index}: where is my order?`, info: `an answer to ${first + index}` };
  });
}

/** What may be set. */
export type SupportOptions = Partial<Omit<TrainOptions<string, string, string>, "agent" | "logger">> & {
  readonly agent?: Support;
  readonly onEvent?: (event: RunEvent) => void;
  /** Without, every candidate is validated in full, so that the number of calls does not depend on timing. @default true */
  readonly prunes?: boolean;
};

/** Trains against a server. A search over two proposals with a judge, unless the options say otherwise. */
export function trainSupport(server: { readonly baseUrl: string }, options: SupportOptions): Promise<TrainResult> {
  const model = modelOf(server);
  const isSearch = (options.algorithm ?? "BasicSearchAlgorithm") === "BasicSearchAlgorithm";
  const { agent = new Support(model), onEvent, prunes = true, ...rest } = options;
  const judge = new LLMJudge({ model, criteria: "Is the answer helpful?" });
  return train<string, string, string>({
    agent,
    trainDataset: questions(4),
    guide: prunes ? judge : Object.assign(judge, { scoreRange: undefined }),
    optimizer: new OptoPrime(agent, { model, memorySize: 2 }),
    algorithm: "BasicSearchAlgorithm",
    ...(isSearch ? { numProposals: 2 } : {}),
    batchSize: 2,
    seed: 7,
    logger: onEvent === undefined ? [] : { onEvent },
    ...layered({ stop: { onSignals: false } }, rest),
  });
}

/** The history of a run, as its journal tells it, without the times and without the planned rollouts, which depend on whether there is a budget. */
export async function historyOf(runDir: string, run: string): Promise<string[]> {
  const events = await readRunEvents(join(runDir, run, "events.jsonl"));
  return events.map(({ time: _time, ...event }) =>
    JSON.stringify(event.type === "run-start" ? { ...event, rollouts: undefined } : event),
  );
}

/** What is the same in every run that comes to its end, however it got there. */
export function courseOf({ usage: _usage, run: _run, ...result }: TrainResult): object {
  return result;
}
