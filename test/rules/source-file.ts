/**
 * A source file as the architecture rules see it: its path below the project folder, its syntax tree, its imports.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript";

export interface SourceFile {
  /** Path below the project folder, with forward slashes: `src/graph/node.ts`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written: `../errors.ts`, `node:fs`, `ai`. */
  readonly specifier: string;
  /** What stays of it at run time: nothing, a static import, or an `import()`. */
  readonly kind: "type" | "value" | "dynamic";
  /** Path of the imported file below the project folder; absent for packages. */
  readonly target?: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Every file below `src` that is published: TypeScript, no tests, no fixtures. */
export function readSourceFiles(): SourceFile[] {
  return readdirSync("src", { recursive: true, encoding: "utf8" })
    .map((path) => posix.join("src", path.replaceAll("\\", "/")))
    .filter((path) => /\.tsx?$/.test(path) && !/\.test(-d)?\.ts$|\/__fixtures__\//.test(path))
    .sort()
    .map((path) => sourceFile(path, readFileSync(path, "utf8")));
}

export function sourceFile(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, tree, imports: importsOf(path, tree) };
}

/** The line of a node, counted from 1. */
export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

/** Calls `visit` with `node` and everything below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function importsOf(path: string, tree: ts.SourceFile): Import[] {
  const imports: Import[] = [];
  walk(tree, (node) => {
    const found = importAt(node);
    if (found === undefined) return;
    const { specifier, kind } = found;
    const target = specifier.startsWith(".") ? { target: posix.join(posix.dirname(path), specifier) } : {};
    imports.push({ specifier, kind, ...target, line: lineOf(node) });
  });
  return imports;
}

/** `import { type A }` counts as a value import: under `verbatimModuleSyntax` the module is still loaded. */
function importAt(node: ts.Node): { specifier: string; kind: Import["kind"] } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const onlyTypes = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: node.moduleSpecifier.text, kind: onlyTypes ? "type" : "value" };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, kind: node.isTypeOnly ? "type" : "value" };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal.text, kind: "type" };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    if (argument !== undefined && ts.isStringLiteralLike(argument)) return { specifier: argument.text, kind: "dynamic" };
  }
  return undefined;
}
