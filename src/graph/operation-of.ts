/**
 * The operation that a function is.
 *
 * @module
 */
import type { CallSite } from "../code/call-site.ts";
import { writtenSource } from "../code/source.ts";
import type { Operation } from "./graph-node.ts";

/** What is known of a function besides itself. */
export interface OperationFacts {
  readonly name: string;
  readonly description: string;
  /** The name by which its source declares it. */
  readonly declaredAs: string;
  /** Where it was handed over. */
  readonly site: CallSite | undefined;
}

/** Its source is what the author wrote, looked for when somebody asks for the first time. */
export function operationOf(fn: (...args: never[]) => unknown, facts: OperationFacts): Operation {
  const { name, description, declaredAs } = facts;
  let site = facts.site;
  let source: string | undefined;
  return {
    name,
    description,
    get source() {
      source ??= writtenSource(fn, declaredAs, site);
      site = undefined;
      return source;
    },
  };
}
