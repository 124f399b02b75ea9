/**
 * The bar at the top: home, the search, whether changes arrive, light or dark.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { searchHref } from "./links.ts";
import { liveState } from "./live.ts";
import { isExport } from "./load.ts";
import { goTo, replaceWith, route } from "./route.ts";
import { switchTheme, theme } from "./theme.ts";

export function TopBar({ run }: { readonly run: string | undefined }): ComponentChildren {
  return (
    <header class="top">
      <button type="button" class="skip" onClick={() => document.getElementById("content")?.focus()}>
        Skip to content
      </button>
      <a class="brand" href="#/" aria-label="opto: all runs">
        opto
      </a>
      <LiveState />
      {run === undefined ? <span class="space" /> : <SearchField run={run} />}
      <button
        type="button"
        class="icon"
        aria-label={theme.value === "dark" ? "Use light colours" : "Use dark colours"}
        title={theme.value === "dark" ? "Light" : "Dark"}
        onClick={switchTheme}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="6" />
          <path d="M8 2a6 6 0 0 1 0 12z" />
        </svg>
      </button>
    </header>
  );
}

function LiveState(): ComponentChildren {
  if (isExport) return <span class="live">exported file</span>;
  const isLost = liveState.value === "lost";
  return (
    <span class={isLost ? "live lost" : "live"} role="status">
      {isLost ? "connection lost" : ""}
    </span>
  );
}

function SearchField({ run }: { readonly run: string }): ComponentChildren {
  const { path, query } = route.value;
  const isSearch = path[2] === "search";
  const search = (q: string): void => {
    const href = searchHref(run, q);
    // While someone types, only the first letter is a step for Back.
    if (isSearch) replaceWith(href);
    else if (q !== "") goTo(href);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: browsers of some years ago have no search element
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <input
        id="search"
        type="search"
        placeholder="Search this run"
        aria-label="Search this run"
        aria-keyshortcuts="/"
        value={isSearch ? (query.q ?? "") : ""}
        onInput={(event) => search(event.currentTarget.value)}
      />
      <kbd>/</kbd>
    </form>
  );
}
