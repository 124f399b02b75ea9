/**
 * Functions that another file hands over.
 *
 * @module
 */

/** Is declared in one file and handed over in another. */
export function elsewhere<T extends { readonly size: number }>(items: readonly T[]): number {
  // The sum of all.
  return items.reduce((sum: number, { size }) => sum + size, 0);
}

export const rate = 2;

export function double(x: number): number {
  return x * rate;
}
