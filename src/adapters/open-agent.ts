/**
 * `openAgent`: finds out which framework an agent is of.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { AgentKind, AgentModel, OpenedAgent } from "./agent-kind.ts";
import { aiSdkAgent } from "./ai-sdk-agent.ts";
import { langChainAgent, langGraph } from "./langchain-agent.ts";
import { mastraAgent } from "./mastra-agent.ts";
import { openAIAgent } from "./openai-agent.ts";

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
