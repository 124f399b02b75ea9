/**
 * `fromAgent`: an agent of another framework as a module, whose parameters are the agent's texts.
 *
 * @module
 */
import { describeValue, shorten, textOf } from "../data/json.ts";
import { anything, functionLike, type OptionTable } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import { type Module, model as moduleOf } from "../graph/module.ts";
import { standsFor } from "../graph/module-code.ts";
import { isParameter, type Parameter, parameter } from "../graph/parameter.ts";
import { currentRun } from "../graph/scope.ts";
import type { MissingText } from "../llm/call-texts.ts";
import { TextSwap } from "../llm/text-swap.ts";
import {
  type AgentInput,
  type AgentKind,
  type AgentModel,
  type AgentTexts,
  defaultPatterns,
  isMeant,
  type OpenedAgent,
  readPath,
} from "./agent-kind.ts";
import { aiSdkAgent } from "./ai-sdk-agent.ts";
import { langChainAgent, langGraph } from "./langchain-agent.ts";
import { mastraAgent } from "./mastra-agent.ts";
import { openAIAgent } from "./openai-agent.ts";

/** What a run of an agent returns: what its `generate` or `invoke` does; of agents without either, the result of the OpenAI Agents SDK. */
export type AgentResult<Agent> =
  Agent extends Record<"generate", (...args: never[]) => infer Result>
    ? Awaited<Result>
    : Agent extends Record<"invoke", (...args: never[]) => infer Result>
      ? Awaited<Result>
      : OpenAIRunResult;

/** What of a result of the OpenAI Agents SDK is of use. */
export interface OpenAIRunResult {
  readonly finalOutput?: unknown;
  /** What the run has come to: messages, calls of tools, their results. */
  readonly newItems: readonly { readonly type: string; readonly rawItem?: unknown }[];
}

/** How an agent becomes a module. */
export interface FromAgentOptions<Agent, X, Result, Y> {
  /**
   * Which texts are trained, by path: `"instructions"`, `"tools.*.description"`, `"tools.search.input.query.description"`, `"examples.*"`. `*`
   * is any one name. Names of tools are never trained.
   *
   * @default the instructions, the descriptions of all tools, and all of `texts`
   */
  readonly include?: readonly string[] | undefined;
  /**
   * Texts that the settings of the agent do not have: the constant part of instructions that a function composes, examples. A parameter is
   * trained itself: `{ instructions: promptFile("prompts/support.md") }` for instructions that the program reads from a file.
   */
  readonly texts?: Readonly<Record<string, string | Parameter<string>>> | undefined;
  /** Answers in the place of the agent's model: a model of the AI SDK, or of the agent's framework. @default the agent's own */
  readonly model?: AgentModel | undefined;
  /** What the agent is asked for an example of the dataset. @default the example, which is a text or a list of messages */
  readonly input?: ((example: X) => AgentInput) | undefined;
  /** The answer that is scored. @default the text */
  readonly output?: ((result: Result) => Y | Promise<Y>) | undefined;
  /**
   * Runs the agent, where it needs more than the input: `(agent, input, { signal }) => agent.generate({ prompt: input, options })`. It is given
   * an agent that shares everything with the original but the model.
   *
   * @default the framework's usual call
   */
  readonly call?: ((agent: Agent, input: AgentInput, options: AgentCallOptions) => Promise<Result>) | undefined;
}

/** What an agent is called with besides its input. */
export interface AgentCallOptions {
  /** Ends the run of the agent. */
  readonly signal: AbortSignal;
}

const fromAgentTable: OptionTable<FromAgentOptions<object, unknown, unknown, unknown>> = {
  include: {
    expected: 'a list of paths, like ["instructions", "tools.*.description"]',
    holds: (include) => Array.isArray(include) && include.every((pattern) => typeof pattern === "string"),
  },
  texts: anything,
  model: anything,
  input: functionLike("(example) => question"),
  output: functionLike("(result) => answer"),
  call: functionLike("(agent, input, { signal }) => result"),
};

