/**
 * The words in which providers and servers say that a request is too long.
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
import { aboveRateLimit, type ContextOverflow } from "../../data/account-refusal.ts";
import type { ErrorShape } from "../../data/error-shape.ts";

/** What a refusal says of the length of the request; `undefined` when it is about something else. */
export function lengthRefusal(chain: readonly ErrorShape[]): ContextOverflow | undefined {
  const texts = chain.flatMap((link) => link.texts);
  for (const text of texts) {
    for (const form of formsWithNumbers) {
      const groups = form.exec(text)?.groups;
      if (groups !== undefined) return numbersOf(groups);
    }
  }
  const above = aboveRateLimit(texts);
  if (above !== undefined) return above;
  const isTold = chain.some(({ status, codes }) => status === 413 || codes.some((code) => words.test(code)));
  return isTold || texts.some((text) => words.test(text)) ? {} : undefined;
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
  // vLLM: "'max_tokens' or 'max_completion_tokens' is too large: 100000. … and your request has 30 input tokens"
  /is too large: (?<reply>\d+)\.? This model's maximum context length is (?<limit>\d+) tokens\D+(?<prompt>\d+) input tokens/i,
  // OpenAI, vLLM: "However, your messages resulted in 7575 tokens", "your request has 9000 input tokens"
  /maximum context length (?:is|of) (?<limit>\d+) tokens\D+?(?<prompt>\d+) (?:input )?tokens/i,
  // Google
  /input token count \(?(?<prompt>\d+)\)? exceeds the maximum number of tokens allowed \(?(?<limit>\d+)/i,
  // Vertex AI
  /input token count is (?<prompt>\d+) but (?:the )?model only supports up to (?<limit>\d+)/i,
  // Cohere
  /tokens in the prompt cannot exceed (?<limit>\d+) - received (?<prompt>\d+)/i,
  // ExLlama, TabbyAPI
  /prompt length (?<prompt>\d+) is greater than (?:max_seq_len|cache size) (?<limit>\d+)/i,
  // MLX, OVHcloud
  /prompt has (?<prompt>\d+) tokens,? (?:while the )?context (?:size|length|window|of the model) is (?<limit>\d+)/i,
  // AI21, which counts the reply, too
  /prompt \+ max_(?:new_)?tokens must be (?:less than|at most|<=?) (?<limit>\d+)/i,
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
  // watsonx.ai, Databricks, GitHub Copilot, Cerebras
  /number of input tokens (?<prompt>\d+) cannot exceed\D+limit (?<limit>\d+)/i,
  /input tokens \((?<prompt>\d+)\)\D+\((?<reply>\d+)\) exceed context length (?<limit>\d+)/i,
  /prompt token count of (?<prompt>\d+) exceeds the limit of (?<limit>\d+)/i,
  /current length is (?<prompt>\d+) while limit is (?<limit>\d+)/i,
  // GitHub Models, Kimi, and whoever tells the limit alone
  /too large for \S+ model\. max size: (?<limit>\d+) tokens/i,
  /exceeded model token limit:? (?<limit>\d+)/i,
  /maximum (?:context|prompt) length (?:is|of) (?<limit>\d+)/i,
];

const words = new RegExp(
  [
    "context[_ ]length[_ ]exceeded|exceed_context_size|model_max_prompt_tokens_exceeded|tokens_limit_reached|request_too_large",
    "string_above_max_length|context ?window ?exceeded|token limit exceeded|maximum context length",
    "(?:exceeds?|exceeding|greater than|longer than|larger than) (?:the |this |its )?(?:available |maximum |model'?s? )?(?:context|prompt|input) ?(?:window|length|size)",
    "context window exceeds|input tokens exceed|too many (?:input )?tokens|greater than the context length",
    "(?:prompt|input|string|message|content|conversation)s? (?:is |are )?too (?:long|large)|(?:prompt|input|message)s? exceeds? (?:the )?max",
    "reduce the length of the (?:messages|prompt|input)|range of input length should be",
    // Volcengine; Zhipu: "Prompt 超长", "输入长度超过模型最大限制"
    "tokens of image and text exceed max|prompt ?超长|(?:输入|上下文)[^。]{0,20}(?:超过|超出|超长)",
  ].join("|"),
  "i",
);

function numbersOf(groups: Readonly<Record<string, string | undefined>>): ContextOverflow {
  const named = Object.entries(groups).flatMap(([name, digits]) => (digits === undefined ? [] : [[name, Number(digits)]]));
  return Object.fromEntries(named) as ContextOverflow;
}
