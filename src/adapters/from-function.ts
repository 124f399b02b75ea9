/**
 * `fromFunction`: a function that calls models of the AI SDK as a module, whose parameters take the place of its prompts.
 *
 * @module
 */
import { describeValue, isClass, isPlainObject, shorten } from "../data/json.ts";
import { ConfigurationError, errorText, InvalidArgumentError } from "../errors.ts";
import { type Model, model } from "../graph/module.ts";
import { standsFor } from "../graph/module-code.ts";
import { isParameter, type Parameter } from "../graph/parameter.ts";
import type { SwappedText } from "../llm/call-texts.ts";
import { TextSwap } from "../llm/text-swap.ts";
import { hasRefusedRequests } from "../llm/without-requests.ts";
import { type FileOrigin, isFileOrigin, readBytes } from "./prompt-file.ts";
import { readPrompt } from "./prompt-shape.ts";

/** The prompts of a function, by name. */
export type FunctionPrompts = Readonly<Record<string, Parameter<string>>>;

/**
 * A module around a function that calls models of the AI SDK by itself and reads its prompts from files or constants. The function itself is not
 * changed. In the messages that its models are sent, the current value of each parameter replaces the text that it started with, or that its
 * file has now: in system messages, and in user messages if no system message has the text. The models must be `tracked`. A prompt that was in
 * no call gets no feedback.
 *
 * @param prompts the prompts as the function has them, verbatim: `promptFile("prompts/support.md")`, or `parameter("…")`
 * @throws InvalidArgumentError for something that is not a function, or an empty prompt; when run, ConfigurationError if no model was sent any of
 *   the prompts, the function called no tracked model, or the file of a prompt no longer contains it
 * @example
 * const agent = fromFunction(answer, { prompt: promptFile("prompts/support.md") });
 * await train({ agent, trainDataset, guide });
 */
export function fromFunction<X, Y, Prompts extends FunctionPrompts>(
  fn: (input: X) => Y | Promise<Y>,
  prompts: Prompts,
): Model<Prompts, X, Y> {
  if (typeof fn !== "function" || isClass(fn)) {
    throw new InvalidArgumentError(`Expected fromFunction to be given a function (input) => answer, got ${describeValue(fn)}`);
  }
  const originals = Object.entries(isPlainObject(prompts) ? prompts : {}).map(([name, prompt]) => {
    const original = isParameter(prompt) ? prompt.peek() : undefined;
    if (typeof original === "string" && original.trim() !== "") return { name, original };
    throw new InvalidArgumentError(
      `Expected the prompt \`${name}\` of fromFunction to be a parameter with a text, got ${describeValue(prompt)}`,
    );
  });
  if (originals.length === 0) {
    throw new InvalidArgumentError(`Expected fromFunction to be given prompts by name, got ${describeValue(prompts)}`);
  }
  const known = originals.map(({ name, original }) => new KnownPrompt(name, original, prompts[name] as Parameter<string>));
  const forward = (parts: Prompts, input: X): Promise<Y> => answerWith(known, parts, () => fn(input));
  return model(prompts, standsFor(Object.defineProperty(forward, "name", { value: fn.name || "agent" }), fn));
}

/** Runs the function with the values of its prompts. */
async function answerWith<Y>(known: readonly KnownPrompt[], parts: FunctionPrompts, run: () => Y | Promise<Y>): Promise<Y> {
  const texts = known.map((prompt) => ({ prompt, ...prompt.replacedBy(parts[prompt.name] as Parameter<string>) }));
  const swap = new TextSwap(texts, { calls: "tracked" });
  let answer: Y;
  try {
    answer = await swap.within(run);
  } catch (error) {
    // Its own request was refused: a dry run shows what a run would.
    if (swap.calls === 0 && hasRefusedRequests()) throw untracked(error);
    throw error;
  } finally {
    // Once more here: a stream may be read outside of the function's own context.
    for (const text of texts) if (swap.hasFound(text)) text.onFound?.();
  }
  const missing = texts.filter((text) => !swap.hasFound(text)).map(({ prompt }) => prompt);
  if (missing.length === texts.length && swap.calls > 0) for (const prompt of missing) prompt.refuseUnreadable();
  for (const prompt of known) prompt.count(!missing.includes(prompt));
  // A function may do without a model for some inputs, and without some of its prompts.
  if (!known.some(({ isSeen }) => isSeen)) throw swap.calls === 0 ? untracked(undefined) : unfound(known[0]?.original ?? "");
  // Another prompt was found, so this one is not merely composed in some other way.
  if (missing.length < texts.length) for (const prompt of missing) prompt.warnUnseen();
  return answer;
}

