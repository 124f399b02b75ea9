/**
 * `Module`: an agent, or a part of one, with its parameters.
 *
 * @module
 */
import { type CallSite, callSite } from "../code/call-site.ts";
import { writeCodeFile } from "../code/generated-file.ts";
import { isPlainObject } from "../data/json.ts";
import { ownPath, readJsonFile, refuseNewer } from "../data/json-file.ts";
import { type MaybePromise, promised, returned, settled } from "../data/maybe-promise.ts";
import { checkOptions } from "../data/options.ts";
import { CheckpointError, InvalidArgumentError, isInfrastructureError } from "../errors.ts";
import { agentFileVersion, writeAgentFile } from "./agent-file.ts";
import { boundView, cloneModule, markCloneable } from "./clone.ts";
import { ExecutionError } from "./execution-error.ts";
import type { Operation } from "./graph-node.ts";
import { inOwnScope, OwnScope, ownScopeOf } from "./handle.ts";
import { asNode, isNode, type Node, record } from "./node.ts";
import { operationOf } from "./operation-of.ts";
import { isParameter, type Parameter } from "./parameter.ts";
import { collectParameters, type ParameterHolder } from "./parameter-names.ts";
import { currentScope } from "./scope.ts";
import { codeReady, isCodeParameter, renamedHint } from "./trainable-code.ts";
import { applyCandidate, type Candidate, currentCandidate } from "./with-values.ts";

/** How a file of parameters is loaded. */
export interface LoadOptions {
  /**
   * Whether the file may come from an older version of the agent: values that fit are set, other parameters keep their values, and
   * a process warning names the values that were left out.
   *
   * @default false: every parameter needs a value, and every value has to fit
   */
  readonly partial?: boolean | undefined;
}

/**
 * An agent, or a part of one. A subclass keeps parameters, nested modules and plain state in its fields and writes
 * `forward` as plain async TypeScript: what it reads by `.value` is traced.
 *
 * @typeParam X the input, `Y` the output
 * @example
 * class Answer extends Module<string, string> {
 *   prompt = parameter("Answer in one word.");
 *   async forward(question: string) {
 *     return generate({ system: this.prompt, prompt: question });
 *   }
 * }
 */
export abstract class Module<X = unknown, Y = unknown> implements ParameterHolder {
  static {
    markCloneable(Module);
  }

  constructor() {
    const owner: object = new.target;
    if (!sites.has(owner)) sites.set(owner, callSite(Module as unknown as () => void));
  }

  /**
   * Whether the same input and parameters always give the same output. A run then measures each score only once: it
   * does not ask the guide again, even if the guide is not deterministic.
   *
   * @default not known
   */
  declare readonly deterministic?: boolean;

  /** What the agent does with one input. May return a plain value or a node, directly or as a promise. */
  abstract forward(x: X): Y | Node<Y> | Promise<Y | Node<Y>>;

  /**
   * Runs `forward` as an operation of the graph and returns the node of its output.
   *
   * When `forward` only composes other operations, `call` returns the same node as `forward`. The exception is a parameter:
   * its value may change, and that of an output may not.
   *
   * @throws ExecutionError when `forward` throws; infrastructure errors and aborts pass unchanged
   */
  call(x: X | Node<X>): Promise<Node<Y>> {
    return promised(() => callHere(this, x));
  }

  /** All parameters, trainable or not, in order of definition. */
  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /** All parameters by dotted path: `"triage.systemPrompt"`, `"rules.3.weight"`. */
  namedParameters(): ReadonlyMap<string, Parameter> {
    return collectParameters(this);
  }

  /** The values that all parameters have here and now, by dotted path: inside `withValues` those of its candidate. */
  candidate(): Candidate {
    return inOwnScope(this, () => currentCandidate(this));
  }

  /**
   * Sets the parameters that the candidate names: all of them or, if there is any problem, none.
   *
   * @throws InvalidArgumentError for an unknown path or a value that breaks its parameter's rules
   */
  apply(candidate: Candidate): void {
    inOwnScope(this, () => applyCandidate(this, candidate));
  }

  /**
   * A copy for one rollout: parameters are shared, nested modules cloned, plain data (arrays, plain objects, Maps, Sets,
   * dates) copied unless frozen, everything else (clients, handles, functions) shared. Freeze large data that never changes.
   *
   * @throws GraphError when the class has `#private` fields, which cannot be copied from outside; override `clone` in such a class
   */
  clone(): this {
    return inOwnScope(this, () => cloneModule(this));
  }

  /**
   * Writes the values of all parameters as readable JSON, atomically; missing folders are created.
   *
   * @throws InvalidArgumentError for a path of another operating system
   */
  async save(path: string): Promise<void> {
    await writeAgentFile(ownPath(path, "the path to save to"), this.candidate());
  }

