/**
 * Finds the JSON in a reply of a language model, which often wraps it in words or gets a detail wrong.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../../data/json.ts";
import type { CurrentTexts } from "./current-texts.ts";
import { type Doubt, type JsonPart, readJson, readWholeJson } from "./json-reader.ts";
import type { Span } from "./thought-marks.ts";
import type { AnswerForm } from "./thoughts.ts";

/** A JSON value that a text may mean. */
export interface JsonCandidate {
  readonly value: JsonValue;
  /** Where in the text it begins. */
  readonly start: number;
  /** Whether it stands on lines of its own; else prose speaks of it. */
  readonly isAlone: boolean;
  /** Strings in it that may not be what was meant. */
  readonly doubts: readonly Doubt[];
}

/**
 * Those on lines of their own, and what follows the last of them: what stands in prose before it is a quotation, but behind what may be
 * quoted itself stands the reply.
 */
export function meantOf<C extends Pick<JsonCandidate, "isAlone">>(candidates: readonly C[]): readonly C[] {
  const last = candidates.findLastIndex(({ isAlone }) => isAlone);
  return candidates.filter(({ isAlone }, index) => isAlone || index > last);
}

/** What a tool is called with in a call that a model has written as text: `{"name": "answer", "arguments": {…}}`; `undefined` of anything else. */
export function calledWith(value: JsonValue): JsonValue | undefined {
  const { name, arguments: given, parameters }: Readonly<Record<string, unknown>> = isPlainObject(value) ? value : {};
  if (typeof name !== "string") return undefined;
  const inner = given ?? parameters;
  const read = typeof inner === "string" ? readWholeJson(inner)?.value : inner;
  return isPlainObject(read) ? (read as JsonValue) : undefined;
}

/** How the JSON in a text is looked for. */
export interface CandidateOptions {
  /**
   * Which values with mistakes of punctuation are read: `none` of a text that was cut off, where a part may pass for the whole;
   * `closed` those whose brackets are all closed; `any` also one that begins the text and lacks closing brackets at its end.
   *
   * @default "any"
   */
  readonly repairs?: "any" | "closed" | "none" | undefined;
  /** What the strings may replace or quote. @default none */
  readonly current?: CurrentTexts | undefined;
}

/**
 * The JSON values that `text` may mean, from left to right: the text as a whole, else every list and object in it that is not
 * part of another. Prose may have brackets and quotation marks of its own. Mistakes of punctuation (commas, quotation marks, line
 * breaks, Python's words) are forgiven where they leave one reading; the inside of strings is never changed.
 *
 * What looks like an object but cannot be read may be the one that was meant, so a value inside it or in the prose before
 * it, which may be a quotation, is none.
 */
export function jsonCandidates(text: string, { repairs = "any", current }: CandidateOptions = {}): JsonCandidate[] {
  const [, fenced = text] = /^\s*```[\w-]*[ \t]*\n([\s\S]*)\n[ \t]*```\s*$/.exec(text) ?? [];
  const whole = readWholeJson(fenced, current);
  if (whole !== undefined) return [{ ...whole, isAlone: true }];
  const { parts, unread } = findJson(text, repairs, current);
  const lastUnread = unread.at(-1)?.start ?? -1;
  const lastOnLine = unread.findLast(({ start }) => beginsLine(text, start))?.start ?? -1;
  return parts.slice(-mostCandidates).flatMap((part) => {
    const isAlone = beginsLine(text, part.start) && endsLine(text, part.end);
    const isOutdone = (isAlone ? lastOnLine : lastUnread) > part.start;
    return isOutdone ? [] : [{ ...part, isAlone }];
  });
}

/** Where JSON values stand in a text, also what looks like one, is closed, and cannot be read. */
export function jsonSpans(text: string): Span[] {
  const { parts, unread } = findJson(text, "closed");
  return [...parts, ...unread.filter(({ isClosed }) => isClosed)].sort((a, b) => a.start - b.start);
}

/** Answers in JSON, told from the thoughts around them. */
export const jsonAnswers: AnswerForm = {
  valuesIn: jsonSpans,
  // One that begins the text may lack its closing brackets.
  openValuesIn: (text) => {
    const first = text.search(/[^\s]/);
    return findJson(text, "closed").unread.filter(({ start, isClosed }) => !isClosed && start === first);
  },
  holdsAnswer: (text) => {
    const { parts, unread } = findJson(text, "closed");
    return parts.length + unread.length > 0;
  },
};

