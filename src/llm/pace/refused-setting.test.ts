/**
 * Refusals that are about a setting of the request, in the words of providers and servers, and those that are not.
 *
 * @module
 */
import { UnsupportedFunctionalityError } from "@ai-sdk/provider";
import { describe, expect, it } from "vitest";
import { httpError } from "../../testing/provider-errors.ts";
import { callFailure } from "./call-failure.ts";

function coded(message: string, param: string | null, code: string | null, status = 400): Error {
  return Object.assign(httpError(status, message), { data: { error: { message, type: "invalid_request_error", param, code } } });
}

describe("a setting that a model does not support", () => {
  it.each<[message: string, setting: string]>([
    [
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      "temperature",
    ],
    ["Unsupported parameter: 'temperature' is not supported with this model.", "temperature"],
    ["temperature: range: 0..1", "temperature"],
    ["`temperature` may only be set to 1 when thinking is enabled.", "temperature"],
    ["`temperature` and `top_p` cannot both be specified for this model. Please use only one.", "temperature"],
    ["Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.", "temperature"],
    ["`top_p` must be between 0 and 1", "topP"],
    [
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "maxOutputTokens",
    ],
    ["max_tokens is too large: 20000. This model supports at most 4096 completion tokens", "maxOutputTokens"],
    ["max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for claude-3", "maxOutputTokens"],
    ["Unsupported parameter: 'stop' is not supported with this model.", "stopSequences"],
    ["System role not supported", "system"],
    ["Only user and assistant roles are supported!", "system"],
    ["Conversation roles must alternate user/assistant/user/assistant/...", "system"],
    ["Developer instruction is not enabled for models/gemma-3-27b-it", "system"],
    ["Unsupported value: 'messages[0].role' does not support 'system' with this model.", "system"],
    ["This model only support stream mode, please enable the stream parameter to access the model.", "streaming"],
    ["Stream must be set to true", "streaming"],
    ["Non-streaming is not supported for this model", "streaming"],
    ["Thinking level is not supported for this model.", "providerOptions"],
    ["Unsupported parameter: 'reasoning_effort' is not supported with this model", "providerOptions"],
    ["Unrecognized request argument supplied: frequency", "frequency"],
    ["Unknown parameter: 'foo'.", "foo"],
    ["property 'mirostat' is unsupported", "mirostat"],
  ])("%s", (message, setting) => {
    expect(callFailure(httpError(400, message), 0)).toMatchObject({ kind: "setting", problem: "setting", setting });
    expect(callFailure(new Error("The step failed", { cause: httpError(422, message) }), 0)).toMatchObject({ setting });
  });

  it("is known by the parameter that the body names, and by the AI SDK's own refusals", () => {
    expect(callFailure(coded("No", "temperature", "unsupported_value"), 0)).toMatchObject({ setting: "temperature" });
    expect(callFailure(coded("No", "max_completion_tokens", null), 0)).toMatchObject({ setting: "maxOutputTokens" });
    const refused = new UnsupportedFunctionalityError({ functionality: "topP", message: "'top_p' is not supported" });
    expect(callFailure(refused, 0)).toMatchObject({ kind: "setting", setting: "topP" });
  });
});

describe("a refusal of something else", () => {
  it.each<[string, unknown]>([
    ["a prompt that is too long", httpError(400, "prompt is too long: 208310 tokens > 200000 maximum")],
    [
      "a prompt and a reply that are too long together",
      httpError(
        400,
        "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length or `max_tokens` and try again",
      ),
    ],
    [
      "a filter",
      httpError(400, "The response was filtered due to the prompt triggering Azure OpenAI's content management policy"),
    ],
    [
      "a picture",
      coded("Unknown parameter: 'messages[0].content[0].image'.", "messages[0].content[0].image", "unknown_parameter"),
    ],
    ["an argument that nobody names", httpError(400, "Request contains an invalid argument.")],
    ["a bug of the program", new TypeError("temperature is not supported")],
  ])("%s, is no refusal of a setting", (_title, error) => {
    expect(callFailure(error, 0).kind).toBe("refused");
  });
});
