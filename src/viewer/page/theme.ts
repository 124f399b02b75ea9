/**
 * Light or dark: what the system prefers, until the reader chooses.
 *
 * @module
 */
import { type ReadonlySignal, signal } from "@preact/signals";

export type Theme = "light" | "dark";

const key = "opto-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const chosen = signal<Theme>(storedTheme() ?? systemTheme());

/** What is shown. */
export const theme: ReadonlySignal<Theme> = chosen;

/** Applies the theme, and follows the system until the reader has chosen. */
export function followTheme(): void {
  document.documentElement.dataset.theme = chosen.value;
  dark.addEventListener("change", () => {
    if (storedTheme() === undefined) show(systemTheme());
  });
}

export function switchTheme(): void {
  const next = chosen.value === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(key, next);
  } catch {
    // A page from disk may have no storage: the choice holds until it is closed.
  }
  show(next);
}

function show(next: Theme): void {
  document.documentElement.dataset.theme = next;
  chosen.value = next;
}

function systemTheme(): Theme {
  return dark.matches ? "dark" : "light";
}

function storedTheme(): Theme | undefined {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : undefined;
  } catch {
    return undefined;
  }
}
