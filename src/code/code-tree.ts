/**
 * `treeOf`: the syntax tree of code as fingerprints take it, the same however it was compiled and formatted.
 *
 * @module
 */
import { importedName, isInjectedStatement, withoutWrapper } from "./clean-source.ts";
import { constantOf } from "./same-code.ts";
import { isNode, keyOf, nameOf, type SyntaxNode } from "./syntax.ts";

/** Positions, and what is only a matter of writing. */
const unread: ReadonlySet<string> = new Set(["type", "start", "end", "loc", "raw", "shorthand", "directive", "expression"]);
/** The same key in all its ways of writing: `a`, `"a"`, `["a"]`. */
const keyFields: ReadonlySet<string> = new Set(["key", "property", "computed"]);

/** The tree of a node, of a list of them, or of a plain value, without what is only a matter of writing. */
export function treeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter(isWritten).map(treeOf);
  if (!isNode(value)) return value instanceof RegExp ? String(value) : value;
  const imported = importedName(value);
  if (imported !== undefined) return ["Identifier", imported];
  const node = withoutWrapper(value);
  const constant = constantOf(node);
  if (constant !== undefined) return ["constant", typeof constant.value, String(constant.value)];
  const name = nameOf(node);
  if (name !== undefined) return [node.type, name];
  if (node.type === "UnaryExpression" && node.operator === "void" && constantOf(node.argument as SyntaxNode) !== undefined) {
    return ["Identifier", "undefined"];
  }
  if (node.type === "TemplateElement") return [node.type, (node.value as { readonly cooked?: unknown }).cooked];
  const key = keyOf(node);
  const own = Object.keys(node)
    .filter((field) => !unread.has(field) && !(key !== undefined && keyFields.has(field)))
    .map((field) => [field, treeOf(bodyFields.has(field) ? withoutBlock(node, node[field]) : node[field])]);
  // Of arrow functions it says what their body is; of statements and chains it is all they have.
  const expression = isNode(node.expression) ? [treeOf(node.expression)] : [];
  return [node.type, ...(key === undefined ? [] : [key]), ...own, ...expression];
}

/** Where a block of one statement is the same as the statement. */
const bodyFields: ReadonlySet<string> = new Set(["body", "consequent", "alternate"]);

/** `return 1` of `if (a) { return 1; }`, and `a` of `() => { return a; }`, which many linters write in one way or the other. */
function withoutBlock({ type }: SyntaxNode, body: unknown): unknown {
  if (!isNode(body) || body.type !== "BlockStatement") return body;
  const [only, ...others] = (body.body as readonly unknown[]).filter(isWritten);
  if (!isNode(only) || others.length > 0) return body;
  if (type === "ArrowFunctionExpression") return only.type === "ReturnStatement" ? (only.argument ?? body) : body;
  const mayStandAlone = /^(?:If|While|DoWhile|For(?:In|Of)?)Statement$/.test(type);
  return mayStandAlone && !/Declaration$/.test(only.type) ? only : body;
}

function isWritten(value: unknown): boolean {
  return !isNode(value) || (value.type !== "EmptyStatement" && !isInjectedStatement(value));
}
