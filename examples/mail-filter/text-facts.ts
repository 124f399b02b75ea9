/**
 * What the text of a mail looks like, in numbers.
 *
 * @module
 */

/** Facts about a text. */
export interface TextFacts {
  /** Characters, white space not counted. */
  readonly length: number;
  /** Share of the words of three letters or more that are written in capitals, 0 to 1. */
  readonly shouting: number;
  /** Share of the characters that are not ASCII, 0 to 1. */
  readonly foreign: number;
  readonly exclamations: number;
  readonly phoneNumbers: number;
  /** Lines quoted from another mail. */
  readonly quotedLines: number;
  /** A line `-- ` starts the sender's signature. */
  readonly signature: boolean;
  /** Somebody without a name is greeted: "Dear friend". */
  readonly greetsStranger: boolean;
  /** "Click here", "order now", "call us". */
  readonly callsToAct: boolean;
  /** "To be removed from this list", "opt out". */
  readonly offersRemoval: boolean;
}

/** Reads the facts off a text. */
export function readText(text: string): TextFacts {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const length = count(/\S/g);
  const words = count(/\b[A-Za-z]{3,}\b/g);
  const phrases = beginningAndEnd(text);
  return {
    length,
    shouting: words === 0 ? 0 : count(/\b[A-Z]{3,}\b/g) / words,
    foreign: length === 0 ? 0 : count(/\P{ASCII}/gu) / length,
    exclamations: count(/!/g),
    phoneNumbers: count(/(?<!\d)(?:1[-. ])?\(?\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}(?!\d)/g),
    quotedLines: count(/^[ \t]*[>|]/gm),
    signature: /^-- ?\r?$/m.test(text),
    greetsStranger: /\bdear (?:friend|sir|madam|customer|member|home|valued|candidate|fellow)/.test(phrases),
    callsToAct: /click (?:here|below|on)|visit our|order now|call (?:us|now|toll)/.test(phrases),
    offersRemoval: /be removed|remove (?:yourself|you from|me|your)|removal|opt[- ]?(?:out|in)\b/.test(phrases),
  };
}

/** The different words of a text, in lower case: letters, with `'` and `-` inside, 3 to 20 of them. */
export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[a-z][a-z'-]{1,18}[a-z]/g));
}

/** Where the telling phrases stand, in lower case and with single spaces. */
function beginningAndEnd(text: string): string {
  const plain = text.toLowerCase().replace(/\s+/g, " ");
  return plain.length <= 2000 ? plain : `${plain.slice(0, 1000)} … ${plain.slice(-1000)}`;
}
