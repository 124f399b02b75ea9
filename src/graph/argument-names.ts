/**
 * The names a function gives its parameters, read from its source, so that a graph can say `add(x, y)`.
 *
 * @module
 */
import { type Expression, type Options, type Pattern, parseExpressionAt } from "acorn";

/** One declared parameter: a plain name, a destructuring pattern (no name of its own), or a rest parameter. */
export interface ArgumentName {
  readonly name: string;
  readonly kind: "plain" | "pattern" | "rest";
}

const cache = new Map<string, readonly ArgumentName[]>();
const cacheLimit = 2_000;

/** The declared parameters of `fn` in order; empty when its source cannot be read (native functions). */
export function argumentNames(fn: (...args: never[]) => unknown): readonly ArgumentName[] {
  const source = Function.prototype.toString.call(fn);
  const known = cache.get(source);
  if (known !== undefined) return known;
  const names = readNames(source);
  if (cache.size >= cacheLimit) cache.clear();
  cache.set(source, names);
  return names;
}

function readNames(source: string): readonly ArgumentName[] {
  // A method's source, `name(a) {…}`, is only an expression inside an object literal.
  const expression = parse(`(${source})`) ?? methodOf(parse(`({${source}})`));
  const parameters = expression !== undefined && "params" in expression ? expression.params : [];
  return parameters.map(nameOf);
}

function nameOf(pattern: Pattern, index: number): ArgumentName {
  switch (pattern.type) {
    case "Identifier":
      return { name: pattern.name, kind: "plain" };
    case "AssignmentPattern":
      return nameOf(pattern.left, index);
    case "RestElement":
      return { name: nameOf(pattern.argument, index).name, kind: "rest" };
    default:
      return { name: `argument${index}`, kind: "pattern" };
  }
}

/** A function's text is read without what stood around it: its class, its module, its async function. */
const outOfPlace: Options = {
  ecmaVersion: "latest",
  allowAwaitOutsideFunction: true,
  allowSuperOutsideMethod: true,
  allowImportExportEverywhere: true,
  checkPrivateFields: false,
};

function parse(text: string): Expression | undefined {
  try {
    return parseExpressionAt(text, 0, outOfPlace);
  } catch {
    return undefined;
  }
}

function methodOf(expression: Expression | undefined): Expression | undefined {
  if (expression?.type !== "ObjectExpression") return undefined;
  const [property] = expression.properties;
  return property?.type === "Property" ? property.value : undefined;
}
