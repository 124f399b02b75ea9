/**
 * `schemaProblems`: where a value does not fit a JSON Schema, as far as the schemas of judges go.
 *
 * @module
 */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { describeValue, isPlainObject, type JsonValue, jsonEqual } from "../../data/json.ts";
import type { JsonSchema } from "./strict-schema.ts";

/**
 * The schema in the form that structured replies are asked for in. Types, enumerations, required and further properties, items, and alternatives
 * are checked; the rest is left to the library that wrote the schema.
 */
export function fromJsonSchema(
  schema: JsonSchema,
): StandardSchemaV1<unknown, JsonValue> & StandardJSONSchemaV1<unknown, JsonValue> {
  const written = () => schema as Record<string, unknown>;
  return {
    "~standard": {
      version: 1,
      vendor: "opto",
      validate: (value) => {
        const issues = schemaProblems(schema, value);
        return issues.length === 0 ? { value: value as JsonValue } : { issues };
      },
      jsonSchema: { input: written, output: written },
    },
  };
}

type Path = readonly (string | number)[];

function schemaProblems(schema: JsonValue, value: unknown, path: Path = []): StandardSchemaV1.Issue[] {
  if (!isPlainObject(schema)) return [];
  const { type, enum: choices, const: only, anyOf, oneOf } = schema;
  const types = [type].flat().filter((one) => typeof one === "string") as string[];
  const refuse = (expected: string): StandardSchemaV1.Issue[] => [
    { path, message: `expected ${expected}, got ${describeValue(value)}` },
  ];
  if (types.length > 0 && !types.some((name) => isOfType(name, value))) return refuse(types.join(" or "));
  if (Array.isArray(choices) && !choices.some((choice) => jsonEqual(choice as JsonValue, value as JsonValue))) {
    return refuse(`one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}`);
  }
  if (only !== undefined && !jsonEqual(only as JsonValue, value as JsonValue)) return refuse(JSON.stringify(only));
  for (const alternatives of [anyOf, oneOf]) {
    if (!Array.isArray(alternatives) || alternatives.length === 0) continue;
    const found = alternatives.map((alternative) => schemaProblems(alternative as JsonValue, value, path));
    if (found.every((problems) => problems.length > 0)) return found[0] as StandardSchemaV1.Issue[];
  }
  return [...propertyProblems(schema, value, path), ...itemProblems(schema, value, path)];
}

function propertyProblems(schema: Record<string, unknown>, value: unknown, path: Path): StandardSchemaV1.Issue[] {
  if (!isPlainObject(value)) return [];
  const { properties, required = [], additionalProperties } = schema;
  const known = isPlainObject(properties) ? properties : {};
  const missing = (required as readonly string[]).filter((name) => !Object.hasOwn(value, name));
  const others = additionalProperties === false ? Object.keys(value).filter((name) => !Object.hasOwn(known, name)) : [];
  return [
    ...missing.map((name) => ({ path: [...path, name], message: "is missing" })),
    ...others.map((name) => ({ path: [...path, name], message: "is not one of the properties" })),
    ...Object.entries(known).flatMap(([name, inner]) =>
      Object.hasOwn(value, name) ? schemaProblems(inner as JsonValue, value[name], [...path, name]) : [],
    ),
  ];
}

function itemProblems({ items }: Record<string, unknown>, value: unknown, path: Path): StandardSchemaV1.Issue[] {
  if (!Array.isArray(value) || !isPlainObject(items)) return [];
  return value.flatMap((item, index) => schemaProblems(items as JsonValue, item, [...path, index]));
}

function isOfType(name: string, value: unknown): boolean {
  switch (name) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isPlainObject(value);
    case "integer":
      return Number.isInteger(value);
    case "number":
    case "string":
    case "boolean":
      return typeof value === name;
    default:
      return true;
  }
}
