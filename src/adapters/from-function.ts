/**
 * `fromFunction`: a function that calls models of the AI SDK as a module, whose parameters take the place of its prompts.
 *
 * @module
 */
import { describeValue, isClass, isPlainObject, shorten } from "../data/json.ts";
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import { type Model, model } from "../graph/module.ts";
import { isParameter, type Parameter } from "../graph/parameter.ts";
import { currentDryRun } from "../llm/dry-run.ts";
import { TextSwap } from "../llm/text-swap.ts";

/** The prompts of a function, by name. */
export type FunctionPrompts = Readonly<Record<string, Parameter<string>>>;

/**
 * A module around a function that calls models of the AI SDK by itself and reads its prompts from files or constants. It is not changed: in
 * what its models are sent, the values of the parameters take the place of the texts that they began with, in system and user messages. The
 * models must be `tracked`.
 *
 * @param prompts the prompts as the function has them, verbatim: `promptFile("prompts/support.md")`, or `parameter("…")`
 * @throws InvalidArgumentError for what is not a function, or a prompt that is empty; when run, ConfigurationError while none of the prompts was in
 * what a model is sent, or the function has called no tracked model
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
  let isSeen = false;
  const forward = async (parts: Prompts, input: X): Promise<Y> => {
    const swap = new TextSwap(
      originals.map(({ name, original }) => ({ original, value: (parts[name] as Parameter<string>).value })),
    );
    let answer: Y;
    try {
      answer = await swap.within(() => fn(input));
    } catch (error) {
      // Its own request was refused: a dry run shows what a run would.
      if (swap.calls === 0 && currentDryRun() !== undefined) throw untracked(error);
      throw error;
    }
    // A function may do without a model for some inputs, and without some of its prompts.
    isSeen ||= swap.missing.length < originals.length;
    if (!isSeen) throw swap.calls === 0 ? untracked(undefined) : unfound(swap.missing[0] as string);
    return answer;
  };
  return model(prompts, Object.defineProperty(forward, "name", { value: fn.name || "agent" }));
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
