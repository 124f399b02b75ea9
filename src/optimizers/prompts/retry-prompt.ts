/**
 * The words that ask again, when values of a reply were refused.
 *
 * @module
 */

/** One thing that was wrong with a reply; no name when it was the reply as a whole. */
export interface Refusal {
  readonly name: string | null;
  readonly reason: string;
}

/** The next message after the reply. */
export function retryPrompt(refusals: readonly Refusal[]): string {
  const list = refusals.map(({ name, reason }) => `- ${name ?? "The reply"}: ${reason}`);
  return `Not all of your reply could be used:
${list.join("\n")}
What could be used has been taken over. Answer once more in the same form, with blocks for what is still to change.`;
}
