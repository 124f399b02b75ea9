/**
 * Whether what is shown has changed: the server says so by server-sent events, and every view asks again.
 *
 * @module
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { isExport } from "./load.ts";

const changes = signal(0);
const connection = signal<"off" | "live" | "lost">("off");

/** Rises whenever the run that is shown has changed. */
export const revision: ReadonlySignal<number> = changes;

/** Whether changes arrive. */
export const liveState: ReadonlySignal<"off" | "live" | "lost"> = connection;

/** Views ask again: something was changed from here. */
export function askAgain(): void {
  changes.value++;
}

/** Follows the events at a path until the returned function is called. */
export function follow(path: string): () => void {
  if (isExport || typeof EventSource === "undefined") return () => {};
  const source = new EventSource(path);
  let hasOpened = false;
  source.onopen = () => {
    connection.value = "live";
    // What has changed while there was no connection was not announced.
    if (hasOpened) askAgain();
    hasOpened = true;
  };
  source.onerror = () => {
    connection.value = "lost";
  };
  const changed = (): void => askAgain();
  source.onmessage = changed;
  source.addEventListener("changed", changed);
  return () => {
    source.close();
    connection.value = "off";
  };
}
