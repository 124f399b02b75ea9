/**
 * Paths of an agent's texts: which there are, which are meant, and where in a call each is found.
 *
 * @module
 */
import { isPlainObject } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import { propertiesOf, type TextPlace } from "../llm/call-texts.ts";
import { type AgentTexts, membersOf } from "./agent-kind.ts";

/** A path, read: its parts, and the place that it names. */
export interface TextPath {
  readonly segments: readonly string[];
  readonly place: Exclude<TextPlace, { readonly kind: "anywhere" }>;
}

/** @throws InvalidArgumentError for a path of no text that an agent has */
export function readPath(path: string): TextPath {
  const [, tool, property] = /^tools\.(.+?)(?:\.input\.([^.]+))?\.description$/.exec(path) ?? [];
  if (tool !== undefined && property !== undefined) {
    return { segments: ["tools", tool, "input", property, "description"], place: { kind: "tool", tool, property } };
  }
  if (tool !== undefined) return { segments: ["tools", tool, "description"], place: { kind: "tool", tool } };
  const [, head, index] = /^(instructions|examples)(?:\.(\d+))?$/.exec(path) ?? [];
  if (head === "instructions") {
    return { segments: index === undefined ? [head] : [head, index], place: { kind: "instructions" } };
  }
  if (head === "examples" && index !== undefined) return { segments: [head, index], place: { kind: "example" } };
  throw new InvalidArgumentError(
    `There is no text "${path}" of an agent. There are: "instructions", "instructions.0", "examples.0", "tools.<name>.description", ` +
      '"tools.<name>.input.<property>.description"',
  );
}

/** The patterns of what is trained when nothing is said about it. */
export const defaultPatterns: readonly string[] = ["instructions", "instructions.*", "tools.*.description"];

/** Whether a pattern means a path. `*` stands for one part of it: a name, a number. */
export function isMeant(pattern: string, path: string): boolean {
  if (pattern === path) return true;
  const { segments } = readPath(path);
  const wanted = pattern.split(".");
  return (
    wanted.length === segments.length && segments.every((segment, index) => ["*", segment].includes(wanted[index] as string))
  );
}

/** The text of instructions, or each of several messages with such. */
export function instructionTexts(given: unknown): AgentTexts {
  const texts = [given].flat().flatMap((one) => {
    const text = typeof one === "string" ? one : membersOf(one).content;
    return typeof text === "string" && text.trim() !== "" ? [text] : [];
  });
  const [only] = texts;
  if (only !== undefined && texts.length === 1) return { instructions: only };
  return Object.fromEntries(texts.map((text, index) => [`instructions.${index}`, text]));
}

/** The texts of a tool: its description, and those of its arguments, where its schema says them. @param schema in any form that tools have */
export function toolTexts(name: string, description: unknown, schema: unknown): AgentTexts {
  const own = isText(description) ? { [`tools.${name}.description`]: description } : {};
  const ofInput = Object.entries(propertiesOf(jsonSchemaOf(schema))).flatMap(([property, { description: text }]) => {
    // A dot in the name of an argument would make another path.
    return isText(text) && !property.includes(".") ? [[`tools.${name}.input.${property}.description`, text] as const] : [];
  });
  return { ...own, ...Object.fromEntries(ofInput) };
}

/** A JSON Schema itself, one that a schema of the AI SDK holds, or one that a Standard Schema (Zod 4.2) makes of itself. */
function jsonSchemaOf(schema: unknown): unknown {
  const { jsonSchema, "~standard": standard, properties } = membersOf(schema);
  if (isPlainObject(jsonSchema)) return jsonSchema;
  const { input } = membersOf(membersOf(standard).jsonSchema);
  if (typeof input !== "function") return isPlainObject(properties) ? schema : undefined;
  try {
    return input({ target: "draft-07" });
  } catch {
    // Something in it has no JSON Schema: then its descriptions are not known.
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
