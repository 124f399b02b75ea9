/**
 * `editDistance`: how far two texts are apart, after Levenshtein (1966), by the row-wise method of Wagner and Fischer (1974).
 *
 * @module
 */

/** How many characters of one text, given as a string or as a list of its characters, have to be inserted, removed, or replaced to make the other. */
export function editDistance(a: ArrayLike<string>, b: ArrayLike<string>): number {
  // What both begin and end with costs nothing, and is most of long texts.
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let [aEnd, bEnd] = [a.length, b.length];
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) [aEnd, bEnd] = [aEnd - 1, bEnd - 1];
  const columns = bEnd - start;
  const row = Uint32Array.from({ length: columns + 1 }, (_, index) => index);
  for (let i = start; i < aEnd; i += 1) {
    let diagonal = row[0] as number;
    row[0] = i - start + 1;
    for (let j = 1; j <= columns; j += 1) {
      const above = row[j] as number;
      const replaced = diagonal + (a[i] === b[start + j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, above + 1, (row[j - 1] as number) + 1);
      diagonal = above;
    }
  }
  return row[columns] as number;
}
