/**
 * The words by which models say that nothing is to be changed.
 *
 * @module
 */

/** Whether a text says that nothing should change, and nothing else. */
export function saysUnchanged(text: string): boolean {
  // The pattern is short, so a long text cannot be it.
  return text.length < longest && unchangedWords.test(text.replace(/`+[a-z]*/g, "").trim());
}

const longest = 1_000;
const unchangedWords =
  /^(?:no changes?(?: (?:is|are))?(?: (?:needed|necessary|required))?|nothing (?:needs|has) to (?:be )?changed?|nothing to change|unchanged|terminate|<unchanged\s*\/?>)[.!]?$/i;
