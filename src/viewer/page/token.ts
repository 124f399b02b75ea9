/**
 * The token that write actions need: the address that `opto view` prints has it; this tab keeps it.
 *
 * @module
 */

const key = "opto-token";

/** Takes the token out of the address, so that no one copies it with a link. */
export function takeToken(): void {
  const [, token] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  store()?.setItem(key, token);
  history.replaceState(null, "", "#/");
}

/** The token of this tab, if it has one. */
export function token(): string | undefined {
  return store()?.getItem(key) ?? undefined;
}

/** Pages that are opened from disk may have no storage. */
function store(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
