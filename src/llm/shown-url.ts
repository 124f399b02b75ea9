/**
 * An address as it may be shown: without user, password, query and fragment, where keys stand.
 *
 * @module
 */

/** The address for a message; the text itself, up to a query, where it is none. */
export function shownUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return host === "" ? withoutQuery(url) : `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
  } catch {
    return withoutQuery(url);
  }
}

function withoutQuery(text: string): string {
  return text.replace(/[?#].*$/s, "").replace(/[^/@\s]*@/, "");
}
