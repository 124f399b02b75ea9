/**
 * The words that tell a language model how to answer with values.
 *
 * @module
 */
import type { Fence } from "../reply/fence.ts";

/** The form of an answer, and what keeps a value from being refused. @param reasoning what the model is to think about first */
export function answerForm(fence: Fence, reasoning: string): string {
  const variable = fence.open("variable", { name: "name of the variable" });
  return `Answer in this form:
${fence.block("reasoning", reasoning)}
${fence.block("variable", "the new value", { name: "name of the variable" })}

- Write one ${variable} block for each variable that you change, with its name exactly as listed, and none for the others.
- The block holds the whole new value, just as it is to be stored: text without quotes or code fences around it, numbers in digits, true or false, and lists and objects as JSON.
- Obey the type and the rules of the variable; a value that breaks one is refused. Names in braces that have to be kept are filled in by the program.
- If no variable should change, write ${fence.open("unchanged").replace(">", "/>")} after the reasoning instead of any block.`;
}
