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
      "Reply with one JSON object of this form, and with nothing before or after it.",
      'Under "values" stands the new value of each variable that you change, by its name exactly as listed. A variable that stays as it is is null, or left out.',
      "A value is whole, just as it is to be stored: a text as a JSON string, a number in digits, true or false. A list or an object is written as JSON, inside of a string where the schema of the reply wants a string.",
      ...(edits ? [editsRule] : []),
    ],
    noChange: 'If no variable should change, leave "values" empty, or make each of them null.',
  };
}

const editsRule = `A text of more than ${longText} characters need not be written anew to change a few places of it. Leave its value null and write edits, each of the form {"variable": "name of the variable", "search": "lines of the value, copied exactly, that stand in it only once", "replace": "what takes their place; empty to remove them"}. All edits apply to the value as it is shown under Variables, and no two of them to the same place.`;
