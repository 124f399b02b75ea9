/**
 * The words that ask for a reply as one JSON object.
 *
 * @module
 */
import { longText } from "../reply/edits.ts";
import type { ReplyWords } from "../reply/reply-format.ts";

/** How to answer in JSON; with `edits`, also how to change a long text in places. */
export function jsonReplyPrompt(edits: boolean): ReplyWords {
  return {
    form: `{
  "reasoning": "What the feedback asks for, which variables are responsible, and what you change. A few sentences.",
  "values": {
    "name of the variable": "the new value"
  }${edits ? `,\n  "edits": []` : ""}
}`,
    rules: [
      "Reply with exactly one JSON object of this form and nothing before or after it.",
      '"values" holds the new value of each variable that you change, under its name exactly as listed. Set a variable that you do not change to null, or leave it out.',
      "Write each value in full, exactly as it is to be stored: text as a JSON string, a number in digits, true or false. Write a list or an object as JSON, inside a string where the schema of the reply requires a string.",
      ...(edits ? [editsRule] : []),
    ],
    noChange: 'If no variable should change, leave "values" empty, or set each variable to null.',
  };
}

const editsRule = `To change a few places in text longer than ${longText} characters, you need not rewrite all of it. Leave its value null and write edits, each of the form {"variable": "name of the variable", "search": "lines of the value, copied exactly, that occur in it only once", "replace": "what replaces them; empty to remove them"}. All edits apply to the value as shown under Variables, and no two of them may overlap.`;
