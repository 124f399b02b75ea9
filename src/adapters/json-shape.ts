/**
 * Strings in JSON files, with or without comments.
 *
 * @module
 */
import { type Expression, parse } from "acorn";
import { errorText, InvalidArgumentError } from "../errors.ts";
import { missing, notText, type PromptShape, pathText, referenceProblem, type ValuePath } from "./prompt-shape.ts";

/** The string at a path of a JSON file. */
export function jsonString(path: ValuePath): PromptShape {
  return {
    problem: referenceProblem,
    find(text) {
      const { value, raw = "", start, end } = literalAt(readJson(text), path);
      const isAscii = /\\u[0-9a-f]{4}/i.test(raw) && !/[^\0-\x7f]/.test(raw);
      const escaped = (prompt: string): string => {
        const written = JSON.stringify(prompt);
        return isAscii ? written.replace(/[^\0-\x7f]/g, unicodeEscape) : written;
      };
      // The parser has read it in parentheses.
      return { start: start - 1, end: end - 1, value, written: (prompt) => [escaped(prompt)] };
    },
  };
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** JSON is an expression of JavaScript, and the parser of that says where each part of it is. */
function readJson(text: string): Expression {
  try {
    const [statement, ...others] = parse(`(${text}\n)`, { ecmaVersion: "latest" }).body;
    if (statement?.type === "ExpressionStatement" && others.length === 0) return statement.expression;
  } catch (cause) {
    throw new InvalidArgumentError(`it is not valid JSON: ${errorText(cause)}`, { cause });
  }
  throw new InvalidArgumentError("it is not valid JSON");
}

interface StringLiteral {
  readonly value: string;
  readonly raw?: string | undefined;
  readonly start: number;
  readonly end: number;
}

function literalAt(root: Expression, path: ValuePath): StringLiteral {
  let node = root;
  for (const [depth, key] of path.entries()) {
    const inner = innerNode(node, key);
    if (inner === undefined) throw missing(path.slice(0, depth + 1), textPaths(root));
    node = inner;
  }
  if (node.type !== "Literal" || typeof node.value !== "string") throw notText(path, kindOf(node), textPaths(root));
  return { value: node.value, raw: node.raw, start: node.start, end: node.end };
}

function innerNode(node: Expression, key: string | number): Expression | undefined {
  return entriesOf(node).findLast(([name]) => name === String(key))?.[1];
}

function entriesOf(node: Expression): [string, Expression][] {
  if (node.type === "ArrayExpression") {
    return node.elements.flatMap((element, index) =>
      element === null || element.type === "SpreadElement" ? [] : [[String(index), element]],
    );
  }
  if (node.type !== "ObjectExpression") return [];
  return node.properties.flatMap((property) => {
    if (property.type !== "Property") return [];
    const { key, value } = property;
    if (key.type === "Identifier") return [[key.name, value]];
    return key.type === "Literal" ? [[String(key.value), value]] : [];
  });
}

function kindOf(node: Expression): string {
  if (node.type === "ArrayExpression") return "a list";
  return node.type === "ObjectExpression" ? "an object" : "another value";
}

/** The paths of all strings, for messages. */
function textPaths(node: Expression, path: ValuePath = []): string[] {
  if (node.type === "Literal" && typeof node.value === "string") return [pathText(path)];
  return entriesOf(node).flatMap(([key, inner]) => textPaths(inner, [...path, key]));
}
