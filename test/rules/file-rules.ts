/**
 * Rules that one file can keep or break alone: size, name, opening comment, re-exports, forbidden reads.
 * Each returns one line for every violation.
 *
 * @module
 */
import { basename, posix } from "node:path";
import ts from "typescript";
import { lineOf, type SourceFile, walk } from "./source-file.ts";

const maxCodeLines = 250;

/** Names that say nothing of what is inside. */
const emptyNames: readonly string[] = ["util.ts", "utils.ts", "helper.ts", "helpers.ts", "types.ts"];

/** What makes a program depend on more than its inputs, or hang, and the files that may be such a home. */
const impureReads: Readonly<Record<string, readonly string[]>> = {
  "Math.random": [],
  "Date.now": ["src/data/clock.ts"],
  "new Date()": ["src/data/clock.ts"],
  "process.env": ["src/data/environment.ts"],
  "crypto.randomUUID": [],
  // With `recursive` it never returns where a file system makes no folders.
  "fs.mkdirSync": ["src/data/json-file.ts"],
  "fs.mkdir": [],
  "fs/promises.mkdir": [],
};

export function tooLong(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const lines = codeLines(file);
    return lines > maxCodeLines ? [`${file.path} has ${lines} lines of code, more than ${maxCodeLines}: split it`] : [];
  });
}

export function emptilyNamed(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => emptyNames.includes(basename(path))).map(({ path }) => `${path} is named after no concept`);
}

/** Every file opens with `/**`, a sentence that says what it is for, and `@module`. */
export function withoutPurpose(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const [, comment] = /^(?:#![^\n]*\n)?\/\*\*([\s\S]*?)\*\//.exec(text) ?? [];
    if (comment === undefined) return [`${path} does not open with a \`/**\` comment`];
    const lines = comment.split("\n").map((line) => line.replace(/^\s*\*?\s?/, "").trim());
    const purpose = lines.find((line) => line !== "");
    if (purpose === undefined || purpose.startsWith("@")) return [`${path} opens without a line that says what it is for`];
    return lines.includes("@module") ? [] : [`${path} opens with a comment that has no \`@module\``];
  });
}

/** An index names what it re-exports and holds nothing of its own; a file of the same kind may name some of it. */
export function looseIndexes(files: readonly SourceFile[]): string[] {
  const namesAll = ({ tree }: SourceFile): boolean => {
    return tree.statements.every((statement) => ts.isExportDeclaration(statement) && statement.exportClause !== undefined);
  };
  const lists = new Set(files.filter(namesAll).map(({ path }) => path));
  return files
    .filter(({ path }) => basename(path) === "index.ts")
    .flatMap(({ path, tree }) =>
      tree.statements.flatMap((statement) => {
        if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) {
          return [`${path}:${lineOf(statement)} is not a re-export`];
        }
        const { text } = statement.moduleSpecifier as ts.StringLiteral;
        const isNamed = statement.exportClause !== undefined || lists.has(posix.join(posix.dirname(path), text));
        return isNamed ? [] : [`${path}:${lineOf(statement)} re-exports without naming what`];
      }),
    );
}

/** Time, randomness and the environment are read, and folders made, in their one home only. */
export function impure(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const found: string[] = [];
    walk(file.tree, (node) => {
      const name = impureReadAt(node);
      if (name !== undefined && !impureReads[name]?.includes(file.path))
        found.push(`${file.path}:${lineOf(node)} reads \`${name}\``);
    });
    return found;
  });
}

/** Lines that hold code: neither blank nor comment. Every line of a template literal counts. */
export function codeLines({ tree }: SourceFile): number {
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node) || node.kind === ts.SyntaxKind.EndOfFileToken) return;
    const children = node.getChildren(tree);
    for (const child of children) visit(child);
    // An empty list of statements has no children, and no text either.
    if (children.length > 0 || node.getWidth(tree) === 0) return;
    const { line: first } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
    const { line: last } = tree.getLineAndCharacterOfPosition(node.getEnd());
    for (let line = first; line <= last; line++) lines.add(line);
  };
  visit(tree);
  return lines.size;
}

function impureReadAt(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return known(`${lastName(node.expression)}.${node.name.text}`);
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return known(`${lastName(node.expression)}.${node.argumentExpression.text}`);
  }
  // new Date() and the call Date() both read the clock; new Date(value) does not.
  if (ts.isNewExpression(node) && lastName(node.expression) === "Date" && !node.arguments?.length) return known("new Date()");
  if (ts.isCallExpression(node) && lastName(node.expression) === "Date") return known("new Date()");
  if (ts.isBindingElement(node)) {
    const { parent } = node.parent;
    if (!ts.isVariableDeclaration(parent) || parent.initializer === undefined) return undefined;
    return known(`${lastName(parent.initializer)}.${(node.propertyName ?? node.name).getText()}`);
  }
  if (ts.isImportSpecifier(node)) {
    const { moduleSpecifier } = node.parent.parent.parent as ts.ImportDeclaration;
    const module = (moduleSpecifier as ts.StringLiteral).text.replace(/^node:/, "");
    return known(`${module}.${(node.propertyName ?? node.name).text}`);
  }
  return undefined;
}

/** `Math` of both `Math` and `globalThis.Math`. */
function lastName(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  return ts.isPropertyAccessExpression(node) ? node.name.text : "";
}

function known(name: string): string | undefined {
  return Object.hasOwn(impureReads, name) ? name : undefined;
}
