/**
 * `useAnswer(path)`: what the server answers, kept while it is fetched again, so that nothing flickers or scrolls away.
 *
 * @module
 */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { revision } from "./live.ts";
import { load } from "./load.ts";

/** An answer, or why there is none. */
export interface Answer<T> {
  readonly data: T | undefined;
  readonly error: string | undefined;
  /** Whether a first answer to this request is still on its way. */
  readonly isLoading: boolean;
}

/** Answers by request, most recently used last: Back shows a view immediately, then what has changed. */
const kept = new Map<string, { readonly text: string; readonly data: unknown }>();
const mostKept = 60;

/**
 * @param path `undefined` asks for nothing.
 * @param stays Shows the answer to the request before until there is one: for windows of one table.
 */
export function useAnswer<T>(path: string | undefined, { stays = false }: { readonly stays?: boolean } = {}): Answer<T> {
  const shown = useSignal<Answer<T> & { readonly path: string | undefined }>({ path: undefined, ...unanswered });
  const asked = useSignal(path);
  const latest = useRef<AbortController>(undefined);
  if (asked.peek() !== path) asked.value = path;
  useSignalEffect(() => {
    const wanted = asked.value;
    // Asks again whenever the run has changed.
    void revision.value;
    latest.current?.abort();
    if (wanted === undefined) return;
    const abort = new AbortController();
    latest.current = abort;
    load(wanted, abort.signal).then(
      (data) => {
        if (abort.signal.aborted) return;
        const text = JSON.stringify(data);
        const known = kept.get(wanted);
        keep(wanted, { text, data });
        const before = shown.peek();
        const isSame = before.path === wanted && before.error === undefined && known?.text === text && before.data !== undefined;
        if (!isSame) shown.value = { path: wanted, data: data as T, error: undefined, isLoading: false };
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const { path: shownPath, data } = shown.peek();
        const message = error instanceof Error ? error.message : String(error);
        shown.value = { path: wanted, data: shownPath === wanted ? data : undefined, error: message, isLoading: false };
      },
    );
  });
  useEffect(() => () => latest.current?.abort(), []);
  const { path: shownPath, ...answer } = shown.value;
  if (shownPath === path) return answer;
  const known = path === undefined ? undefined : kept.get(path);
  if (known !== undefined) return { data: known.data as T, error: undefined, isLoading: false };
  return stays && answer.data !== undefined ? { ...answer, isLoading: true } : unanswered;
}

const unanswered = { data: undefined, error: undefined, isLoading: true } as const;

function keep(path: string, answer: { readonly text: string; readonly data: unknown }): void {
  kept.delete(path);
  kept.set(path, answer);
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
}
