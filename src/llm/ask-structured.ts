/**
 * `askStructured`: asks a model for data instead of words.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { OutputParseError } from "../errors.ts";
import { callModel } from "./call-model.ts";
import type { Message, ModelReply, ModelRequest } from "./model-request.ts";
import { structuredCorrection, structuredInstructions } from "./prompts/structured-reply.ts";
import { readStructuredReply } from "./read-structured-reply.ts";
import { offersStructuredOutput } from "./response-format.ts";
import { type JsonSchema, jsonSchemaOf, strictSchema } from "./strict-schema.ts";

/** A request for data. */
export interface StructuredRequest<T> extends ModelRequest {
  /** What the data must be: a schema of zod, Valibot, ArkType or any other library of Standard Schema. */
  readonly schema: StandardSchemaV1<unknown, T>;
}

/**
 * Asks a model for one JSON value that fits a schema. The model is shown the schema when its library can write it as
 * JSON Schema, and its provider is asked to keep the reply to it where it is known to. Words around the value and small mistakes are forgiven; a reply that is still unusable is requested
 * again, saying what was wrong with it.
 *
 * @throws OutputParseError with the text of the second reply when that is unusable, too; failures of the call as `callModel`
 * @example
 * const { colour } = await askStructured({ prompt: "Name a colour.", schema: z.object({ colour: z.string() }) });
 */
export function askStructured<T>(request: StructuredRequest<T>): Promise<T> {
  return askForData(request, callModel);
}

/** The same, by calls that may be made in another way. */
export async function askForData<T>(
  request: StructuredRequest<T>,
  call: (request: ModelRequest) => Promise<ModelReply>,
): Promise<T> {
  const { schema, system, prompt, messages, ...settings } = request;
  const jsonSchema = jsonSchemaOf(schema);
  const instructions = structuredInstructions(jsonSchema && JSON.stringify(jsonSchema));
  const how = call === callModel ? { ...formatFor(request, jsonSchema), ...settings } : settings;
  const ask = (conversation: Pick<ModelRequest, "prompt" | "messages">): Promise<ModelReply> =>
    call({ ...how, ...conversation, system: system ? `${system}\n\n${instructions}` : instructions });

  const first = await ask({ prompt, messages });
  const read = await readStructuredReply(first, schema);
  if ("value" in read) return read.value;

  const conversation = messages ?? [{ role: "user", content: prompt ?? "" }];
  const second = await ask({ messages: [...conversation, ...correction(first.text, read.problem)] });
  const readAgain = await readStructuredReply(second, schema);
  if ("value" in readAgain) return readAgain.value;
  throw new OutputParseError(
    `Expected ${second.model} to reply with JSON that fits, got two unusable replies; as for the last, ${readAgain.problem}`,
    second.text,
  );
}

/** What is added to the conversation. Providers refuse messages without text. */
function correction(text: string, problem: string): Message[] {
  const request: Message = { role: "user", content: structuredCorrection(problem) };
  return text.trim() === "" ? [request] : [{ role: "assistant", content: text }, request];
}

/** The response format to ask for, where the model is known to keep to one and strict providers take the schema. */
function formatFor({ model }: ModelRequest, jsonSchema: JsonSchema | undefined): Pick<ModelRequest, "responseFormat"> {
  const schema = jsonSchema && offersStructuredOutput(model) ? strictSchema(jsonSchema) : undefined;
  return schema === undefined ? {} : { responseFormat: { type: "json", name: "reply", schema } };
}
