/**
 * Whether a function that runs and a function as its author wrote it are the same: their trees, without what compilers change.
 *
 * @module
 */
import { importedName, isInjectedStatement, withoutWrapper } from "./clean-source.ts";
import {
  childrenOf,
  type FunctionNode,
  isFunction,
  isNode,
  keyOf,
  nameOf,
  type SyntaxNode,
  withoutAssertions,
} from "./syntax.ts";

/** What a module's imports are called inside it: by local name, the name there, `default`, or `*` for all of it. */
export type ImportedNames = ReadonlyMap<string, string>;

/** What a comparison has learned on its way. */
interface Comparison {
  readonly imports: ImportedNames;
  /** Names that a bundler has changed, both ways, so that one name is never taken for two. */
  readonly toOriginal: Map<string, string>;
  readonly toRunning: Map<string, string>;
  renames: number;
}

/**
 * How many names differ between two functions of otherwise the same code; `undefined` when they are not the same.
 *
 * Names may differ only as bundlers make them differ: `x2` or `x$1` for `x`, `__vi_import_0__.x` for an imported `x`.
 *
 * @param running - the function as it was compiled
 * @param original - the function as its author wrote it, without types
 */
export function countRenames(
  running: FunctionNode,
  original: FunctionNode,
  imports: ImportedNames = new Map(),
): number | undefined {
  const comparison: Comparison = { imports, toOriginal: new Map(), toRunning: new Map(), renames: 0 };
  const { id: runningId } = running;
  const { id: originalId } = original;
  // A bundler may rename the function itself, and the calls it makes to itself with it.
  if (isNode(runningId) && isNode(originalId)) rename(nameOf(runningId) ?? "", nameOf(originalId) ?? "", comparison);
  const isArrow = (node: FunctionNode): boolean => node.type === "ArrowFunctionExpression";
  const isSame =
    running.async === original.async &&
    running.generator === original.generator &&
    isArrow(running) === isArrow(original) &&
    same(parametersOf(running), parametersOf(original), comparison) &&
    same(running.body, original.body, comparison);
  return isSame ? comparison.renames : undefined;
}

/**
 * Whether two functions could be the same though a minifier has rewritten one: same kind, same parameters in number and form,
 * the same names of properties and the same texts. It takes a source map besides to say that they are.
 */
export function couldBeSame(running: FunctionNode, original: FunctionNode): boolean {
  if (running.async !== original.async || running.generator !== original.generator) return false;
  const parameters = parametersOf(original);
  if (running.params.length !== parameters.length) return false;
  if (!running.params.every((parameter, index) => parameter.type === parameters[index]?.type)) return false;
  const there = wordsOf(running);
  const here = wordsOf(original);
  const joined = [...there.texts].join("\n");
  return (
    [...here.properties].every((name) => there.properties.has(name)) &&
    [...there.properties].every((name) => here.properties.has(name) || here.texts.has(name) || here.names.has(name)) &&
    [...here.texts].every((text) => there.properties.has(text) || joined.includes(text))
  );
}

/** Positions, and what is only a matter of writing: it reads the same. */
const unread: ReadonlySet<string> = new Set([
  ...["type", "start", "end", "loc", "raw", "shorthand", "directive", "bigint"],
  // Compared on their own.
  ...["computed", "key", "property", "params"],
  // Both sides are TypeScript when a text is checked against its file.
  ...[
    "typeAnnotation",
    "returnType",
    "typeParameters",
    "typeArguments",
    "superTypeParameters",
    "implements",
    "importKind",
    "exportKind",
  ],
  ...["accessibility", "readonly", "override", "definite", "decorators"],
]);

function same(running: unknown, original: unknown, comparison: Comparison): boolean {
  if (Array.isArray(running) && Array.isArray(original)) return sameList(running, original, comparison);
  if (isNode(running) && isNode(original))
    return sameNode(withoutTypes(withoutWrapper(running)), withoutTypes(withoutWrapper(original)), comparison);
  if (running instanceof RegExp && original instanceof RegExp) return String(running) === String(original);
  if (typeof running === "object" && running !== null && typeof original === "object" && original !== null) {
    return JSON.stringify(running) === JSON.stringify(original);
  }
  return Object.is(running ?? undefined, original ?? undefined);
}

/** What stays of an expression at run time. An optional chain is told by its links. */
function withoutTypes(node: SyntaxNode): SyntaxNode {
  const plain = withoutAssertions(node);
  return plain.type === "ChainExpression" ? withoutTypes(plain.expression as SyntaxNode) : plain;
}

/** A first parameter `this` is a type only. */
function parametersOf({ params }: FunctionNode): readonly SyntaxNode[] {
  return nameOf(params[0]) === "this" ? params.slice(1) : params;
}

/** Declarations of types, of what is elsewhere, and of overloads leave nothing behind. */
function isTypeOnly(node: SyntaxNode): boolean {
  return (
    /^TS(?:TypeAlias|Interface)Declaration$|^TSDeclare|^TSAbstract|^TSIndexSignature$/.test(node.type) ||
    node.declare === true ||
    node.abstract === true ||
    ((node.type === "MethodDefinition" || node.type === "FunctionDeclaration") && !hasBody(node))
  );
}

function hasBody(node: SyntaxNode): boolean {
  return isNode(((node.value ?? node) as SyntaxNode).body);
}

