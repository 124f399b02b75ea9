/**
 * Functions that were learned, as one TypeScript file.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { isNode, nameOf, type Program, readProgram, type SyntaxNode, walk } from "./syntax.ts";
import { withIndentation } from "./text-lines.ts";

/** A function to write: a parameter whose value is a program. */
export interface CodeToWrite {
  /** Dotted path of the parameter in its agent. */
  readonly path: string;
  /** The name by which `text` declares the function. */
  readonly name: string;
  /** A program in TypeScript: the function, and helpers of its own. */
  readonly text: string;
  readonly description?: string | undefined;
}

/** A program, read. */
interface Piece extends CodeToWrite {
  readonly program: Program;
  readonly declaration: SyntaxNode;
  /** What stands at the top level of the program. */
  readonly declared: ReadonlySet<string>;
  /** Every name in it. */
  readonly used: ReadonlySet<string>;
}

/**
 * Writes a module that exports each function. A program is written as it is where its names are its own; one whose helpers
 * or whose function share a name with another program is closed up in a function that returns it. Functions of the same name
 * are exported by names made of their paths.
 *
 * What the programs use from outside, their tools, is not part of the file.
 *
 * @throws InvalidArgumentError when a text is no TypeScript, or does not declare its function
 */
export function writeCodeFile(functions: readonly CodeToWrite[]): string {
  const pieces = functions.map(readPiece);
  const taken = new Set(pieces.flatMap(({ used }) => [...used]));
  const exported = new Set<string>();
  const parts = pieces.map((piece, index) => {
    const others = pieces.filter((_, other) => other !== index);
    const isShared = (name: string): boolean => others.some(({ used }) => used.has(name));
    const isOwn = !isShared(piece.name);
    const name = isOwn ? piece.name : freeName(piece, new Set([...taken, ...exported]));
    exported.add(name);
    const code = isOwn && ![...piece.declared].some(isShared) ? exportedAsIs(piece) : closedUp(piece, name);
    return `${titleOf(piece, name)}\n${code}\n`;
  });
  return [header, ...(parts.length > 0 ? parts : ["export {};\n"])].join("\n");
}

const header = `/**
 * Functions that an optimizer has learned, written by opto. Each is exported; the line above it names its parameter.
 */
`;

function readPiece(code: CodeToWrite): Piece {
  const { path, name, text } = code;
  const program = readProgram(text, { typescript: true });
  const declarations = program?.body ?? [];
  const declaration = declarations.find((statement) => namesOf(statement).includes(name));
  if (program === undefined || declaration === undefined) {
    const problem = program === undefined ? "no TypeScript" : "a program without it";
    throw new InvalidArgumentError(
      `Expected the text of ${JSON.stringify(path)} to declare ${name} in TypeScript, got ${problem}`,
    );
  }
  const used = new Set<string>();
  walk(program, (node, above) => {
    const found = node.type === "Identifier" ? nameOf(node) : undefined;
    if (found !== undefined && !isKey(node, above.at(-1))) used.add(found);
  });
  return { ...code, program, declaration, declared: new Set(declarations.flatMap(namesOf)), used };
}

/** `sort` in `items.sort` or `{ sort: 1 }` names nothing that is in scope. */
function isKey(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined || parent.computed === true || parent.shorthand === true) return false;
  return parent.property === node || parent.key === node;
}

function namesOf(statement: SyntaxNode): string[] {
  const own = nameOf(statement.id);
  if (own !== undefined) return [own];
  const names: string[] = [];
  for (const declarator of (statement.declarations ?? []) as readonly SyntaxNode[]) {
    // All names of a pattern, its default values too: one name too many is told apart for nothing.
    walk(declarator.id as SyntaxNode, (node) => {
      if (node.type === "Identifier") names.push(nameOf(node) ?? "");
    });
  }
  return names;
}

function exportedAsIs({ text, declaration }: Piece): string {
  return `${text.slice(0, declaration.start)}export ${text.slice(declaration.start)}`.trim();
}

function closedUp({ text, name, program }: Piece, exportedName: string): string {
  const body = withIndentation(text, (line) => program.fixedLines.has(line));
  return `export const ${exportedName} = (() => {\n${body.trimEnd()}\n  return ${name};\n})();`;
}

/** `triage.sort` becomes `triageSort`. */
function freeName({ path, name }: Piece, taken: ReadonlySet<string>): string {
  const words = path.split(/[^\p{ID_Continue}$]+/u).filter((word) => word !== "");
  const joined = words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join("");
  const stem = isName(joined) ? joined : `${name}Of${joined}`;
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? stem : `${stem}${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}

function isName(text: string): boolean {
  return (
    /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text) && isNode(readProgram(`export const ${text} = 0;`, { typescript: true }))
  );
}

/** One line: whatever a description holds, it stays a comment. */
function titleOf({ path, description }: Piece, name: string): string {
  const words = description === undefined || description.trim() === "" ? "" : `: ${description}`;
  return `// ${path}${path === name ? "" : ` (${name})`}${words}`.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trimEnd();
}
