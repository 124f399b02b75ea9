/**
 * Reads one JSON value out of a text, from its opening bracket on: strictly, or forgiving mistakes of punctuation.
 *
 * Reading never changes what stands inside a string. In time linear in what is read, whatever the text.
 *
 * @module
 */
import type { JsonValue } from "../../data/json.ts";
import type { CurrentTexts } from "./current-texts.ts";
import { closingMark, opensString, readJsonString } from "./json-string.ts";

/** A string that may not be what was meant. */
export interface Doubt {
  /** Keys and places on the way to it. */
  readonly path: readonly (string | number)[];
  /** The end of a sentence that begins with "it". */
  readonly reason: string;
}

/** A value in a text. */
export interface JsonPart {
  readonly value: JsonValue;
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
  readonly doubts: readonly Doubt[];
}

/** What became of the brackets up to where reading had to end. */
export interface NoJson {
  /** Where those begin that were still open. */
  readonly open: readonly number[];
  /** The outermost of those that were whole. */
  readonly whole: readonly JsonPart[];
}

/** How a value is read. */
export interface ReadingOptions {
  /** Whether mistakes of punctuation are forgiven. */
  readonly forgiving: boolean;
  /** Whether closing brackets may be missing at the end of the text. @default false */
  readonly mayEnd?: boolean | undefined;
  /** What the strings may replace or quote. @default none */
  readonly current?: CurrentTexts | undefined;
  /** How many characters may still be looked at; counted down. */
  readonly effort: { left: number };
}

/** The value that begins with the bracket at `start`. */
export function readJson(text: string, start: number, options: ReadingOptions): JsonPart | NoJson {
  return new Reading(text, options).read(start);
}

/** A text that is nothing but one JSON value of any type, with blanks around it. */
export function readWholeJson(text: string, current?: CurrentTexts): JsonPart | undefined {
  const start = /^\s*/.exec(text)?.[0].length ?? 0;
  const options = { forgiving: false, current, effort: { left: Number.POSITIVE_INFINITY } };
  const part = new Reading(text, options).readScalar(start) ?? readJson(text, start, options);
  return "value" in part && text.slice(part.end).trim() === "" ? part : undefined;
}

/** A list or an object that is being read. */
interface Frame {
  readonly start: number;
  readonly isList: boolean;
  readonly value: JsonValue[] | Record<string, JsonValue>;
  readonly whole: JsonPart[];
  /** How many doubts there were before it. */
  readonly doubtsBefore: number;
  key: string;
  expects: "first" | "next" | "colon" | "value" | "comma";
}

class Reading {
  readonly #text: string;
  readonly #options: ReadingOptions;
  readonly #frames: Frame[] = [];
  readonly #doubts: Doubt[] = [];
  #at = 0;
  #hasComments: boolean;

  constructor(text: string, options: ReadingOptions) {
    this.#text = text;
    this.#options = options;
    this.#hasComments = options.forgiving;
  }

