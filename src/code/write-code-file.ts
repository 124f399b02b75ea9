/**
 * The learned functions as one TypeScript file.
 *
 * @module
 */

export function writeCodeFile(
  functions: readonly { readonly path: string; readonly name: string; readonly text: string; readonly description?: string }[],
): string {
  return functions.map(({ text }) => `export ${text}\n`).join("\n");
}
