/**
 * `generate`: a call of a language model as an operation of the graph.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkOptions } from "../data/options.ts";
import { OutputParseError } from "../errors.ts";
import { readArguments, type Traceable } from "../graph/arguments.ts";
import type { Operation } from "../graph/graph-node.ts";
import { isNode, type Node, record } from "../graph/node.ts";
import { currentRun } from "../graph/scope.ts";
import { askStructured } from "./ask-structured.ts";
import { callModel } from "./call-model.ts";
import { type LanguageModel, type ModelLike, modelName } from "./language-model.ts";
import { type ModelRequest, modelRequestOptions } from "./model-request.ts";

/** The fields of a request, each a value, a node, or (lists and objects) anything with nodes inside. */
type TracedFields<Fields> = { readonly [Key in keyof Fields]: Traceable<Exclude<Fields[Key], undefined>> | undefined };

/** What `generate` takes: a request whose fields may be nodes or hold nodes. */
export interface GenerateRequest extends TracedFields<Omit<ModelRequest, "model" | "signal" | "role">> {
  /** @default the environment variable `OPTO_MODEL` */
  readonly model?: ModelLike | Node<string> | Node<LanguageModel> | undefined;
  /** Ends the call; the signal of the run does so, too. */
  readonly signal?: AbortSignal | undefined;
  /** @default "agent" */
  readonly role?: ModelRequest["role"];
}

/**
 * Asks a language model and returns the node of its reply: of the text, or with a `schema` of the data.
 * Whatever is given as a node or holds nodes is an input of it, so feedback on the reply reaches the prompts.
 *
 * @throws ExecutionError when the reply is empty, withheld or does not fit the schema, or the provider refuses the request as
 *   invalid; every other failure of the provider passes unchanged, an abort as the reason of its signal
 * @example
 * const system = parameter("Answer in one word.", { description: "instructions to the model" });
 * const answer = await generate({ model: "openai/gpt-5-mini", system, prompt: "What is the capital of Peru?" });
 * answer.value; // "Lima"
 */
export async function generate<T>(request: GenerateRequest & { readonly schema: StandardSchemaV1<unknown, T> }): Promise<Node<T>>;
export async function generate(request: GenerateRequest & { readonly schema?: undefined }): Promise<Node<string>>;
export async function generate(request: GenerateRequest & { readonly schema?: StandardSchemaV1 | undefined }): Promise<Node> {
  checkOptions(request, [...modelRequestOptions, "schema"], "generate");
  const { model, schema, signal, role, ...fields } = request;
  const { inputs, inputNames, values } = readArguments([shown(model, fields)], [{ name: "request", kind: "pattern" }]);
  const asked = { ...(values[0] as ModelRequest), model: isNode(model) ? model.peek() : model, signal, role };
  try {
    return await record(schema === undefined ? textOperation : dataOperation, inputs, inputNames, () =>
      schema === undefined ? askText(asked) : askStructured({ ...asked, schema }),
    );
  } catch (error) {
    // An abort may have any reason, also one that looks like a failure of the program.
    signal?.throwIfAborted();
    currentRun()?.signal?.throwIfAborted();
    throw error;
  }
}

const textOperation: Operation = {
  name: "generate",
  description: "Asks a language model that follows the instructions in `system`, and returns the text of its reply.",
};

const dataOperation: Operation = {
  name: "generate",
  description: "Asks a language model that follows the instructions in `system`, and returns the data in its reply.",
};

/** The fields that become inputs: all that are given, the model by its name. */
function shown(model: GenerateRequest["model"], fields: object): Record<string, unknown> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const named = isNode(model) || model === undefined ? model : modelName(model);
  return Object.fromEntries(named === undefined ? given : [["model", named], ...given]);
}

async function askText(request: ModelRequest): Promise<string> {
  const { text, finishReason, model } = await callModel(request);
  if (finishReason === "content-filter") {
    throw new OutputParseError(`Expected a reply from ${model}, got one that its content filter withheld`, text);
  }
  if (text.trim() === "") {
    throw new OutputParseError(`Expected a reply from ${model}, got an empty one (finish reason "${finishReason}")`, text);
  }
  return text;
}
