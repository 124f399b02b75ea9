/**
 * The token that write actions need: the address that `opto view` prints has it; this tab keeps it.
 *
 * @module
 */

import { signal } from "@preact/signals";

const key = "opto-token";
/** Also known where there is no storage. */
const known = signal(store()?.getItem(key) ?? undefined);

/**
 * Takes the token out of the address, so that no one copies it with a link.
 *
 * @param back the address that takes its place: of the view that is shown
 */
export function takeToken(back: string): void {
  const [, token] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  known.value = token;
  store()?.setItem(key, token);
  history.replaceState(null, "", back);
}

/** The token of this tab, if it has one; a component that reads it is drawn again when it comes. */
export function token(): string | undefined {
  return known.value;
}

/** Pages that are opened from disk may have no storage. */
function store(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
