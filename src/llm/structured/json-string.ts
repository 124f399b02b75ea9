/**
 * What stands between the quotation marks of a JSON string: as it was meant, or in doubt.
 *
 * Models that write LaTeX, regular expressions or Windows paths often forget that JSON wants a backslash twice. What is no escape
 * of JSON is then read as written; what is one by chance (`\times`, `\nu`) is read as written where that is clear, and in doubt else.
 *
 * @module
 */

import { type CurrentTexts, controlCharacters, lettersAt, noTexts } from "./current-texts.ts";
import { commandOrWord } from "./latex-commands.ts";

/** The text of a string, and why it may not be what was meant. */
export interface ReadString {
  readonly text: string;
  /** The end of a sentence that begins with "it". */
  readonly doubt: string | undefined;
}

/**
 * Reads the inside of a string.
 *
 * @param raw what stands between the quotation marks
 * @param quote the quotation mark
 * @param current what it may replace or quote: what is written there is read as it is there
 */
export function readJsonString(raw: string, quote: string, current: CurrentTexts = noTexts): ReadString {
  if (!raw.includes("\\")) return checked(raw, current);
  const same = quote === '"' ? current.writtenAs(raw) : undefined;
  if (same !== undefined) return checked(same, current);
  const escapes = [...raw.matchAll(anyEscape)];
  const isSingle = escapes.some(([written]) => isNone(written, quote, current));
  const isDouble = escapes.some(([written]) => written === "\\\\");
  if (isSingle && isDouble) return { text: raw, doubt: mixed(raw) };
  const kept = { raw, quote, current, isSingle, isFormula: /[$^]/.test(raw), hasColumns: hasColumns(raw) };
  let text = "";
  let end = 0;
  for (const { 0: written, index } of escapes) {
    const read = isDouble ? doubled(written, { raw, index, quote, current }) : meaningOf({ ...kept, written, index });
    if (read === undefined) return { text: raw, doubt: unclear(raw, index) };
    text += raw.slice(end, index) + read;
    end = index + written.length;
  }
  return checked(text + raw.slice(end), current);
}

const anyEscape = /\\(?:u[0-9a-fA-F]{4}|[\s\S])/g;
const standard: ReadonlyMap<string, string> = new Map([
  ["\\b", "\b"],
  ["\\f", "\f"],
  ["\\n", "\n"],
  ["\\r", "\r"],
  ["\\t", "\t"],
  ["\\/", "/"],
  ["\\\\", "\\"],
  ['\\"', '"'],
]);

/** Whether a backslash stands for itself: JSON has no such escape, or it is a control character that nobody means. */
function isNone(written: string, quote: string, current: CurrentTexts): boolean {
  if (written === "\\b" || written === "\\f") return !current.hasControl(standard.get(written) as string);
  return decoded(written, quote) === undefined && written !== "\\'" && !/[\r\n]/.test(written);
}

/** By the rules of JSON; `undefined` for what is no escape there. */
function decoded(written: string, quote: string): string | undefined {
  if (written.length === 6) return String.fromCharCode(Number.parseInt(written.slice(2), 16));
  return written.slice(1) === quote ? quote : standard.get(written);
}

interface EscapeAt {
  readonly raw: string;
  readonly index: number;
  readonly quote: string;
  readonly current: CurrentTexts;
}

/** An escape of a string that writes backslashes twice; `undefined` where one was forgotten. */
function doubled(written: string, at: EscapeAt): string | undefined {
  const blank = decoded(written, at.quote);
  if (isDoubtfulControl(written, at)) return undefined;
  if (!/^\\[nrt]$/.test(written) || isKnownBlank(at)) return blank;
  if (isKnownWord(at)) return undefined;
  const command = commandAt(at.raw, at.index);
  return command === "command" || command === "either" ? undefined : blank;
}

