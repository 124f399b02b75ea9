/**
 * What compilers, bundlers, test runners and coverage tools put into a function that its author did not write.
 *
 * @module
 */
import { isNode, keyOf, nameOf, type SyntaxNode } from "./syntax.ts";

/** A call whose only sense is its first argument: `__name(fn, "fn")` of esbuild, `(0, imported)` before a call. */
export function withoutWrapper(node: SyntaxNode): SyntaxNode {
  let current = node;
  for (;;) {
    const inner = wrapped(current);
    if (inner === undefined) return current;
    current = inner;
  }
}

/** A statement or class member that only serves a tool. */
export function isInjectedStatement(node: SyntaxNode): boolean {
  if (node.type === "ExpressionStatement") {
    const inner = node.expression as SyntaxNode;
    return isNaming(inner) || isCounter(inner);
  }
  if (node.type !== "StaticBlock") return false;
  const body = node.body as readonly SyntaxNode[];
  return body.length > 0 && body.every((statement) => statement.type === "ExpressionStatement" && isInjectedStatement(statement));
}

/** The name that a compiled import stands for: `x` in `__vi_import_0__.x`, `import_y.x`, `(0, y_1.x)`. */
export function importedName(node: SyntaxNode): string | undefined {
  const plain = withoutWrapper(node);
  if (plain.type !== "MemberExpression") return undefined;
  const object = nameOf(plain.object) ?? "";
  return importObject.test(object) || (node.type === "SequenceExpression" && calledObject.test(object))
    ? keyOf(plain)
    : undefined;
}

/** `this.x = v`, written by esbuild as `__publicField(this, "x", v)`: its three parts. */
export function publicField(
  node: SyntaxNode,
): { readonly object: SyntaxNode; readonly key: string; readonly value?: SyntaxNode } | undefined {
  if (node.type !== "CallExpression" || !/^__publicField\d*$/.test(nameOf(node.callee) ?? "")) return undefined;
  const [object, key, value] = node.arguments as readonly SyntaxNode[];
  if (object === undefined || typeof key?.value !== "string" || !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key.value)) {
    return undefined;
  }
  return { object, key: key.value, ...(value === undefined ? {} : { value }) };
}

/** Comments that only tell a bundler that a call has no effects, or a coverage tool what to skip. */
export const injectedComment: RegExp = /^\s*[@#]__(?:PURE|NO_SIDE_EFFECTS)__\s*$/;

const importObject = /^(?:__vi(?:te_ssr)?_import_\d+__|import_[\w$]+|\w+_[cm]?[jt]s_\d+)$/;

/** Of tsc, which names them after their modules: told from an author's name only where it is called as `(0, node_path_1.x)(…)`. */
const calledObject = /^\w+_\d+$/;

function wrapped(node: SyntaxNode): SyntaxNode | undefined {
  if (isNaming(node)) return (node.arguments as readonly SyntaxNode[])[0];
  if (node.type !== "SequenceExpression") return undefined;
  const [first, ...others] = node.expressions as readonly SyntaxNode[];
  const isNothing = first?.type === "Literal" && first.value === 0;
  const [second] = others;
  return others.length === 1 && first !== undefined && (isNothing || isCounter(first)) ? second : undefined;
}

/** `__name(…, "name")`, by which esbuild keeps the name of a function that it renames or moves. */
function isNaming(node: SyntaxNode): boolean {
  if (node.type !== "CallExpression" || !/^__name\d*$/.test(nameOf(node.callee) ?? "")) return false;
  const [, name] = node.arguments as readonly SyntaxNode[];
  return name?.type === "Literal" && typeof name.value === "string";
}

/** `cov_1ab2c().s[0]++` of istanbul. */
function isCounter(node: SyntaxNode): boolean {
  if (node.type !== "UpdateExpression" || node.operator !== "++") return false;
  let current: unknown = node.argument;
  while (isNode(current) && (current.type === "MemberExpression" || current.type === "CallExpression")) {
    if (current.type === "CallExpression") return /^cov_\w+$/.test(nameOf(current.callee) ?? "");
    current = current.object;
  }
  return false;
}
