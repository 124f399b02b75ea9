/**
 * Checks code that a language model proposes for a function, before anything of it is run.
 *
 * @module
 */
import type { AnyNode, Program } from "acorn";
import type * as Scope from "eslint-scope";
import { shorten } from "../data/json.ts";
import { loadOnDemand } from "../data/load-on-demand.ts";
import { MissingPackageError } from "../errors.ts";
import { declaredFunction, type FunctionShape, parseProgram, signatureOf, withoutTypes } from "./function-shape.ts";
import { guestGlobals } from "./guest-runtime.ts";

/** What a program has to keep to. */
export interface CodeRules {
  /** What must stay of the function. */
  readonly shape: FunctionShape;
  /** Names that the host lends to the program. */
  readonly tools: readonly string[];
}

/** The longest program, in characters. */
const longestProgram = 100_000;

/**
 * Says what is wrong with a program, as text for people and models, each with its line; empty when it may be run.
 *
 * The function must be declared at the top level by its name, with the same parameters, and a sync one must stay sync. There
 * may be other declarations beside it. Refused are imports and exports, code from text, `this` from outside, and every name
 * that is neither declared, nor a tool, nor a built-in of the sandbox.
 */
export function checkCode(text: string, { shape, tools }: CodeRules): string[] {
  if (text.length > longestProgram) {
    return [`expected code of at most ${longestProgram} characters, got ${text.length}`];
  }
  const program = readProgram(text);
  if (typeof program === "string") return [program];
  try {
    const problems = [
      ...shapeProblems(program, shape),
      ...forbidden(program, shape.name),
      ...freeNames(program, tools).map(({ name, line }) => nameProblem(name, line, tools)),
    ];
    // Only as an explanation: a text may speak of an enum without there being one.
    if (problems.length > 0) problems.unshift(...enumProblems(text));
    const left = problems.length - mostProblems;
    return left > 0 ? [...problems.slice(0, mostProblems), `and ${left} more`] : problems;
  } catch (error) {
    // `a.b.b.b…` is a deep tree that the parser makes without going deep.
    if (error instanceof RangeError) return ["expected code that is nested less deeply"];
    throw error;
  }
}

/** Those that matter come first, and a model that is told hundreds mends none. */
const mostProblems = 20;

/** The shape of the function that a program declares by a name, or why there is none. */
export function readShape(text: string, name: string): FunctionShape | string {
  const program = readProgram(text);
  if (typeof program === "string") return program;
  const found = declaredFunction(program, name);
  if (found === undefined) return `expected a declaration of ${name}`;
  const { parameters, isAsync, isGenerator } = found;
  return { name, parameters, isAsync, isGenerator };
}

/** The syntax tree, or what stands in its way. */
function readProgram(text: string): Program | string {
  try {
    return parseProgram(withoutTypes(text));
  } catch (error) {
    if (error instanceof MissingPackageError) throw error;
    if (error instanceof RangeError) return "expected code that is nested less deeply";
    // Of the two parsers, the one that came further knows better what is wrong: the first gives up early inside arrows.
    const [first, second] = [readSyntaxError(error), readSyntaxError(errorOf(() => parseProgram(text)))];
    const { line, what } = second.line > first.line ? second : first;
    return `${line === 0 ? "" : `line ${line}: `}(SyntaxError) ${shorten(what, 200)}`;
  }
}

/** Both parsers say the place in their message: "Unexpected token (3:5)". Line 0 when they do not. */
function readSyntaxError(error: unknown): { readonly line: number; readonly what: string } {
  const message = error instanceof Error ? error.message : "";
  const [, what = message, line = "0"] =
    /^(?:Error transforming .*?: )?(?:sucrase: )?([\s\S]*?) ?\((\d+):\d+\)/.exec(message) ?? [];
  return { line: Number(line), what };
}

