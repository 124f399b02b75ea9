/**
 * A server whose window is smaller than the prompt: the optimizer asks again with less, over a real socket.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { bundle, OptoPrime, parameter } from "opto";
import type { OptoPrimeOptions } from "opto/optimizers";
import { describe, expect, it } from "vitest";
// Only a run has listeners; a step of its own is given one here.
import { type AmbientEvent, atPosition } from "../src/graph/scope.ts";
import { subjects } from "./support/every-optimizer.ts";
import { chain, longText } from "./support/large-graphs.ts";
import { errorBody, type ServerRequest, startOpenAIServer } from "./support/openai-server.ts";

const window = 4_096;
const better = '<variable name="prompt">\nAnswer in one sentence: {question}\n</variable>';

function tokensIn({ body }: ServerRequest): number {
  const texts = (body?.messages ?? []).map(({ content }) => String(content));
  return countTokens(texts.join("\n"), { disallowedSpecial: new Set<string>() });
}

const refusals: Readonly<Record<string, (tokens: number) => object>> = {
  "with the numbers of OpenAI": (tokens) =>
    errorBody(
      `This model's maximum context length is ${window} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
      "context_length_exceeded",
    ),
  "with the numbers of llama.cpp": (tokens) => ({
    error: {
      code: 400,
      message: "the request exceeds the available context size. try increasing the context size or enable context shift",
      type: "exceed_context_size_error",
      n_prompt_tokens: tokens,
      n_ctx: window,
    },
  }),
  "without any number": () =>
    errorBody("Your input exceeds the context window of this model. Please adjust your input and try again."),
};

async function run(
  refusal: (tokens: number) => object,
  replies: readonly string[],
  options: OptoPrimeOptions = {},
  status = 400,
): Promise<{ readonly requests: readonly ServerRequest[]; readonly value: unknown; readonly warnings: readonly string[] }> {
  const left = [...replies];
  await using server = await startOpenAIServer((request) => {
    const tokens = tokensIn(request);
    if (tokens > window) return { status, body: refusal(tokens) };
    return left.shift() ?? "<unchanged/>";
  });
  const { parameters, targets, feedback } = chain(200);
  const model = createOpenAI({ baseURL: server.baseUrl, apiKey: "test" }).chat("small");
  const optimizer = new OptoPrime([...parameters], { model, ...options });
  optimizer.backward(targets, feedback);
  const events: AmbientEvent[] = [];
  await atPosition("iteration/1", () => optimizer.step(), { emit: (event) => events.push(event) });
  const warnings = events.flatMap(({ type, message }) => (type === "warning" ? [String(message)] : []));
  return { requests: server.requests, value: parameters[0]?.peek(), warnings };
}

/** An optimizer that has much to tell. */
function judged(baseUrl: string, options: OptoPrimeOptions = {}) {
  const { parameters, targets, feedback } = chain(200);
  const model = createOpenAI({ baseURL: baseUrl, apiKey: "test" }).chat("small");
  const optimizer = new OptoPrime([...parameters], { model, ...options });
  const tell = (): void => {
    optimizer.zeroFeedback();
    optimizer.backward(targets, feedback);
  };
  tell();
  return { optimizer, tell };
}

