/**
 * The operations of one prompt: what each does, told once, under a name of its own.
 *
 * @module
 */
import { withoutHelpers } from "../../code/source.ts";
import { shorten } from "../../data/json.ts";
import type { Operation } from "../../graph/graph-node.ts";
import type { Node } from "../../graph/node.ts";
import type { ProblemOperation } from "./problem.ts";
import { UniqueNames } from "./unique-names.ts";

/** Collects operations as they are met. Two that have the same name but do different things get different names. */
export class OperationNames {
  readonly #maxLength: number;
  readonly #names = new UniqueNames();
  readonly #known = new Map<Operation, string>();
  readonly #alike = new Map<string, string>();
  readonly #list: ProblemOperation[] = [];

  /** @param maxLength most characters of a description or source */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Everything met so far, in that order. */
  get list(): readonly ProblemOperation[] {
    return this.#list;
  }

  /** The name of the operation that made `node`. */
  nameOf({ operation, name }: Node): string {
    const made = operation ?? { name, description: "" };
    const known = operation === undefined ? undefined : this.#known.get(operation);
    if (known !== undefined) return known;
    const { description, source = "" } = made;
    const look = [made.name, description, source].join("\0");
    const given = this.#alike.get(look) ?? this.#add(look, made.name, description, source);
    if (operation !== undefined) this.#known.set(operation, given);
    return given;
  }

  #add(look: string, wanted: string, description: string, source: string): string {
    const name = this.#names.take(wanted);
    this.#alike.set(look, name);
    const shownSource = shorten(withoutIndent(withoutHelpers(source)), this.#maxLength);
    this.#list.push({ name, description: shorten(description, this.#maxLength), source: shownSource });
    return name;
  }
}

/** Source of a function without the indentation of the place where it stood: that of its last line, the closing brace. */
function withoutIndent(source: string): string {
  const indent = /\n([ \t]+)\S[^\n]*$/.exec(source)?.[1];
  return indent === undefined ? source : source.replaceAll(`\n${indent}`, "\n");
}
