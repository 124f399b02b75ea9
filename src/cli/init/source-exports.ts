/**
 * `exportsOfText`, `exportsOfModule`: what a source file exports that could be an agent or a scorer, by its text and by what it holds when loaded.
 *
 * @module
 */
import { isClass } from "../../data/json.ts";
import { Module } from "../../graph/module.ts";
import { isParameter } from "../../graph/parameter.ts";
import type { Exports } from "../user-modules.ts";

/** An export by its name in imports: `default` is one. */
export interface NamedExport {
  readonly name: string;
  /** `instance`: a module or a parameter; `class`: of modules; `function`: anything that can be called. */
  readonly kind: "instance" | "class" | "function";
}

/** Declarations at the start of a line; a type ends where the next line begins with a word. The text behind a `=` is only looked at: it may have the next declaration in it. */
const declaration =
  /^(?<exported>export\s+(?<default>default\s+)?)?(?:(?:const|let)\s+(?<variable>[\w$]+)\s*(?::(?:(?!\n[^\s)}\]])(?:[^=]|=>))*)?=(?!>)\s*(?=(?<value>[\s\S]{0,400}))|(?:async\s+)?function\b\s*\*?\s*(?<fn>[\w$]*)|class\b\s*(?<class>[\w$]*)(?<heritage>[^{]*)\{)/gm;
const expression = /^export\s+default\s+(?!async\s+function|function\b|class\b|abstract\b)(?=(?<value>[\s\S]{0,400}))/gm;
const list = /^export\s*\{(?<names>[^}]*)\}(?!\s*from)/gm;

/** By the text alone: names that are exported where they are declared, as the default, or in a list. */
export function exportsOfText(text: string): readonly NamedExport[] {
  const usesOpto = /from\s+["']opto["']/.test(text);
  const own = new Map<string, NamedExport["kind"]>();
  const exported: { name: string; kind: NamedExport["kind"] | undefined }[] = [];
  for (const { groups = {} } of text.matchAll(declaration)) {
    const { variable, value = "", fn, class: type, heritage = "" } = groups;
    const name = variable ?? fn ?? type ?? "";
    const kind = type === undefined ? declaredKind(fn, value, usesOpto) : classKind(heritage, usesOpto);
    if (kind === undefined) continue;
    if (name !== "") own.set(name, kind);
    if (groups.exported !== undefined) exported.push({ name: groups.default === undefined ? name : "default", kind });
  }
  for (const { groups = {} } of text.matchAll(list)) {
    for (const one of (groups.names ?? "").split(",")) {
      const [, local = "", name = local] = /^\s*([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/.exec(one) ?? [];
      exported.push({ name, kind: own.get(local) });
    }
  }
  for (const { groups: { value = "" } = {} } of text.matchAll(expression)) {
    const [, local = ""] = /^([\w$]+)\s*(?:;|\n|$)/.exec(value) ?? [];
    const isNamed = own.has(local) && exported.some(({ name }) => name === local);
    if (!isNamed) exported.push({ name: "default", kind: own.get(local) ?? kindOf(value, usesOpto) });
  }
  return exported.flatMap(({ name, kind }) => (kind === undefined || name === "" ? [] : [{ name, kind }]));
}

/** By what a loaded file exports. What it exports under two names counts once. */
export function exportsOfModule(exports: Exports): readonly NamedExport[] {
  const names = Object.keys(exports).sort((a, b) => Number(a === "default") - Number(b === "default"));
  const first = names.filter((name, index) => names.findIndex((other) => exports[other] === exports[name]) === index);
  return first.flatMap((name): NamedExport[] => {
    const value = exports[name];
    if (value instanceof Module || isParameter(value)) return [{ name, kind: "instance" }];
    if (isClass(value)) return value.prototype instanceof Module ? [{ name, kind: "class" }] : [];
    return typeof value === "function" ? [{ name, kind: "function" }] : [];
  });
}

function classKind(heritage: string, usesOpto: boolean): "class" | undefined {
  return usesOpto && /extends\s+Module\b/.test(heritage) ? "class" : undefined;
}

function declaredKind(fn: string | undefined, value: string, usesOpto: boolean): "function" | "instance" | undefined {
  return fn === undefined ? kindOf(value, usesOpto) : "function";
}

function kindOf(value: string, usesOpto: boolean): "function" | "instance" | undefined {
  if (/^(?:async\s*)?(?:function\b|\([^)]*\)\s*(?::[^=;]*)?=>|[\w$]+\s*=>)/.test(value)) return "function";
  const isInstance = usesOpto && /^(?:new\s+\w|model\(|parameter\(|promptFile\(|from(?:Agent|Function)\()/.test(value);
  return isInstance ? "instance" : undefined;
}
