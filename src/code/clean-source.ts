/**
 * The text of a running function without what tools have put into it, for where the original cannot be found.
 *
 * @module
 */
import { importedName, injectedComment, isInjectedStatement, publicField, withoutWrapper } from "./injected.ts";
import { childrenOf, type FunctionText, type SyntaxNode } from "./syntax.ts";

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
