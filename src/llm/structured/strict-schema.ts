/**
 * Schemas as JSON Schema, and those that strict providers take: every property of an object is required, and none besides is allowed.
 *
 * @module
 */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { isPlainObject, type JsonValue } from "../../data/json.ts";

/** A JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: JsonValue };

/** The schema as JSON Schema, where its library speaks Standard JSON Schema. */
export function jsonSchemaOf(schema: StandardSchemaV1): JsonSchema | undefined {
  const standard: Partial<StandardJSONSchemaV1.Props> = schema["~standard"];
  try {
    const { $schema: _, ...described } = standard.jsonSchema?.input({ target: "draft-2020-12" }) ?? {};
    return Object.keys(described).length === 0 ? undefined : (described as JsonSchema);
  } catch {
    // Not every schema can be written so: a transformation, a class, a date.
    return undefined;
  }
}

/**
 * The schema with objects closed to further properties; `undefined` when it allows what strict providers do not: a reply that is
 * no object, properties that may be left out, or any number of them.
 */
export function strictSchema(schema: JsonSchema): JsonSchema | undefined {
  return schema.type === "object" ? (closed(schema) as JsonSchema | undefined) : undefined;
}

/** Keywords with a schema, a list of schemas, or schemas by name in them. */
const single = ["items", "not"] as const;
const lists = ["anyOf", "oneOf", "allOf", "prefixItems"] as const;
const maps = ["properties", "$defs", "definitions"] as const;

function closed(schema: JsonValue): JsonValue | undefined {
  if (!isPlainObject(schema)) return schema;
  const parts = new Map(Object.entries(schema) as [string, JsonValue][]);
  if (schema.type === "object") {
    const { properties = {}, required = [], additionalProperties = false, patternProperties, propertyNames } = schema;
    const names = isPlainObject(properties) ? Object.keys(properties) : [];
    const isStrict = names.every((name) => (required as unknown[]).includes(name)) && additionalProperties === false;
    if (!isStrict || patternProperties !== undefined || propertyNames !== undefined) return undefined;
    parts.set("additionalProperties", false);
  }
  for (const key of single) if (!replace(parts, key, closed)) return undefined;
  for (const key of lists) if (!replace(parts, key, (list) => all(list as readonly JsonValue[]))) return undefined;
  for (const key of maps) if (!replace(parts, key, allByName)) return undefined;
  return Object.fromEntries(parts);
}

/** Whether the part could be kept. */
function replace(parts: Map<string, JsonValue>, key: string, make: (part: JsonValue) => JsonValue | undefined): boolean {
  const part = parts.get(key);
  if (part === undefined) return true;
  const made = make(part);
  if (made !== undefined) parts.set(key, made);
  return made !== undefined;
}

function all(schemas: readonly JsonValue[]): JsonValue | undefined {
  const made = schemas.map(closed);
  return made.every((schema) => schema !== undefined) ? made : undefined;
}

function allByName(schemas: JsonValue): JsonValue | undefined {
  const made = all(Object.values(schemas as JsonSchema)) as readonly JsonValue[] | undefined;
  return made && Object.fromEntries(Object.keys(schemas as JsonSchema).map((name, index) => [name, made[index] as JsonValue]));
}
