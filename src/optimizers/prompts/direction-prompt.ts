/**
 * The words that make several proposals from the same feedback differ.
 *
 * @module
 */

/** What each proposal is to pursue: every one a different hypothesis, the first the obvious one. */
const directions = [
  "Address the cause that most of the bad feedback has in common.",
  "Address the second most frequent cause of bad feedback, and leave the most frequent one to the other proposals.",
  "Combine what has worked best so far, in the current values and in earlier attempts, before you add anything new.",
  "Look at what the feedback mentions least, and at variables that are easily overlooked.",
  "Simplify: remove whatever has no reason in what is shown here, and state the rest more plainly.",
  "Start from scratch: ignore the current wording of the values, and describe the task as the examples show it.",
] as const;

/**
 * What the proposal of that number, counted from 0, is told; the first is left alone. It names what the others pursue, because none can see another.
 */
export function directionPrompt(proposal: number): string {
  if (proposal === 0) return "";
  const own = directions[proposal % directions.length] as string;
  return `This is proposal ${proposal + 1} of several that are made from the same feedback and then compared. Each follows a different hypothesis; the first addresses the most frequent cause of bad feedback. Yours: ${own} State your hypothesis in the first sentence of your reasoning.`;
}

/** The number of the proposal at a logical position, `…/proposal/2`; 0 for any other. */
export function proposalNumber(position: string): number {
  return Number(/(?:^|\/)proposal\/(\d+)$/.exec(position)?.[1] ?? 0);
}
