/**
 * `readPromptfoo`: a promptfoo config as the parts of a run, without promptfoo.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { toDataset } from "../../data/dataset.ts";
import { loadPackage } from "../../data/load-package.ts";
import { ConfigurationError } from "../../errors.ts";
import type { Guide } from "../../guides/guide.ts";
import { configuredModel, namedModel } from "../../llm/resolve-model.ts";
import { chooseEval, type EvalFileOptions, type EvalSource } from "../eval-source.ts";
import { assertionsGuide, isNative } from "./assertion-guides.ts";
import { type ConfigFolder, configFolder, readConfigFile } from "./config-file.ts";
import { PromptAgent, promptParameter, readPrompts } from "./prompt-agent.ts";
import { foreignSettings, type ProviderModel, providerModel, providerName } from "./provider-model.ts";
import { type AssertedExample, readTests } from "./read-tests.ts";

/**
 * Reads the tests, the prompt, and the model of a config. Assertions that opto has no guide for are left to promptfoo, which must be
 * installed then.
 *
 * @throws InvalidArgumentError for a config with several prompts where none is named, and for what is not supported
 * @throws MissingPackageError naming the command that installs promptfoo, where an assertion needs it
 */
export async function readPromptfoo(
  path: string,
  load: ConfigFolder["load"],
  { name }: EvalFileOptions = {},
): Promise<EvalSource> {
  const place = configFolder(path, load);
  const config = await readConfigFile(path, load);
  const tests = await readTests(config, place);
  await requirePromptfoo(tests, path);
  const silent = tests.findIndex(({ info }) => info.assert.length === 0);
  const { description } = config;
  return {
    name: typeof description === "string" && description.trim() !== "" ? description : nameOf(path),
    dataset: toDataset(tests, "tests"),
    guide: silent < 0 ? (assertionsGuide(configuredModel()) as Guide) : undefined,
    noGuide: `Test ${silent + 1} of ${path} has no assertion, so nothing says how good its answers are. Give it one, or the \`defaultTest\``,
    agent: async () => {
      const prompts = await readPrompts(config.prompts, path, place);
      const prompt = chooseEval(prompts, name, { path, what: "prompt" });
      return new PromptAgent(promptParameter(prompt), modelIn(config.providers ?? config.targets, path));
    },
    remedy: `${path} has no prompt to train. Set \`agent\` in opto.config.ts; tests and assertions are then those of the config`,
  };
}

/** The first provider; without one, `undefined` leaves it to the environment. */
function modelIn(providers: unknown, path: string): ProviderModel | undefined {
  const first: unknown = Array.isArray(providers) ? providers[0] : providers;
  if (first === undefined) return undefined;
  const found = providerModel(first);
  const foreign = foreignSettings(first);
  if (found !== undefined && foreign.length === 0) return found;
  // A provider that is a program, of another kind, or asked in another way: a model that is named takes its place.
  if (namedModel() !== undefined) return undefined;
  if (found !== undefined) {
    throw new ConfigurationError(
      `The provider "${providerName(first)}" of ${path} has settings that opto cannot pass to it: ${foreign.join(", ")}. Without them the prompts might go to another server or get other answers. Set OPTO_MODEL to "provider/model", or \`agent\` in opto.config.ts`,
    );
  }
  throw new ConfigurationError(
    `The provider "${providerName(first)}" of ${path} is not one that opto can ask. Set OPTO_MODEL to "provider/model", or \`agent\` in opto.config.ts`,
  );
}

/** Looked for before anything is paid for. */
async function requirePromptfoo(tests: readonly AssertedExample[], path: string): Promise<void> {
  const foreign = tests.flatMap(({ input, info }) => info.assert.filter((assertion) => !isNative(assertion, input)))[0];
  if (foreign !== undefined) await loadPackage("promptfoo", `The assertion "${foreign.type}" of ${path}`);
}

/** A config is usually called promptfooconfig.yaml: its folder says more. */
function nameOf(path: string): string {
  const stem = basename(path).replace(/\.[^.]*$/, "");
  return stem === "promptfooconfig" ? basename(dirname(path)) || stem : stem;
}
