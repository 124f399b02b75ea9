/**
 * `loadPackage`: a package that users install themselves, loaded when it is first needed.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MissingPackageError } from "../errors.ts";
import { isPlainObject } from "./json.ts";

/**
 * The exports of a package that is known by name only, so that no bundle has it.
 *
 * @param purpose what needs it, as the subject of a sentence: `The model "openai/gpt-5-mini"`
 * @param options.hint what else would help, a sentence
 * @throws MissingPackageError naming the command that installs it
 */
export async function loadPackage(
  name: string,
  purpose: string,
  { hint }: { readonly hint?: string } = {},
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(name);
  } catch (error) {
    return loadFromProject(name, purpose, error, hint);
  }
}

/**
 * The same without waiting.
 *
 * @throws MissingPackageError naming the command that installs it
 */
export function loadPackageNow(
  name: string,
  purpose: string,
  { hint }: { readonly hint?: string } = {},
): Readonly<Record<string, unknown>> {
  try {
    return createRequire(import.meta.url)(name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    try {
      return createRequire(join(process.cwd(), "package.json"))(name);
    } catch (cause) {
      throw isMissing(cause, name) ? new MissingPackageError(packageOf(name), purpose, { cause, hint }) : cause;
    }
  }
}

/**
 * The exports of a package whose import has failed: package managers with strict folders show a library only what it declares; the user's
 * project sees its own packages.
 *
 * @throws MissingPackageError naming the command that installs it
 */
export async function loadFromProject(
  name: string,
  purpose: string,
  error: unknown,
  hint?: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (!isMissing(error, name)) throw error;
  try {
    const path = createRequire(join(process.cwd(), "package.json")).resolve(name);
    return await import(pathToFileURL(moduleBeside(path, name) ?? path).href);
  } catch (cause) {
    throw isMissing(cause, name) ? new MissingPackageError(packageOf(name), purpose, { cause, hint }) : cause;
  }
}

/**
 * The file that an `import` of the name has, where a `require` of it has another: a program that imports the package is to share its state. Only
 * plain entries of `exports` are read.
 */
function moduleBeside(required: string, name: string): string | undefined {
  const owner = packageOf(name);
  const end = required.lastIndexOf(join("node_modules", owner));
  const folder = end < 0 ? undefined : required.slice(0, end + join("node_modules", owner).length);
  if (folder === undefined) return undefined;
  try {
    const { exports: all } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly exports?: unknown };
    const entry = isPlainObject(all) ? (all[`.${name.slice(owner.length)}`] ?? (name === owner ? all : undefined)) : undefined;
    const file = importedFile(entry);
    return file === undefined ? undefined : join(folder, file);
  } catch {
    return undefined;
  }
}

/** The package that a name is of: `@langchain/core/messages` is of `@langchain/core`. */
function packageOf(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

/** The first condition that holds for an `import` in Node. */
function importedFile(entry: unknown): string | undefined {
  if (typeof entry === "string") return entry;
  if (!isPlainObject(entry)) return undefined;
  const condition = Object.keys(entry).find((key) => ["import", "node", "default"].includes(key));
  return condition === undefined ? undefined : importedFile(entry[condition]);
}

/** A package that is there but lacks one of its own dependencies is broken, not missing. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  // Vite has a module in place of an optional peer that is not installed, which says so without a code.
  if (String(message).startsWith(`Could not resolve "${name}" imported by `)) return true;
  return (
    (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") &&
    [name, packageOf(name)].some((one) => String(message).includes(`'${one}'`))
  );
}
