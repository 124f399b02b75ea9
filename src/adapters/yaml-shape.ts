/**
 * Texts in YAML files, such as the prompts of a promptfoo config.
 *
 * @module
 */

import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";
import type { Document, Node, Scalar } from "yaml";
import { tryAll } from "../data/load-on-demand.ts";
import { InvalidArgumentError, MissingPackageError } from "../errors.ts";
import { missing, notText, type PromptShape, pathText, referenceProblem, type ValuePath } from "./prompt-shape.ts";
import { blockScalar, type ScalarPlace, writtenScalars } from "./yaml-scalar.ts";

/**
 * The text at a path of a YAML file. Like the last line end of a plain file, that of a block (`|`, `>`) belongs to the file.
 *
 * @throws MissingPackageError where this package was copied without its dependencies
 */
export function yamlText(path: ValuePath): PromptShape {
  return {
    problem: referenceProblem,
    find(text) {
      const document = readYaml(text);
      const scalar = scalarAt(document, path);
      const place = placeOf(scalar, text);
      return {
        start: place.start,
        end: place.end,
        value: place.block === undefined ? scalar.value : scalar.value.replace(/\n$/, ""),
        written: (value) => writtenScalars(place, value),
        isOnlyChange: (changed) => isOnlyChange(text, changed, path),
      };
    },
  };
}

type Yaml = typeof import("yaml");

let yaml: Yaml | undefined;

/** Written out here and not where other packages are: a bundle without prompt files is one without this package. */
function loadYaml(): Yaml | undefined {
  const load = createRequire(import.meta.url);
  return tryAll([() => require("yaml"), () => load("yaml")]) as Yaml | undefined;
}

function readYaml(text: string): Document {
  yaml ??= loadYaml();
  if (yaml === undefined) throw new MissingPackageError("yaml", "A prompt in a YAML file");
  const documents = yaml.parseAllDocuments(text, { keepSourceTokens: true, logLevel: "silent" });
  const [document] = documents as readonly Document[];
  if (document === undefined || documents.length > 1) {
    throw new InvalidArgumentError(`expected one YAML document in it, got ${documents.length}`);
  }
  const [error] = document.errors;
  if (error !== undefined) throw new InvalidArgumentError(`it is not valid YAML: ${error.message.split("\n")[0]}`);
  return document;
}

/** A scalar that is a text, with what the parser has read it from. */
type TextScalar = Scalar<string> & { readonly srcToken: NonNullable<Scalar["srcToken"]> };

function scalarAt(document: Document, path: ValuePath): TextScalar {
  let node = document.contents as Node | null;
  for (const [depth, key] of path.entries()) {
    node = entriesOf(node).find(([name]) => name === String(key))?.[1] ?? null;
    if (node === null) throw missing(path.slice(0, depth + 1), textPaths(document.contents as Node | null));
  }
  if (isTextScalar(node)) return node;
  throw notText(path, kindOf(node), textPaths(document.contents as Node | null));
}

/** The keys and values of a collection. */
function entriesOf(node: Node | null): [string, Node][] {
  const { items } = (node ?? {}) as { readonly items?: readonly unknown[] };
  return (items ?? []).flatMap((item, index): [string, Node][] => {
    if (!isPair(item)) return [[String(index), item as Node]];
    const key = (item.key as Partial<Scalar> | null)?.value;
    return item.value === null ? [] : [[String(key), item.value]];
  });
}

function isPair(item: unknown): item is { readonly key: unknown; readonly value: Node | null } {
  return typeof item === "object" && item !== null && "key" in item;
}

function isTextScalar(node: Node | null): node is TextScalar {
  return typeof (node as Partial<Scalar> | null)?.value === "string" && (node as Scalar).srcToken !== undefined;
}

function kindOf(node: Node | null): string {
  if (node === null) return "nothing";
  if ("items" in node) return "a list or mapping";
  if ("source" in node && !("value" in node))
    return "an alias: write the text here itself, or name the path of what it refers to";
  return "a value that is not a text";
}

/** The paths of all texts, for messages. */
function textPaths(node: Node | null, path: ValuePath = []): string[] {
  if (isTextScalar(node)) return [pathText(path)];
  return entriesOf(node).flatMap(([key, inner]) => textPaths(inner, [...path, key]));
}

function placeOf({ srcToken: token }: TextScalar, text: string): ScalarPlace {
  if (token.type === "block-scalar") {
    const header = token.props.find(({ type }) => type === "block-scalar-header");
    if (header !== undefined && "source" in header) return blockScalar(text, header, token);
  }
  const { offset, indent, source = "" } = token as { readonly offset: number; readonly indent: number; readonly source?: string };
  const style = { "single-quoted-scalar": "single", "double-quoted-scalar": "double" } as const;
  return {
    start: offset,
    end: offset + source.length,
    indent,
    style: style[token.type as keyof typeof style] ?? "plain",
    block: undefined,
  };
}

const everyAlias = { maxAliasCount: -1 };

/** Whether two texts hold the same data but for the text at the path; what refers to it may change with it. */
function isOnlyChange(before: string, after: string, path: ValuePath): boolean {
  const [expected, changed] = [readYaml(before), readYaml(after)];
  scalarAt(expected, path).value = scalarAt(changed, path).value;
  return isDeepStrictEqual(expected.toJS(everyAlias), changed.toJS(everyAlias));
}
