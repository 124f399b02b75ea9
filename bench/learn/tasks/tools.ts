/**
 * An agent with tools, on cases of BFCL: it has to call the right function with the right arguments.
 *
 * @module
 */
import { generateText, jsonSchema, type ToolSet, tool } from "ai";
import { type Feedback, type ModelLike, type Module, model, parameter, tracked } from "opto";
import { type BfclCase, bfcl, bfclCases, type RightCall } from "../data/bfcl.ts";
import { type AgentOptions, defineTask, withUnitScores } from "./task.ts";

/** A call that the agent made. */
export interface MadeCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

type Request = Pick<BfclCase, "request" | "functions">;

export const tools = defineTask<Request, readonly MadeCall[], RightCall>({
  id: "tools",
  title: "Tool calls (BFCL)",
  source: bfcl,
  callsModel: true,
  optimizers: ["OptoPrime", "OPRO", "TextGrad"],
  handWritten: {
    instruction:
      "Call exactly one of the functions. Take every argument from the request, with the type that the function asks for; numbers are numbers, not " +
      "texts. Leave out optional arguments that the request does not mention. Do not answer in words.",
  },
  load: async (cache) => {
    return (await bfclCases(cache)).map(({ id, request, functions, right }) => ({
      id,
      input: { request, functions },
      info: right,
    }));
  },
  agent: toolAgent,
  guide: withUnitScores((_input: Request, calls: readonly MadeCall[], right: RightCall): Feedback => {
    const problem = callProblem(calls, right);
    return problem === undefined ? { score: 1, feedback: "Right." } : { score: 0, feedback: problem };
  }),
});

function toolAgent({ model: answering }: AgentOptions): Module<Request, readonly MadeCall[]> {
  const slots = {
    instruction: parameter("Use the functions.", {
      description: "the system prompt of the agent that calls functions",
      placeholders: [],
    }),
  };
  return model(slots, async ({ instruction }, { request, functions }: Request) => {
    const given = functions.map(({ name, description, parameters }) => {
      return [name, tool({ description, inputSchema: jsonSchema<Record<string, unknown>>(parameters) })] as const;
    });
    const { toolCalls } = await generateText({
      // A cell's model is never a name.
      model: tracked(answering as Exclude<ModelLike, string>) as Parameters<typeof generateText>[0]["model"],
      system: instruction.value,
      prompt: request,
      tools: Object.fromEntries(given) as ToolSet,
      temperature: 0,
      maxOutputTokens: 256,
      maxRetries: 0,
    });
    return toolCalls.map(({ toolName, input }): MadeCall => ({ name: toolName, arguments: { ...(input as object) } }));
  }) as unknown as Module<Request, readonly MadeCall[]>;
}

/** What is wrong with the calls; `undefined` when nothing is. */
export function callProblem(calls: readonly MadeCall[], { name, arguments: right }: RightCall): string | undefined {
  const [call] = calls;
  if (call === undefined) return `No function was called. Call "${name}".`;
  if (calls.length > 1) return `${calls.length} functions were called. Call "${name}" once.`;
  if (call.name !== name) return `"${call.name}" was called. Call "${name}".`;
  for (const [argument, values] of Object.entries(right)) {
    const given = call.arguments[argument];
    if (given === undefined && values.includes("")) continue;
    if (given === undefined) return `The argument "${argument}" is missing.`;
    if (!values.some((value) => isSame(given, value))) {
      return `The argument "${argument}" is ${JSON.stringify(given)}. Right would be ${JSON.stringify(values.find((value) => value !== ""))}.`;
    }
  }
  const unknown = Object.keys(call.arguments).find((argument) => !Object.hasOwn(right, argument));
  return unknown === undefined ? undefined : `There is no argument "${unknown}".`;
}

/** Texts are compared without case, spaces, and punctuation, as the leaderboard compares them; in an object each value has a list of right ones. */
function isSame(given: unknown, right: unknown): boolean {
  if (typeof given === "string" && typeof right === "string") return plain(given) === plain(right);
  if (Array.isArray(given) && Array.isArray(right)) {
    return given.length === right.length && given.every((one, at) => isSame(one, right[at]));
  }
  if (typeof given === "object" && typeof right === "object" && given !== null && right !== null) {
    const values = given as Readonly<Record<string, unknown>>;
    return Object.entries(right).every(([key, able]: [string, unknown]) => {
      const options = Array.isArray(able) ? able : [able];
      return values[key] === undefined ? options.includes("") : options.some((one) => isSame(values[key], one));
    });
  }
  return given === right;
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[\s,./\-_*^'"]/g, "");
}
