/**
 * What of a function must stay when its code is rewritten: its name, its parameters, whether it is sync; the declaration that keeps it; and the
 * syntax tree that it is read from.
 *
 * @module
 */
import {
  type AnyNode,
  type ArrowFunctionExpression,
  type FunctionDeclaration,
  type FunctionExpression,
  type Pattern,
  type Program,
  parse,
} from "acorn";
import type * as Sucrase from "sucrase";
import { loadOnDemand } from "../data/load-on-demand.ts";
import { InvalidArgumentError, MissingPackageError } from "../errors.ts";
import { readProgram } from "./syntax.ts";

/** The outside of a function. */
export interface FunctionShape {
  readonly name: string;
  /** Each parameter as it is written, without types and defaults: `items`, `{a, b: {c}}`, `...rest`. */
  readonly parameters: readonly string[];
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
}

/** A function that a program declares at its top level. */
export interface DeclaredFunction extends FunctionShape {
  readonly line: number;
  readonly node: AnyNode;
}

/** The function of that name, or `undefined` when the program does not declare it, or declares something else by it. */
export function declaredFunction(program: Program, name: string): DeclaredFunction | undefined {
  for (const top of program.body) {
    const statement = top.type === "ExportNamedDeclaration" ? (top.declaration ?? top) : top;
    if (statement.type === "FunctionDeclaration" && statement.id.name === name) return shapeOf(statement, name);
    if (statement.type !== "VariableDeclaration") continue;
    for (const { id, init } of statement.declarations) {
      if (id.type !== "Identifier" || id.name !== name) continue;
      if (init?.type === "ArrowFunctionExpression" || init?.type === "FunctionExpression") return shapeOf(init, name);
    }
  }
  return undefined;
}

/** The function's first line, as it reads: `async function sortList(items, order)`. */
export function signatureOf({ name, parameters, isAsync, isGenerator }: FunctionShape): string {
  return `${isAsync ? "async " : ""}function${isGenerator ? "*" : ""} ${name}(${parameters.join(", ")})`;
}

function shapeOf(node: FunctionDeclaration | FunctionExpression | ArrowFunctionExpression, name: string): DeclaredFunction {
  const { params, async: isAsync, generator: isGenerator } = node;
  return { name, parameters: params.map(patternText), isAsync, isGenerator, line: node.loc?.start.line ?? 1, node };
}

function patternText(pattern: Pattern): string {
  switch (pattern.type) {
    case "Identifier":
      return pattern.name;
    case "AssignmentPattern":
      return patternText(pattern.left);
    case "RestElement":
      return `...${patternText(pattern.argument)}`;
    case "ArrayPattern":
      return `[${pattern.elements.map((element) => (element === null ? "" : patternText(element))).join(", ")}]`;
    case "ObjectPattern":
      return `{${pattern.properties.map(propertyText).join(", ")}}`;
    default:
      return pattern.type;
  }
}

function propertyText(property: Extract<Pattern, { type: "ObjectPattern" }>["properties"][number]): string {
  if (property.type === "RestElement") return patternText(property);
  const { key, value } = property;
  const name = key.type === "Identifier" ? key.name : String(key.type === "Literal" ? key.value : "[computed]");
  const inner = patternText(value as Pattern);
  return inner === name ? name : `${name}: ${inner}`;
}

/** A function's text and what it says of itself. */
export interface FunctionForm {
  /** For a method the text from its parameters on. */
  readonly text: string;
  readonly isMethod: boolean;
  /** The name inside the text: of a declaration or a named expression. */
  readonly ownName: string | undefined;
  readonly async: boolean;
  readonly generator: boolean;
}

/** `function NAME…` as it is; a method with `function` before it; all else as a `const` of that name. */
export function declareFunction(form: FunctionForm, name: string): string {
  const { text, isMethod, ownName } = form;
  if (isMethod) return `${form.async ? "async " : ""}function${form.generator ? "*" : ""} ${name}${text}`;
  return ownName === name ? text : `const ${name} = ${text};`;
}

/**
 * Makes sure that a program can declare a function by this name.
 *
 * @throws InvalidArgumentError when it is no name of JavaScript
 */
export function checkFunctionName(name: string): void {
  const isName =
    /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) &&
    readProgram(`const ${name} = 0;`, { typescript: false, sloppy: false }) !== undefined;
  if (isName) return;
  throw new InvalidArgumentError(
    `Expected a trainable function to have a name that JavaScript can declare, such as sortList, got ${JSON.stringify(name)}`,
  );
}

/**
 * The program without its types; every line stays where it is.
 *
 * @throws what sucrase throws at text that is no TypeScript, with the place in its message
 */
export function withoutTypes(text: string): string {
  const sucrase = loadOnDemand<typeof Sucrase>("sucrase");
  if (sucrase === undefined) throw new MissingPackageError("sucrase", "Running a trainable function");
  return sucrase.transform(text, { transforms: ["typescript"], disableESTransforms: true, keepUnusedImports: true }).code;
}

/**
 * The syntax tree of JavaScript, as a module: strict, and with all that has to be refused.
 *
 * @throws SyntaxError with the place in its message
 */
export function parseProgram(code: string): Program {
  return parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true, ranges: true, allowHashBang: false });
}
