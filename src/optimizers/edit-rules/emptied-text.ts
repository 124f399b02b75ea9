/**
 * `isEmptied`: whether a proposal leaves nothing of a text.
 *
 * @module
 */
import type { Parameter } from "../../graph/parameter.ts";

/** Whether a text is lost: an empty block is a slip of the model, unless a schema or a domain says that it may be a value. */
export function isEmptied(parameter: Parameter, value: unknown): boolean {
  if (typeof value !== "string" || value.trim() !== "") return false;
  const current = parameter.peek();
  const isAllowed = parameter.schema !== undefined || parameter.domain !== undefined;
  return typeof current === "string" && current.trim() !== "" && !isAllowed;
}