/**
 * A module around an agent of the AI SDK (`ToolLoopAgent`, `Experimental_Agent`), of the OpenAI Agents SDK, of Mastra, or of LangChain and
 * LangGraph. Its parameters are the texts of the agent: instructions, descriptions of tools, examples. The agent is not changed: a candidate's
 * texts replace its own in the calls that it makes to its model, so any number of candidates run on one agent. These calls count in the budget,
 * are recorded, limited, reported as events, and appear in the graph.
 *
 * If the first model call does not contain a text verbatim, the run ends with a message that shows what was found instead.
 *
 * @throws InvalidArgumentError for an object that is not an agent of these frameworks, an unknown option, or a pattern that matches no text
 * @throws ConfigurationError when instructions that are to be trained are composed by a function; when run, for a text that is not in what the model is sent
 * @example
 * const agent = fromAgent(new ToolLoopAgent({ model: openai("gpt-5-mini"), instructions: "Answer the customer.", tools }));
 * await train({ agent, trainDataset, guide });
 */
export function fromAgent<Agent extends object, X = AgentInput, Y = string>(
  agent: Agent,
  options: FromAgentOptions<Agent, X, AgentResult<Agent>, Y> = {},
): Module<X, Y> {
  checkTable(options, fromAgentTable as OptionTable<FromAgentOptions<Agent, X, AgentResult<Agent>, Y>>, "fromAgent");
  const { model, input, output, call } = options;
  const opened = openAgent(agent, model);
  const texts = chosenTexts(opened, options);
  const parameters = parametersOf(texts, options.texts);
  const read = (parts: object): TextSwap => {
    const swapped = Object.entries(texts).map(([path, original]) => {
      return { name: path, place: readPath(path).place, originals: () => [original], value: valueAt(parts, path) };
    });
    return new TextSwap(swapped, { calls: "agent", refuse: notSent });
  };
  const ask = async (given: AgentInput): Promise<unknown> => {
    const { signal } = agentCall();
    return call === undefined ? opened.run(given, { signal }) : call((await opened.agent()) as Agent, given, { signal });
  };
  const runAgent = async (parts: object, x: X): Promise<Y> => {
    const run = read(parts);
    const given = input === undefined ? inputOf(x) : input(x);
    const result = await run.within(() => ask(given));
    if (run.calls === 0 && opened.needsTrackedModel === true) throw new ConfigurationError(untrackedModel);
    return output === undefined ? (textIn(opened, result) as Y) : output(result as AgentResult<Agent>);
  };
  // Optimizers are shown this function.
  const forward = async (texts: object, question: X): Promise<Y> => {
    // Runs an agent with these texts: it calls its model, which may call tools, until there is an answer.
    return runAgent(texts, question);
  };
  // The functions are parts, so that a change of them is noticed.
  return moduleOf({ ...parameters, code: { ...opened.code, input, output, call } }, standsFor(named(forward, agent)));
}

/** What a run and the work in it say about when to end. */
function agentCall(): AgentCallOptions {
  const { signal, work } = currentRun() ?? {};
  const signals = [...new Set([signal, work?.signal])].filter((one) => one !== undefined);
  const [only] = signals;
  return { signal: only !== undefined && signals.length === 1 ? only : AbortSignal.any(signals) };
}

function notSent({ text: { name, originals }, sent }: MissingText): ConfigurationError {
  const found = sent === "" ? "nothing there" : `"${shorten(sent, 300)}"`;
  return new ConfigurationError(
    `The text of "${name}" is not in what the model is sent, so it cannot be trained. Expected "${shorten(originals().join(), 300)}", got ${found}. ` +
      `If the program composes this text when it calls the model, pass its constant part as \`texts: { "${name}": "…" }\` of fromAgent; ` +
      "or leave it out with `include`",
  );
}

const untrackedModel =
  "This graph was compiled with a model whose calls opto does not see, so its texts cannot be trained. " +
  "Build the graph with `trackedChatModel(model)` of opto/adapters instead of the model itself";

/** @throws InvalidArgumentError when a pattern means nothing; ConfigurationError when a text that is meant is not known */
function chosenTexts({ texts: own, composed }: OpenedAgent, { texts: given = {}, include }: TextOptions): AgentTexts {
  const known = { ...own };
  for (const [path, one] of Object.entries(given)) {
    readPath(path);
    const text: unknown = isParameter(one) ? one.peek() : one;
    if (typeof text !== "string" || text.trim() === "") {
      throw new InvalidArgumentError(`Expected \`texts["${path}"]\` of fromAgent to be a text, got ${describeValue(text)}`);
    }
    known[path] = text;
  }
  const patterns = include ?? [...defaultPatterns, ...Object.keys(given)];
  const isChosen = (path: string): boolean => patterns.some((pattern) => isMeant(pattern, path));
  const unknown = composed.find((path) => isChosen(path) && !Object.keys(given).some((one) => one.split(".")[0] === path));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `The ${unknown} of this agent are composed when it is called, so their text is not known. Pass their constant part as ` +
        `\`texts: { ${unknown}: "…" }\` of fromAgent (\`agentTexts\` of opto/adapters shows what the model is sent), or leave them out with \`include\``,
    );
  }
  const chosen = Object.entries(known).filter(([path]) => isChosen(path));
  const listed = Object.keys(known).join(", ") || "none";
  const useless = include?.find((pattern) => !Object.keys(known).some((path) => isMeant(pattern, path)));
  if (useless !== undefined)
    throw new InvalidArgumentError(
      `\`include\` of fromAgent has "${useless}", but there is no such text. The texts are: ${listed}`,
    );
  if (chosen.length === 0) {
    throw new InvalidArgumentError(
      `There is no text to train in this agent. Its texts: ${listed}. Pass some as \`texts\` of fromAgent`,
    );
  }
  return Object.fromEntries(chosen);
}

