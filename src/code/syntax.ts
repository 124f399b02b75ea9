/**
 * TypeScript and JavaScript as a tree: reading a program or the text of one function, and walking it.
 *
 * @module
 */
import { type Comment, type Options, Parser, type Token } from "acorn";
import { loadOnDemand } from "../data/load-on-demand.ts";

/** A node of the tree (ESTree), read by its `type`. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** A function of any form. For a method it is the part from its parameters on. */
export interface FunctionNode extends SyntaxNode {
  readonly id?: SyntaxNode | null;
  readonly params: readonly SyntaxNode[];
  readonly body: SyntaxNode;
  readonly async: boolean;
  readonly generator: boolean;
}

/** What a program's tree comes with. */
export interface Program extends SyntaxNode {
  readonly body: readonly SyntaxNode[];
  readonly tokens: readonly Token[];
  readonly fixedLines: ReadonlySet<number>;
}

/** The text of one function, as `Function.prototype.toString` gives it. */
export interface FunctionText {
  readonly text: string;
  readonly node: FunctionNode;
  readonly isMethod: boolean;
  readonly comments: readonly Comment[];
  /** How far `node`'s positions are ahead of the text. */
  readonly shift: number;
  /** Lines (counted from 0) that begin inside a string or template: their indentation is part of a value. */
  readonly fixedLines: ReadonlySet<number>;
}

const lenient: Options = {
  ecmaVersion: "latest",
  // The TypeScript plugin reads it.
  locations: true,
  allowAwaitOutsideFunction: true,
  allowReturnOutsideFunction: true,
  allowSuperOutsideMethod: true,
  allowImportExportEverywhere: true,
  allowHashBang: true,
  checkPrivateFields: false,
};

/** Reads TypeScript, or JavaScript. `undefined` when it is neither. */
export function readProgram(
  text: string,
  { typescript, sloppy = true }: { readonly typescript: boolean; readonly sloppy?: boolean },
): Program | undefined {
  const parser = typescript ? typescriptParser() : Parser;
  if (parser === undefined) return undefined;
  for (const sourceType of sloppy ? (["module", "script"] as const) : (["module"] as const)) {
    const tokens: Token[] = [];
    try {
      const program = parser.parse(text, { ...lenient, sourceType, onToken: tokens });
      return Object.assign(program, { tokens, fixedLines: linesInsideStrings(text, tokens) }) as unknown as Program;
    } catch {
      // Sloppy code, such as `with`, is a script only.
    }
  }
  return undefined;
}

function typescriptParser(): typeof Parser | undefined {
  const plugin = loadOnDemand<typeof import("@sveltejs/acorn-typescript")>("@sveltejs/acorn-typescript");
  return plugin === undefined ? undefined : (Parser.extend(plugin.tsPlugin() as never) as typeof Parser);
}

/** `undefined` when the text is not that of a function: native code, a class. */
export function readFunction(text: string): FunctionText | undefined {
  const plain = readExpression(`(${text}\n)`);
  if (plain !== undefined)
    return isFunction(plain.node) ? { text, ...plain, node: plain.node, isMethod: false, shift: 1 } : undefined;
  // The text of a method, `name(a) {…}` or `#name(a) {…}`, stands only in a class.
  const inClass = readExpression(`(class{${text}\n})`);
  const [method] = ((inClass?.node.body as SyntaxNode | undefined)?.body ?? []) as readonly SyntaxNode[];
  const value = method?.value;
  return inClass !== undefined && isFunction(value) ? { text, ...inClass, node: value, isMethod: true, shift: 7 } : undefined;
}

/** Reads an expression in parentheses. */
export function readExpression(text: string): { node: SyntaxNode; comments: Comment[]; fixedLines: Set<number> } | undefined {
  for (const sourceType of ["module", "script"] as const) {
    const comments: Comment[] = [];
    const tokens: Token[] = [];
    try {
      const node = Parser.parseExpressionAt(text, 0, { ...lenient, sourceType, onComment: comments, onToken: tokens });
      return { node: node as unknown as SyntaxNode, comments, fixedLines: linesInsideStrings(text, tokens) };
    } catch {
      // Sloppy code, as above.
    }
  }
  return undefined;
}

export function isFunction(node: unknown): node is FunctionNode {
  return isNode(node) && /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** A plain name, `undefined` for every other node. */
export function nameOf(node: unknown): string | undefined {
  return isNode(node) && (node.type === "Identifier" || node.type === "PrivateIdentifier") ? (node.name as string) : undefined;
}

/** The name of a key that is not computed: `a`, `"a"`, `#a`. */
export function keyOf(node: SyntaxNode): string | undefined {
  const key = (node.key ?? node.property) as SyntaxNode | undefined;
  if (key?.type === "Literal" && typeof key.value === "string") return key.value;
  if (node.computed === true) return undefined;
  return key?.type === "PrivateIdentifier" ? `#${key.name as string}` : nameOf(key);
}

/** An expression without the types asserted of it: `x` of `x as T`, `x!`. */
export function withoutAssertions(node: SyntaxNode): SyntaxNode {
  let current = node;
  while (assertions.test(current.type)) current = current.expression as SyntaxNode;
  return current;
}

const assertions = /^TS(?:As|Satisfies|NonNull|Instantiation)Expression$|^TSTypeAssertion$/;

/** The nodes directly below. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === "tokens" || key === "loc") return [];
    return (Array.isArray(value) ? value : [value]).filter(isNode);
  });
}

/** Visits `node` and all below it; `visit` gets what stands above, the nearest last. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode, above: readonly SyntaxNode[]) => void): void {
  const above: SyntaxNode[] = [];
  const enter = (current: SyntaxNode): void => {
    visit(current, above);
    above.push(current);
    for (const child of childrenOf(current)) enter(child);
    above.pop();
  };
  enter(node);
}

function linesInsideStrings(code: string, tokens: readonly Token[]): Set<number> {
  const lines = new Set<number>();
  let line = 0;
  let at = 0;
  const moveTo = (offset: number): void => {
    for (let next = code.indexOf("\n", at); next >= 0 && next < offset; next = code.indexOf("\n", at)) {
      line += 1;
      at = next + 1;
    }
  };
  for (const { type, start, end } of tokens) {
    if (type.label !== "template" && type.label !== "string" && type.label !== "invalidTemplate") continue;
    moveTo(start);
    const first = line;
    moveTo(end);
    for (let inside = first + 1; inside <= line; inside++) lines.add(inside);
  }
  return lines;
}