  /** The current functions of all code parameters, as the text of one TypeScript file. */
  exportCode(): string {
    const functions = [...this.namedParameters()].flatMap(([path, parameter]) => {
      if (!isCodeParameter(parameter)) return [];
      const { name, description } = parameter;
      return [{ path, name, text: parameter.peek(), description }];
    });
    return writeCodeFile(functions);
  }

  /**
   * Sets the parameters from a file that `save` or `opto apply` wrote. Those that come from a file or store of their own
   * (`promptFile`) need no value in it.
   *
   * @throws CheckpointError when the file is missing, damaged, of another kind, or not for this agent; nothing is changed then
   */
  async load(path: string, options: LoadOptions = {}): Promise<this> {
    checkOptions(options, ["partial"], "load");
    const content = await readJsonFile(path);
    if (!isPlainObject(content) || content.format !== "opto-agent" || !isPlainObject(content.parameters)) {
      throw new CheckpointError(`${path} does not hold the parameters of an agent (expected "format": "opto-agent")`);
    }
    refuseNewer(path, content.version, agentFileVersion, "load it");
    const candidate = content.parameters as Candidate;
    await codeReady();
    if (options.partial) {
      this.apply(fittingPart(this, candidate));
      return this;
    }
    const missing = [...this.namedParameters()].flatMap(([name, { origin }]) =>
      origin !== undefined || Object.hasOwn(candidate, name) ? [] : [name],
    );
    if (missing.length > 0) {
      throw new CheckpointError(
        `${path} has no value for ${missing.join(", ")}; it was saved from an older version of the agent, or from another agent. ${partially}`,
      );
    }
    try {
      this.apply(candidate);
    } catch (cause) {
      if (!(cause instanceof InvalidArgumentError)) throw cause;
      throw new CheckpointError(
        `${path} was saved from another agent: ${cause.message}${renamingHint(this, candidate)}. ${partially}`,
        { cause },
      );
    }
    return this;
  }
}

/** How code that was learned elsewhere is made to fit, when it does not. */
function renamingHint(module: Module, candidate: Candidate): string {
  const unfit = [...module.namedParameters()].find(
    ([path, parameter]) => isCodeParameter(parameter) && parameter.problems(candidate[path]).length > 0,
  );
  if (unfit === undefined) return "";
  return `. ${renamedHint}; or state its names: bundle(fn, { trainable: true, name: "…", params: ["…"] })`;
}

/** `call` of a module; the node is at hand where `forward` waits for nothing. */
export function callModule<X, Y>(module: Module<X, Y>, x: X): MaybePromise<Node<Y>> {
  return module.call === Module.prototype.call ? callHere(module, x) : returned(module.call(x));
}

function callHere<X, Y>(module: Module<X, Y>, x: X | Node<X>): MaybePromise<Node<Y>> {
  const input = asNode(x, "input");
  const ready = codeReady();
  return ready === undefined ? recordCall(module, x, input) : ready.then(() => recordCall(module, x, input));
}

const inputName = Object.freeze(["input"]);

function recordCall<X, Y>(module: Module<X, Y>, x: X | Node<X>, input: Node): MaybePromise<Node<Y>> {
  const answer: Answer = { returned: undefined };
  const run = (): unknown => forwardInOwnScope(module, input.peek() as X, answer);
  return settled(
    () => inOwnScope(module, () => record(operationOfModule(module), [input], inputName, run)),
    (output) => {
      const result = answer.returned;
      return (isNode(result) && !isParameter(result) && addsNothing(output, result, x) ? result : output) as Node<Y>;
    },
    (error) => {
      throw error instanceof ExecutionError && !isInfrastructureError(error) ? innermost(error, x) : error;
    },
  );
}

/** What `forward` has returned, in the end. */
interface Answer {
  returned: unknown;
}

/** Runs `forward`; while it runs, what is read on this copy outside the asynchronous context of the call is read in its scope. */
function forwardInOwnScope<X, Y>(module: Module<X, Y>, x: X, answer: Answer): unknown {
  const own = ownScopeOf(module);
  const scope = currentScope();
  if (own?.hasValuesOf(scope)) return forwardIn(own, module, x, answer);
  if (scope.bindings === undefined) return forwardIn(undefined, module, x, answer);
  const once = new OwnScope(scope);
  return forwardIn(once, boundView(module, once), x, answer);
}

function forwardIn<X, Y>(own: OwnScope | undefined, module: Module<X, Y>, x: X, answer: Answer): unknown {
  own?.enter();
  return settled(
    () => returned<unknown>(module.forward(x)),
    (value) => {
      own?.leave();
      answer.returned = value;
      return value;
    },
    (error) => {
      own?.leave();
      throw error;
    },
  );
}

const partially = "`load(path, { partial: true })` takes the values that fit and leaves the other parameters as they are";