describe.each(Object.entries(refusals))("a prompt that is refused %s", (_title, refusal) => {
  it("is asked again with less, and a warning says what was left out", async () => {
    const { requests, value, warnings } = await run(refusal, [better]);
    expect(value).toBe("Answer in one sentence: {question}");
    expect(requests.length).toBeGreaterThan(1);
    expect(requests.length).toBeLessThanOrEqual(5);
    expect(warnings).toHaveLength(requests.length - 1);
    expect(warnings.at(-1)).toMatch(
      /^The provider refused the prompt as too long \(status 400: .*\), so it is asked again with at most \d+ tokens\. Left out: .*operations in the middle .*\. Set `maxPromptTokens: \d+` to avoid the refused call\.$/,
    );
  });

  it("is asked the same way in every run", async () => {
    const [one, two] = [await run(refusal, [better]), await run(refusal, [better])];
    expect(two.requests.map(({ body }) => body)).toEqual(one.requests.map(({ body }) => body));
    expect(two.warnings).toEqual(one.warnings);
  });

  it("stays short in the turn that repairs the reply, however long that was", async () => {
    const { requests, value } = await run(refusal, [`<variable name="promt">\n${longText("Wrong")}\n</variable>`, better]);
    expect(value).toBe("Answer in one sentence: {question}");
    const last = requests.at(-1) as ServerRequest;
    expect(last.body?.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(tokensIn(last)).toBeLessThanOrEqual(window);
    // Nothing that was learned about the window is forgotten for the second turn.
    const refused = requests.findIndex((request) => tokensIn(request) <= window);
    expect(requests.slice(refused).filter((request) => tokensIn(request) > window)).toHaveLength(0);
  });
});

describe("a refusal that does not say why", () => {
  const unexplained = (): object => errorBody("Bad request");

  it("of a long prompt is answered once by a much shorter one, and the warning says so", async () => {
    const { requests, value, warnings } = await run(unexplained, [better], { maxPromptTokens: 14_000 });
    expect(value).toBe("Answer in one sentence: {question}");
    expect(requests).toHaveLength(2);
    expect(tokensIn(requests[1] as ServerRequest)).toBeLessThan(tokensIn(requests[0] as ServerRequest) / 2);
    expect(warnings).toEqual([
      expect.stringMatching(/^The provider refused the prompt and does not say why \(status 400: Bad request\), so/),
    ]);
  });

  it("is not answered so twice", async () => {
    await using server = await startOpenAIServer(() => ({ status: 422, body: unexplained() }));
    const { optimizer } = judged(server.baseUrl);
    await expect(optimizer.propose()).rejects.toThrow("Bad request");
    expect(server.requests).toHaveLength(2);
  });

  it("is answered by what the model has accepted before", async () => {
    let isStrict = false;
    await using server = await startOpenAIServer((request) =>
      isStrict && tokensIn(request) > 8_000 ? { status: 400, body: unexplained() } : "<unchanged/>",
    );
    const { optimizer, tell } = judged(server.baseUrl, { maxPromptTokens: 3_000 });
    await optimizer.step();
    const accepted = tokensIn(server.requests[0] as ServerRequest);
    const later = judged(server.baseUrl, { maxPromptTokens: 32_000 });
    later.optimizer.restore(optimizer.state());
    later.tell();
    tell();
    isStrict = true;
    await later.optimizer.step();
    expect(server.requests).toHaveLength(3);
    expect(tokensIn(server.requests[1] as ServerRequest)).toBeGreaterThan(8_000);
    expect(tokensIn(server.requests[2] as ServerRequest)).toBeLessThanOrEqual(Math.max(accepted * 1.5, 4_000));
  });

  it("of a short prompt is what it is", async () => {
    await using server = await startOpenAIServer(() => ({ status: 400, body: unexplained() }));
    const { optimizer } = judged(server.baseUrl, { maxPromptTokens: 2_000 });
    await expect(optimizer.propose()).rejects.toThrow("Bad request");
    expect(server.requests).toHaveLength(1);
  });
});

describe("a rate limit that the prompt alone is above", () => {
  it.each([429, 413])("with status %i is answered by a shorter prompt, without waiting", async (status) => {
    const tooLarge = (tokens: number): object =>
      errorBody(`Request too large for m on tokens per min (TPM): Limit ${window}, Requested ${tokens}.`, "rate_limit_exceeded");
    const { requests, value } = await run(tooLarge, [better], {}, status);
    expect(value).toBe("Answer in one sentence: {question}");
    expect(requests.length).toBeLessThanOrEqual(4);
  });
});

describe("a refusal", () => {
  it("that no prompt can meet says so, with the provider's words", async () => {
    const impossible = (): object => errorBody("This model's maximum context length is 256 tokens.", "context_length_exceeded");
    await expect(run(impossible, [], { maxPromptTokens: 32_000 })).rejects.toThrow(
      /got no usable answer from its model: status 400: This model's maximum context length is 256 tokens\.\. Expected the prompt of the optimizer to fit into \d+ tokens/,
    );
  });

  it("of another kind is not answered by a shorter prompt", async () => {
    const filtered = (): object => errorBody("The prompt was filtered", "content_filter");
    await expect(run(filtered, [])).rejects.toThrow("The prompt was filtered");
  });
});

describe("every optimizer", () => {
  const fill = bundle((prompt: string, mail: string) => `${prompt} ${mail}`, { name: "fill" });
  const answer = bundle((text: string) => `${text.length} ${longText("Answer")}`, { name: "answer" });

  it.each(subjects)("$name asks again with less, and keeps to its own limit before that", async ({ make }) => {
    await using server = await startOpenAIServer((request) => {
      const tokens = tokensIn(request);
      if (tokens > window) return { status: 400, body: refusals["with the numbers of OpenAI"]?.(tokens) as object };
      if (request.system.startsWith("You find out why")) return `It is too long. ${longText("Said")}`;
      if (request.prompt.includes("Which of these answers")) return '<variable name="choice">\n1\n</variable>';
      if (request.system.includes("Reply with exactly one JSON object"))
        return JSON.stringify({ values: { prompt: "Answer: {question}" } });
      return '<variable name="prompt">\nAnswer: {question}\n</variable>';
    });
    const prompt = parameter("Answer the question: {question}", { name: "prompt" });
    const model = createOpenAI({ baseURL: server.baseUrl, apiKey: "test" }).chat("small");
    const optimizer = make([prompt], { model, maxPromptTokens: 20_000 });
    for (let n = 0; n < 10; n++) optimizer.observe?.({ prompt: `${n} ${longText("Try").slice(0, 3_000)} {question}` }, n);
    const outputs = Array.from({ length: 12 }, (_, n) => answer(fill(prompt, longText(`Mail ${n}`))));
    optimizer.backward(
      outputs,
      outputs.map((_, n) => ({ score: n, feedback: `Case ${n} is too long. ${longText("Feedback")}` })),
    );
    expect(await optimizer.step()).toEqual({ prompt: "Answer: {question}" });
    expect(Math.max(...server.requests.map(tokensIn))).toBeLessThanOrEqual(20_000);
  });
});
