/**
 * `proposalProfile`: which calls an optimizer makes for one proposal, by rule of thumb.
 *
 * @module
 */
import { textOf } from "../data/json.ts";
import type { Module } from "../graph/module.ts";
import { requestedModel } from "../llm/resolve-model.ts";
import { type CallProfile, proseFactor, replyRange } from "../llm/spend/call-profile.ts";
import { estimateTokens } from "../llm/spend/estimate-tokens.ts";
import type { LanguageModelOptimizerOptions } from "./language-model-options.ts";
import type { StepSubject } from "./optimizer.ts";
import { defaultObjective, instructions } from "./prompts/instructions.ts";
import { chooseFormat, replyFormats } from "./reply/choose-format.ts";
import { Fence } from "./reply/fence.ts";

/** Section titles, tags, names and the request at the end. */
const tokensOfForm = 200;
/** What a guide says of one output. */
const tokensOfFeedback = 500;
/** Failures of other examples, outputs that vary, and ideas that were tried. */
const tokensOfEvidence = 2500;
/** What is said when values cannot be used, with quotations and the form once more. */
const tokensOfRetry = 400;

/** Tokens of the values of all trainable parameters. */
export function parameterTokens(agent: Module): number {
  const trainable = agent.parameters().filter((parameter) => parameter.trainable);
  return trainable.reduce((sum, parameter) => sum + estimateTokens(textOf(parameter.peek())), 0);
}

/**
 * The calls of an optimizer that asks one question for each proposal: 1, and one more for each reroll.
 *
 * At least: the instructions and the parameters. At most: also parameters grown to twice their size, and for each example
 * of the batch its input, its output, the prompt and the reply of each call, all cut at `maxValueLength`, and 500 tokens of
 * feedback; the memory; and in each reroll all that was said before. A reply names every parameter at most.
 */
export function proposalProfile(subject: StepSubject, options: LanguageModelOptimizerOptions): CallProfile {
  const { agent, batchSize, longestInput, rollout } = subject;
  const { maxRerolls = 1, memorySize = 0, maxValueLength = 2000, objective = defaultObjective, maxOutputTokens } = options;
  const frame = instructionTokens(subject, options) + estimateTokens(objective) + tokensOfForm;
  const parameters = parameterTokens(agent);
  const value = Math.ceil(maxValueLength / 3);
  const input = Math.ceil(Math.min(longestInput, maxValueLength) / 3);
  const asked = rollout.map(({ calls, inputTokens }) => Math.min(calls.max * value, inputTokens.max));
  const answered = rollout.map(({ calls, outputTokens }) => Math.min(calls.max * value, outputTokens.max));
  const example = [input, value, tokensOfFeedback, ...asked, ...answered].reduce((sum, tokens) => sum + tokens);
  const attempts = memorySize * (2 * parameters + value);
  const most = frame + 2 * parameters + batchSize * example + attempts + tokensOfEvidence;

  const reply = replyRange("optimizer", maxOutputTokens ?? replyRange("optimizer", undefined).max + 2 * parameters);
  const times = 1 + maxRerolls;
  const repeated = ((times * maxRerolls) / 2) * (reply.max + tokensOfRetry);
  return {
    model: requestedModel(options.model),
    role: "optimizer",
    calls: { min: 1, max: times },
    inputTokens: { min: Math.floor((frame + parameters) * proseFactor), max: times * most + repeated },
    outputTokens: { min: reply.min, max: times * reply.max },
  };
}

/** Tokens of the instructions, and of the schema of the reply where there is one. */
function instructionTokens(
  { agent }: StepSubject,
  { model, maxChange, replyFormat = "auto" }: LanguageModelOptimizerOptions,
): number {
  const parameters = agent.parameters().filter((parameter) => parameter.trainable);
  const variables = parameters.map((parameter) => ({ name: parameter.name, parameter, value: parameter.peek() }));
  const name = chooseFormat(replyFormat, model, []);
  const format = replyFormats[name](new Fence(), variables);
  const schema = format.responseFormat === undefined ? "" : JSON.stringify(format.responseFormat.schema);
  return estimateTokens(instructions(format, maxChange) + schema);
}
