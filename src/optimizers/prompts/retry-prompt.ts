/**
 * The words that ask again, when values of a reply were refused.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import { nameInCode } from "../problem/unique-names.ts";
import type { ReplyWords } from "../reply/reply-format.ts";

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
  /** Whether something in the reply could be used. */
  readonly isUsed: boolean;
  /** The names whose values have been applied, from this reply or an earlier one. */
  readonly applied: readonly string[];
  /** The form of the answer and how to change nothing, when the reply did not keep to the form. */
  readonly reminder: Pick<ReplyWords, "form" | "noChange"> | undefined;
}

/** The next message after the reply. */
export function retryPrompt({ refusals, quotes, isUsed, applied, reminder }: RetryParts): string {
  const list = refusals.map((refusal) => `- ${refusal.name ?? "The reply"}: ${refusal.reason}${quoted(refusal, quotes)}`);
  const form = reminder === undefined ? [] : ["Required form:", reminder.form, reminder.noChange];
  return [
    isUsed ? "Not all of your reply could be used:" : "Your reply could not be used:",
    ...list,
    applied.length === 0
      ? "Reply again, with all your changes."
      : `Your values for these variables have been applied: ${applied.map(nameInCode).join(", ")}. Reply again in the same form, with only the remaining changes.`,
    ...form.filter((line) => line !== ""),
  ].join("\n");
}

/** On one line, so that nothing in it looks like part of this message. */
function quoted({ name, reason }: Refusal, quotes: ReadonlyMap<string | null, string>): string {
  const text = shorten(quotes.get(name)?.trim() ?? "", longestQuote);
  const quote = JSON.stringify(text);
  return text === "" || reason.includes(quote) ? "" : `\n  You wrote: ${quote}`;
}

const longestQuote = 300;
