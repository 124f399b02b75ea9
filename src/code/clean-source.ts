/**
 * The text of a function without what a compiler, a bundler, or a test tool has added.
 *
 * @module
 */
import { childrenOf, type FunctionText, isNode, keyOf, nameOf, type SyntaxNode } from "./syntax.ts";

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Only takes away what is known to be injected: whatever else a compiler has changed stays as it is. */
export function cleanSource({ text, node, comments, shift }: FunctionText): string {
  const edits: Edit[] = [];
  const keep = (from: SyntaxNode, text: string): void => {
    edits.push({ start: from.start - shift, end: from.end - shift, text });
  };
  const render = (inner: SyntaxNode): string => applied(text, editsOf(inner), inner.start - shift, inner.end - shift);
  const editsOf = (root: SyntaxNode): Edit[] => {
    const found: Edit[] = [];
    const visit = (current: SyntaxNode): void => {
      const callee = current.type === "CallExpression" ? (current.callee as SyntaxNode) : undefined;
      if (callee?.type === "SequenceExpression" && importedName(callee) !== undefined) {
        // `(0, imported)(…)`: the parentheses go too.
        const end = text.indexOf(")", callee.end - shift) + 1;
        found.push({ start: current.start - shift, end, text: replacementOf(callee, render) ?? "" });
        for (const argument of current.arguments as readonly SyntaxNode[]) visit(argument);
        return;
      }
      const replacement = replacementOf(current, render);
      if (replacement === undefined) for (const child of childrenOf(current)) visit(child);
      else found.push({ start: current.start - shift, end: current.end - shift, text: replacement });
    };
    visit(root);
    return found;
  };
  edits.push(...editsOf(node));
  for (const comment of comments) {
    if (injectedComment.test(comment.value)) keep(comment as unknown as SyntaxNode, "");
  }
  return applied(text, edits, 0, text.length);
}

function replacementOf(node: SyntaxNode, render: (inner: SyntaxNode) => string): string | undefined {
  if (isInjectedStatement(node)) return "";
  const imported = importedName(node);
  if (imported !== undefined) return imported;
  const plain = withoutWrapper(node);
  if (plain !== node && !isWritten(node)) return render(plain);
  const field = publicField(node);
  if (field !== undefined) {
    return `${render(field.object)}.${field.key} = ${field.value === undefined ? "undefined" : render(field.value)}`;
  }
  return undefined;
}

/** `(0, a.b)` of what is no import: the author's own way to call a method without its object. */
function isWritten(node: SyntaxNode): boolean {
  const [first] = (node.expressions ?? []) as readonly SyntaxNode[];
  return first?.type === "Literal";
}

/** The text between two offsets with its edits; what is inside another edit is part of that one. */
function applied(text: string, edits: readonly Edit[], from: number, to: number): string {
  let result = "";
  let at = from;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (edit.start < at || edit.end > to) continue;
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
    if (edit.text !== "") continue;
    // A removed statement takes its line with it, a removed comment the space after it.
    const [rest] = /^[ \t]*(?:\n|$)|^ ?/.exec(text.slice(at)) ?? [""];
    if (rest.endsWith("\n") && /\n[ \t]*$/.test(result)) result = result.replace(/[ \t]*$/, "");
    else if (rest !== " ") continue;
    at += rest.length;
  }
  return result + text.slice(at, to);
}

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
function publicField(
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
const injectedComment: RegExp = /^\s*[@#]__(?:PURE|NO_SIDE_EFFECTS)__\s*$/;

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
