/**
 * Damage to replies, for property tests.
 *
 * @module
 */

/** A way to damage a text: where, how much of it, and what is put there. */
export type Mutation = readonly [kind: string, at: number, length: number, piece: string];

/** The text with one damage. */
export function mutate(text: string, [kind, at, length, piece]: Mutation): string {
  const from = at % (text.length + 1);
  const [before, after] = [text.slice(0, from), text.slice(from)];
  switch (kind) {
    case "cut":
      return before;
    case "behead":
      return after;
    case "drop":
      return before + after.slice(length);
    case "insert":
      return before + piece + after;
    case "double":
      return before + after.slice(0, length) + after;
    case "swap":
      return after + before;
    case "repeat":
      return before + piece.repeat(length) + after;
    default:
      return `${text}\n${piece}${text}`;
  }
}
