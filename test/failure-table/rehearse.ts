/**
 * A small training run against real servers, one for each party that asks a model, in which one thing goes wrong.
 *
 * @module
 */

import { Writable } from "node:stream";
import { createOpenAI } from "@ai-sdk/openai";
import {
  ConsoleLogger,
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
import { z } from "zod";
import { exitCodeOf, type Output } from "../../src/cli/command.ts";
import { tellError } from "../../src/cli/tell-error.ts";
import { answerOf } from "../runs/model-server.ts";
import { layered } from "../support/layered.ts";
import { type OpenAIServer, type ServerReply, type ServerRequest, startOpenAIServer } from "../support/openai-server.ts";
import type { Party } from "./read-table.ts";

type Options = TrainOptions<string, string, string>;

/** What goes wrong, and where. */
export interface Fault {
  /** The server of the party does this in place of its answer. */
  readonly reply?: (request: ServerRequest, server: OpenAIServer) => ServerReply | undefined | Promise<ServerReply | undefined>;
  /** Nothing listens where the party asks. */
  readonly isClosed?: boolean;
  /** The agent does this in place of asking its model; `usual` asks it. */
  readonly agent?: (question: string, usual: () => Promise<Node<string>>) => unknown;
  /** The guide does this in place of scoring; `usual` scores. */
  readonly guide?: (question: string, usual: () => number) => unknown;
  /** Options of `train` that are wrong, or that set limits. */
  readonly options?: Partial<Options>;
  /** Is told of every event. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Mends what is broken outside of the program. */
  readonly mend?: () => void;
}

/** What came of a run. */
export interface Rehearsal {
  readonly result: TrainResult | undefined;
  readonly error: unknown;
  readonly events: readonly RunEvent[];
  /** All that the reader sees: progress, and the message at the end. */
  readonly text: string;
  readonly exitCode: number;
  /** What each server was asked. */
  readonly asked: Readonly<Record<"agent" | "judge" | "optimizer", readonly ServerRequest[]>>;
}

/** The example that goes wrong where not everything does. */
export const marked = "Question 3:";

/** Long enough to be cut where a prompt has to be shorter. */
const details = "It was ordered a while ago, and nobody has heard of it since. ".repeat(12);
const dataset = Array.from({ length: 10 }, (_, index) => ({
  input: `Question ${index}: where is it? ${details}`,
  info: `${index}`,
}));
const calls = { retry: { maxRetries: 2, initialDelayMs: 1, maxDelayMs: 2, maxWaitMs: 1_000 }, timeoutMs: 60_000 };

/** Runs, or goes on, in a folder. Without a fault it is the run as it should be. */
export async function rehearse(party: Party, folder: string, fault: Fault = {}): Promise<Rehearsal> {
  const servers: OpenAIServer[] = [];
  const serve = async (name: Party): Promise<OpenAIServer> => {
    const server: OpenAIServer = await startOpenAIServer(async (request) => {
      return (name === party ? await fault.reply?.(request, server) : undefined) ?? answerOf(request);
    });
    servers.push(server);
    if (name === party && fault.isClosed === true) await server.close();
    return server;
  };
  const asked = { agent: await serve("agent"), judge: await serve("judge"), optimizer: await serve("optimizer") };
  const modelOf = (name: keyof typeof asked): ReturnType<ReturnType<typeof createOpenAI>["chat"]> =>
    createOpenAI({ baseURL: asked[name].baseUrl, apiKey: "sk-test" }).chat(`${name}-model`);

  class Helper extends Module<string, string> {
    prompt = parameter("Answer the customer.", { schema: z.string().max(500) });
    tone = parameter("neutral");

    override async forward(question: string): Promise<Node<string> | string> {
      const usual = (): Promise<Node<string>> =>
        generate({ model: modelOf("agent"), system: this.prompt, prompt: `${question} (${this.tone.value})` });
      return fault.agent === undefined ? usual() : (fault.agent(question, usual) as Promise<Node<string>>);
    }
  }
  const agent = new Helper();
  const ownGuide = (question: string, answer: string): number => {
    const usual = (): number => answer.length / 100;
    return fault.guide === undefined ? usual() : (fault.guide(question, usual) as number);
  };
  const events: RunEvent[] = [];
  const printed: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      printed.push(String(chunk));
      done();
    },
  });
  const listener = {
    onEvent: (event: RunEvent): void => {
      events.push(event);
      fault.onEvent?.(event);
    },
  };
  const options: Options = {
    agent,
    trainDataset: dataset,
    guide: party === "guide" ? ownGuide : new LLMJudge({ model: modelOf("judge") }),
    optimizer: new OptoPrime(agent, { model: modelOf("optimizer") }),
    algorithm: "MinibatchAlgorithm",
    batchSize: 5,
    shuffle: false,
    evalFrequency: 2,
    logger: [new ConsoleLogger({ stream, color: false }), listener],
    ...layered({ calls, run: { dir: folder, id: "night" } }, fault.options ?? {}),
  };
  const end = await train(options).then(
    (result) => ({ result, error: undefined, exitCode: exitCodeOf(result.stopReason) }),
    (error: unknown) => ({ result: undefined, error, exitCode: tellError(error, outputTo(printed)) }),
  );
  await Promise.all(servers.map((server) => server.close()));
  const requests = { agent: asked.agent.requests, judge: asked.judge.requests, optimizer: asked.optimizer.requests };
  return { ...end, events, text: printed.join(""), asked: requests };
}

/** As the command line tells of an error. */
function outputTo(printed: string[]): Output {
  return {
    isJson: false,
    isQuiet: false,
    hasColor: false,
    paint: (_style, text) => text,
    columns: Number.POSITIVE_INFINITY,
    progress: process.stderr,
    result: (lines) => printed.push(...lines),
    note: (line) => printed.push(line),
  };
}