/** Of an enum statements are made, of a namespace nothing: what follows from that would puzzle who wrote it. */
function enumProblems(text: string): string[] {
  const match = /^[ \t]*(?:(?:export|declare|const)[ \t]+)*(?:enum|namespace)[ \t]+[\w.]+\s*\{/m.exec(text);
  if (match === null) return [];
  const line = text.slice(0, match.index).split("\n").length;
  return [`line ${line}: expected no enum and no namespace; use a constant object`];
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

function shapeProblems(program: Program, shape: FunctionShape): string[] {
  const wanted = signatureOf(shape);
  const found = declaredFunction(program, shape.name);
  if (found === undefined) return [`expected a declaration of \`${wanted}\` at the top level, found none`];
  const at = `line ${found.line}: `;
  const problems: string[] = [];
  if (found.parameters.join(", ") !== shape.parameters.join(", ")) {
    problems.push(`${at}expected the parameters (${shape.parameters.join(", ")}), got (${found.parameters.join(", ")})`);
  }
  if (found.isAsync && !shape.isAsync) problems.push(`${at}expected ${shape.name} to stay synchronous, got an async function`);
  if (found.isGenerator !== shape.isGenerator) {
    problems.push(`${at}expected ${shape.name} to ${shape.isGenerator ? "stay a generator" : "not be a generator"}`);
  }
  return problems;
}

/** Where a node stands: how many functions are around it, and whether `this` is that of the program's own function. */
interface Surroundings {
  readonly depth: number;
  readonly hasOwnThis: boolean;
}

function forbidden(program: Program, name: string): string[] {
  const problems: string[] = [];
  const target = declaredFunction(program, name)?.node;
  const refuse = (node: AnyNode, what: string): void => {
    problems.push(`line ${node.loc?.start.line ?? 1}: ${what}`);
  };
  const visit = (node: AnyNode, around: Surroundings): void => {
    const what = whatIsForbidden(node, around);
    if (what !== undefined) refuse(node, what);
    const inside = surroundingsIn(node, around, target);
    for (const child of childrenOf(node)) visit(child, inside);
  };
  for (const statement of program.body) {
    if (!isDeclaration(statement)) {
      refuse(statement, "expected declarations only at the top level (function, class, const, let), got a statement");
    }
    visit(statement, { depth: 0, hasOwnThis: false });
  }
  return problems;
}

function whatIsForbidden(node: AnyNode, { depth, hasOwnThis }: Surroundings): string | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ImportExpression":
      return "expected no import: nothing can be loaded in the sandbox";
    case "ExportNamedDeclaration":
    case "ExportDefaultDeclaration":
    case "ExportAllDeclaration":
      return "expected no export: declare the function without it";
    case "MetaProperty":
      return node.meta.name === "import" || !hasOwnThis ? `expected no ${node.meta.name}.${node.property.name}` : undefined;
    case "ThisExpression":
      return hasOwnThis ? undefined : "expected no `this`: the function receives only its arguments";
    case "AwaitExpression":
      return depth === 0 ? "expected no await at the top level" : undefined;
    case "ForOfStatement":
      return depth === 0 && node.await ? "expected no await at the top level" : undefined;
    default:
      return undefined;
  }
}

function surroundingsIn(node: AnyNode, around: Surroundings, target: AnyNode | undefined): Surroundings {
  switch (node.type) {
    case "ArrowFunctionExpression":
      return { ...around, depth: around.depth + 1 };
    case "FunctionDeclaration":
    case "FunctionExpression":
      return { depth: around.depth + 1, hasOwnThis: node !== target };
    case "PropertyDefinition":
    case "StaticBlock":
      return { depth: around.depth + 1, hasOwnThis: true };
    default:
      return around;
  }
}

function isDeclaration({ type, ...statement }: AnyNode): boolean {
  if (type === "EmptyStatement" || ("directive" in statement && statement.directive !== undefined)) return true;
  // Imports and exports are refused by their own names.
  return /Declaration$/.test(type);
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter(isSyntax);
}

function isSyntax(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** Every name that nothing in the program declares, with the first line that uses it. */
function freeNames(program: Program, tools: readonly string[]): { readonly name: string; readonly line: number }[] {
  const scope = loadOnDemand<typeof Scope>("eslint-scope");
  if (scope === undefined) throw new MissingPackageError("eslint-scope", "Checking a trainable function");
  const manager = scope.analyze(program as Parameters<typeof scope.analyze>[0], { ecmaVersion: 2024, sourceType: "module" });
  const lines = new Map<string, number>();
  for (const { identifier } of manager.globalScope?.through ?? []) {
    const { name } = identifier;
    if (guestGlobals.has(name) || tools.includes(name) || lines.has(name)) continue;
    lines.set(name, identifier.loc?.start.line ?? 1);
  }
  return Array.from(lines, ([name, line]) => ({ name, line }));
}

function nameProblem(name: string, line: number, tools: readonly string[]): string {
  const at = `line ${line}: expected no \`${shorten(name, 200)}\``;
  if (name === "eval" || name === "Function") return `${at}: code cannot be created from text in the sandbox`;
  const lent = tools.length === 0 ? "" : `, the tools (${tools.join(", ")})`;
  return `${at}, which the sandbox does not have; available are the arguments, the code's own declarations${lent}, and JavaScript's built-ins`;
}
