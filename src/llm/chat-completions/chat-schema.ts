/**
 * `directSchema`: a JSON Schema without the wrapper that strict servers refuse around a reference.
 *
 * @module
 */
import { isPlainObject } from "../../data/json.ts";

type Schema = Readonly<Record<string, unknown>>;

const ofSchemas: readonly string[] = ["properties", "patternProperties", "definitions", "$defs"];
const lists: readonly string[] = ["allOf", "anyOf", "oneOf"];

/**
 * The same schema with every `allOf` of one reference alone, as zod 4 writes references to what contains them, as that reference. At the root, where an
 * object is wanted, what is referred to stands in its place.
 */
export function directSchema(schema: unknown): unknown {
  if (!isPlainObject(schema)) return schema;
  const root = within(schema);
  const reference = onlyReference(root);
  if (reference === undefined) return root;
  const [, keyword = "", name = ""] = /^#\/(definitions|\$defs)\/(.+)$/.exec(reference) ?? [];
  const target = (root[keyword] as Schema | undefined)?.[name.replace(/~1/g, "/").replace(/~0/g, "~")];
  return isPlainObject(target) ? { ...target, ...without(root) } : root;
}

function direct(schema: unknown): unknown {
  if (!isPlainObject(schema)) return schema;
  const inner = within(schema);
  const reference = onlyReference(inner);
  return reference === undefined ? inner : { ...without(inner), $ref: reference };
}

function within(schema: Schema): Schema {
  const made: Record<string, unknown> = { ...schema };
  for (const name of ofSchemas) {
    const schemas = made[name];
    if (isPlainObject(schemas)) made[name] = Object.fromEntries(Object.entries(schemas).map(([key, one]) => [key, direct(one)]));
  }
  for (const name of lists) {
    const schemas = made[name];
    if (Array.isArray(schemas)) made[name] = schemas.map(direct);
  }
  if (made.items !== undefined) made.items = Array.isArray(made.items) ? made.items.map(direct) : direct(made.items);
  if (isPlainObject(made.additionalProperties)) made.additionalProperties = direct(made.additionalProperties);
  return made;
}

function onlyReference({ allOf }: Schema): string | undefined {
  const [only] = Array.isArray(allOf) && allOf.length === 1 ? (allOf as readonly unknown[]) : [];
  if (!isPlainObject(only) || Object.keys(only).length !== 1) return undefined;
  return typeof only.$ref === "string" ? only.$ref : undefined;
}

function without({ allOf: _allOf, ...rest }: Schema): Schema {
  return rest;
}