type TextOptions = Pick<FromAgentOptions<never, never, never, never>, "texts" | "include">;

/** What providers take as the description of a tool. */
const longestDescription = 1024;

function parametersOf(texts: AgentTexts, given: TextOptions["texts"] = {}): Record<string, object> {
  const parts = withoutPrototype();
  for (const [path, text] of Object.entries(texts)) {
    const { segments, place } = readPath(path);
    const isTool = place.kind === "tool";
    const own = Object.hasOwn(given, path) ? given[path] : undefined;
    const made = isParameter(own)
      ? own
      : parameter(text, {
          description: describe(path),
          // Braces are what they are: the text reaches the model verbatim.
          placeholders: [],
          maxLength: isTool ? Math.max(longestDescription, text.length) : undefined,
        });
    let at = parts;
    for (const segment of segments.slice(0, -1)) {
      at[segment] ??= withoutPrototype();
      at = at[segment] as Record<string, object>;
    }
    at[segments.at(-1) as string] = made;
  }
  return parts;
}

/** A tool may have any name, `constructor` too. */
function withoutPrototype(): Record<string, object> {
  return Object.create(null) as Record<string, object>;
}

function describe(path: string): string {
  const { place } = readPath(path);
  if (place.kind === "instructions") return "instructions to the model of the agent";
  if (place.kind === "example") return "a message of an example that precedes the question";
  const { tool, property } = place;
  return property === undefined
    ? `description of the tool ${tool}, as the model is shown it`
    : `description of the argument ${property} of the tool ${tool}`;
}

/** The value of a parameter of this rollout. */
function valueAt(parts: object, path: string): string {
  let at: unknown = parts;
  for (const segment of readPath(path).segments) at = (at as Record<string, unknown>)[segment];
  return (at as Parameter<string>).value;
}

function inputOf(x: unknown): AgentInput {
  if (typeof x === "string" || Array.isArray(x)) return x as AgentInput;
  throw new InvalidArgumentError(
    `Expected an example to be a text or a list of messages, got ${describeValue(x)}. Choose what the agent is asked with \`input: (example) => …\` of fromAgent`,
  );
}

function textIn(opened: OpenedAgent, result: unknown): string {
  const text = opened.textOf(result);
  if (text !== undefined) return text;
  throw new InvalidArgumentError(
    `Expected the result of the agent to have a text, got ${describeValue(result)}. Choose the answer with \`output: (result) => …\` of fromAgent`,
  );
}

/** Named after the agent: what a run is called. */
function named<F extends (...args: never[]) => unknown>(forward: F, agent: object): F {
  const { name, id } = agent as { readonly name?: unknown; readonly id?: unknown };
  const chosen = [name, id].find((one) => typeof one === "string" && one !== "") ?? "agent";
  Object.defineProperty(forward, "name", { value: textOf(chosen) });
  return forward;
}

const kinds: readonly AgentKind[] = [aiSdkAgent, openAIAgent, mastraAgent, langChainAgent, langGraph];

/** @throws InvalidArgumentError for what is no agent of a framework that is known */
export function openAgent(agent: unknown, model: AgentModel | undefined): OpenedAgent {
  const isObject = (typeof agent === "object" || typeof agent === "function") && agent !== null;
  const kind = isObject ? kinds.find((one) => one.recognises(agent)) : undefined;
  if (kind === undefined || !isObject) {
    throw new InvalidArgumentError(
      `Expected an agent to be ${kinds.map(({ name }) => name).join(", ")}, got ${describeValue(agent)}. ` +
        "For any other, write a Module whose `forward` calls it",
    );
  }
  return kind.open(agent, { model });
}
