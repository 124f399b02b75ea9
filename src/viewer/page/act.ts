/**
 * Requests that change something: they carry the token, and say what the server says when it refuses.
 *
 * @module
 */
import { askAgain } from "./live.ts";
import { isExport, LoadError, messageOf } from "./load.ts";
import { token } from "./token.ts";

/** Whether this page may change anything: an exported one, or one without the token, only shows. */
export function canWrite(): boolean {
  return !isExport && token() !== undefined;
}

/** @throws {LoadError} with the reason when the server refuses. */
export async function act<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-opto-token": token() ?? "" },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new LoadError(messageOf(answer) ?? `The viewer refused this (status ${response.status}).`);
  askAgain();
  return answer as T;
}
