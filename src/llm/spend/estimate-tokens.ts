/**
 * How many tokens a text has, about, without the tokenizer of any model.
 *
 * @module
 */
import type { GateRequest, Message } from "../model-request.ts";

/** A text that is plain English has 4 to 5 characters a token, code about 3, lists of numbers 2 to 3, Chinese 1 or a little more. */
const asciiPerToken = 3;
/** The marks around each message, and those of the whole. */
const tokensPerMessage = 6;
/** What providers count for an image of middling size. */
const tokensPerAttachment = 1_500;

/**
 * An upper estimate of the tokens of a text: a token for every 3 ASCII characters and for every other UTF-16 unit. Prose has
 * fewer, long rows of digits or of rare signs may have more.
 *
 * @returns a whole number
 */
export function estimateTokens(text: string): number {
  let ascii = 0;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) < 128) ascii++;
  return Math.ceil(ascii / asciiPerToken) + (text.length - ascii);
}

/** An upper estimate of the tokens of all that a model is sent, tools and the schema of the reply included. An image or a file counts 1500. */
export function estimateInputTokens({ direct, system, prompt, messages = [], responseFormat }: GateRequest): number {
  if (direct !== undefined) {
    const { tools = [], responseFormat: form } = direct.options;
    return estimate([...tools, form?.schema].map(asJson), direct.options.prompt);
  }
  return estimate([system, prompt, asJson(responseFormat?.schema)], messages);
}

function asJson(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function estimate(texts: readonly (string | undefined)[], messages: readonly Message[]): number {
  const given = texts.filter((text) => text !== undefined && text !== "");
  let tokens = given.reduce((sum, text) => sum + estimateTokens(text as string) + tokensPerMessage, tokensPerMessage);
  for (const { content } of messages) {
    tokens += tokensPerMessage;
    if (typeof content === "string") tokens += estimateTokens(content);
    else for (const part of content) tokens += estimatePart(part);
  }
  return tokens;
}

function estimatePart(part: object): number {
  const { type, text } = part as { readonly type?: unknown; readonly text?: unknown };
  if (typeof text === "string") return estimateTokens(text);
  // Calls of tools and their results are JSON; the bytes of an image say nothing about its tokens.
  return type === "tool-call" || type === "tool-result" ? estimateTokens(JSON.stringify(part)) : tokensPerAttachment;
}

/**
 * At least as many tokens as the text has: 1.4 to 1.8 times those of English prose and of code, 2 to 5 times those of
 * languages in other letters. Linear in the text.
 *
 * @returns a whole number
 */
export function mostTokens(text: string): number {
  let hundredths = 0;
  let state: number = State.Start;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 128) {
      const at = state * kinds + (kindOf[code] as number);
      hundredths += costs[at] as number;
      state = next[at] as number;
    } else {
      hundredths += state === State.Blank ? wide(code) + 100 : wide(code);
      state = State.Other;
    }
  }
  // What a blank at the end and the first character may add.
  return text === "" ? 0 : Math.ceil(hundredths / 100) + 1;
}

/** What a character is, of those that are ASCII. */
const Kind = { Vowel: 0, Consonant: 1, Capital: 2, Digit: 3, Blank: 4, Break: 5, Tab: 6, Sign: 7, Control: 8 } as const;
const kinds = 9;

/** What stands before it. */
const State = {
  Start: 0,
  Vowel: 1,
  Vowels: 2,
  Consonant: 3,
  Consonants: 4,
  Capital: 5,
  Digit: 6,
  Blank: 7,
  Blanks: 8,
  Break: 9,
  Tab: 10,
  Sign: 11,
  Other: 12,
} as const;
const states = 13;

const kindOf = Uint8Array.from({ length: 128 }, (_, code) => kindOfCharacter(String.fromCharCode(code)));
const costs = new Uint8Array(states * kinds);
const next = new Uint8Array(states * kinds);
fillTables();

function kindOfCharacter(character: string): number {
  if (/[aeiouy]/.test(character)) return Kind.Vowel;
  if (/[a-z]/.test(character)) return Kind.Consonant;
  if (/[A-Z]/.test(character)) return Kind.Capital;
  if (/[0-9]/.test(character)) return Kind.Digit;
  if (character === " ") return Kind.Blank;
  if (/[\r\n]/.test(character)) return Kind.Break;
  if (character === "\t") return Kind.Tab;
  return character > " " && character < "\x7f" ? Kind.Sign : Kind.Control;
}

/** In hundredths of a token. */
function fillTables(): void {
  const { Vowel, Vowels, Consonant, Consonants, Capital, Digit, Blank, Blanks, Break, Tab, Sign, Other } = State;
  for (let before = 0; before < states; before++) {
    // The first letter of a word has the blank before it in its token.
    set(before, Kind.Vowel, 100, Vowel);
    set(before, Kind.Consonant, 100, Consonant);
    set(before, Kind.Capital, 100, Capital);
    set(before, Kind.Digit, 100, Digit);
    set(before, Kind.Blank, 0, Blank);
    set(before, Kind.Break, 100, Break);
    set(before, Kind.Tab, 100, Tab);
    set(before, Kind.Sign, 100, Sign);
    set(before, Kind.Control, 110, Other);
  }
  for (const before of [Vowel, Vowels, Consonant, Consonants]) {
    set(before, Kind.Vowel, 18, Vowel);
    set(before, Kind.Consonant, 18, Consonant);
    set(before, Kind.Capital, 110, Capital);
  }
  set(Vowel, Kind.Vowel, 18, Vowels);
  set(Vowels, Kind.Vowel, 115, Vowels);
  set(Consonant, Kind.Consonant, 18, Consonants);
  set(Consonants, Kind.Consonant, 115, Consonants);
  set(Capital, Kind.Vowel, 60, Vowel);
  set(Capital, Kind.Consonant, 60, Consonant);
  set(Capital, Kind.Capital, 65, Capital);
  // Numbers are cut after every third digit, and have no blank in their token.
  set(Digit, Kind.Digit, 35, Digit);
  set(Blank, Kind.Digit, 200, Digit);
  // One blank belongs to what follows, the second is a token, and so are many.
  set(Blank, Kind.Blank, 100, Blanks);
  set(Blanks, Kind.Blank, 5, Blanks);
  set(Break, Kind.Break, 10, Break);
  set(Tab, Kind.Tab, 10, Tab);
  set(Sign, Kind.Sign, 70, Sign);
}

function set(before: number, kind: number, cost: number, state: number): void {
  costs[before * kinds + kind] = cost;
  next[before * kinds + kind] = state;
}

/** A UTF-16 unit that is no ASCII, in hundredths of a token; two units make a character of four bytes. */
function wide(code: number): number {
  if (code < 0x100) return 130;
  if (code < 0x250) return 200;
  if (code < 0x800) return 160;
  if (code < 0x2000) return 200;
  // Dashes, quotation marks, ellipses.
  if (code >= 0x2010 && code < 0x2028) return 150;
  if (code >= 0x3000 && code < 0x3100) return 160;
  if (code >= 0x4e00 && code < 0xa000) return 240;
  if (code >= 0xac00 && code < 0xd7b0) return 265;
  return code >= 0xd800 && code < 0xe000 ? 200 : 300;
}
