/**
 * The module in place of `vitest-evals` where it is not installed: a file that imports only what defines evals needs no more.
 *
 * @module
 */
import { createRequire } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type ModuleDeclaration, parse } from "acorn";

/** What the module is made for. */
export interface AbsentPackage {
  /** As it is imported: `vitest-evals/legacy`. */
  readonly specifier: string;
  /** The address of the file that imports it. */
  readonly importer: string;
  /** That file as JavaScript. */
  readonly code: string;
}

const errors = new URL("../errors.js", import.meta.url).href;

/**
 * The source of a module that has `describeEval`. If more is imported, it throws what names the command that installs the package.
 *
 * @param describeEval the address of the module that collects evals
 */
export function absentPackageSource({ specifier, importer, code }: AbsentPackage, describeEval: string): string {
  const lines = [`export { describeEval } from ${JSON.stringify(describeEval)};`];
  const names = importedNames(code, specifier).filter((name) => name !== "describeEval");
  if (names.length > 0) {
    const purpose = `${names.map((name) => `\`${name}\``).join(", ")} in ${relative(process.cwd(), fileURLToPath(importer))}`;
    const given = [specifier.split("/")[0], purpose].map((text) => JSON.stringify(text)).join(", ");
    // The names have to be there, or Node complains of them before anything is thrown.
    lines.push(
      `import { MissingPackageError } from ${JSON.stringify(errors)};`,
      "const absent = undefined;",
      `export { ${names.map((name) => `absent as ${JSON.stringify(name)}`).join(", ")} };`,
      `throw new MissingPackageError(${given});`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Whether a file finds a package. */
export function isInstalled(specifier: string, importer: string): boolean {
  try {
    createRequire(importer).resolve(specifier);
    return true;
  } catch (error) {
    // One that has no entry for `require` is there.
    return (error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND";
  }
}

/** The names that a program imports from a module, each once. */
function importedNames(code: string, specifier: string): string[] {
  const found = statementsOf(code).flatMap((statement): string[] => {
    if (!("source" in statement) || statement.source?.value !== specifier) return [];
    if (statement.type === "ImportDeclaration") {
      return statement.specifiers.flatMap((one): string[] => {
        if (one.type === "ImportNamespaceSpecifier") return [];
        return one.type === "ImportDefaultSpecifier" ? ["default"] : [nameIn(one.imported)];
      });
    }
    return statement.type === "ExportNamedDeclaration" ? statement.specifiers.map(({ local }) => nameIn(local)) : [];
  });
  return [...new Set(found)];
}

function statementsOf(code: string): readonly (ModuleDeclaration | { readonly type: string })[] {
  try {
    return parse(code, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true }).body;
  } catch {
    // Node says what is wrong with it.
    return [];
  }
}

function nameIn(name: { readonly name: string } | { readonly value?: unknown }): string {
  return "name" in name ? name.name : String(name.value);
}
