/**
 * Keys that work in every view: `/` for the search, Escape for the view before.
 *
 * @module
 */
import { goTo, hrefTo, route } from "./route.ts";

/** Listens until the returned function is called. */
export function followKeys(): () => void {
  let steps = 0;
  const onHash = (): void => {
    steps++;
  };
  const onKey = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    const isTyping = target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
    if (document.querySelector("dialog[open]") !== null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping) {
      if (event.key === "Escape") target.blur();
      return;
    }
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("search")?.focus();
    } else if (event.key === "Escape") {
      if (steps > 0) {
        steps -= 2;
        history.back();
      } else goTo(hrefTo(above(route.value.path)));
    }
  };
  addEventListener("hashchange", onHash);
  addEventListener("keydown", onKey);
  return () => {
    removeEventListener("hashchange", onHash);
    removeEventListener("keydown", onKey);
  };
}

/** The view that a view belongs to. */
function above(path: readonly string[]): readonly string[] {
  const [view, run, part] = path;
  if (view !== "run" || run === undefined || part === undefined) return [];
  return part === "candidate" ? ["run", run, "lineage"] : ["run", run];
}
