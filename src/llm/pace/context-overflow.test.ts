/**
 * Errors for requests that are too long, in the words of providers and servers.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { httpError, networkError } from "../../testing/provider-errors.ts";
import { contextOverflow } from "./call-failure.ts";

describe("an error that says a request is too long", () => {
  it.each<[string, object]>([
    [
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens. Please reduce the length of the messages.",
      { limit: 8192, prompt: 8545 },
    ],
    [
      "This model's maximum context length is 4097 tokens. However, you requested 4268 tokens (4012 in the messages, 256 in the completion). Please reduce the length of the messages or completion.",
      { limit: 4097, prompt: 4012, reply: 256 },
    ],
    [
      "This model's maximum context length is 8191 tokens, however you requested 10346 tokens (10346 in your prompt; 5 for the completion). Please reduce your prompt; or completion length.",
      { limit: 8191, prompt: 10346, reply: 5 },
    ],
    [
      "This endpoint's maximum context length is 131072 tokens. However, you requested about 200010 tokens (200000 of text input, 10 in the output). Please reduce the length of either one",
      { limit: 131072, prompt: 200000, reply: 10 },
    ],
    [
      "You passed 5000 input tokens and requested 100 output tokens. However, the model's context length is only 4096 tokens, resulting in a maximum input length of 3996 tokens.",
      { limit: 4096, prompt: 5000, reply: 100 },
    ],
    ["Your input exceeds the context window of this model. Please adjust your input and try again.", {}],
    ["prompt is too long: 208310 tokens > 200000 maximum", { limit: 200000, prompt: 208310 }],
    [
      "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length or `max_tokens` and try again",
      { limit: 200000, prompt: 178959, reply: 64000 },
    ],
    [
      "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).",
      { limit: 1048576, prompt: 1200293 },
    ],
    ["This model's maximum prompt length is 131072 but the request contains 136973 tokens.", { limit: 131072, prompt: 136973 }],
    [
      "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
      { limit: 32768, prompt: 40000 },
    ],
    ["request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it", { limit: 4096, prompt: 5000 }],
    ["the request exceeds the available context size. try increasing the context size or enable context shift", {}],
    ["Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens).", { limit: 59862, prompt: 160062 }],
    [
      "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 1000 `max_new_tokens`",
      { limit: 8193, prompt: 9000, reply: 1000 },
    ],
    ["Too many input tokens. Max input tokens: 8192, request input token count: 9279", { limit: 8192, prompt: 9279 }],
    ["Your input is too long. Max input length is 4096 tokens, but you supplied 5441 tokens.", { limit: 4096, prompt: 5441 }],
    ["The prompt is too long: 100000, model maximum context length: 65536", { limit: 65536, prompt: 100000 }],
    [
      "Unable to submit request because the input token count is 35353 but model only supports up to 32768. Reduce the input token count and try again.",
      { limit: 32768, prompt: 35353 },
    ],
    [
      "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4292. Try using a shorter prompt",
      { limit: 4081, prompt: 4292 },
    ],
    ["Prompt length 9000 is greater than max_seq_len 8192", { limit: 8192, prompt: 9000 }],
    ["Prompt length 9000 is greater than cache size 8192", { limit: 8192, prompt: 9000 }],
    ["Prompt has 9000 tokens, context size is 8192", { limit: 8192, prompt: 9000 }],
    ["Sorry, your prompt has 9000 tokens while the context of the model is 8192", { limit: 8192, prompt: 9000 }],
    ["Prompt + max_tokens must be less than 8192", { limit: 8192 }],
    ["Total tokens of image and text exceed max message tokens. Request id: 1", {}],
    ["Prompt 超长", {}],
    ["输入长度超过模型最大限制", {}],
    ["Input is too long for requested model.", {}],
    ["Please reduce the length of the messages or completion.", {}],
    ["Your request exceeded model token limit: 8192", { limit: 8192 }],
    ["invalid params, context window exceeds limit (2013)", {}],
  ])("%s", (message, expected) => {
    expect(contextOverflow(httpError(400, message))).toEqual(expected);
    expect(contextOverflow(new Error("The step failed", { cause: httpError(400, message) }))).toEqual(expected);
  });

  it("is known by status 413, whatever it says, and by the number of GitHub Models", () => {
    expect(contextOverflow(httpError(413, "Request exceeds the maximum size"))).toEqual({});
    expect(contextOverflow(httpError(413, "Request body too large for gpt-4.1 model. Max size: 8000 tokens."))).toEqual({
      limit: 8000,
    });
  });

  it("is known by the code in the body, and by the numbers of llama.cpp there", () => {
    const coded = Object.assign(httpError(400, "No"), { data: { error: { message: "No", code: "context_length_exceeded" } } });
    expect(contextOverflow(coded)).toEqual({});
    const body =
      '{"error":{"code":400,"message":"too long","type":"exceed_context_size_error","n_prompt_tokens":14429,"n_ctx":8192}}';
    expect(contextOverflow(Object.assign(httpError(400, "too long"), { responseBody: body }))).toEqual({
      limit: 8192,
      prompt: 14429,
    });
  });
});

describe("a rate limit that the request alone is above", () => {
  it.each<[number, string, object]>([
    [429, "Request too large for gpt-x on tokens per min (TPM): Limit 30000, Requested 41222.", { limit: 30000, prompt: 41222 }],
    [
      413,
      "Request too large for model `x` (TPM): Limit 6000, Requested 9000, please reduce your message size and try again.",
      { limit: 6000, prompt: 9000 },
    ],
    [429, "Request body too large for gpt-4.1 model. Max size: 8000 tokens.", { limit: 8000 }],
    [429, "Request too large", {}],
  ])("%i: %s", (status, message, expected) => {
    expect(contextOverflow(httpError(status, message))).toEqual(expected);
  });

  it("is not one that others have used up", () => {
    const used = "Rate limit reached on tokens per min (TPM): Limit 30000, Used 28000, Requested 4000. Please try again in 4s.";
    expect(contextOverflow(httpError(429, used))).toBeUndefined();
  });
});

describe("another error", () => {
  it.each<[string, unknown]>([
    ["a refusal of a filter", httpError(400, "The response was filtered")],
    ["a wrong setting", httpError(400, "max_tokens (384000) exceeds model's maximum output tokens (65536)")],
    ["a setting in sum", httpError(400, "max_tokens must be less than 8192")],
    ["a rate limit", httpError(429, "Rate limit reached for tokens per min. Please reduce the length of the messages.")],
    ["a server error", httpError(500, "prompt is too long")],
    ["the network", networkError("ECONNRESET")],
    ["a bug", new TypeError("x is not a function")],
    ["nothing", undefined],
  ])("%s, is about something else", (_title, error) => {
    expect(contextOverflow(error)).toBeUndefined();
  });
});
