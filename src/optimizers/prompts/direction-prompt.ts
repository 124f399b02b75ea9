/**
 * The words that make several proposals from the same feedback differ.
 *
 * @module
 */

const directions = [
  "take a direction that is not the most obvious one.",
  "change as little as possible: only what most likely causes the worst of the feedback.",
  "be bold: write the variables anew, without holding on to their present form.",
  "attend to what the feedback mentions least, and to the variables that others would leave alone.",
  "simplify: drop what the feedback gives no reason for, and say the rest more plainly.",
] as const;

/** What the proposal of that number, counted from 0, is told; the first is left alone. */
export function directionPrompt(proposal: number): string {
  if (proposal === 0) return "";
  const direction = directions[(proposal - 1) % directions.length] as string;
  return `This is proposal ${proposal + 1} of several that are made from the same feedback and compared. Make it different from the others: ${direction}`;
}

/** The number of the proposal at a logical position, `…/proposal/2`; 0 for any other. */
export function proposalNumber(position: string): number {
  return Number(/(?:^|\/)proposal\/(\d+)$/.exec(position)?.[1] ?? 0);
}
