/**
 * The package `ai`, on first use. A file of its own: its types are in no declaration that programs without that package read.
 *
 * @module
 */
import { loadFromProject } from "../data/load-package.ts";

/**
 * The exports of `ai`. Its name is written out so that bundlers take it in, and in a `try` so that they need not find it.
 *
 * @throws MissingPackageError naming the command that installs it
 */
export async function loadAi(purpose: string): Promise<typeof import("ai")> {
  try {
    return await import("ai");
  } catch (error) {
    return (await loadFromProject("ai", purpose, error)) as unknown as typeof import("ai");
  }
}