/** More would be noise. */
const mostCandidates = 1_000;
/** Where brackets open more often that cannot be read, it is no reply but noise. */
const mostRepairs = 200;

interface Found {
  readonly parts: readonly JsonPart[];
  /** What looks like an object and cannot be read. */
  readonly unread: readonly (Span & { readonly isClosed: boolean })[];
}

function findJson(text: string, repairs: "any" | "closed" | "none", current?: CurrentTexts): Found {
  // Each character is looked at a few times, once for every way in which it may be inside or outside strings.
  const effort = { left: 20 * text.length + 10_000 };
  const strict = strictParts(text, current, effort);
  const broken = [...strict.broken].sort((a, b) => a - b).filter((start) => looksLikeValue(text, start));
  if (broken.length === 0) return { parts: strict.parts, unread: [] };
  if (broken.length > mostRepairs) return { parts: [], unread: [] };
  const ends = closingBrackets(text, new Set(broken));
  const first = text.search(/[^\s]/);
  const repaired: JsonPart[] = [];
  const unread: Found["unread"][number][] = [];
  let end = 0;
  for (const start of broken) {
    if (start < end) continue;
    const mayEnd = repairs === "any" && start === first;
    const part = repairs === "none" ? undefined : readJson(text, start, { forgiving: true, mayEnd, current, effort });
    if (part !== undefined && "value" in part) repaired.push(part);
    else if (looksLikeObject(text, start)) unread.push({ start, end: ends.get(start) ?? text.length, isClosed: ends.has(start) });
    else continue;
    end = Math.max(end, repaired.at(-1)?.end ?? 0, unread.at(-1)?.end ?? 0);
  }
  if (effort.left <= 0) return { parts: [], unread: [] };
  const taken = [...repaired, ...unread];
  const isFree = ({ start }: JsonPart): boolean => !taken.some((span) => span.start < start && start < span.end);
  const parts = [...strict.parts.filter(isFree), ...repaired].sort((a, b) => a.start - b.start);
  return { parts, unread };
}

/** Every value without mistakes that is not part of another, and where brackets open that are none of such a value. */
function strictParts(
  text: string,
  current: CurrentTexts | undefined,
  effort: { left: number },
): { parts: JsonPart[]; broken: Set<number> } {
  const parts: JsonPart[] = [];
  const broken = new Set<number>();
  const known = new Map<number, JsonPart>();
  const opening = /[{[]/g;
  for (let match = opening.exec(text); match !== null && effort.left > 0; match = opening.exec(text)) {
    const start = match.index;
    if (broken.has(start)) continue;
    const part = known.get(start) ?? readJson(text, start, { forgiving: false, current, effort });
    if ("value" in part) {
      parts.push(part);
      opening.lastIndex = part.end;
    } else {
      // What was read on the way is not read again.
      for (const open of part.open) broken.add(open);
      for (const inner of part.whole) known.set(inner.start, inner);
    }
  }
  return { parts, broken };
}

/** Where brackets are closed when strings are not looked at. */
function closingBrackets(text: string, wanted: ReadonlySet<number>): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (const { 0: bracket, index } of text.matchAll(/[{}[\]]/g)) {
    if (bracket === "{" || bracket === "[") open.push(index);
    else {
      const start = open.pop();
      if (start !== undefined && wanted.has(start)) ends.set(start, index + 1);
    }
  }
  return ends;
}

function looksLikeValue(text: string, start: number): boolean {
  value.lastIndex = start;
  return value.test(text);
}

/** An object with a key between quotation marks. */
function looksLikeObject(text: string, start: number): boolean {
  object.lastIndex = start;
  return object.test(text);
}

const object = /\{\s*(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'|“[^”\n]{0,200}”)\s*:/y;
const value =
  /\{\s*(?:(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'|“[^”\n]{0,200}”|[A-Za-z_$][\w$]{0,200})\s*:|\/[/*])|\[\s*(?:[{["'“\d-]|true|false|null|True|False|None)/y;

/** Only blanks or the beginning of a code fence stand before it on its line. */
function beginsLine(text: string, start: number): boolean {
  const line = text.slice(Math.max(text.lastIndexOf("\n", start - 1) + 1, start - 100), start);
  return /^\s*(?:```\w*\s*)?$/.test(line);
}

/** Only blanks or the end of a code fence follow on its line. */
function endsLine(text: string, end: number): boolean {
  return /^[ \t\r]*(?:```[ \t\r]*)?(?:\n|$)/.test(text.slice(end, end + 100));
}
