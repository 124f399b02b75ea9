/**
 * The words that say in which form to reply: between tags, or as one JSON object.
 *
 * @module
 */
import { longText } from "../reply/edits.ts";
import type { Fence } from "../reply/fence.ts";
import type { ReplyWords } from "../reply/reply-format.ts";

/** How to answer between tags; with `edits`, also how to change a long text in places. */
export function taggedReplyPrompt(fence: Fence, edits: boolean): ReplyWords {
  const variable = fence.open("variable", { name: "name of the variable" });
  return {
    form: `${fence.open("reasoning")}
What should be better, what you change, and why you expect that to help. A few sentences.
${fence.close("reasoning")}
${variable}
the new value
${fence.close("variable")}`,
    rules: [
      `Write one ${variable} block for each variable that you change, with its name exactly as listed, and none for the others.`,
      "The block holds the whole new value, exactly as it is to be stored: text without quotes or code fences around it, numbers in digits, true or false, and lists and objects as JSON.",
      ...(edits ? [tagEditsRule(fence)] : []),
    ],
    noChange: `If no variable should change, write ${fence.open("unchanged").replace(">", "/>")} after the reasoning instead of any block.`,
  };
}

function tagEditsRule(fence: Fence): string {
  return `To change a few places in text longer than ${longText} characters, you need not rewrite all of it. Its block may hold edits instead, one after another:
${fence.block("search", "lines of the value, copied exactly, that occur in it only once")}
${fence.block("replace", "what replaces them; nothing to remove them")}
  All edits apply to the value as shown under Variables, and no two of them may overlap.`;
}

/** How to answer in JSON; with `edits`, also how to change a long text in places. */
export function jsonReplyPrompt(edits: boolean): ReplyWords {
  return {
    form: `{
  "reasoning": "What should be better, what you change, and why you expect that to help. A few sentences.",
  "values": {
    "name of the variable": "the new value"
  }${edits ? `,\n  "edits": []` : ""}
}`,
    rules: [
      "Reply with exactly one JSON object of this form and nothing before or after it.",
      '"values" holds the new value of each variable that you change, under its name exactly as listed. Set a variable that you do not change to null, or leave it out.',
      "Write each value in full, exactly as it is to be stored: text as a JSON string, a number in digits, true or false. Write a list or an object as JSON, inside a string where the schema of the reply requires a string.",
      ...(edits ? [jsonEditsRule] : []),
    ],
    noChange: 'If no variable should change, leave "values" empty, or set each variable to null.',
  };
}

const jsonEditsRule = `To change a few places in text longer than ${longText} characters, you need not rewrite all of it. Leave its value null and write edits, each of the form {"variable": "name of the variable", "search": "lines of the value, copied exactly, that occur in it only once", "replace": "what replaces them; empty to remove them"}. All edits apply to the value as shown under Variables, and no two of them may overlap.`;
