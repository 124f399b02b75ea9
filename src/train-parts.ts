/**
 * The parts of a run as users name them: an agent, an optimizer or a guide from an instance, a class, a name or nothing.
 *
 * @module
 */
import { describeValue, isClass } from "./data/json.ts";
import { byName } from "./data/options.ts";
import { ConfigurationError, InvalidArgumentError } from "./errors.ts";
import { isModule, Module, model } from "./graph/module.ts";
import { standsFor } from "./graph/module-code.ts";
import { isParameter, type Parameter } from "./graph/parameter.ts";
import { exactMatch } from "./guides/exact-match.ts";
import type { GuideLike } from "./guides/guide.ts";
import { LLMJudge } from "./guides/llm-judge.ts";
import type { ModelLike } from "./llm/language-model.ts";
import { configuredModel, namedModel, requestedModel, resolveModel } from "./llm/resolve-model.ts";
import { NoOptimizer } from "./optimizers/no-optimizer.ts";
import { OPRO } from "./optimizers/opro.ts";
import { Optimizer } from "./optimizers/optimizer.ts";
import { OptoPrime } from "./optimizers/opto-prime.ts";
import { OptoPrimeMulti } from "./optimizers/opto-prime-multi.ts";
import { TextGrad } from "./optimizers/text-grad.ts";
import { TPE } from "./optimizers/tpe.ts";

/** A class of optimizers. */
export type OptimizerClass = new (parameters: Module) => Optimizer;

/** The optimizers that go by a name. */
export type OptimizerName = "OptoPrime" | "OptoPrimeMulti" | "OPRO" | "TextGrad" | "TPE";

const modelOptimizers = { OptoPrime, OptoPrimeMulti, OPRO, TextGrad } as const;
const optimizers: Readonly<Record<OptimizerName, OptimizerClass>> = { ...modelOptimizers, TPE };
const guides: Readonly<Record<string, () => unknown>> = {
  exactMatch: () => exactMatch(),
  LLMJudge: () => new LLMJudge({ model: configuredModel() }),
};

/**
 * The agent itself, or a module around a single parameter that is the answer.
 *
 * @throws InvalidArgumentError for anything else, with what to write instead
 */
export function toModule<X, Y>(agent: Module<X, Y> | Parameter<Y>): Module<X, Y> {
  if (isModule(agent)) return agent as Module<X, Y>;
  if (isParameter(agent)) {
    const parts = { [agent.name]: agent };
    return model(
      parts,
      standsFor(() => agent),
    ) as unknown as Module<X, Y>;
  }
  throw new InvalidArgumentError(`Expected \`agent\` to be a Module or a parameter, got ${describeValue(agent)}${hintOf(agent)}`);
}

/**
 * An optimizer given as an instance, a class or a name; without one, the one that can work here. Those made here ask the model
 * that the environment configures.
 *
 * @param isAsked whether the algorithm asks it for proposals
 * @throws ConfigurationError when none can work: no model is configured and no parameter declares a domain
 */
export function toOptimizer(given: Optimizer | OptimizerClass | string | undefined, agent: Module, isAsked = true): Optimizer {
  if (given instanceof Optimizer) return given;
  if (given === undefined && !isAsked) return new NoOptimizer(agent);
  const Class: unknown = byName<unknown>(given ?? defaultOptimizer(agent), optimizers, "optimizer");
  if (!isClassOf(Class, Optimizer)) {
    throw new InvalidArgumentError(
      `Expected \`optimizer\` to be an optimizer, its class or its name, got ${describeValue(given)}. Create one with new: new OptoPrime(agent)`,
    );
  }
  const ModelClass = Object.values(modelOptimizers).find((other) => other === Class);
  if (ModelClass === undefined) return new (Class as OptimizerClass)(agent);
  const model = configuredModel();
  // OPRO remembers by itself.
  return ModelClass === OPRO ? new OPRO(agent, { model }) : new ModelClass(agent, { model, memorySize: attemptsShown });
}

/** Earlier attempts that an optimizer made here shows its model: without them it proposes again what has failed before. */
const attemptsShown = 6;

/** A guide, or the one of a name, which asks the model that the environment configures. @throws InvalidArgumentError for an unknown name */
export function toNamedGuide(guide: GuideLike<never, never, never> | string = "LLMJudge"): GuideLike {
  return (typeof guide === "string" ? byName(guide, guides, "guide")() : guide) as GuideLike;
}

/**
 * Makes sure that a guide or an optimizer which asks a model has one, so that a run does not find out halfway.
 *
 * @param loads whether the model's package must be there, too
 * @throws ConfigurationError when no model is named
 * @throws MissingPackageError naming the command that installs the provider's package
 */
export async function checkModel(part: object | null | undefined, { loads }: { readonly loads: boolean }): Promise<void> {
  // Only these are known to ask it: a subclass may have other ways.
  const isKnown = [LLMJudge, ...Object.values(modelOptimizers)].some((Class) => part?.constructor === Class);
  if (!isKnown) return;
  const { model, models = [model] } = (part as { readonly options: ModelOptions }).options;
  for (const each of models) {
    requestedModel(each);
    if (loads) await resolveModel(each);
  }
}

interface ModelOptions {
  readonly model?: ModelLike | undefined;
  readonly models?: readonly ModelLike[] | undefined;
}

/** Whether a value is a class that extends `Base`. */
function isClassOf(value: unknown, Base: abstract new (...args: never[]) => object): boolean {
  return typeof value === "function" && (value as { readonly prototype?: unknown }).prototype instanceof Base;
}

/**
 * The optimizer that can work here. A model that is named is used; a key alone spends money only where nothing else could
 * find values.
 */
function defaultOptimizer(agent: Module): OptimizerName {
  const domains = agent.parameters().flatMap(({ trainable, domain }) => (trainable ? [domain !== undefined] : []));
  const hasAllDomains = domains.length > 0 && !domains.includes(false);
  if (namedModel() !== undefined || (configuredModel() !== undefined && !hasAllDomains)) return "OptoPrime";
  // Without any parameter every optimizer refuses, and says so.
  if (domains.length === 0 || domains.includes(true)) return "TPE";
  throw new ConfigurationError(
    'No optimizer can be chosen, because no model is set and no parameter has a `domain`. For OptoPrime, set OPTO_MODEL to "provider/model", or set a provider\'s key to use its small model; for TPE, give parameters a `domain`',
  );
}

/** What to write instead of something that is no agent; nothing when that is not clear. */
function hintOf(value: unknown): string {
  if (isClass(value)) {
    const { name } = value;
    if (isClassOf(value, Module)) return `. Pass an instance of it: new ${name}()`;
    return `. Make it extend Module and pass an instance of it: class ${name} extends Module, new ${name}()`;
  }
  if (typeof value === "function")
    return ". If it creates the agent, call it; if it is what the agent does, wrap it: model({ … }, (parts, input) => …)";
  if (value instanceof Promise) return ". Await it";
  if (typeof (value as { readonly namedParameters?: unknown } | null)?.namedParameters === "function") {
    return ". It is a Module of another copy of opto: check `npm ls opto`, and make the program an ES module";
  }
  if (typeof value !== "object" || value === null) return "";
  return ". An agent is an instance of a class that extends Module, or is created by model({ … }, (parts, input) => …)";
}
