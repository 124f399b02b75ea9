/**
 * All texts in plain data: those of a prompt, and those of a value.
 *
 * @module
 */

/** Every text in plain data, however deep. */
export function* textsIn(data: unknown): Generator<string> {
  if (typeof data === "string") yield data;
  else if (typeof data === "object" && data !== null) for (const inner of Object.values(data)) yield* textsIn(inner);
}