interface SingleEscape extends EscapeAt {
  readonly written: string;
  /** Whether other backslashes of the string stand for themselves. */
  readonly isSingle: boolean;
  /** Whether the string has what formulas have. */
  readonly isFormula: boolean;
  readonly hasColumns: boolean;
}

/** What an escape means in a string that writes no backslash twice; `undefined` when that is not clear. */
function meaningOf(at: SingleEscape): string | undefined {
  const { written, quote, current, isSingle } = at;
  if (isNone(written, quote, current)) return written;
  if (isDoubtfulControl(written, at)) return undefined;
  if (/^\\[nrt]$/.test(written)) return isKnownBlank(at) ? decoded(written, quote) : blankOr(at);
  const isMark = written.slice(1) === quote || written === '\\"';
  // `\/` and `\u0041` may be a slash and a letter, or what a regular expression says.
  return isSingle && !isMark ? undefined : decoded(written, quote);
}

/**
 * Whether the current texts have this blank before this word, and nowhere the word behind a backslash. What may be a command as well
 * (a line that begins with "e.g." and `\ne`) has to stand between the same characters there.
 */
function isKnownBlank(at: EscapeAt): boolean {
  const { raw, index, quote, current } = at;
  const letters = lettersAt(raw, index + 2);
  const word = decoded(raw.slice(index, index + 2), quote) + letters;
  if (letters === "" || !current.has(word) || current.has(`\\${lettersAt(raw, index + 1)}`)) return false;
  return commandAt(raw, index) === undefined || current.hasBetween(...neighbours(at, word));
}

/** Whether the current texts have this word behind a backslash, and nowhere a blank in its place: `\name`, or `\n` between the same characters. */
function isKnownWord(at: EscapeAt): boolean {
  const { raw, index, quote, current } = at;
  const blank = decoded(raw.slice(index, index + 2), quote) + lettersAt(raw, index + 2);
  const word = `\\${lettersAt(raw, index + 1)}`;
  if (word.length > 2) return current.has(word) && !current.has(blank);
  return current.hasBetween(...neighbours(at, word)) && !current.hasBetween(...neighbours(at, blank));
}

