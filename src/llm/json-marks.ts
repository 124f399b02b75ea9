/**
 * Where a string of JSON ends whose quotation marks may not be escaped.
 *
 * @module
 */

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
const afterField = new RegExp(String.raw`${comments}(?:\}|,${comments}(?:\}|${key})|\n\s*"[^"\\\n]{0,200}"\s*:)`, "y");
const afterElement = new RegExp(String.raw`${comments}(?:\]|,${comments}(?:[\]"'“{[\d-]|true|false|null|True|False|None))`, "y");
