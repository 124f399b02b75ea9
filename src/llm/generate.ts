/**
 * `generate`: a model call as an operation of the graph.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkOptions } from "../data/options.ts";
import { OutputParseError } from "../errors.ts";
import { type ArgumentName, readArguments, type Traceable } from "../graph/arguments.ts";
import type { Operation } from "../graph/graph-node.ts";
import { isNode, type Node, record } from "../graph/node.ts";
import { currentRun } from "../graph/scope.ts";
import { callChecked } from "./call-model.ts";
import { type LanguageModel, type ModelLike, modelName } from "./language-model.ts";
import { type ModelReply, type ModelRequest, modelRequestOptions } from "./model-request.ts";
import { askForData, askStructured } from "./structured/ask-structured.ts";
import { type LoopOptions, loopOptions, type OutputLike, toolLoop } from "./tool-loop.ts";
import { toolsInWords } from "./traced-tools.ts";

/** The fields of a request, each a value, a node, or (lists and objects) anything with nodes inside. */
type TracedFields<Fields> = { readonly [Key in keyof Fields]: Traceable<Exclude<Fields[Key], undefined>> | undefined };

/** What `generate` takes: a request whose fields may be nodes or hold nodes. */
export interface GenerateRequest extends TracedFields<Omit<ModelRequest, "model" | "signal" | "role" | "headers">>, LoopOptions {
  /** @default the environment variable `OPTO_MODEL` */
  readonly model?: ModelLike | Node<string> | Node<LanguageModel> | undefined;
  /** Aborts the call; the signal of the run does, too. */
  readonly signal?: AbortSignal | undefined;
  /** @default "agent" */
  readonly role?: ModelRequest["role"];
  /** Headers of the request besides those of the provider. They may hold keys, and are not shown in the graph. */
  readonly headers?: ModelRequest["headers"];
}

/**
 * Asks a language model and returns a node with its reply: the text or, with a `schema` or an `output`, the data.
 * Every node in the request is an input of that node, so feedback on the reply reaches the prompts.
 *
 * With `tools`, the model is called until its reply calls no more tools. Each step, and each tool that runs, is an operation that the reply depends on.
 *
 * @throws ExecutionError when the reply is empty, withheld or does not fit the schema, or the provider refuses the request as
 *   invalid; every other failure of the provider passes unchanged, an abort as the reason of its signal
 * @example
 * const system = parameter("Answer in one word.", { description: "instructions to the model" });
 * const answer = await generate({ model: "openai/gpt-5-mini", system, prompt: "What is the capital of Peru?" });
 * answer.value; // "Lima"
 */
export async function generate<T>(request: GenerateRequest & { readonly schema: StandardSchemaV1<unknown, T> }): Promise<Node<T>>;
export async function generate<T>(
  request: GenerateRequest & { readonly output: OutputLike<T>; readonly schema?: undefined },
): Promise<Node<T>>;
export async function generate(
  request: GenerateRequest & { readonly schema?: undefined; readonly output?: undefined },
): Promise<Node<string>>;
export async function generate(request: GenerateRequest & { readonly schema?: StandardSchemaV1 | undefined }): Promise<Node> {
  checkOptions(request, knownOptions, "generate");
  const { model, schema, signal, role, headers } = request;
  const { loop, fields } = parted(request);
  const { inputs, inputNames, values } = readArguments([fields], requestName);
  // The copy is nobody else's: the values of nodes stand in it in their places.
  const asked = Object.assign(values[0] as Asked, { model: isNode(model) ? model.peek() : model, signal, role, headers });
  if (loop.tools !== undefined) delete asked.tools;
  const isLoop = Object.keys(loop).length > 0;
  const operation = schema === undefined && loop.output === undefined ? textOperation : dataOperation;
  const ask = (): Promise<unknown> => {
    if (isLoop) return askInSteps(asked, schema, loop);
    return schema === undefined ? callChecked(asked).then(textIn) : askStructured({ ...asked, schema });
  };
  try {
    return await record(operation, inputs, inputNames, ask);
  } catch (error) {
    // An abort may have any reason, also one that looks like a failure of the program.
    signal?.throwIfAborted();
    currentRun()?.signal?.throwIfAborted();
    throw error;
  }
}

async function askInSteps(asked: ModelRequest, schema: StandardSchemaV1 | undefined, loop: LoopOptions): Promise<unknown> {
  if (schema !== undefined) return askForData({ ...asked, schema }, (request) => toolLoop(request, loop));
  const reply = await toolLoop(asked, loop);
  return loop.output === undefined ? textIn(reply) : reply.output;
}

const requestName: readonly ArgumentName[] = [{ name: "request", kind: "pattern" }];

const textOperation: Operation = {
  name: "generate",
  isModelCall: true,
  description: "Asks a language model that follows the instructions in `system`, and returns the text of its reply.",
};

const dataOperation: Operation = {
  name: "generate",
  isModelCall: true,
  description: "Asks a language model that follows the instructions in `system`, and returns the data in its reply.",
};

const knownOptions: readonly string[] = [...modelRequestOptions, "schema", ...loopOptions];
const loopNames: ReadonlySet<string> = new Set(loopOptions);
/** What the graph does not show, or shows in other words. */
const hiddenNames: ReadonlySet<string> = new Set(["model", "schema", "signal", "role", "headers"]);

/** A request without nodes; its tools are those in words. */
type Asked = { -readonly [Name in keyof ModelRequest]: ModelRequest[Name] } & { tools?: unknown };

/**
 * What is given, without what is left open: the options of a loop of tools, and the fields that become inputs, the model by its name and tools in
 * words.
 */
function parted(given: object & Pick<GenerateRequest, "model">): {
  readonly loop: LoopOptions;
  readonly fields: Record<string, unknown>;
} {
  const { model } = given;
  const loop: Record<string, unknown> = {};
  const fields: Record<string, unknown> = {};
  if (model !== undefined) fields.model = isNode(model) ? model : modelName(model);
  for (const name of Object.keys(given)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && !hiddenNames.has(name)) (loopNames.has(name) ? loop : fields)[name] = value;
  }
  const { tools } = loop as LoopOptions;
  if (tools !== undefined) fields.tools = toolsInWords(tools);
  return { loop: loop as LoopOptions, fields };
}

function textIn({ text, finishReason, model }: ModelReply): string {
  if (finishReason === "content-filter") {
    throw new OutputParseError(`Expected a reply from ${model}, got one that its content filter withheld`, text);
  }
  if (text.trim() === "") {
    throw new OutputParseError(`Expected a reply from ${model}, got an empty one (finish reason "${finishReason}")`, text);
  }
  return text;
}
