/**
 * A small run with a scripted model, and a server over its folder.
 *
 * @module
 */
import { request as httpRequest } from "node:http";
import { type Module, model } from "../../graph/module.ts";
import { parameter } from "../../graph/parameter.ts";
import { generate } from "../../llm/generate.ts";
import { OptoPrime } from "../../optimizers/opto-prime.ts";
import { scriptedModel } from "../../testing/scripted-model.ts";
import { train } from "../../train.ts";
import type { TrainOptions } from "../../train-options.ts";
import type { ViewerPage } from "../page.ts";
import { type ServeOptions, serveRuns, type ViewerServer } from "../serve-runs.ts";

/** What an answer with everything hostile in it looks like. */
export const hostile = `<script>alert(1)</script></script><!--\u202egnp.exe\u0007`;

export const page: ViewerPage = { html: "<html><!--answers--></html>", policy: "default-src 'none'" };

/** Answers with the last word of its prompt in as many capitals as the question is long; question 3 fails. */
export function shouter(): Module<string, string> {
  const answers = scriptedModel(({ prompt = "" }) =>
    String(prompt).includes("LOUD") ? String(prompt).toUpperCase() : `quiet ${hostile}`,
  );
  return model({ prompt: parameter("Answer.") }, async ({ prompt }, question: string) => {
    if (question.endsWith("3")) throw new RangeError(`cannot answer ${question}`);
    return generate({ model: answers, prompt: `${prompt.value} ${question}` });
  });
}

const data = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => ({ input: `${name} ${index}`, info: `${name.toUpperCase()} ${index}` }));

/** Trains it; the optimizer proposes "Answer LOUD." once and the same again. */
export function trainShouter(dir: string, options: Partial<TrainOptions<string, string, string>> = {}) {
  const agent = shouter();
  const proposer = scriptedModel(
    () => `<reasoning>Shout ${hostile}</reasoning><variable name="prompt">\nAnswer LOUD.\n</variable>`,
  );
  return train({
    agent,
    trainDataset: data(4, "train"),
    validateDataset: data(5, "check"),
    testDataset: data(4, "test"),
    guide: (_question: string, answer: string, right: string) => {
      const isRight = answer.includes(right);
      return { score: isRight ? 1 : 0, feedback: isRight ? "Right." : `Expected ${right}.` };
    },
    optimizer: new OptoPrime(agent, { model: proposer }),
    algorithm: "BasicSearchAlgorithm",
    numProposals: 2,
    batchSize: 2,
    logger: [],
    ...options,
    run: { dir, id: "night", ...options.run },
  });
}

/** An answer of the server. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what comes is what is tested
  readonly json: any;
}

/** Asks the server, with headers that `fetch` would not send. */
export function ask(
  server: Pick<ViewerServer, "port">,
  path: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port: server.port, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => {
        const isJson = response.headers["content-type"]?.startsWith("application/json");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isJson && text !== "" ? JSON.parse(text) : undefined,
        });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** A write with the token. */
export function post(server: ViewerServer, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const all = { "content-type": "application/json", "x-opto-token": server.token, ...headers };
  return ask(server, path, { method: "POST", headers: all, body: JSON.stringify(body) });
}

export function serve(folder: string, options: Partial<ServeOptions> = {}): Promise<ViewerServer> {
  return serveRuns({ folder, port: 0, page, ...options });
}
