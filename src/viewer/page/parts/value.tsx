/**
 * A value: a text as text, anything else as JSON.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { JsonValue } from "../../../data/json.ts";
import { ModelText } from "./model-text.tsx";

export function Value({ value, label }: { readonly value: JsonValue; readonly label: string }): ComponentChildren {
  return <ModelText text={valueText(value)} label={label} />;
}

/** As it is compared and copied. */
export function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
}
