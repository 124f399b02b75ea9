/**
 * Assertions of promptfoo as a scorer, by promptfoo itself, which is loaded when the first answer is scored.
 *
 * @module
 */
import { isPlainObject, textOf } from "../../data/json.ts";
import { loadPackage } from "../../data/load-package.ts";
import { ConfigurationError } from "../../errors.ts";
import { callModel } from "../../llm/call-model.ts";
import type { ModelLike } from "../../llm/language-model.ts";
import type { Message } from "../../llm/model-request.ts";
import type { ScorerInput } from "./scorer-input.ts";

/** An assertion of a promptfoo config: `{ type: "contains", value: "Lima" }`. */
export interface PromptfooAssertion {
  readonly type: string;
  readonly value?: unknown;
  readonly threshold?: number | undefined;
  readonly weight?: number | undefined;
  /** The name of its score among the named scores. */
  readonly metric?: string | undefined;
  readonly [setting: string]: unknown;
}

/** Whether something is an assertion of promptfoo, by its shape. */
export function isAssertion(value: unknown): value is PromptfooAssertion {
  return isPlainObject(value) && typeof value.type === "string" && !["run", "scorer", "assess"].some((name) => name in value);
}

/** Whether the model of an assertion is asked for text: others make embeddings or classes of texts, or are agents or search engines. */
export function asksForText(type: string): boolean {
  return !/^(?:not-)?(?:similar(?::.*)?|answer-relevance|classifier|moderation|(?:agent|search)-rubric)$/.test(type);
}

/**
 * Runs assertions on the answer. Variables of a template (`{{city}}`) are the fields of the question and of the info, and `input`, `output` and
 * `expected`.
 *
 * @param model who judges assertions such as `llm-rubric`, through opto's gate; embeddings and the like are promptfoo's own @default promptfoo's own default, past the gate
 * @throws MissingPackageError naming the command that installs promptfoo
 */
export async function runAssertions(
  assertions: readonly PromptfooAssertion[],
  { input, output, expected }: ScorerInput,
  { model, signal }: { readonly model?: ModelLike | undefined; readonly signal?: AbortSignal | undefined },
): Promise<unknown> {
  const { assertions: runner } = await loadPromptfoo();
  const fields = [input, expected].map((value) => (isPlainObject(value) ? value : {}));
  const vars = { input, expected, ...Object.assign({}, ...fields) };
  const judge = model === undefined ? undefined : new Judge(model, signal);
  // `factuality`, `model-graded-closedqa` and `g-eval` judge the answer to this.
  const prompt = textIn(input);
  const providerResponse = { output: textIn(output) };
  // promptfoo keeps notes in what it is given.
  const copies = structuredClone(assertions.map(withoutFunctions)).map((plain, index) => ({ ...assertions[index], ...plain }));
  const assert = judge === undefined ? copies : copies.map((one) => judgedBy(judge, one as PromptfooAssertion));
  try {
    return await runner.runAssertions({ prompt, test: { vars, assert }, vars, providerResponse });
  } finally {
    judge?.throwFailure();
  }
}

interface Promptfoo {
  readonly assertions: { runAssertions(options: object): Promise<unknown> };
}

async function loadPromptfoo(): Promise<Promptfoo> {
  const exports = await loadPackage("promptfoo", "An assertion of promptfoo");
  const found = (exports.default ?? exports) as Partial<Promptfoo>;
  if (typeof found.assertions?.runAssertions === "function") return found as Promptfoo;
  throw new ConfigurationError(
    "The installed package promptfoo has no `assertions.runAssertions`. Update it: npm install promptfoo@latest",
  );
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : textOf(value);
}

function withoutFunctions(assertion: PromptfooAssertion): object {
  return Object.fromEntries(Object.entries(assertion).filter(([, value]) => typeof value !== "function"));
}

/** The assertion, or each of its set, with a model to ask where it names none. */
function judgedBy(judge: Judge, assertion: PromptfooAssertion): PromptfooAssertion {
  const { type, assert, provider } = assertion;
  if (Array.isArray(assert)) return { ...assertion, assert: (assert as PromptfooAssertion[]).map((one) => judgedBy(judge, one)) };
  return asksForText(type) && provider === undefined ? { ...assertion, provider: judge.provider } : assertion;
}

/** A model as a provider of promptfoo, whose calls pass opto's gate. Some assertions make a score of 0 of a judge that fails. */
class Judge {
  readonly provider: object;
  #failure: { readonly error: unknown } | undefined;

  constructor(model: ModelLike, signal: AbortSignal | undefined) {
    const ask = async (prompt: string): Promise<object> => {
      const { text, usage } = await callModel({ model, ...conversationOf(prompt), role: "judge", signal });
      const [input, output] = [usage.inputTokens ?? 0, usage.outputTokens ?? 0];
      return { output: text, tokenUsage: { prompt: input, completion: output, total: input + output } };
    };
    const callApi = (prompt: string): Promise<object> =>
      ask(prompt).catch((error: unknown) => {
        this.#failure ??= { error };
        throw error;
      });
    this.provider = { id: () => "opto", callApi };
  }

  /** @throws what the first call threw that failed */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** promptfoo hands over a conversation as JSON. */
function conversationOf(prompt: string): { readonly prompt: string } | { readonly messages: readonly Message[] } {
  try {
    const messages: unknown = JSON.parse(prompt);
    if (Array.isArray(messages) && messages.length > 0 && messages.every(isMessage)) return { messages };
  } catch {
    // A text.
  }
  return { prompt };
}

function isMessage(value: unknown): value is Message {
  if (!isPlainObject(value) || typeof value.content !== "string") return false;
  return value.role === "system" || value.role === "user" || value.role === "assistant";
}
