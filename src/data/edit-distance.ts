/**
 * `editDistance`: how far two texts are apart, after Levenshtein (1966), by the row-wise method of Wagner and Fischer (1974).
 *
 * @module
 */

/**
 * How many characters of one text, given as a string or as a list of its characters, have to be inserted, removed, or replaced to make the other.
 *
 * @param most where there are more, some number above it is returned, which takes less time: only cells near the diagonal are looked at (Ukkonen, 1985)
 */
export function editDistance(a: ArrayLike<string>, b: ArrayLike<string>, most: number = Number.POSITIVE_INFINITY): number {
  if (Math.abs(a.length - b.length) > most) return Number.POSITIVE_INFINITY;
  // What both begin and end with costs nothing, and is most of long texts.
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let [aEnd, bEnd] = [a.length, b.length];
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) [aEnd, bEnd] = [aEnd - 1, bEnd - 1];
  const columns = bEnd - start;
  const row = Uint32Array.from({ length: columns + 1 }, (_, index) => index);
  for (let i = 1; i <= aEnd - start; i += 1) {
    const first = Math.max(1, i - most);
    const last = Math.min(columns, i + most);
    // What is left of the band is too far away, and what is above its end has not been looked at.
    let diagonal = row[first - 1] as number;
    let left = first === 1 ? i : outside;
    row[first - 1] = left;
    if (last > i - 1 + most) row[last] = outside;
    let least = left;
    for (let j = first; j <= last; j += 1) {
      const above = row[j] as number;
      const replaced = diagonal + (a[start + i - 1] === b[start + j - 1] ? 0 : 1);
      left = Math.min(replaced, above + 1, left + 1);
      row[j] = left;
      if (left < least) least = left;
      diagonal = above;
    }
    if (least > most) return Number.POSITIVE_INFINITY;
  }
  return row[columns] as number;
}

/** Farther than any text is long, and not so far that 1 more would not fit. */
const outside = 2 ** 31;
