/**
 * `bindingsAround`: the constants that a function uses from the code around it, by what their declarations say.
 *
 * @module
 */
import { treeOf } from "./code-tree.ts";
import { isFunction, isNode, nameOf, readProgram, type SyntaxNode, walk } from "./syntax.ts";

/** What a function finds around it. */
export interface Bindings {
  /** By name, the trees of the declarations that write their value out: `const tolerance = 0.1`, `const weights = { a: 2 }`. */
  readonly constants: ReadonlyMap<string, unknown>;
  /** The names within functions that are never assigned to: arguments, and what is made of them. */
  readonly fixed: ReadonlySet<string>;
}

const none: Bindings = { constants: new Map(), fixed: new Set() };

/** A file that was read. */
export interface SourceFile {
  readonly text: string;
  readonly program: SyntaxNode | undefined;
}

/** Reads a file once for all functions in it: a long one takes a second. */
export function readSource(text: string): SourceFile {
  return { text, program: text === "" ? undefined : readProgram(text, { typescript: false }) };
}

/**
 * The constants that the function at a place of a file uses, those that they are made of among them. A value that is written out is the same in
 * every process until someone edits the file; counters are counted from the same number.
 *
 * @param location of the function, its line and column from 0
 * @param text of the function; nothing is known where another stands there
 */
export function bindingsAround(
  { text: source, program }: SourceFile,
  { line, column }: { readonly line: number; readonly column: number },
  text: string,
): Bindings {
  if (program === undefined) return none;
  const path = pathTo(program, offsetOf(source, line, column));
  // The text of a method does not say that it is static.
  const at = path.findIndex(({ type, start, end }) => {
    const from = type === "MethodDefinition" ? end - text.length : start;
    return from >= start && end - from === text.length && source.startsWith(text, from);
  });
  if (at < 0) return none;
  const around = path.slice(0, at);
  const reading: Reading = { constants: new Map(), fixed: new Set(), visited: new Map() };
  walk(path[at] as SyntaxNode, (node, above) => {
    const name = referenceIn(node, above.at(-1));
    if (name !== undefined && !above.some((scope) => declaredIn(scope).has(name))) readBinding(name, around, reading);
  });
  return reading;
}

interface Reading {
  readonly constants: Map<string, unknown>;
  readonly fixed: Set<string>;
  /** Whether what a declaration says is written out. */
  readonly visited: Map<Declaration, boolean>;
}

/** @returns whether its value is written out */
function readBinding(name: string, around: readonly SyntaxNode[], reading: Reading): boolean {
  const at = around.findLastIndex((scope) => declaredIn(scope).has(name));
  const scope = around[at];
  const declaration = scope && declaredIn(scope).get(name);
  if (scope === undefined || declaration === undefined) return name === "undefined" || name === "NaN" || name === "Infinity";
  const known = reading.visited.get(declaration);
  if (known !== undefined) return known;
  const { value, node, isConst } = declaration;
  const outside = around.slice(0, at + 1);
  // What refers to itself is written out where the rest is.
  reading.visited.set(declaration, true);
  if (value !== undefined && isWrittenOut(value, outside, reading)) {
    reading.constants.set(name, treeOf(nameOf(node.id) === undefined ? node : value));
    return true;
  }
  reading.visited.set(declaration, false);
  // At the top of a file it is read from the environment, the machine or the command line.
  if (scope.type === "Program" || (!isConst && assignedIn(scope).has(name))) return false;
  if (value === undefined || isMadeOfGiven(value, outside, reading)) reading.fixed.add(name);
  return false;
}

/** What is made of arguments and constants alone, and not read from the environment, the clock or a file, as in `main()` of a program. */
function isMadeOfGiven(value: SyntaxNode, around: readonly SyntaxNode[], reading: Reading): boolean {
  let isGiven = true;
  walk({ type: "Made", start: value.start, end: value.end, value }, (node, above) => {
    const name = referenceIn(node, above.at(-1));
    if (/^(?:AwaitExpression|ImportExpression|MetaProperty|ThisExpression)$/.test(node.type) || isRandom(node)) isGiven = false;
    if (!isGiven || name === undefined || plainGlobals.test(name)) return;
    if (above.some((scope) => declaredIn(scope).has(name))) return;
    isGiven = readBinding(name, around, reading) || reading.fixed.has(name);
  });
  return isGiven;
}

