/**
 * Which calls a step of TextGrad makes, by rule of thumb.
 *
 * @module
 */
import { textOf } from "../../data/json.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { ModelLike } from "../../llm/language-model.ts";
import { requestedModel } from "../../llm/resolve-model.ts";
import { type CallProfile, proseFactor, replyRange } from "../../llm/spend/call-profile.ts";
import { estimateTokens } from "../../llm/spend/estimate-tokens.ts";
import type { StepCalls, StepSubject } from "../optimizer.ts";
import { gradientInstructions } from "../prompts/gradient-prompt.ts";
import { defaultObjective } from "../prompts/instructions.ts";
import { rewriteInstructions } from "../prompts/rewrite-prompt.ts";
import { Fence } from "../reply/fence.ts";
import { parseTaggedReply } from "../reply/parse-tagged-reply.ts";
import { taggedFormat } from "../reply/tagged-format.ts";

/** The options of TextGrad that decide which calls it makes. */
interface CallShape {
  readonly model?: ModelLike | undefined;
  readonly objective?: string | undefined;
  readonly maxRerolls?: number | undefined;
  readonly memorySize?: number | undefined;
  readonly momentum?: number | undefined;
  readonly maxValueLength?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
}

/** Section titles, tags and names. */
const tokensOfForm = 150;
/** One piece of criticism. */
const tokensOfCriticism = 150;
/** Most values that an operation is taken to be given. */
const usualInputs = 4;

/**
 * Shared by all proposals: a call for each operation that depends on parameters, in every rollout of the batch, and one for
 * the batch. For each proposal: a call for each parameter, and one more for each reroll.
 */
export function textGradCalls(subject: StepSubject, options: CallShape, parameters: ReadonlyMap<string, Parameter>): StepCalls {
  return { shared: [gradientCalls(subject, options)], proposal: [rewriteCalls(subject, options, parameters)] };
}

/** What both kinds of calls have in common. @returns sizes in tokens */
function commonOf({ objective = defaultObjective, model, maxValueLength = 2000, maxOutputTokens }: CallShape) {
  return {
    model: requestedModel(model),
    objective: estimateTokens(objective),
    value: Math.ceil(maxValueLength / 3),
    reply: replyRange("optimizer", maxOutputTokens),
  };
}

function gradientCalls({ batchSize, operations }: StepSubject, options: CallShape): CallProfile {
  const { model, objective, value, reply } = commonOf(options);
  const gradientFrame = estimateTokens(gradientInstructions(new Fence())) + objective + tokensOfForm;
  const numGradients = { min: operations.min === 0 ? 0 : 1, max: operations.max * batchSize + 1 };
  return {
    model,
    role: "optimizer",
    calls: numGradients,
    inputTokens: {
      min: Math.floor(numGradients.min * gradientFrame * proseFactor),
      max: numGradients.max * (gradientFrame + (usualInputs + 1) * value + tokensOfCriticism),
    },
    outputTokens: { min: numGradients.min * reply.min, max: numGradients.max * reply.max },
  };
}

function rewriteCalls({ batchSize }: StepSubject, options: CallShape, parameters: ReadonlyMap<string, Parameter>): CallProfile {
  const { maxRerolls = 1, memorySize = 0, momentum = 0 } = options;
  const { model, objective, value, reply } = commonOf(options);
  const sizes = Array.from(parameters.values(), (parameter) => estimateTokens(textOf(parameter.peek())));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const rewriteFrame = estimateTokens(rewriteInstructions(taggedFormat(new Fence(), []))) + objective + tokensOfForm;
  const times = 1 + maxRerolls;
  const extras = memorySize * (2 * all + value) + batchSize * usualInputs * tokensOfCriticism;
  const most = sizes.reduce((sum, size) => sum + rewriteFrame + 2 * size + extras + momentum * (2 * size + value), 0);
  const replies = sizes.reduce((sum, size) => sum + reply.max + 2 * size, 0);
  return {
    model,
    role: "optimizer",
    // The backward pass may find that nothing is to change.
    calls: { min: 0, max: times * sizes.length },
    inputTokens: { min: 0, max: times * most + ((times * maxRerolls) / 2) * replies },
    outputTokens: { min: 0, max: times * replies },
  };
}

/**
 * What is said of each name. Prose without any block is about all of them, because criticism has no form that it could
 * break; a reply that says nothing gives `undefined`.
 */
export function readCriticism(reply: string, fence: Fence, names: readonly string[]): ReadonlyMap<string, string> | undefined {
  const { text: said, blocks, unchanged } = parseTaggedReply(reply, fence, (name) => names.includes(name));
  const known = blocks.filter(({ name, text }) => names.includes(name) && text.trim() !== "");
  if (known.length > 0) return new Map(known.map(({ name, text }) => [name, text.trim()]));
  if (unchanged) return new Map();
  const prose = said.trim();
  return prose === "" ? undefined : new Map(names.map((name) => [name, prose]));
}
