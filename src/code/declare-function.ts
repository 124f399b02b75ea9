/**
 * The text of a function as a program that declares it by a name.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { readProgram } from "./syntax.ts";

/** A function's text and what it says of itself. */
export interface FunctionForm {
  /** For a method the text from its parameters on. */
  readonly text: string;
  readonly isMethod: boolean;
  /** The name inside the text: of a declaration or a named expression. */
  readonly ownName: string | undefined;
  readonly async: boolean;
  readonly generator: boolean;
}

/** `function NAME…` as it is; a method with `function` before it; all else as a `const` of that name. */
export function declareFunction(form: FunctionForm, name: string): string {
  const { text, isMethod, ownName } = form;
  if (isMethod) return `${form.async ? "async " : ""}function${form.generator ? "*" : ""} ${name}${text}`;
  return ownName === name ? text : `const ${name} = ${text};`;
}

/**
 * Makes sure that a program can declare a function by this name.
 *
 * @throws InvalidArgumentError when it is no name of JavaScript
 */
export function checkFunctionName(name: string): void {
  const isName =
    /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) &&
    readProgram(`const ${name} = 0;`, { typescript: false, sloppy: false }) !== undefined;
  if (isName) return;
  throw new InvalidArgumentError(
    `Expected a trainable function to have a name that JavaScript can declare, such as sortList, got ${JSON.stringify(name)}`,
  );
}
