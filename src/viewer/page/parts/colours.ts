/**
 * The colours of the theme for what is drawn on a canvas.
 *
 * @module
 */

/** The value of a custom property of the styles: `colour("accent")`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
