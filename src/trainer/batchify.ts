/**
 * `batchify`: many outputs, or many feedbacks, as one text.
 *
 * @module
 */
import { textOf } from "../data/json.ts";
import { bundle } from "../graph/bundle.ts";
import type { Node } from "../graph/node.ts";

/**
 * One node for all items, each an input: a line `ID [i]: item` for each, counted from 0. No items give an empty text.
 *
 * @example
 * batchify("a", "b").value; // "ID [0]: a\nID [1]: b\n"
 */
export function batchify(...items: readonly unknown[]): Node<string> {
  return joinItems(...items);
}

const joinItems = bundle(
  (...items: readonly unknown[]) => items.map((item, index) => `ID [${index}]: ${textOf(item)}\n`).join(""),
  {
    name: "batchify",
    description: "Joins the outputs of all examples of a batch into one text, a line `ID [i]: output` for example i.",
  },
);
