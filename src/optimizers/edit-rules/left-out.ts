/**
 * `leftOut`: finds what a model writes in place of a text, or of a part of it, that it did not write out.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import { saysUnchanged } from "../reply/edits.ts";

/**
 * Says that a proposed text is nothing but a mark for one (`...`, `<new value>`, `[unchanged]`), or that a line of it stands for lines of the
 * current text (`[rest of the prompt unchanged]`, `// ... existing code ...`); `undefined` for a text that was written out.
 *
 * @param current what it replaces: a line that it has may be kept, and one without letters may become another
 */
export function leftOut(proposed: string, current: string): string | undefined {
  if (!/\p{L}/u.test(current)) return undefined;
  const whole = proposed.trim();
  if (whole.length <= longestMark && whole !== current.trim() && isMark(whole)) {
    return `expected the whole new text, got ${JSON.stringify(whole)} in its place; leave out the variable to keep its value`;
  }
  const kept = new Set(current.split("\n").map((line) => line.trim()));
  const line = proposed.split("\n").find((one) => one.length <= longestMark && elision.test(one) && !kept.has(one.trim()));
  if (line === undefined) return undefined;
  return `expected the whole new text, got ${JSON.stringify(shorten(line.trim(), 80))} in place of a part of it; write out all lines`;
}

function isMark(text: string): boolean {
  const inside = /^[[(<{]/.test(text) && /[\])>}]$/.test(text) ? text.slice(1, -1) : text;
  return /^[.…\s]+$/.test(text) || placeholder.test(text) || saysUnchanged(text) || saysUnchanged(inside);
}

const longestMark = 160;
/** As the form of the reply has it, with or without brackets. */
const placeholder =
  /^[[(<{]{0,2}(?:your |the |my )?(?:whole |full |complete )?(?:new|improved|updated|revised) (?:value|text|prompt)(?: here)?[\])>}]{0,2}[.…]*$/i;

const whatIsKept = "rest|remainder|remaining|existing|previous|original|same|unchanged|everything else|all other";
const asItWas =
  "unchanged|same|as (?:before|above|is|it (?:was|is))|remains?|remain|stays?|stay|code|instructions?|prompt|text|rules?|examples?|content|lines?";
/** A line that is nothing but a remark in brackets, in a comment, or between dots. */
const elision = new RegExp(
  String.raw`^\s*(?:[-*]\s)?(?:\[\s*(?:\.{3}|…)?|\(\s*(?:\.{3}|…)|<\s*(?:\.{3}|…)?|(?:\/\/|#|\/\*|<!--|--)\s*(?:\.{3}|…)|(?:\.{3}|…)\s*[[(]?)\s*` +
    String.raw`(?:the )?(?:${whatIsKept})\b[^\n[\]()<>]{0,80}?\b(?:${asItWas})\b[^\n[\]()<>]{0,40}[\s\])>.…*/-]*$`,
  "i",
);