/** The values that fit the parameters of the module. A process warning reports those that do not. */
function fittingPart(module: Module, candidate: Candidate): Candidate {
  const named = module.namedParameters();
  const fitting: Candidate = {};
  const left: string[] = [];
  for (const [path, value] of Object.entries(candidate)) {
    const problems = named.get(path)?.problems(value) ?? ["the agent has no such parameter"];
    if (problems.length === 0) fitting[path] = value;
    else left.push(`${path} (${problems.join("; ")})`);
  }
  if (left.length > 0) process.emitWarning(`Values that do not fit were not loaded: ${left.join(", ")}`, "OptoWarning");
  return fitting;
}

/** A module that `model` made from parts: the parts are its fields. */
export type Model<Parts extends object, X, Y> = Module<X, Y> & Readonly<Parts>;

/**
 * Makes a module without a class: from its parts (parameters, nested modules, plain state) and a function that uses them.
 *
 * @example
 * const agent = model({ factor: parameter(2) }, async ({ factor }, x: number) => factor.value * x);
 */
export function model<Parts extends object, X, Y>(
  parts: Parts,
  forward: (parts: Parts, x: X) => Y | Node<Y> | Promise<Y | Node<Y>>,
): Model<Parts, X, Y> {
  const taken = Object.keys(parts).find((name) => name in Module.prototype || name === "forward");
  if (taken !== undefined) {
    throw new InvalidArgumentError(`A part of a model cannot be named "${taken}": every module has a member with that name`);
  }
  class ModelOfParts extends Module<X, Y> {
    override forward(x: X): Y | Node<Y> | Promise<Y | Node<Y>> {
      return forward(this as unknown as Parts, x);
    }
  }
  // What a run of it is called.
  Object.defineProperty(ModelOfParts, "name", { value: forward.name || "model" });
  forwards.set(ModelOfParts, forward);
  const name = forward.name || "agent";
  operations.set(ModelOfParts, operationOf(forward, { name, description: "", declaredAs: name, site: callSite(model) }));
  return Object.assign(new ModelOfParts(), parts) as unknown as Model<Parts, X, Y>;
}

/** True for modules. */
export function isModule(value: unknown): value is Module {
  return value instanceof Module;
}

/** For each class that `model` made, the function that it was given. */
const forwards = new WeakMap<object, (...args: never[]) => unknown>();

/** The function that `model` was given; `undefined` for a module with its own class. */
export function forwardOfModel(module: Module): ((...args: never[]) => unknown) | undefined {
  return forwards.get(module.constructor);
}

/** Where the first object of a class was made: near there is what its author wrote. */
const sites = new WeakMap<object, CallSite | undefined>();
/** One operation for all calls of a class. */
const operations = new WeakMap<object, Operation>();

function operationOfModule(module: Module): Operation {
  const owner = module.constructor;
  const known = operations.get(owner);
  if (known !== undefined) return known;
  const facts = { name: owner.name || "agent", description: "", declaredAs: "forward", site: sites.get(owner) };
  const operation = operationOf(module.forward, facts);
  operations.set(owner, operation);
  sites.set(owner, undefined);
  return operation;
}

/** Whether the node that `forward` returned already says all: the plain input and nothing else was read on the way. */
function addsNothing(output: Node, returned: Node, x: unknown): boolean {
  return !isNode(x) && output.inputs.every((input, index) => index === 0 || input === returned);
}

/** The failure of the operation inside `forward`, when `forward` itself added nothing to it. */
function innermost(error: ExecutionError, x: unknown): ExecutionError {
  const { cause } = error;
  return cause instanceof ExecutionError && addsNothing(error.exceptionNode, cause.exceptionNode, x) ? cause : error;
}

/**
 * The values of an agent's parameters by dotted path, as far as its type tells: those in its own fields and in those of nested
 * modules. Others have any value; of a single parameter the path is not known.
 *
 * @example
 * type Values = ValuesOf<typeof agent>; // { prompt: string; "tool.limit": number } and others
 */
export type ValuesOf<Agent> = Agent extends Module<never, unknown> ? Flat<FieldsOf<Agent>> & Candidate : Candidate;

/** Paths with their values, from the fields of a module; modules within modules down to the third level. */
type FieldsOf<Agent, Depth extends readonly unknown[] = []> = {
  [Name in OwnNames<Agent>]: Agent[Name] extends Parameter<infer Value>
    ? { readonly [Path in Name]: Value }
    : Depth["length"] extends 2
      ? never
      : Prefixed<Name, FieldsOf<Agent[Name], [...Depth, unknown]>>;
}[OwnNames<Agent>];

/** The fields that hold a parameter or a module. */
type OwnNames<Agent> = {
  [Name in keyof Agent & string]: Agent[Name] extends Parameter<infer _> | Module<never, unknown> ? Name : never;
}[keyof Agent & string];

type Prefixed<Prefix extends string, Fields> = Fields extends unknown
  ? { readonly [Path in keyof Fields & string as `${Prefix}.${Path}`]: Fields[Path] }
  : never;

/** One object of a union of objects. */
type Flat<Fields> = [Fields] extends [never]
  ? unknown
  : (Fields extends unknown ? (fields: Fields) => void : never) extends (fields: infer All) => void
    ? All
    : never;
