/**
 * `usageOf`: how many tokens a reply used, from what its provider reports in any version of the AI SDK's specification.
 *
 * @module
 */
import { isTokenCount, type TokenCounts } from "../model-request.ts";

/** What is counted where the provider reports no usable number: upper estimates from the texts. */
export interface TokenEstimates {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What a provider reports with a reply, as far as tokens are concerned. Nothing of it is trusted. */
export interface ReportedUsage {
  /** `usage` as `doGenerate` returns it, in the form of specification v2, v3 or v4. */
  readonly usage?: unknown;
  readonly providerMetadata?: unknown;
}

/** Tokens of one reply: every count is a whole number of at least 0. */
export type ReplyUsage = TokenCounts & { readonly inputTokens: number; readonly outputTokens: number };

/**
 * Counts the tokens of a reply. All that was sent and received is included: the input with what was read from or written to a
 * cache, the output with the reasoning. Specification v2 does not say whether these are part of the sums, so they are added where the
 * numbers show, or the provider is known, to report them separately.
 *
 * A count that is missing, negative, not finite, or 0 for a non-empty string is taken from the provider's total, else estimated;
 * the usage is then marked `estimated`.
 *
 * @param provider `provider` of the model
 */
export function usageOf(reported: ReportedUsage, provider: string, estimates: TokenEstimates): ReplyUsage {
  const counts = { ...readCounts(reported), ...cacheOutsideOfUsage(reported, provider) };
  const cached = (counts.cacheRead ?? 0) + (counts.cacheWrite ?? 0);
  const reasoning = counts.reasoning ?? 0;
  let input = wholeOf(counts.input, counts.noCache, cached);
  let output = wholeOf(counts.output, counts.text, reasoning);
  if (input !== undefined && output !== undefined) {
    const apart = whatIsApart({ input, output, cached, reasoning, total: counts.total }, countsCacheApart(provider, reported));
    input += apart.cached;
    output += apart.reasoning + apart.other;
  }
  // A prompt has tokens, and so has a reply with a text; 0 only means that the provider does not count.
  if (input === 0) input = undefined;
  if (output === 0 && estimates.outputTokens > 0) output = undefined;
  const { total = 0 } = counts;
  if (input === undefined && output !== undefined && total > output) input = total - output;
  if (output === undefined && input !== undefined && total > input) output = total - input;
  const isEstimated = input === undefined || output === undefined;
  // Of a total alone the input has no more than its upper estimate.
  input ??= total > 0 ? Math.min(estimates.inputTokens, Math.max(0, total - estimates.outputTokens)) : estimates.inputTokens;
  output ??= total > input ? total - input : estimates.outputTokens;
  return {
    inputTokens: Math.ceil(input),
    outputTokens: Math.ceil(output),
    ...(counts.cacheRead ? { cachedInputTokens: Math.ceil(counts.cacheRead) } : {}),
    ...(counts.cacheWrite ? { cacheWriteTokens: Math.ceil(counts.cacheWrite) } : {}),
    ...(reasoning > 0 ? { reasoningTokens: Math.ceil(reasoning) } : {}),
    ...(isEstimated ? { estimated: true } : {}),
  };
}

type Counts = Partial<
  Readonly<
    Record<"input" | "output" | "total" | "noCache" | "cacheRead" | "cacheWrite" | "text" | "reasoning", number | undefined>
  >
>;

/** The counts that are usable, whichever specification they are written in. */
function readCounts({ usage }: ReportedUsage): Counts {
  const { inputTokens, outputTokens, totalTokens, cachedInputTokens, reasoningTokens, raw } = fieldsOf(usage);
  if (!isObject(inputTokens) && !isObject(outputTokens)) {
    return {
      input: usable(inputTokens),
      output: usable(outputTokens),
      total: usable(totalTokens),
      cacheRead: usable(cachedInputTokens),
      reasoning: usable(reasoningTokens),
    };
  }
  const [input, output] = [fieldsOf(inputTokens), fieldsOf(outputTokens)];
  return {
    input: usable(input.total),
    output: usable(output.total),
    // Servers that speak the protocol of OpenAI may leave reasoning out of the sum of the output, but not out of this one.
    total: usable(fieldsOf(raw).total_tokens),
    noCache: usable(input.noCache),
    cacheRead: usable(input.cacheRead),
    cacheWrite: usable(input.cacheWrite),
    text: usable(output.text),
    reasoning: usable(output.reasoning),
  };
}

/** Tokens written to a cache, which specification v2 has no field for. */
function cacheOutsideOfUsage({ usage, providerMetadata }: ReportedUsage, provider: string): Counts {
  if (isObject(fieldsOf(usage).inputTokens)) return {};
  const { anthropic, bedrock } = fieldsOf(providerMetadata);
  const written = /bedrock/.test(provider)
    ? usable(fieldsOf(fieldsOf(bedrock).usage).cacheWriteInputTokens)
    : usable(fieldsOf(anthropic).cacheCreationInputTokens);
  return written === undefined ? {} : { cacheWrite: written };
}

/** Anthropic's models, on its own platform and on others, report what was cached beside the input and not as a part of it. */
function countsCacheApart(provider: string, { usage }: ReportedUsage): boolean {
  return /anthropic|bedrock/.test(provider) && !isObject(fieldsOf(usage).inputTokens);
}

interface Sums {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly reasoning: number;
  readonly total: number | undefined;
}

/**
 * What is not part of the sums: a part that is larger than its sum, and what fits into the rest that the total has beyond
 * them. What then is left of that rest was generated without being named, as reasoning is by some providers.
 */
function whatIsApart(
  { input, output, cached, reasoning, total }: Sums,
  isCacheApart: boolean,
): { readonly cached: number; readonly reasoning: number; readonly other: number } {
  const rest = Math.max(0, (total ?? 0) - input - output);
  if (cached === 0 && reasoning === 0) return { cached, reasoning, other: rest };
  const isCertain = { cached: isCacheApart || cached > input, reasoning: reasoning > output };
  const choices = [0, reasoning].flatMap((ofOutput) => [0, cached].map((ofInput) => ({ ofInput, ofOutput })));
  const fitting = choices.filter(
    ({ ofInput, ofOutput }) => (!isCertain.cached || ofInput === cached) && (!isCertain.reasoning || ofOutput === reasoning),
  );
  const within = fitting.filter(({ ofInput, ofOutput }) => ofInput + ofOutput <= rest);
  const best = within.reduce<(typeof choices)[number] | undefined>(
    (most, choice) => (most === undefined || choice.ofInput + choice.ofOutput >= most.ofInput + most.ofOutput ? choice : most),
    undefined,
  );
  const { ofInput, ofOutput } = best ?? (fitting[0] as (typeof choices)[number]);
  return { cached: ofInput, reasoning: ofOutput, other: Math.max(0, rest - ofInput - ofOutput) };
}

/** More tokens than a program can count are as little to be believed as fewer than none. */
function usable(value: unknown): number | undefined {
  return isTokenCount(value) ? value : undefined;
}

/** The sum that is reported, or that of its parts where it is missing or too small for them. */
function wholeOf(sum: number | undefined, plain: number | undefined, special: number): number | undefined {
  // Larger than the sum: reported beside it.
  if (sum !== undefined && special > sum) return sum;
  if (plain === undefined) return sum ?? (special > 0 ? special : undefined);
  return Math.max(sum ?? 0, plain + special);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