function sameList(running: readonly unknown[], original: readonly unknown[], comparison: Comparison): boolean {
  const isWritten = (node: unknown): boolean => !isNode(node) || (node.type !== "EmptyStatement" && !isTypeOnly(node));
  const left = running.filter((node) => isWritten(node) && !(isNode(node) && isInjectedStatement(node)));
  const right = original.filter(isWritten);
  return left.length === right.length && left.every((node, index) => same(node, right[index], comparison));
}

function sameNode(running: SyntaxNode, original: SyntaxNode, comparison: Comparison): boolean {
  const name = nameOf(original);
  if (name !== undefined && original.type === "Identifier") return sameName(running, name, comparison);
  const constant = constantOf(original);
  if (constant !== undefined) {
    const other = constantOf(running);
    return other !== undefined && Object.is(constant.value, other.value);
  }
  if (original.type === "MemberExpression" && isFlattened(running, original, comparison)) return true;
  if (running.type !== original.type) return false;
  if (!sameKey(running, original, comparison)) return false;
  if (isFunction(running) && isFunction(original) && !same(parametersOf(running), parametersOf(original), comparison))
    return false;
  // The original has more: types, and how they are written.
  return Object.keys(running).every((key) => unread.has(key) || same(running[key], original[key], comparison));
}

function sameName(running: SyntaxNode, name: string, comparison: Comparison): boolean {
  const other = nameOf(running);
  if (other !== undefined) {
    const imported = comparison.imports.get(name);
    const isKnown = comparison.toOriginal.get(other) === name;
    const isImport = imported === "*" || imported === "default" || (imported !== undefined && isRenamed(other, imported));
    return (isKnown || isImport || isRenamed(other, name)) && rename(other, name, comparison);
  }
  if (running.type === "UnaryExpression" && running.operator === "void") return name === "undefined";
  const imported = comparison.imports.get(name);
  return (
    running.type === "MemberExpression" &&
    nameOf(running.object) !== undefined &&
    imported !== undefined &&
    keyOf(running) === imported
  );
}

/** `x` for `namespace.x`, where a bundler has put the imported module into the same file. */
function isFlattened(running: SyntaxNode, original: SyntaxNode, { imports }: Comparison): boolean {
  const key = keyOf(original);
  const name = nameOf(running);
  if (key === undefined || name === undefined) return false;
  return imports.get(nameOf(original.object) ?? "") === "*" && isRenamed(name, key);
}

function isRenamed(running: string, original: string): boolean {
  if (running === original) return true;
  return running.startsWith(original) && /^(?:\$|_)?\d+$/.test(running.slice(original.length));
}

function rename(running: string, original: string, comparison: Comparison): boolean {
  const known = comparison.toOriginal.get(running);
  if (known !== undefined || comparison.toRunning.has(original)) return known === original;
  comparison.toOriginal.set(running, original);
  comparison.toRunning.set(original, running);
  if (running !== original) comparison.renames += 1;
  return true;
}

/** Keys are the same in all their ways of writing: `a`, `"a"`, `["a"]`. */
function sameKey(running: SyntaxNode, original: SyntaxNode, comparison: Comparison): boolean {
  const name = keyOf(original);
  if (name !== undefined) return keyOf(running) === name;
  if (running.computed !== original.computed) return false;
  return same(running.key, original.key, comparison) && same(running.property, original.property, comparison);
}

/** Texts without slots, numbers, `true` and the like, however they are written. */
export function constantOf(node: SyntaxNode): { readonly value: unknown } | undefined {
  if (node.type === "Literal" && node.regex === undefined) return { value: node.value };
  if (node.type === "UnaryExpression" && node.operator === "!" && (node.argument as SyntaxNode).type === "Literal") {
    const { value } = node.argument as SyntaxNode;
    if (value === 0 || value === 1) return { value: value === 0 };
  }
  if (node.type !== "TemplateLiteral" || (node.expressions as readonly unknown[]).length > 0) return undefined;
  const [only] = node.quasis as readonly SyntaxNode[];
  return { value: (only?.value as { readonly cooked?: unknown } | undefined)?.cooked };
}

interface Words {
  readonly properties: ReadonlySet<string>;
  readonly texts: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

function wordsOf(fn: FunctionNode): Words {
  const properties = new Set<string>();
  const texts = new Set<string>();
  const names = new Set<string>();
  const read = (node: SyntaxNode): void => {
    if (isInjectedStatement(node)) return;
    const plain = withoutWrapper(node);
    const key = plain.type === "MemberExpression" || "key" in plain ? keyOf(plain) : undefined;
    // Minifiers rename private names as they do variables.
    if (key !== undefined && !key.startsWith("#") && importedName(plain) === undefined) properties.add(key);
    const text = textOf(plain);
    if (text !== undefined && text !== "") texts.add(text);
    if (plain.type === "Identifier") names.add(nameOf(plain) ?? "");
    for (const child of childrenOf(plain)) if (!isType(child)) read(child);
  };
  for (const parameter of parametersOf(fn)) read(parameter);
  read(fn.body);
  return { properties, texts, names };
}

function isType(node: SyntaxNode): boolean {
  return node.type.startsWith("TS") && withoutAssertions(node) === node && node.type !== "TSParameterProperty";
}

function textOf(node: SyntaxNode): string | undefined {
  const value = node.type === "TemplateElement" ? (node.value as { readonly cooked?: unknown }).cooked : node.value;
  return (node.type === "TemplateElement" || node.type === "Literal") && typeof value === "string" ? value : undefined;
}
