/**
 * `sampleJson`: the simplest value that fits a JSON Schema.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../data/json.ts";

/** Schemas that contain themselves end somewhere. */
const maxDepth = 20;

/**
 * A value of the right type with the required fields, within bounds and choices. Patterns, formats and the like are not
 * heeded, so it need not fit.
 */
export function sampleJson(schema: JsonValue): JsonValue {
  return sample(schema, schema, 0);
}

function sample(schema: JsonValue | undefined, root: JsonValue, depth: number): JsonValue {
  if (!isPlainObject(schema) || depth > maxDepth) return {};
  const inner = (part: unknown): JsonValue => sample(part as JsonValue | undefined, root, depth + 1);
  if (typeof schema.$ref === "string") return inner(target(schema.$ref, root));
  if (schema.const !== undefined) return schema.const as JsonValue;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0] as JsonValue;
  for (const choice of [schema.anyOf, schema.oneOf]) if (Array.isArray(choice) && choice.length > 0) return inner(choice[0]);
  if (Array.isArray(schema.allOf)) return inner(Object.assign({}, schema, { allOf: undefined }, ...schema.allOf));

  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "string":
      return "text".padEnd(boundOf(schema.minLength) ?? 0, ".").slice(0, boundOf(schema.maxLength));
    case "integer":
    case "number":
      return numberIn(schema);
    case "boolean":
      return false;
    case "null":
      return null;
    case "array":
      return Array.from({ length: Math.min(boundOf(schema.minItems) ?? 0, 100) }, () => inner(schema.items));
    default: {
      const properties = isPlainObject(schema.properties) ? schema.properties : {};
      const required = Array.isArray(schema.required) ? (schema.required as string[]) : [];
      return Object.fromEntries(required.map((name) => [name, inner(properties[name])]));
    }
  }
}

/** 0, or the number within the bounds that is nearest to it and whole. */
function numberIn(schema: Record<string, unknown>): number {
  const least = boundOf(schema.minimum) ?? addOne(boundOf(schema.exclusiveMinimum), 1);
  const most = boundOf(schema.maximum) ?? addOne(boundOf(schema.exclusiveMaximum), -1);
  return Math.min(Math.max(0, least ?? 0), Math.max(most ?? Number.POSITIVE_INFINITY, least ?? Number.NEGATIVE_INFINITY));
}

function addOne(bound: number | undefined, step: 1 | -1): number | undefined {
  return bound === undefined ? undefined : bound + step;
}

function boundOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** What a reference like `#/$defs/item` names. */
function target(reference: string, root: JsonValue): JsonValue | undefined {
  let found: unknown = root;
  for (const key of reference.split("/").slice(1)) {
    found = isPlainObject(found) ? found[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return found as JsonValue | undefined;
}