const plainGlobals =
  /^(?:Math|Number|String|Boolean|BigInt|Object|Array|Set|Map|RegExp|JSON|parseInt|parseFloat|isNaN|isFinite)$/;

function isRandom({ type, object, property }: SyntaxNode): boolean {
  return type === "MemberExpression" && nameOf(object) === "Math" && nameOf(property) === "random";
}

/** What is written out: literals, lists and objects of them, what is calculated from them, and other constants. */
function isWrittenOut(node: SyntaxNode, around: readonly SyntaxNode[], reading: Reading): boolean {
  const all = (...parts: readonly unknown[]): boolean =>
    parts.flat().every((part) => !isNode(part) || isWrittenOut(part, around, reading));
  switch (node.type) {
    case "Literal":
    case "TemplateElement":
      return true;
    case "Identifier":
      return readBinding(nameOf(node) ?? "", around, reading);
    case "TemplateLiteral":
      return all(node.expressions);
    case "ArrayExpression":
      return all(node.elements);
    case "ObjectExpression":
      return all(node.properties);
    case "Property":
      return node.kind === "init" && (node.computed !== true || all(node.key)) && all(node.value);
    case "UnaryExpression":
    case "SpreadElement":
      return all(node.argument);
    case "BinaryExpression":
    case "LogicalExpression":
      return all(node.left, node.right);
    case "ConditionalExpression":
      return all(node.test, node.consequent, node.alternate);
    case "MemberExpression":
      return all(node.object) && (node.computed !== true || all(node.property));
    case "CallExpression":
    case "NewExpression":
      return isPlainCall(node) && all(node.arguments);
    default:
      return false;
  }
}

/** `new Set([…])`, `Object.freeze({…})`: calls that give the same for the same. */
function isPlainCall({ type, callee }: SyntaxNode): boolean {
  const name = nameOf(callee);
  if (type === "NewExpression") return name !== undefined && /^(?:Set|Map|RegExp)$/.test(name);
  if (name !== undefined) return /^(?:Number|String|Boolean|BigInt|RegExp)$/.test(name);
  const { object, property } = callee as SyntaxNode;
  const method = `${nameOf(object)}.${nameOf(property)}`;
  return /^(?:Object\.(?:freeze|fromEntries|entries|keys|values)|Math\.(?!random\b)\w+)$/.test(method);
}

/** The name of a variable that is read here, and not a key or a label. */
function referenceIn(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  const name = node.type === "Identifier" ? nameOf(node) : undefined;
  if (name === undefined || parent === undefined) return undefined;
  if (/^(?:Labeled|Break|Continue)Statement$|^MetaProperty$/.test(parent.type)) return undefined;
  const isKey = parent.computed !== true && (parent.property === node || (parent.key === node && parent.value !== node));
  return isKey ? undefined : name;
}

interface Declaration {
  readonly node: SyntaxNode;
  /** What it is declared as; `undefined` for arguments, functions and imports. */
  readonly value: SyntaxNode | undefined;
  readonly isConst: boolean;
}

const declarations = new WeakMap<SyntaxNode, ReadonlyMap<string, Declaration>>();
const empty: ReadonlyMap<string, Declaration> = new Map();

