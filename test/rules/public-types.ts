/**
 * The declarations that users see, as tsc would write them, and the search for `any` in them.
 *
 * @module
 */
import { posix } from "node:path";
import ts from "typescript";
import { lineOf, sourceFile, walk } from "./source-file.ts";

/** Reads a source file by its path below the project folder; `undefined` when there is none. */
export type ReadSource = (path: string) => string | undefined;

/** Declaration texts by source path: the entries and every file their declarations lead to. */
export function publicDeclarations(entries: readonly string[], read: ReadSource): Map<string, string> {
  const declarations = new Map<string, string>();
  // Grows while it is walked: each file adds those it names.
  const reachable = new Set(entries);
  for (const path of reachable) {
    const source = read(path);
    if (source === undefined) continue;
    const text = declarationsOf(path, source);
    declarations.set(path, text);
    for (const { target } of sourceFile(path, text).imports) if (target !== undefined) reachable.add(target);
  }
  return declarations;
}

/** One line for every `any` that stands in public declarations. */
export function anyTypes(declarations: ReadonlyMap<string, string>): string[] {
  return [...declarations].flatMap(([path, text]) => {
    const found: string[] = [];
    walk(sourceFile(path.replace(/\.ts$/, ".d.ts"), text).tree, (node) => {
      if (node.kind !== ts.SyntaxKind.AnyKeyword) return;
      const line = text.split("\n")[lineOf(node) - 1] ?? "";
      found.push(`${path} publishes \`any\`: ${line.trim()}`);
    });
    return found;
  });
}

/** Isolated declarations make the types of a file depend on nothing but its own text. */
function declarationsOf(path: string, source: string): string {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(source, {
    fileName: posix.basename(path),
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      strict: true,
      isolatedDeclarations: true,
      verbatimModuleSyntax: true,
    },
  });
  const [problem] = diagnostics;
  if (problem !== undefined) throw new Error(`${path}: ${ts.flattenDiagnosticMessageText(problem.messageText, "\n")}`);
  return outputText;
}
