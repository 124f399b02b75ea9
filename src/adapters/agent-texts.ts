/**
 * `agentTexts`: what an agent sends its model, found by a dry call.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import { type DryRun, placeholderReply, withDryRun } from "../llm/dry-run.ts";
import { modelName } from "../llm/language-model.ts";
import type { DirectOptions, GateRequest, Message } from "../llm/model-request.ts";
import { TextSwap } from "../llm/text-swap.ts";
import { type AgentModel, type AgentTexts, instructionTexts, toolTexts } from "./agent-kind.ts";
import { type FromAgentOptions, openAgent } from "./from-agent.ts";

/** How the dry call is made. */
export interface AgentTextsOptions<Agent> extends Pick<FromAgentOptions<Agent, never, unknown, never>, "call"> {
  readonly model?: AgentModel | undefined;
  /** What the agent is asked. @default a short question */
  readonly input?: string | undefined;
}

/**
 * The texts that an agent sends its model, by path: its instructions, the descriptions of its tools, and the messages that precede the question, as
 * examples. The agent runs once, on a model that only records what it is asked; no request is made and no tool is called by it.
 *
 * For agents whose settings do not say their texts, like compiled graphs: `fromAgent(graph, { texts: await agentTexts(graph) })`. What the
 * program composes for each call is among them; leave it out.
 *
 * @throws ConfigurationError when the agent does not call a model that opto sees; what the agent throws before it calls one
 * @throws InvalidArgumentError for what is no agent
 */
export async function agentTexts<Agent extends object>(
  agent: Agent,
  options: AgentTextsOptions<Agent> = {},
): Promise<AgentTexts> {
  checkOptions(options, ["call", "input", "model"], "agentTexts");
  const { call, model, input = "What can you do for me?" } = options;
  if (typeof input !== "string")
    throw new InvalidArgumentError(`Expected \`input\` of agentTexts to be a text, got ${describeValue(input)}`);
  const opened = openAgent(agent, model);
  const recorder = new Recorder();
  const none = { signal: new AbortController().signal };
  const ask = async (): Promise<unknown> =>
    call === undefined ? opened.run(input, none) : call((await opened.agent()) as Agent, input, none);
  await withDryRun(recorder, () => new TextSwap([], { calls: "agent" }).within(ask)).catch((error: unknown) => {
    // The placeholder is no answer to some agents: one that wants a call of a tool, or an object. What they ask is known by then.
    if (recorder.first === undefined) throw error;
  });
  if (recorder.first === undefined) {
    throw new ConfigurationError(
      "The agent made no model call that opto sees. If it is a graph of LangGraph, build it with `trackedChatModel(model)` of opto/adapters instead of the model itself",
    );
  }
  return textsIn(recorder.first, input);
}

class Recorder implements DryRun {
  first: DirectOptions | undefined;

  answer({ model, direct }: GateRequest): ReturnType<DryRun["answer"]> {
    this.first ??= direct?.options;
    const usage = { inputTokens: null, outputTokens: null };
    return { text: placeholderReply, finishReason: "stop", usage, model: model === undefined ? "model" : modelName(model) };
  }
}

function textsIn({ prompt, tools = [] }: DirectOptions, input: string): AgentTexts {
  const systems = prompt.flatMap(({ role, content }) => (role === "system" && typeof content === "string" ? [content] : []));
  const others = prompt.filter(({ role }) => role !== "system").map(textOfMessage);
  const question = others.findLastIndex((text) => text.includes(input));
  const examples = others.slice(0, Math.max(question, 0)).filter((text) => text.trim() !== "");
  const ofTools = (
    tools as readonly { readonly name?: unknown; readonly description?: unknown; readonly inputSchema?: unknown }[]
  ).map(({ name, description, inputSchema }) => toolTexts(String(name), description, inputSchema));
  return Object.assign(
    { ...instructionTexts(systems) },
    ...ofTools,
    Object.fromEntries(examples.map((text, index) => [`examples.${index}`, text])),
  );
}

function textOfMessage({ content }: Message): string {
  if (typeof content === "string") return content;
  return content.map((part) => String((part as { readonly text?: unknown }).text ?? "")).join("\n");
}
