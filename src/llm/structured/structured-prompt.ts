/**
 * The words that ask a model for data, and that ask again when the reply was unusable.
 *
 * @module
 */

/** What is added to the instructions. */
export function structuredInstructions(jsonSchema: string | undefined): string {
  const format = "Reply with exactly one JSON value: no text before or after it, no code fence, no comments.";
  return jsonSchema === undefined ? format : `${format} It must fit this JSON Schema:\n${jsonSchema}`;
}

/** What follows an unusable reply. */
export function structuredCorrection(problem: string): string {
  return `Your reply cannot be used, because ${problem}. Write the whole reply again, as exactly one JSON value that fits.`;
}
