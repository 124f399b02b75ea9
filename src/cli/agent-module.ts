/**
 * The agent of a config as a module.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { ConfigurationError } from "../errors.ts";
import { isModule, type Module, model } from "../graph/module.ts";
import { isParameter } from "../graph/parameter.ts";

/**
 * The agent itself, or a module around a single parameter that is the answer, as `train` makes it.
 *
 * @throws ConfigurationError for anything else
 */
export function agentModule(agent: unknown): Module {
  if (isModule(agent)) return agent;
  if (isParameter(agent)) return model({ [agent.name]: agent }, () => agent) as unknown as Module;
  throw new ConfigurationError(`Expected \`agent\` of the config to give a Module or a parameter, got ${describeValue(agent)}`);
}
