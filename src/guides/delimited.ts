/**
 * Puts foreign texts into a prompt so that they cannot pass for anything else.
 *
 * @module
 */

/**
 * Each text between a pair of lines that mark its begin and end. The mark has a number that occurs next to its word in
 * none of the texts, so no text can end its own section or open another one.
 */
export function delimited(sections: Readonly<Record<string, string>>): string {
  const all = Object.values(sections).join("\n");
  let number = 1;
  while (all.includes(`data-${number}`)) number++;
  return Object.entries(sections)
    .map(([name, text]) => `<${name} data-${number}>\n${text}\n</${name} data-${number}>`)
    .join("\n\n");
}
