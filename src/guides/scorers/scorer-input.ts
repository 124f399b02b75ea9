/**
 * What scorers of other libraries are given: the example, by the names that each library has for it.
 *
 * @module
 */
import { isPlainObject, textOf } from "../../data/json.ts";

/** An example by the names that the libraries use. */
export interface ScorerInput<X = unknown, Y = unknown, Info = unknown> {
  /** The question. */
  readonly input: X;
  /** The answer. */
  readonly output: Y;
  /** What the dataset says about the example, as autoevals, evalite and Braintrust call it. */
  readonly expected: Info;
  /** The same, as Mastra calls it. */
  readonly groundTruth: Info;
  /** The same, as Langfuse calls it. */
  readonly expectedOutput: Info;
  /** The question, the answer, and the same, as openevals, agentevals and LangSmith call them. */
  readonly inputs: X;
  readonly outputs: Y;
  readonly referenceOutputs: Info;
}

/** The example by all names. */
export function scorerInput<X, Y, Info>(input: X, output: Y, info: Info): ScorerInput<X, Y, Info> {
  return {
    ...{ input, output, expected: info, groundTruth: info, expectedOutput: info },
    ...{ inputs: input, outputs: output, referenceOutputs: info },
  };
}

/** The context of a judge of vitest-evals: the example, and the fields of an info that is an object as its parameters. */
export function judgeContext(example: Partial<ScorerInput>, signal: AbortSignal | undefined): object {
  const { input, output, expected } = example;
  const session = {
    messages: [
      { role: "user", content: input },
      { role: "assistant", content: output },
    ],
  };
  return {
    expected,
    ...(isPlainObject(expected) ? expected : {}),
    ...{ input, output, session, signal, toolCalls: [] },
    run: { output, session, usage: {}, errors: [] },
  };
}

/** What Mastra's scorers of agents are given: lists of messages, in place of texts. */
export function mastraMessages(example: Partial<ScorerInput>): object {
  const { input, output } = example;
  const isList = isPlainObject(input) && "inputMessages" in input;
  return {
    ...example,
    input: isList
      ? input
      : { inputMessages: [mastraMessage("user", input)], rememberedMessages: [], systemMessages: [], taggedSystemMessages: {} },
    output: Array.isArray(output) ? output : [mastraMessage("assistant", output)],
  };
}

function mastraMessage(role: "user" | "assistant", value: unknown): object {
  const text = typeof value === "string" ? value : textOf(value);
  return { id: role, role, content: { format: 2, parts: [{ type: "text", text }], content: text }, createdAt: new Date(0) };
}
