/**
 * The words that make several proposals from the same feedback differ.
 *
 * @module
 */

const directions = [
  "take an approach that is not the first to come to mind.",
  "make the smallest change that removes the most frequent cause of bad feedback.",
  "be bold: rewrite the variables from scratch instead of keeping their present form.",
  "look at what the feedback mentions least, and at variables that are easily overlooked.",
  "simplify: drop whatever the feedback gives no reason for, and state the rest more plainly.",
] as const;

/** What the proposal of that number, counted from 0, is told; the first is left alone. */
export function directionPrompt(proposal: number): string {
  if (proposal === 0) return "";
  const direction = directions[(proposal - 1) % directions.length] as string;
  return `This is proposal ${proposal + 1} of several that are made independently from the same feedback and then compared; you cannot see the others. To make yours different, ${direction}`;
}

/** The number of the proposal at a logical position, `…/proposal/2`; 0 for any other. */
export function proposalNumber(position: string): number {
  return Number(/(?:^|\/)proposal\/(\d+)$/.exec(position)?.[1] ?? 0);
}
