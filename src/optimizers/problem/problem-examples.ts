/**
 * The examples of a problem: each output with everything about it in one place.
 *
 * @module
 */
import type { Feedback } from "../../data/feedback.ts";
import { isPlainObject, shorten, textOf } from "../../data/json.ts";
import type { Node } from "../../graph/node.ts";
import { expectedOf, type TargetFeedback } from "../../graph/trace-graph.ts";
import { describeFeedback } from "./describe-variable.ts";
import type { Contrast } from "./outcomes.ts";
import type { ProblemExample, ProblemValue } from "./problem.ts";
import { ValueText } from "./show-value.ts";
import { type ToldValue, toldOnce } from "./told-once.ts";

/** Something in a prompt, and the only output that it led to; `undefined` for what several examples have in common. */
export interface Owned<Item> {
  readonly item: Item;
  readonly owner: Node | undefined;
}

/** A value, and the only output that it led to. */
export interface OwnedValue extends ToldValue, Owned<ProblemValue> {}

/** An output of the same operations as another one, by what differs. */
export interface FurtherRun {
  readonly target: Node;
  /** Under the names that the values have in the code of the other. */
  readonly values: readonly ProblemValue[];
  readonly feedback: readonly Feedback[];
}

/** What examples are made of. */
export interface ExampleParts {
  readonly targets: readonly TargetFeedback[];
  /** Further outputs of the same operations as one of the targets. */
  readonly runs: ReadonlyMap<Node, readonly FurtherRun[]>;
  readonly contrast: Contrast;
  /** The parameters that are shown as variables. */
  readonly variables: ReadonlySet<Node>;
  readonly nameOf: (node: Node) => string | undefined;
  readonly code: readonly Owned<string>[];
  /** All values but outputs, in the order in which they are listed. */
  readonly values: readonly OwnedValue[];
  readonly outputs: ReadonlyMap<Node, ToldValue>;
}

/** Most characters of a value, or of feedback, that only right outputs have to do with. */
export const rightLength = 120;
/** Most characters of what is known of a right answer. */
const expectedLength = 300;

/** An example before it has its number. */
interface Draft {
  readonly target: Node;
  /** The output whose operations are listed. */
  readonly leader: Node;
  readonly values: readonly ProblemValue[];
  readonly feedback: readonly Feedback[];
}

/** The wrong ones first; those that performed the same operations follow the one that lists them. */
export function problemExamples({ contrast, variables, nameOf, code, ...parts }: ExampleParts): readonly ProblemExample[] {
  const { right } = contrast.outcomes;
  const all = drafts(parts);
  const ordered = [...all.filter(({ target }) => !right.has(target)), ...all.filter(({ target }) => right.has(target))];
  const numbers = new Map(ordered.map(({ target }, at) => [target, at + 1]));
  const codeOf = byOwner(code);
  const performed = new Set<string>();
  // Outputs whose operations stand for those of a wrong one.
  const listed = new Set(ordered.flatMap(({ target, leader }) => (target === leader || right.has(target) ? [] : [leader])));
  return ordered.map(({ target, leader, values, feedback }): ProblemExample => {
    const name = nameOf(leader) as string;
    const told = feedback.map((one) => describeFeedback({ target, feedback: one }, name));
    const own = leader === target ? (codeOf.get(target) ?? []) : [];
    const operations = own.map(operationIn).join("\n");
    const isNew = !performed.has(operations);
    performed.add(operations);
    const sameAs = leader === target ? undefined : numbers.get(leader);
    if (!right.has(target)) {
      const isRight = right.size === 0 ? undefined : false;
      return { isRight, code: own, sameAs, values, expected: expectedText(target, told), feedback: told };
    }
    const telling = contrast.parts?.of.get(target)?.filter((parameter) => variables.has(parameter));
    const partsTaken = telling?.flatMap((parameter) => nameOf(parameter) ?? []);
    const short = told.map((one) => ({ ...one, text: shorten(one.text, rightLength) }));
    // Of what went well only those operations are told that no example before has performed.
    const isListed = isNew || listed.has(target);
    return { isRight: true, code: isListed ? own : [], sameAs, parts: partsTaken, values, feedback: short };
  });
}

function drafts({ targets, runs, values, outputs }: Pick<ExampleParts, "targets" | "runs" | "values" | "outputs">): Draft[] {
  const said = new Map<Node, Feedback[]>();
  for (const { target, feedback } of targets) said.set(target, [...(said.get(target) ?? []), feedback]);
  const valuesOf = byOwner(values.map((one) => ({ item: one, owner: one.owner })));
  return [...said].flatMap(([target, feedback]): Draft[] => {
    const output = outputs.get(target);
    const own = toldOnce([...(valuesOf.get(target) ?? []), ...(output === undefined ? [] : [output])]);
    const further = (runs.get(target) ?? []).map((run) => ({ ...run, leader: target }));
    return [{ target, leader: target, values: own, feedback }, ...further];
  });
}

/** The items of each output, in their order; under `undefined` those that several have in common. */
export function byOwner<Item>(all: readonly Owned<Item>[]): ReadonlyMap<Node | undefined, readonly Item[]> {
  const groups = new Map<Node | undefined, Item[]>();
  for (const { item, owner } of all) {
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [item]);
    else group.push(item);
  }
  return groups;
}

/** The operation in a line of code. */
function operationIn(line: string): string {
  const begin = line.indexOf(" = ") + 1;
  return line.slice(begin, line.indexOf("(", begin));
}

/** What is known of the right answer, unless the feedback says it. */
function expectedText(target: Node, feedback: readonly { readonly text: string }[]): string | undefined {
  const info = expectedOf(target);
  const isEmpty = info === undefined || info === null || info === "" || (isPlainObject(info) && Object.keys(info).length === 0);
  if (isEmpty || feedback.some(({ text }) => text.includes(textOf(info)))) return undefined;
  return new ValueText(info, expectedLength).shown(expectedLength);
}
