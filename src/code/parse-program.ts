/**
 * TypeScript to JavaScript, line by line, and JavaScript to its syntax tree.
 *
 * @module
 */
import { type Program, parse } from "acorn";
import type * as Sucrase from "sucrase";
import { loadOnDemand } from "../data/load-on-demand.ts";
import { MissingPackageError } from "../errors.ts";

/**
 * The program without its types; every line stays where it is.
 *
 * @throws what sucrase throws at text that is no TypeScript, with the place in its message
 */
export function withoutTypes(text: string): string {
  const sucrase = loadOnDemand<typeof Sucrase>("sucrase");
  if (sucrase === undefined) throw new MissingPackageError("sucrase", "Running a trainable function");
  return sucrase.transform(text, { transforms: ["typescript"], disableESTransforms: true, keepUnusedImports: true }).code;
}

/**
 * The syntax tree of JavaScript, as a module: strict, and with all that has to be refused.
 *
 * @throws SyntaxError with the place in its message
 */
export function parseProgram(code: string): Program {
  return parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true, ranges: true, allowHashBang: false });
}