  read(start: number): JsonPart | NoJson {
    if (!"{[".includes(this.#text[start] ?? "x")) return { open: [], whole: [] };
    this.#open(start);
    while (this.#options.effort.left > 0) {
      const from = this.#at;
      const done = this.#step();
      this.#options.effort.left -= 1 + this.#at - from;
      if (done === "failed") break;
      if (done !== undefined) return done;
    }
    return { open: this.#frames.map((frame) => frame.start), whole: this.#frames.flatMap((frame) => frame.whole) };
  }

  /** A value that is neither a list nor an object. */
  readScalar(start: number): JsonPart | undefined {
    this.#at = start;
    const value = this.#text[start] === '"' ? this.#string("whole") : this.#literal();
    return value === undefined ? undefined : { value, start, end: this.#at, doubts: this.#doubts };
  }

  /** One token: the whole value when it was the last one, nothing when there is more to come. */
  #step(): JsonPart | "failed" | undefined {
    this.#skipBlanks();
    const frame = this.#frames.at(-1) as Frame;
    const character = this.#text[this.#at];
    if (character === undefined) return this.#options.mayEnd && frame.expects === "comma" ? this.#close(frame) : "failed";
    const isClosing = character === (frame.isList ? "]" : "}");
    switch (frame.expects) {
      case "comma":
        if (isClosing) return this.#close(frame);
        frame.expects = "next";
        if (character === ",") this.#at++;
        else if (!this.#options.forgiving || !opensString(character)) return "failed";
        return undefined;
      case "colon":
        if (character !== ":") return "failed";
        this.#at++;
        frame.expects = "value";
        return undefined;
      case "first":
      case "next":
        if (isClosing && (frame.expects === "first" || this.#options.forgiving)) return this.#close(frame);
        if (frame.isList) return this.#value(frame, character);
        return this.#key(frame, character);
      case "value":
        return this.#value(frame, character);
    }
  }

  #key(frame: Frame, character: string): "failed" | undefined {
    const key = opensString(character, this.#options.forgiving) ? this.#string("key") : this.#word();
    if (key === undefined) return "failed";
    frame.key = key;
    frame.expects = "colon";
    return undefined;
  }

  #value(frame: Frame, character: string): "failed" | undefined {
    if (character === "{" || character === "[") {
      if (this.#frames.length >= mostNested) return "failed";
      this.#open(this.#at);
      return undefined;
    }
    const isString = opensString(character, this.#options.forgiving);
    const value = isString ? this.#string(frame.isList ? "element" : "field") : this.#literal();
    if (value === undefined) return "failed";
    put(frame, value);
    return undefined;
  }

  #open(start: number): void {
    const isList = this.#text[start] === "[";
    const value = isList ? [] : {};
    this.#frames.push({ start, isList, value, whole: [], doubtsBefore: this.#doubts.length, key: "", expects: "first" });
    this.#at = start + 1;
  }

  #close(frame: Frame): JsonPart | undefined {
    const end = Math.min(this.#at + 1, this.#text.length);
    this.#at = end;
    this.#frames.pop();
    const outer = this.#frames.at(-1);
    const depth = this.#frames.length;
    const doubts = this.#doubts.slice(frame.doubtsBefore).map(({ path, reason }) => ({ path: path.slice(depth), reason }));
    const part = { value: frame.value, start: frame.start, end, doubts };
    if (outer === undefined) return part;
    outer.whole.push(part);
    put(outer, frame.value);
    return undefined;
  }

  /** What stands between quotation marks; `undefined` when it has no end, or none that is clear. */
  #string(role: "key" | "field" | "element" | "whole"): string | undefined {
    const { forgiving, current, mayEnd, effort } = this.#options;
    const start = this.#at;
    const end = closingMark(this.#text, start, { role, forgiving, mayEnd: mayEnd === true, effort });
    if (end === undefined) return undefined;
    this.#at = end + 1;
    const { text, doubt } = readJsonString(this.#text.slice(start + 1, end), this.#text[start] as string, current);
    if (doubt !== undefined && this.#doubts.length < mostDoubts) this.#doubts.push({ path: this.#path(), reason: doubt });
    return text;
  }

  #path(): (string | number)[] {
    return this.#frames.map((frame) => (frame.isList ? (frame.value as JsonValue[]).length : frame.key));
  }

  #literal(): JsonValue | undefined {
    const { forgiving } = this.#options;
    const part = forgiving ? this.#match(share) : undefined;
    if (part !== undefined) return part;
    const found = this.#match(strictLiteral) ?? (forgiving ? this.#match(looseLiteral) : undefined);
    if (found === undefined) return this.#word();
    const word = words.get(found);
    return word === undefined ? Number(found) : word.value;
  }

  #word(): string | undefined {
    return this.#options.forgiving ? this.#match(bareWord) : undefined;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #skipBlanks(): void {
    this.#match(blanks);
    while (this.#hasComments && this.#text[this.#at] === "/") {
      const isLine = this.#text[this.#at + 1] === "/";
      if (!isLine && this.#text[this.#at + 1] !== "*") return;
      const end = this.#text.indexOf(isLine ? "\n" : "*/", this.#at + 2);
      this.#hasComments = end !== -1;
      if (end !== -1) this.#at = end + (isLine ? 1 : 2);
      this.#match(blanks);
    }
  }
}

const mostDoubts = 100;
/** More than any value may have. */
const mostNested = 10_000;

const strictLiteral = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.$-])/y;
const looseLiteral = /(?:True|False|None|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.$%/-])/y;
const bareWord = /[A-Za-z_$][\w$-]*(?=\s*[,:}\]])/y;
const blanks = /[\s\ufeff]*/y;
/** `4/5` and `80%`, which are texts to JSON. */
const share = /[+-]?\d+(?:\.\d+)?\s*(?:%|\/\s*\d+(?:\.\d+)?)(?=\s*[,}\]])/y;
const words: ReadonlyMap<string, { readonly value: JsonValue }> = new Map([
  ["true", { value: true }],
  ["True", { value: true }],
  ["false", { value: false }],
  ["False", { value: false }],
  ["null", { value: null }],
  ["None", { value: null }],
]);

/** Puts a value where its list or object has it; a name of the language (`__proto__`) is a name like any other. */
function put(frame: Frame, value: JsonValue): void {
  if (frame.isList) (frame.value as JsonValue[]).push(value);
  else Object.defineProperty(frame.value, frame.key, { value, enumerable: true, configurable: true, writable: true });
  frame.expects = "comma";
}