function untracked(cause: unknown): ConfigurationError {
  return new ConfigurationError(
    "The agent called no model that opto sees, so its prompt cannot be trained. Wrap its model: `tracked(model)` of opto, where the model is made or imported",
    cause === undefined ? {} : { cause },
  );
}

function unfound(text: string): ConfigurationError {
  return new ConfigurationError(
    `The prompt "${shorten(text, 200)}" is not in what the models of the agent are sent, so it cannot be trained. ` +
      "Pass the text as the program has it: the constant part, where it composes the rest for each call",
  );
}

/** Runs in which other prompts were found, after which one that never was is reported. */
const patience = 10;

/** A prompt as the function has it. It may read the file of the prompt at every call, and the file may be written during a run. */
class KnownPrompt {
  readonly name: string;
  readonly original: string;
  readonly #forms: Set<string>;
  readonly #file: FileOrigin | undefined;
  #runs = 0;
  #isSeen = false;
  #isReported = false;

  constructor(name: string, original: string, { origin }: Parameter<string>) {
    this.name = name;
    this.original = original;
    this.#forms = new Set([original]);
    this.#file = origin !== undefined && isFileOrigin(origin) ? origin : undefined;
  }

  /** Whether a model was ever sent it. */
  get isSeen(): boolean {
    return this.#isSeen;
  }

  /** In the calls of the function, the value of the parameter. */
  replacedBy(part: Parameter<string>): SwappedText {
    // Read as an input of the answer when it is found: a call that takes too long has had it, too.
    const onFound = (): void => void part.value;
    return { name: this.name, place: { kind: "anywhere" }, originals: () => this.#texts(), value: part.peek(), onFound };
  }

  /** The texts that the function may have: the first one, and what its file has had since. */
  #texts(): readonly string[] {
    const now = this.#inFile();
    if (typeof now === "string" && now.trim() !== "") this.#forms.add(now);
    return [...this.#forms];
  }

  /** @throws ConfigurationError when the file has no text any more, so that what the function sends cannot be known */
  refuseUnreadable(): void {
    const now = this.#inFile();
    if (this.#file === undefined || (typeof now === "string" && now.trim() !== "")) return;
    const problem = typeof now === "string" ? "it is empty" : errorText(now);
    throw new ConfigurationError(
      `${this.#file.record.file} changed during the run, and the prompt \`${this.name}\` is no longer in it: ${problem}. Undo the change, and resume the run`,
    );
  }

  count(isFound: boolean): void {
    this.#runs += 1;
    this.#isSeen ||= isFound;
  }

  /** Says once that it may be no prompt of the function. */
  warnUnseen(): void {
    if (this.#isSeen || this.#isReported || this.#runs < patience) return;
    this.#isReported = true;
    process.emitWarning(
      `The prompt \`${this.name}\` was not in what the models of the agent were sent in ${this.#runs} runs, so it gets no feedback. ` +
        "If the function does not send it, leave it out of fromFunction",
      "OptoWarning",
    );
  }

  #inFile(): unknown {
    if (this.#file === undefined) return undefined;
    try {
      return readPrompt(readBytes(this.#file.path), this.#file.shape);
    } catch (error) {
      return error;
    }
  }
}
