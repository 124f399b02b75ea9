/**
 * `readVars`: the variables of a promptfoo test as promptfoo fills them into prompts and assertions.
 *
 * @module
 */
import { resolve } from "node:path";
import { describeValue, isPlainObject, ownValue, textOf } from "../../data/json.ts";
import { InvalidArgumentError } from "../../errors.ts";
import { type ConfigFolder, endingOf, fileOf, filesOf, isScript, readReferenced, readYaml, shownPath } from "./config-file.ts";
import { codeIn, fillTemplate, type Vars, variablesIn } from "./template.ts";

/** Variables by name: as they are, or from YAML files. */
export async function varsIn(given: unknown, where: string, place: ConfigFolder): Promise<Vars> {
  if (given === undefined || given === null) return {};
  if (isPlainObject(given)) return given;
  const vars: Record<string, unknown> = {};
  for (const reference of Array.isArray(given) ? (given as unknown[]) : [given]) {
    if (typeof reference !== "string") {
      throw new InvalidArgumentError(
        `Expected \`vars\` of ${where} to be variables by name, or files, got ${describeValue(given)}`,
      );
    }
    const path = fileOf(reference, place)?.path ?? resolve(place.folder, reference);
    for (const one of filesOf(path, `\`vars\` of ${where}`, place)) Object.assign(vars, await readYaml(one));
  }
  return vars;
}

/**
 * The variables of each example of a test: one of each value of a list of texts, and of each file of a pattern, with the texts of the files that
 * variables name, and with the variables inside variables filled in.
 *
 * @throws InvalidArgumentError for a variable that only promptfoo can evaluate
 */
export async function readVars(
  vars: Vars,
  { isExpanded, where }: { readonly isExpanded: boolean; readonly where: string },
  place: ConfigFolder,
): Promise<Vars[]> {
  const all: Vars[] = [];
  for (const one of isExpanded ? combinations(vars, where, place) : [vars]) {
    const texts: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(one)) texts[name] = await contentOf(value, place);
    all.push(filledIn(withReferences(texts), where));
  }
  return all;
}

/** Lists of other things than texts, such as the messages of a conversation, are values themselves. */
function combinations(vars: Vars, where: string, place: ConfigFolder): Vars[] {
  return Object.entries(vars).reduce<Vars[]>(
    (all, [name, value]) => {
      const values = valuesOf(value, `\`vars.${name}\` of ${where}`, place);
      return all.flatMap((one) => values.map((each) => ({ ...one, [name]: each })));
    },
    [{}],
  );
}

function valuesOf(value: unknown, where: string, place: ConfigFolder): readonly unknown[] {
  if (Array.isArray(value)) return typeof value[0] === "string" ? (value as unknown[]) : [value];
  const file = fileOf(value, place);
  return file === undefined ? [value] : filesOf(file.path, where, place).map((path) => `file://${path}`);
}

/** A variable: itself, or the text of its file. */
async function contentOf(value: unknown, place: ConfigFolder): Promise<unknown> {
  if (typeof value === "string" && value.startsWith("package:")) throw computed(value);
  const file = fileOf(value, place);
  // A line end that closes a text is not part of it.
  if (file === undefined) return typeof value === "string" ? value.replace(/\n$/, "") : value;
  const { path } = file;
  const shown = shownPath(path, place);
  if (isScript(path) || endingOf(path) === ".py") throw computed(`file://${shown}`);
  if (
    /^\.(?:pdf|png|jpe?g|gif|bmp|webp|svg|tiff?|ico|avif|heic|heif|mp[34]|m4a|wav|ogg|flac|aac|opus|webm|mov|avi|mkv)$/.test(
      endingOf(path),
    )
  ) {
    throw new InvalidArgumentError(
      `The variable "file://${shown}" is not text, and only promptfoo reads such files. Write its values as text`,
    );
  }
  return /^\.ya?ml$/.test(endingOf(path)) ? JSON.stringify(await readYaml(path)) : (await readReferenced(path)).trim();
}

function computed(shown: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `The variable "${shown}" is computed by a program, which only promptfoo runs. Write its values as text`,
  );
}

/** How deep variables may be inside of variables. */
const maxDepth = 5;

/** Each text with the first of its `{{name}}` replaced by the variable of that name, again and again: variables that refer to each other end. */
function withReferences(given: Vars): Vars {
  const vars: Record<string, unknown> = { ...given };
  for (let depth = 0; depth < maxDepth; depth++) {
    for (const [name, value] of Object.entries(vars)) {
      if (typeof value !== "string") continue;
      const [slot = "", referred = ""] = /\{\{\s*(\w+)\s*\}\}/.exec(value) ?? [];
      const text = ownValue(vars, referred);
      if (text !== undefined) vars[name] = value.replace(slot, () => textOf(text));
    }
  }
  return vars;
}

/** The other templates in variables. A text that is no whole template, or names what is not there, is left as it is. */
function filledIn(vars: Vars, where: string): Vars {
  const fill = (name: string, value: unknown): unknown => {
    if (typeof value !== "string" || isPartial(value) || namesUnknown(value, vars)) return value;
    const found = codeIn(value);
    if (found === undefined) return fillTemplate(value, vars);
    throw new InvalidArgumentError(
      `The variable \`${name}\` of ${where} has an expression in braces (${JSON.stringify(found)}) that only promptfoo can evaluate. Write its value as text`,
    );
  };
  return Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, fill(name, value)]));
}

function isPartial(text: string): boolean {
  return /\{%[^%]*$|\{\{[^}]*$|\{#[^#]*$/m.test(text);
}

function namesUnknown(text: string, vars: Vars): boolean {
  const named = Array.from(text.matchAll(/\{\{-?\s*([\p{ID_Start}_][\p{ID_Continue}]*)/gu), ([, name = ""]) => name);
  return [...named, ...variablesIn(text)].some((name) => name !== "env" && ownValue(vars, name) === undefined);
}
