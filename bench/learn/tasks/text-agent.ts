/**
 * The agent of tasks with one call: an instruction, perhaps demonstrations as earlier turns, and the input.
 *
 * @module
 */
import { generate, type Module, model, parameter } from "opto";
import type { AgentOptions } from "./task.ts";

/** A worked example. */
export interface Demonstration {
  readonly input: string;
  readonly output: string;
}

/** What differs between tasks. */
export interface TextAgentOptions extends AgentOptions {
  /** The instruction at the start. */
  readonly instruction: string;
  /** The longest answer, in tokens. */
  readonly maxOutputTokens: number;
}

/** Its slots are `instruction` and `demonstrations`. */
export function textAgent(options: TextAgentOptions): Module<string, string> {
  const { model: answering, instruction, trainsDemonstrations, trainsInstruction = true, maxOutputTokens } = options;
  const { sampling = { temperature: 0 } } = options;
  const slots = {
    instruction: parameter(instruction, {
      description: "the system prompt of the model that answers",
      placeholders: [],
      trainable: trainsInstruction,
    }),
    demonstrations: parameter<readonly Demonstration[]>([], {
      description: "worked examples { input, output } that the model is shown as earlier turns",
      trainable: trainsDemonstrations,
      validate: (list) => isListOfTexts(list) || "Expected a list of { input, output } with texts",
    }),
  };
  return model(slots, async (own, input: string) => {
    const turns = own.demonstrations.value.flatMap((shown) => [
      { role: "user" as const, content: shown.input },
      { role: "assistant" as const, content: shown.output },
    ]);
    const messages = [...turns, { role: "user" as const, content: input }];
    return generate({ model: answering, system: own.instruction, messages, ...sampling, maxOutputTokens });
  }) as unknown as Module<string, string>;
}

function isListOfTexts(list: unknown): boolean {
  return Array.isArray(list) && list.every(({ input, output }) => typeof input === "string" && typeof output === "string");
}
