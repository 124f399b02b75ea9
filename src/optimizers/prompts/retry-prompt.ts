/**
 * The words that ask again, when values of a reply were refused.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";

/** One thing that was wrong with a reply; no name when it was the reply as a whole. */
export interface Refusal {
  readonly name: string | null;
  readonly reason: string;
}

/** What the message about a reply is made of. */
export interface RetryParts {
  readonly refusals: readonly Refusal[];
  /** What the reply said for each of the names, word for word. */
  readonly quotes: ReadonlyMap<string | null, string>;
  /** The form of the answer, when the reply did not keep to it. */
  readonly form: string | undefined;
}

/** The next message after the reply. */
export function retryPrompt({ refusals, quotes, form }: RetryParts): string {
  const list = refusals.map((refusal) => `- ${refusal.name ?? "The reply"}: ${refusal.reason}${quoted(refusal, quotes)}`);
  const reminder = form === undefined ? "" : `\nRequired form:\n${form}`;
  return `Not all of your reply could be used:
${list.join("\n")}
The valid parts have been applied. Reply again in the same form, with only the remaining changes.${reminder}`;
}

/** On one line, so that nothing in it looks like part of this message. */
function quoted({ name, reason }: Refusal, quotes: ReadonlyMap<string | null, string>): string {
  const text = shorten(quotes.get(name)?.trim() ?? "", longestQuote);
  const quote = JSON.stringify(text);
  return text === "" || reason.includes(quote) ? "" : `\n  You wrote: ${quote}`;
}

const longestQuote = 300;
