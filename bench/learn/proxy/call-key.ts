/**
 * The name of a request: the same for the same model, messages, and settings.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { canonicalJson, type JsonValue } from "opto/data";
import type { ChatRequest } from "./backend.ts";

/** 64 hexadecimal digits. Whether the reply is streamed does not matter. */
export function callKey({ stream: _, ...request }: ChatRequest): string {
  return createHash("sha256")
    .update(canonicalJson(request as unknown as JsonValue))
    .digest("hex");
}

/** The messages as a person reads them. */
export function readableRequest({ messages }: ChatRequest): string {
  return messages.map(({ role, content }) => `### ${role}\n\n${textOf(content)}`).join("\n\n");
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return JSON.stringify(content ?? null);
  return content.map((part: { readonly text?: string }) => part.text ?? JSON.stringify(part)).join("");
}
