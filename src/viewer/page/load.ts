/**
 * `load(path)`: the answer to a request of the API, from the server, or from the answers that an exported page carries.
 *
 * @module
 */
import { type ApiError, exportedDataId } from "../api.ts";
import { answerFrom, type Embedded } from "./embedded-answers.ts";

const data = document.getElementById(exportedDataId)?.textContent ?? undefined;
const embedded = data === undefined ? undefined : readEmbedded(data);

/** Whether the page is a file of its own, without a server. */
export const isExport: boolean = embedded !== undefined;

/** An answer that is an error: what the server says, or that there is no answer. */
export class LoadError extends Error {
  override name = "LoadError";
}

/** @param path `/api/runs/…` @throws {@link LoadError} */
export async function load(path: string, signal?: AbortSignal): Promise<unknown> {
  if (embedded !== undefined) {
    const answer = answerFrom(await embedded, path);
    if (answer !== undefined) return answer;
    throw new LoadError("This file does not contain this part of the run. Open the run with `opto view` to see it.");
  }
  const response = await fetch(path, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new LoadError("The viewer does not answer. Start it again with `opto view`.");
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer;
  throw new LoadError(messageOf(answer) ?? `The viewer answered with status ${response.status}.`);
}

/** The message of an error that the server sends. */
export function messageOf(answer: unknown): string | undefined {
  const { error } = (answer ?? {}) as Partial<ApiError>;
  return typeof error?.message === "string" ? error.message : undefined;
}

/** Compressed, so that a run of some thousand rollouts can be sent to someone. */
async function readEmbedded(text: string): Promise<Embedded> {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(stream).json()) as Embedded;
}
