import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const [light = "", dark = ""] = readFileSync(new URL("theme.css", import.meta.url), "utf8").split(':root[data-theme="dark"]');

/** Texts, and what they stand on. */
const texts: readonly (readonly [name: string, ...on: string[]])[] = [
  ["text", "page", "surface", "raised", "added", "removed", "mark", "accent-soft"],
  ["quiet", "page", "surface", "raised", "removed", "accent-soft", "grid"],
  ["accent", "page", "surface", "raised", "accent-soft"],
  ["on-accent", "accent"],
  ["good", "page", "surface"],
  ["bad", "page", "surface"],
  ["warn", "page", "surface", "added", "removed"],
  ["failed-text", "failed"],
];
/** Lines and edges that carry a meaning. */
const shapes: typeof texts = [
  ["line-validate", "surface"],
  ["line-train", "surface"],
  ["line-test", "surface"],
  ["line-other", "surface"],
  ["control", "surface", "page"],
];

describe.each([
  ["light", light],
  ["dark", dark],
])("the %s theme", (_, css) => {
  const colours = new Map([...css.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map(([, name = "", hex = ""]) => [name, hex]));
  const contrast = (a: string, b: string): number => {
    const [high = 0, low = 0] = [a, b].map((name) => luminance(colours.get(name) ?? "")).sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };

  it.each([
    ["texts", texts, 4.5],
    ["shapes", shapes, 3],
  ] as const)("has a contrast for %s by which they can be seen", (_what, rows, least) => {
    const pairs = rows.flatMap(([name, ...on]) => on.map((ground) => [`${name} on ${ground}`, contrast(name, ground)] as const));
    expect(pairs.filter(([, found]) => !(found >= least))).toEqual([]);
  });
});

/** Of `#rrggbb`, as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
