/**
 * `loadPackage`: a package that users install themselves, loaded when it is first needed.
 *
 * @module
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MissingPackageError } from "../errors.ts";

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
      throw isMissing(cause, name) ? new MissingPackageError(name, purpose, { cause, hint }) : cause;
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
    return await import(pathToFileURL(path).href);
  } catch (cause) {
    throw isMissing(cause, name) ? new MissingPackageError(name, purpose, { cause, hint }) : cause;
  }
}

/** A package that is there but lacks one of its own dependencies is broken, not missing. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  // Vite has a module in place of an optional peer that is not installed, which says so without a code.
  if (String(message).startsWith(`Could not resolve "${name}" imported by `)) return true;
  return (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && String(message).includes(`'${name}'`);
}