/** What is declared directly in a scope. */
function declaredIn(scope: SyntaxNode): ReadonlyMap<string, Declaration> {
  if (!isFunction(scope) && !/^(?:Program|BlockStatement|StaticBlock|For\w*Statement|CatchClause)$/.test(scope.type))
    return empty;
  const known = declarations.get(scope);
  if (known !== undefined) return known;
  const found = new Map<string, Declaration>();
  declarations.set(scope, found);
  const declare = (pattern: unknown, declaration: Declaration): void => {
    for (const name of namesIn(pattern)) if (!found.has(name)) found.set(name, declaration);
  };
  const plain = (node: SyntaxNode): Declaration => ({ node, value: undefined, isConst: false });
  if (isFunction(scope)) for (const parameter of scope.params) declare(parameter, plain(parameter));
  const variables = (node: SyntaxNode): void => {
    for (const one of node.declarations as readonly SyntaxNode[]) {
      declare(one.id, { node: one, value: isNode(one.init) ? one.init : undefined, isConst: node.kind === "const" });
    }
  };
  for (const statement of statementsOf(scope)) {
    const node = isNode(statement.declaration) ? statement.declaration : statement;
    if (node.type === "VariableDeclaration") variables(node);
    if (/^(?:Function|Class)Declaration$/.test(node.type)) declare(node.id, plain(node));
    for (const one of node.type === "ImportDeclaration" ? (node.specifiers as readonly SyntaxNode[]) : [])
      declare(one.local, plain(one));
  }
  if (scope.type === "CatchClause") declare(scope.param, plain(scope));
  if (isFunction(scope) || scope.type === "Program") for (const node of hoistedIn(scope)) variables(node);
  return found;
}

function statementsOf({ type, body, init, left }: SyntaxNode): readonly SyntaxNode[] {
  if (type.startsWith("For")) return [init, left].filter(isNode);
  return Array.isArray(body) ? (body as SyntaxNode[]) : [];
}

/** The `var` declarations of a function, wherever in it they stand. */
function hoistedIn(scope: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  walk(scope, (node, above) => {
    const isOwn = !above.some((one) => one !== scope && isFunction(one));
    if (node.type === "VariableDeclaration" && node.kind === "var" && isOwn) found.push(node);
  });
  return found;
}

/** The names that a pattern binds. */
function namesIn(pattern: unknown): string[] {
  if (!isNode(pattern)) return [];
  const { type, left, argument, elements, properties, value } = pattern;
  if (type === "Identifier") return [nameOf(pattern) as string];
  if (type === "AssignmentPattern") return namesIn(left);
  if (type === "RestElement") return namesIn(argument);
  if (type === "Property") return namesIn(value);
  return [elements, properties].flatMap((parts) => (Array.isArray(parts) ? parts.flatMap(namesIn) : []));
}

const assigned = new WeakMap<SyntaxNode, ReadonlySet<string>>();

/** The names that are assigned to anywhere in a scope; those of other variables of the same name are among them. */
function assignedIn(scope: SyntaxNode): ReadonlySet<string> {
  const known = assigned.get(scope);
  if (known !== undefined) return known;
  const found = new Set<string>();
  walk(scope, ({ type, left, argument }) => {
    const target = /^(?:AssignmentExpression|For(?:In|Of)Statement)$/.test(type) ? left : undefined;
    const updated = type === "UpdateExpression" ? argument : target;
    if (isNode(updated) && updated.type !== "VariableDeclaration") for (const name of namesIn(updated)) found.add(name);
  });
  assigned.set(scope, found);
  return found;
}

/** The nodes that hold a position, from the program down. */
function pathTo(program: SyntaxNode, offset: number): SyntaxNode[] {
  const path: SyntaxNode[] = [];
  for (let node: SyntaxNode | undefined = program; node !== undefined; ) {
    path.push(node);
    node = childAt(node, offset);
  }
  return path;
}

function childAt(node: SyntaxNode, offset: number): SyntaxNode | undefined {
  for (const [key, value] of Object.entries(node)) {
    if (key === "tokens" || key === "loc") continue;
    const child = (Array.isArray(value) ? value : [value]).find((one) => isNode(one) && one.start <= offset && offset < one.end);
    if (child !== undefined) return child as SyntaxNode;
  }
  return undefined;
}

function offsetOf(source: string, line: number, column: number): number {
  const ends = /\r\n|[\n\r\u2028\u2029]/g;
  for (let left = line; left > 0; left--) if (ends.exec(source) === null) return source.length;
  return (line === 0 ? 0 : ends.lastIndex) + column;
}
