/**
 * Names in a prompt: each stands for one value or one operation.
 *
 * @module
 */
import { withoutHelpers } from "../../code/source.ts";
import { shorten } from "../../data/json.ts";
import type { Operation } from "../../graph/graph-node.ts";
import type { Node } from "../../graph/node.ts";
import type { ProblemOperation } from "./problem.ts";

/** Hands out names that were not taken before. */
export class UniqueNames {
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** `wanted` as an identifier, with a number when that name is taken: `mail`, `mail_2`, `mail_3`. */
  take(wanted: string): string {
    const base = identifier(wanted);
    return this.#taken.has(base) ? this.#numbered(base, 2) : this.#given(base);
  }

  /** The same with a number from the start: `add_1`, `add_2`. */
  takeNumbered(wanted: string): string {
    return this.#numbered(identifier(wanted), 1);
  }

  #numbered(base: string, from: number): string {
    let number = this.#next.get(base) ?? from;
    while (this.#taken.has(`${base}_${number}`)) number++;
    this.#next.set(base, number + 1);
    return this.#given(`${base}_${number}`);
  }

  #given(name: string): string {
    this.#taken.add(name);
    return name;
  }
}

/** A name as it stands in a line of code: as it is when it reads as a dotted path, else quoted. */
export function nameInCode(name: string): string {
  return /^[\p{L}\p{N}_$.[\]]+$/u.test(name) ? name : JSON.stringify(name);
}

/** Whether an argument is called as the node is that it was given, perhaps with a number. */
export function hasOwnName(argument: string, { name }: Pick<Node, "name">): boolean {
  return argument === name || argument.replace(/_\d+$/, "") === name;
}

function identifier(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}_$.]+/gu, "_");
  return /^[\p{L}_$]/u.test(plain) ? plain : `_${plain}`;
}

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