/** What stands before and behind a word. */
function neighbours({ raw, index, quote }: EscapeAt, word: string): [before: string, word: string, after: string] {
  const end = index + 1 + lettersAt(raw, index + 1).length;
  const [blank] = /(?<!\\)(?:\\\\)*\\[nrt"]$/.exec(raw.slice(Math.max(0, index - 20), index)) ?? [];
  const before = blank === undefined ? raw.charAt(index - 1) : decoded(blank.slice(-2), quote);
  const after = decoded(raw.slice(end, end + 2), quote);
  return [before ?? raw.charAt(index - 1), word, raw[end] === "\\" && after !== undefined ? after : raw.charAt(end)];
}

/** Whether a control character that the current texts have stands before letters that they do not have behind it: `\f` or `\frac`. */
function isDoubtfulControl(written: string, { raw, index, quote, current }: EscapeAt): boolean {
  if (written !== "\\b" && written !== "\\f") return false;
  const letters = lettersAt(raw, index + 2);
  // No command begins with a capital; a word behind the edge of one, in a regular expression, may.
  const mayBeWord = written === "\\f" ? /^[a-z]{2}/.test(letters) : letters !== "";
  return mayBeWord && !current.has(decoded(written, quote) + letters);
}

/** A tab, a line break, or the beginning of a word behind a backslash. */
function blankOr(at: SingleEscape): string | undefined {
  const { raw, written, index, quote, current, isSingle } = at;
  const blank = decoded(written, quote) as string;
  const [before = "", after = ""] = [raw[index - 1], raw[index + 2]];
  const command = commandAt(raw, index);
  const isBoth = command !== undefined && current.has(blank + lettersAt(raw, index + 2));
  if (command === "either" || isBoth) return undefined;
  if (command === "command") return written;
  if (isKnownWord(at)) return command === undefined && lettersAt(raw, index + 1).length > 1 ? written : undefined;
  // A line may begin with the word; a formula does not.
  if (command === "word" && (isSingle || at.isFormula || /^$|[\s$({[=^_&|+*]/.test(before))) return undefined;
  if (blank === "\r" && !raw.startsWith("\\n", index + 2) && !current.hasControl(blank)) return undefined;
  // A single tab before lower-case letters may be any command; the one of an indentation follows a line break.
  const isTab =
    at.hasColumns ||
    !/^[a-z]{2}/.test(raw.slice(index + 2, index + 4)) ||
    /\\[nrt]$/.test(raw.slice(Math.max(0, index - 2), index));
  if (blank === "\t" && !isTab) return undefined;
  if (isInPath(raw, index)) return undefined;
  if (!isSingle) return blank;
  const isClear = after === "" || !/[a-z\\{}()[\]*+?^$.,|]/.test(after) || /[.:;!?]/.test(before);
  return isClear || /^\\[nrt"]/.test(raw.slice(index + 2)) ? blank : undefined;
}

/** The command of LaTeX that an escape may begin, by its letters. */
function commandAt(raw: string, index: number): ReturnType<typeof commandOrWord> {
  const letters = lettersAt(raw, index + 1);
  return commandOrWord(letters, raw[index + 1 + letters.length] === "{");
}

/** Whether every tab follows what a column may hold, and there are several. */
function hasColumns(raw: string): boolean {
  const tabs = [...raw.matchAll(/\\t/g)];
  return (
    tabs.length > 1 &&
    tabs.every(({ index }) => /[^\s$({[=^_&|+*]/.test(raw[index - 1] ?? "") && commandAt(raw, index) !== "command")
  );
}

const drive = "(?<![A-Za-z0-9])[A-Za-z]:";
const relative = String.raw`(?<![\w.])\.{1,2}`;
const path = new RegExp(String.raw`(?:${drive}|${relative})(?:\\[^\\\s:*?"<>|]{1,100}){1,30}`, "g");
const isFileOrFolder =
  /\.[A-Za-z]\w{0,4}[.,;!?)'\]]*$|^[A-Za-z]:\\(?:temp|tmp|tests?|tools?|targets?|templates?|new|node|notes?|net|repos?|results?|reports?|root|runs?)\b/i;

/** Whether the escape is one of the backslashes of a Windows path. */
function isInPath(raw: string, index: number): boolean {
  // Paths are short; a text is not searched again and again from its start.
  const from = Math.max(0, index - 300);
  return [...raw.slice(from, index + 300).matchAll(path)].some(({ 0: found, index: start }) => {
    const isInside = from + start <= index && index < from + start + found.length;
    return isInside && isFileOrFolder.test(found);
  });
}

function checked(text: string, current: CurrentTexts): ReadString {
  if (/\p{Surrogate}/u.test(text)) return { text, doubt: `has half a character (a lone surrogate); ${remedy}` };
  const unmeant = controlCharacters(text).find((character) => !current.hasControl(character));
  if (unmeant === undefined) return { text, doubt: undefined };
  const code = `U+${unmeant.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return { text, doubt: `has the control character ${code} in ${quoted(text, text.indexOf(unmeant))}; ${remedy}` };
}

const remedy = "inside a JSON string write every backslash twice, and a line break as \\n";

function mixed(raw: string): string {
  return `writes some backslashes of ${quoted(raw, 0)} once and some twice; ${remedy}`;
}

function unclear(raw: string, index: number): string {
  return `has a backslash that can be read in two ways in ${quoted(raw, index)}; ${remedy}`;
}

function quoted(text: string, at: number): string {
  // As it was written: with escapes of its own, the message would speak of other backslashes.
  return `"${text.slice(Math.max(0, at - 30), at + 50).replace(/\p{Cc}/gu, "\ufffd")}"`;
}

/** What a string is looked at as. */
export interface MarkOptions {
  readonly role: "key" | "field" | "element" | "whole";
  /** Whether quotation marks inside may be unescaped, and others than JSON has. */
  readonly forgiving: boolean;
  /** Whether the text may end behind the string. */
  readonly mayEnd: boolean;
  /** Counted down. */
  readonly effort: { left: number };
}

/** The marks that close what each mark opens. */
const marks: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ["“", '”“"'],
  ["‘", "’"],
]);

/** Whether a string begins with this character. */
export function opensString(character: string, forgiving = true): boolean {
  return forgiving ? marks.has(character) : character === '"';
}

/**
 * The position of the mark that closes the string at `start`. A mark inside, which should have been escaped, is passed over:
 * what follows it is not what follows a string. `undefined` when there is no end, or more than one that it could be.
 */
export function closingMark(text: string, start: number, options: MarkOptions): number | undefined {
  const { forgiving, effort } = options;
  // What other languages write as three marks, or as a sum of strings, has more than one reading.
  if (forgiving && isTripled(text, start)) return undefined;
  const closing = marks.get(text[start] as string) ?? '"';
  let inside = 0;
  let depth = 0;
  let doubtful: number | undefined;
  for (let at = start + 1; at < text.length && effort.left > 0; at++) {
    const character = text[at] as string;
    effort.left--;
    if (character === "\\") at++;
    else if (closing.includes(character)) {
      if (!forgiving || (inside === 0 && isFollowed(text, at, options))) return at;
      if (isApostrophe(text, at, character)) continue;
      if (inside === 0 && isSum(text, at)) return undefined;
      if (depth === 0 && isFollowed(text, at, options)) {
        // Marks inside come in pairs; an odd one may be an inch, or this may be no end.
        if (inside % 2 === 0) return doubtful === undefined ? at : undefined;
        doubtful ??= at;
      }
      inside++;
    } else if (forgiving && "{[".includes(character)) depth++;
    else if (forgiving && "}]".includes(character)) {
      // Beyond the brackets that the string stands in there is no end of it.
      if (--depth < 0 && doubtful !== undefined) return doubtful;
    }
  }
  return effort.left > 0 ? doubtful : undefined;
}

function isTripled(text: string, start: number): boolean {
  return /^(?:"""|''')/.test(text.slice(start, start + 3));
}

/** Whether a mark is followed by `+` and another string: `"a" + "b"`. */
function isSum(text: string, at: number): boolean {
  return /^["']\s{0,100}\+\s{0,100}["']/.test(text.slice(at, at + 250));
}

function isApostrophe(text: string, at: number, mark: string): boolean {
  return /['’]/.test(mark) && /^\p{L}.\p{L}/u.test(text.slice(at - 1, at + 2));
}

/** Whether what follows a mark is what follows a string of that role. */
function isFollowed(text: string, at: number, { role, mayEnd }: MarkOptions): boolean {
  const follows = (pattern: RegExp): boolean => {
    pattern.lastIndex = at + 1;
    return pattern.test(text);
  };
  if (role === "whole") return follows(/\s*$/y);
  if (role === "key") return follows(/\s*:/y);
  if (mayEnd && follows(/\s*$/y)) return true;
  return follows(role === "field" ? afterField : afterElement);
}

const comments = String.raw`(?:\s|\/\*[^*]{0,1000}\*\/|\/\/[^\n]{0,1000}\n)*`;
const key = String.raw`(?:"[^"\\\n]{0,200}"|'[^'\\\n]{0,200}'|“[^”\\\n]{0,200}”|[A-Za-z_$][\w$]{0,200})\s*:`;
/** The end of the object, the next key, or on another line a key without its comma. */
const afterField = new RegExp(String.raw`${comments}(?:\}|,${comments}(?:\}|${key})|\n[^\S\n]*"[^"\\\n]{0,200}"\s*:)`, "y");
const afterElement = new RegExp(String.raw`${comments}(?:\]|,${comments}(?:[\]"'“{[\d-]|true|false|null|True|False|None))`, "y");
