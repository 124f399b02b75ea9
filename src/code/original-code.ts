/**
 * A file as its author wrote it: the functions in it, with their text in TypeScript.
 *
 * @module
 */
import { declareFunction } from "./function-shape.ts";
import type { OriginalFile } from "./generated-file.ts";
import { countRenames, type ImportedNames } from "./same-code.ts";
import {
  type FunctionNode,
  isFunction,
  isNode,
  keyOf,
  nameOf,
  type Program,
  readProgram,
  type SyntaxNode,
  walk,
  withoutAssertions,
} from "./syntax.ts";
import { type LineStarts, lineStarts, positionAt, withoutIndentation } from "./text-lines.ts";

/** A function of an original file. Offsets are of the file. */
export interface OriginalFunction {
  readonly node: FunctionNode;
  readonly isMethod: boolean;
  /** The name inside its own text. */
  readonly ownName: string | undefined;
  /** What it is assigned to, itself or what a call makes of it: a variable, a key, a field. */
  readonly givenName: string | undefined;
  /** Where the declaration or property that it is begins. */
  readonly head: number;
  /** Where its own text begins: for a method at its type parameters or parameters. */
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
  /** Counted from 1. */
  readonly line: number;
  /** Where the statement or property begins that gives it its name: documentation stands above it. */
  readonly statement: number;
  /** The block, or the whole file, in which its name is known. */
  readonly scope: { readonly start: number; readonly end: number };
}

/** A call with functions, or names that may be of functions, among its arguments. */
export interface OriginalCall {
  /** From the called expression to before the first argument. */
  readonly start: number;
  readonly end: number;
  readonly arguments: readonly SyntaxNode[];
}

/** A file as its author wrote it, read. */
export interface OriginalCode {
  readonly file: OriginalFile;
  readonly functions: readonly OriginalFunction[];
  readonly calls: readonly OriginalCall[];
  readonly imports: ImportedNames;
  /** The modules it imports or requires, as written. */
  readonly importedFrom: ReadonlySet<string>;
  /** A program that declares the function by this name; `undefined` when its extent cannot be told for certain. */
  programOf(fn: OriginalFunction, name: string): string | undefined;
}

const read = new Map<string, { readonly text: string; readonly code: OriginalCode | undefined }>();
const readLimit = 50;

/** `undefined` when the text is neither TypeScript nor JavaScript. */
export function readOriginalCode(file: OriginalFile): OriginalCode | undefined {
  const known = read.get(file.path);
  if (known?.text === file.text) return known.code;
  const code = readAnew(file);
  if (read.size >= readLimit) read.clear();
  read.set(file.path, { text: file.text, code });
  return code;
}

function readAnew(file: OriginalFile): OriginalCode | undefined {
  const { path, text } = file;
  const program =
    (isJavaScript(path) ? readProgram(text, { typescript: false }) : undefined) ?? readProgram(text, { typescript: true });
  if (program === undefined) return undefined;
  const functions: OriginalFunction[] = [];
  const calls: OriginalCall[] = [];
  const starts = lineStarts(text);
  walk(program, (node, above) => {
    // Overloads and abstract methods have no body.
    if (isFunction(node) && isNode(node.body)) functions.push(functionAt(node, above, starts));
    if (node.type !== "CallExpression") return;
    const args = (node.arguments as readonly SyntaxNode[]).map(withoutAssertions);
    const [first] = args;
    if (
      first === undefined ||
      !args.some((argument) => isFunction(argument) || nameOf(argument) !== undefined || argument.type === "MemberExpression")
    )
      return;
    calls.push({ start: node.start, end: first.start, arguments: args });
  });
  return {
    file,
    functions,
    calls,
    ...importsOf(program),
    programOf: (fn, name) => programOf(fn, name, text, program),
  };
}

function isJavaScript(path: string): boolean {
  return /\.[cm]?js$/.test(path);
}

function functionAt(node: FunctionNode, above: readonly SyntaxNode[], starts: LineStarts): OriginalFunction {
  const parent = above.at(-1);
  const isMethod =
    parent?.type === "MethodDefinition" || (parent?.type === "Property" && parent.value === node && isMethodLike(parent));
  const head = isMethod || parent?.type.startsWith("Export") === true ? (parent as SyntaxNode) : node;
  const { name, statement } = surroundings(node, above);
  return {
    node,
    isMethod,
    ownName: nameOf(node.id),
    givenName: name,
    head: head.start,
    start: Math.min(
      node.start,
      ...[node, head].flatMap(({ typeParameters: types }) => (isMethod && isNode(types) ? [types.start] : [])),
    ),
    bodyStart: node.body.start,
    end: node.end,
    line: positionAt(starts, head.start).line + 1,
    statement: statement.start,
    scope: above.findLast(({ type }) => /^(?:BlockStatement|StaticBlock|Program)$/.test(type)) ?? node,
  };
}

