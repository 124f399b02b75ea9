/**
 * Tells from a provider's error that a request was too long for the model, and by how much.
 *
 * The forms are those that providers and servers were seen to answer with:
 *
 * - OpenAI, DeepSeek, OpenRouter, vLLM: openai-python errors in langchain-ai/langchain#11001, smol-ai/developer#7, vllm-project/vllm#20409
 * - Anthropic: docker/docker-agent#569, continuedev/continue#6080
 * - Google: google-gemini/gemini-cli#6678
 * - xAI: cline/cline#3120
 * - llama.cpp: ggml-org/llama.cpp#15780, oobabooga/textgen#7257
 * - SGLang: sgl-project/sglang#4048
 * - Bedrock and GitHub Models: dyad-sh/dyad#1950, cline/cline#995
 * - Replicate and others of Llama: run-llama/llama_index#7974
 * - Groq, LM Studio, MiniMax, Kimi, Mistral, Text Generation Inference: the words alone, collected by agents that talk to all of them
 *
 * @module
 */
import { callFailure, chainOf, type ErrorLike, textsOf } from "./call-failure.ts";

/** That a request was too long. Numbers are absent where the provider does not say. */
export interface ContextOverflow {
  /** The most tokens that the model takes. */
  readonly limit?: number;
  /** The tokens of the prompt, as the provider counts. */
  readonly prompt?: number;
  /** The tokens that the reply was given, where they count for the limit, too. */
  readonly reply?: number;
}

/** What an error says of the length of the request; `undefined` when it is about something else. */
export function contextOverflow(error: unknown): ContextOverflow | undefined {
  // Only a request that was refused can be sent again, shorter: whatever else failed has been tried again already.
  if (callFailure(error, 0).kind !== "refused") return undefined;
  const chain = chainOf(error);
  const texts = chain.flatMap(textsOf);
  for (const text of texts) {
    for (const form of formsWithNumbers) {
      const groups = form.exec(text)?.groups;
      if (groups !== undefined) return numbersOf(groups);
    }
  }
  return chain.some(isTooLarge) || texts.some((text) => words.test(text)) ? {} : undefined;
}

/** From the most telling to the least. `\D` between numbers keeps a form within its sentence. */
const formsWithNumbers: readonly RegExp[] = [
  // Anthropic, with the reply
  /exceed context limit: (?<prompt>\d+) \+ (?<reply>\d+) > (?<limit>\d+)/i,
  // Anthropic
  /prompt is too long:? (?<prompt>\d+) tokens > (?<limit>\d+)/i,
  // OpenAI, vLLM, DeepSeek, OpenRouter: "(3703 in the messages, 500 in the completion)", "(… of text input, … in the output)"
  /maximum context length (?:is|of) (?<limit>\d+) tokens\D+\d+ tokens\D+\((?<prompt>\d+) (?:in (?:the|your) (?:messages|prompt|input)|of text input)\D+(?<reply>\d+) (?:in|for) the (?:completion|output)/i,
  // vLLM: "You passed 5000 input tokens and requested 100 output tokens. However, the model's context length is only 4096 tokens"
  /passed (?<prompt>\d+) input tokens and requested (?<reply>\d+) output tokens\D+(?<limit>\d+)/i,
  // OpenAI, vLLM: "However, your messages resulted in 7575 tokens", "your request has 9000 input tokens"
  /maximum context length (?:is|of) (?<limit>\d+) tokens\D+?(?<prompt>\d+) (?:input )?tokens/i,
  // Google
  /input token count \(?(?<prompt>\d+)\)? exceeds the maximum number of tokens allowed \(?(?<limit>\d+)/i,
  // xAI
  /maximum prompt length is (?<limit>\d+) but the request contains (?<prompt>\d+)/i,
  // Mistral
  /prompt contains (?<prompt>\d+) tokens\D+(?:\d+ draft tokens\D+)?too large for model with (?<limit>\d+)/i,
  // llama.cpp, in its message and in the body
  /request \((?<prompt>\d+) tokens\) exceeds the available context size \((?<limit>\d+)/i,
  /"n_prompt_tokens"\s*:\s*(?<prompt>\d+)\s*,\s*"n_ctx"\s*:\s*(?<limit>\d+)/,
  // SGLang
  /input length \((?<prompt>\d+) tokens\) exceeds the maximum allowed length \((?<limit>\d+)/i,
  // Text Generation Inference
  /must be <= (?<limit>\d+)\. given: (?<prompt>\d+) `?inputs`? tokens and (?<reply>\d+)/i,
  // Bedrock, Replicate
  /max input (?:tokens|length)(?: is)?:? (?<limit>\d+)\D+(?<prompt>\d+)/i,
  /(?:prompt|input) is too long:? (?<prompt>\d+)\D+maximum context length:? (?<limit>\d+)/i,
  // LM Studio
  /first (?<prompt>\d+) tokens when context\D+context length of only (?<limit>\d+)/i,
  // GitHub Models, Kimi, and whoever tells the limit alone
  /too large for \S+ model\. max size: (?<limit>\d+) tokens/i,
  /exceeded model token limit:? (?<limit>\d+)/i,
  /maximum (?:context|prompt) length (?:is|of) (?<limit>\d+)/i,
];

const words =
  /context[_ ]length[_ ]exceeded|exceed_context_size|exceeds the context window|exceeds the available context size|context window exceeds|(?:prompt|input) is too long|input tokens exceed|too many (?:input )?tokens|token limit exceeded|tokens_limit_reached|greater than the context length|reduce the length of the (?:messages|prompt)|maximum context length|request_too_large/i;

function numbersOf(groups: Readonly<Record<string, string | undefined>>): ContextOverflow {
  const named = Object.entries(groups).flatMap(([name, digits]) => (digits === undefined ? [] : [[name, Number(digits)]]));
  return Object.fromEntries(named) as ContextOverflow;
}

/** Status 413, and the code of OpenAI, which some put into the body only. */
function isTooLarge({ statusCode, status, data }: ErrorLike): boolean {
  const code = (data as { error?: { code?: unknown; type?: unknown } | null } | null | undefined)?.error;
  return [statusCode, status].includes(413) || [code?.code, code?.type].some((value) => words.test(String(value)));
}
