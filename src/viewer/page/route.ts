/**
 * Where the page is: `#/run/ID/candidate/…`. The hash alone says what is shown, so that links, Back, and bookmarks work.
 *
 * @module
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { takeToken } from "./token.ts";

/** A view and what it shows. */
export interface Route {
  /** Parts of the path, decoded: `["run", "brave-otter", "lineage"]`. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

const current = signal<Route>(parseRoute(""));

/** What is shown. */
export const route: ReadonlySignal<Route> = current;

/** Follows the address from here on. */
export function followAddress(): void {
  const read = (): void => {
    const { path, query } = current.peek();
    takeToken(hrefTo(path, query));
    current.value = parseRoute(location.hash);
  };
  addEventListener("hashchange", read);
  read();
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?");
  return {
    path: path
      .split("/")
      .filter((part) => part !== "")
      .map(decoded),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** The hash of a view: `#/run/brave-otter/lineage`. */
export function hrefTo(path: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${search === "" ? "" : `?${search}`}`;
}

export function goTo(href: string): void {
  location.hash = href;
}

/** Changes what the address says of the view that is shown, without a step for Back. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = current.value;
  const merged = Object.entries({ ...query, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  history.replaceState(null, "", hrefTo(path, Object.fromEntries(merged)));
  current.value = parseRoute(location.hash);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Shows another view in place of this one: Back does not lead here. */
export function replaceWith(href: string): void {
  history.replaceState(null, "", href);
  current.value = parseRoute(location.hash);
}