function isMethodLike(property: SyntaxNode): boolean {
  return property.method === true || property.kind !== "init";
}

/** Goes out from a function as long as what is around it is only about it. */
function surroundings(
  node: SyntaxNode,
  above: readonly SyntaxNode[],
): { readonly name: string | undefined; readonly statement: SyntaxNode } {
  let name: string | undefined;
  let inner = node;
  for (const outer of above.toReversed()) {
    if (withoutAssertions(outer) === withoutAssertions(inner)) {
      inner = outer;
    } else if (outer.type === "CallExpression" && (outer.arguments as readonly SyntaxNode[]).includes(inner)) {
      inner = outer;
    } else if (outer.type === "VariableDeclarator" && outer.init === inner) {
      name = nameOf(outer.id);
      inner = outer;
    } else if (outer.type === "AssignmentExpression" && outer.right === inner) {
      const left = outer.left as SyntaxNode;
      name = nameOf(left) ?? keyOf(left);
      inner = outer;
    } else if (/^(?:Property|PropertyDefinition|MethodDefinition)$/.test(outer.type) && outer.value === inner) {
      name = keyOf(outer);
      inner = outer;
      break;
    } else if (outer.type === "VariableDeclaration" && (outer.declarations as readonly unknown[]).length === 1) {
      inner = outer;
    } else if (outer.type.startsWith("Export") || outer.type === "ExpressionStatement") {
      inner = outer;
    } else break;
  }
  return { name: name?.replace(/^#/, ""), statement: inner };
}

function importsOf(program: Program): { readonly imports: ImportedNames; readonly importedFrom: ReadonlySet<string> } {
  const imports = new Map<string, string>();
  const importedFrom = new Set<string>();
  walk(program, (node) => {
    if (node.type !== "CallExpression" || nameOf(node.callee) !== "require") return;
    const [module] = node.arguments as readonly SyntaxNode[];
    if (typeof module?.value === "string") importedFrom.add(module.value);
  });
  for (const node of program.body) {
    const from = (node.source as SyntaxNode | null | undefined)?.value;
    if (typeof from === "string") importedFrom.add(from);
    if (node.type !== "ImportDeclaration") continue;
    for (const specifier of node.specifiers as readonly SyntaxNode[]) {
      const local = nameOf(specifier.local) ?? "";
      if (specifier.type === "ImportNamespaceSpecifier") imports.set(local, "*");
      else if (specifier.type === "ImportDefaultSpecifier") imports.set(local, "default");
      else imports.set(local, nameOf(specifier.imported) ?? String((specifier.imported as SyntaxNode).value));
    }
  }
  return { imports, importedFrom };
}

function programOf(fn: OriginalFunction, name: string, text: string, { fixedLines }: Program): string | undefined {
  const { node, isMethod } = fn;
  const { start } = fn;
  const firstLine = text.slice(0, start).split("\n").length - 1;
  const own = withoutIndentation(text.slice(start, node.end), (line) => fixedLines.has(firstLine + line));
  const form = { text: own, isMethod, ownName: fn.ownName, async: node.async, generator: node.generator };
  const program = `${documentationAbove(text, fn.statement)}${declareFunction(form, name)}`;
  return declaresSame(program, node) ? program : undefined;
}

/** Whether a program declares exactly this function: the last proof before anyone sees it. */
function declaresSame(text: string, node: FunctionNode): boolean {
  const [statement, ...others] =
    (readProgram(text, { typescript: true }) ?? readProgram(text, { typescript: false }))?.body ?? [];
  if (statement === undefined || others.length > 0) return false;
  const [declarator] = (statement.declarations ?? []) as readonly SyntaxNode[];
  const declared = declarator === undefined ? statement : declarator.init;
  return isFunction(declared) && countRenames(unnamed(declared), unnamed(node)) === 0;
}

/** The name of a function is not part of what it does; calls to itself are compared as all names are. */
function unnamed(node: FunctionNode): FunctionNode {
  return { ...node, id: null };
}

function documentationAbove(text: string, statement: number): string {
  const before = text.slice(0, statement);
  const start = before.lastIndexOf("/**");
  if (start < 0) return "";
  const [comment] = /^\/\*\*(?:(?!\*\/)[\s\S])*\*\/(?=[ \t]*(?:\r?\n)?[ \t]*$)/.exec(before.slice(start)) ?? [];
  return comment === undefined ? "" : `${withoutIndentation(comment, () => false).replace(/\n(?=\*)/g, "\n ")}\n`;
}
