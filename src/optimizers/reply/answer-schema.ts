/**
 * How the values of a parameter are written in a JSON reply, and the JSON Schema that says so.
 *
 * @module
 */
import type { JsonValue } from "../../data/json.ts";
import type { JsonSchema } from "../../llm/strict-schema.ts";
import { describeType, schemaText, variableText } from "../problem/describe-variable.ts";
import type { AskedVariable } from "./reply-format.ts";

/**
 * The schema of the reply about these variables. Providers that are strict about schemas take it: each property is required,
 * none besides is allowed, and a variable that stays as it is is null.
 *
 * @param edits whether texts may be edited
 */
export function answerSchema(variables: readonly AskedVariable[], edits: boolean): JsonSchema {
  const values = variables.map((variable): [string, JsonSchema] => [variable.name, orNull(valueSchema(variable))]);
  const properties: Record<string, JsonSchema> = {
    reasoning: { type: "string" },
    values: strictObject(Object.fromEntries(values)),
  };
  if (edits) properties.edits = { type: "array", items: editSchema(variables) };
  return strictObject(properties);
}

/** A value as it stands in a JSON reply; reading it gives the same value back. */
export function writtenValue(value: JsonValue, variable: AskedVariable | undefined): JsonValue {
  if (typeof value === "string" && variable !== undefined && isAnything(variable)) return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return value === null ? "null" : value;
  const pool = variable?.parameter.domain?.kind === "subset" ? variable.parameter.domain.pool : [];
  return sharedType(pool) === undefined ? variableText(value) : value;
}

/** Lists and objects of which nothing is known are written as JSON in a string: strict schemas have no other word for them. */
function valueSchema({ parameter, value }: AskedVariable): JsonSchema {
  const { domain, maxLength } = parameter;
  const schema = schemaText(parameter);
  const fits = schema === undefined ? "" : ` that fits this JSON Schema: ${schema}`;
  const inString: JsonSchema = { type: "string", description: `${describeType(parameter, value)}${fits}` };
  if (domain?.kind === "choices") {
    const type = sharedType(domain.values);
    // Reading finds a choice by its text, too.
    return type === undefined ? { type: "string", enum: domain.values.map(variableText) } : { type, enum: domain.values };
  }
  if (domain?.kind === "range") {
    return { type: domain.integer ? "integer" : "number", minimum: domain.low, maximum: domain.high };
  }
  if (domain?.kind === "subset") {
    const type = sharedType(domain.pool);
    return type === undefined ? inString : { type: "array", items: { type, enum: domain.pool } };
  }
  if (typeof value === "number" || typeof value === "boolean") return { type: typeof value };
  if (typeof value !== "string") return inString;
  return maxLength === undefined ? { type: "string" } : { type: "string", description: `At most ${maxLength} characters` };
}

function editSchema(variables: readonly AskedVariable[]): JsonSchema {
  const texts = variables.filter(({ value, parameter }) => typeof value === "string" && parameter.domain === undefined);
  return strictObject({
    variable: { type: "string", enum: texts.map(({ name }) => name) },
    search: { type: "string" },
    replace: { type: "string" },
  });
}

/** The type that all of some values have, when it is one that an enumeration can hold. */
function sharedType(values: readonly JsonValue[]): "string" | "number" | "boolean" | undefined {
  const [type, ...others] = new Set(values.map((value) => typeof value));
  return others.length === 0 && (type === "string" || type === "number" || type === "boolean") ? type : undefined;
}

function isAnything({ parameter, value }: AskedVariable): boolean {
  return typeof value !== "string" && parameter.domain === undefined;
}

function orNull({ type, ...schema }: JsonSchema): JsonSchema {
  const choices = Array.isArray(schema.enum) ? { enum: [...(schema.enum as JsonValue[]), null] } : {};
  return { type: [type as JsonValue, "null"], ...schema, ...choices };
}

function strictObject(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}
