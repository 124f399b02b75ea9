/**
 * Files of a promptfoo config: the config itself, and what it refers to with `file://`.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { isPlainObject } from "../../data/json.ts";
import { ConfigurationError, InvalidArgumentError } from "../../errors.ts";

/** Where the references of a config are found, and how its modules are loaded. */
export interface ConfigFolder {
  readonly folder: string;
  /** The exports of a JavaScript or TypeScript file. */
  readonly load: (path: string) => Promise<Readonly<Record<string, unknown>>>;
}

/** The content of a config: YAML, JSON, or the default export of a module. */
export async function readConfigFile(path: string, load: ConfigFolder["load"]): Promise<Readonly<Record<string, unknown>>> {
  const content = isScript(path) ? await exportOf(path, undefined, load) : await readYaml(path);
  if (isPlainObject(content)) return content;
  throw new InvalidArgumentError(`Expected ${path} to be a promptfoo config with \`prompts\` and \`tests\``);
}

/** Whether a file is a module. */
export function isScript(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

/** A YAML or JSON file; keys that are merged with `<<` are. */
export async function readYaml(path: string): Promise<unknown> {
  const { parse } = await import("yaml");
  const text = await readReferenced(path);
  try {
    return parse(text, { merge: true }) as unknown;
  } catch (cause) {
    throw new InvalidArgumentError(`Could not read ${path} as YAML: ${(cause as Error).message}`, { cause });
  }
}

/** A text file that a config refers to. */
export async function readReferenced(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: Error) => {
    throw new InvalidArgumentError(`Could not read ${path}: ${cause.message}`, { cause });
  });
}

/** The file that `file://tests.yaml` means, and the export after a last colon; `undefined` for anything else. */
export function fileOf(
  reference: unknown,
  { folder }: ConfigFolder,
): { readonly path: string; readonly name?: string } | undefined {
  if (typeof reference !== "string" || !reference.startsWith("file://")) return undefined;
  const [, path = "", name] = /^file:\/\/(.*?)(?:(?<=\.[cm]?[jt]s):(\w+))?$/s.exec(reference) ?? [];
  return { path: resolve(folder, path), ...(name === undefined ? {} : { name }) };
}

/**
 * The files of a pattern such as `prompts/*.txt`, by name; any other path as it is.
 *
 * @param where the setting that has it, for messages
 */
export function filesOf(path: string, where: string, place: ConfigFolder): string[] {
  if (!/[*?[{]/.test(path) || existsSync(path)) return [path];
  const [folder, pattern] = [dirname(path), basename(path)];
  const shown = shownPath(path, place);
  if (/[*?[{]/.test(shownPath(folder, place)) || /[[{]|\*\*/.test(pattern)) {
    throw new InvalidArgumentError(
      `A pattern may contain only * and ?, and only in the file name, got ${shown} in ${where}. Name the files one by one`,
    );
  }
  const source = pattern
    .replace(/[.+^$()|\]}\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const fits = new RegExp(`^${source}$`, "su");
  const found = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  // As in a shell, a pattern means no hidden file.
  const files = found.filter((entry) => !entry.isDirectory() && !entry.name.startsWith(".") && fits.test(entry.name));
  if (files.length === 0) throw new InvalidArgumentError(`There is no file for the pattern ${shown} in ${where}`);
  return files.map(({ name }) => join(folder, name)).toSorted();
}

/** What a module exports under a name, or as its default; a function is called. */
export async function exportOf(path: string, name: string | undefined, load: ConfigFolder["load"]): Promise<unknown> {
  const exports = await load(path);
  const found = exports[name ?? "default"];
  if (found === undefined)
    throw new ConfigurationError(`${path} has no ${name === undefined ? "default export" : `export \`${name}\``}`);
  return typeof found === "function" ? ((await (found as () => unknown)()) as unknown) : found;
}

/** A path as messages and names have it: relative to the folder of the config. */
export function shownPath(path: string, { folder }: ConfigFolder): string {
  return relative(folder, path) || path;
}

/** The folder of a config. */
export function configFolder(path: string, load: ConfigFolder["load"]): ConfigFolder {
  return { folder: dirname(path), load };
}

/** The ending of a path in lower case, with its dot. */
export function endingOf(path: string): string {
  return extname(path).toLowerCase();
}
