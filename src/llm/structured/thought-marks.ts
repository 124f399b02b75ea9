/**
 * `marksIn`: what opens and closes the thoughts that models write into their replies, by tags, tokens, channels and headings.
 *
 * @module
 */

/** A part of a text. */
export interface Span {
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
}

/** What opens or closes a thought; `end` is a mark of channels, of a heading, or a token that says nothing by itself. */
export interface Mark extends Span {
  readonly kind: "open" | "close" | "end";
  /** What closes it has the same. */
  readonly family: string;
  /** Whether it begins a line, so that what it opens may be open to the end. */
  readonly beginsLine: boolean;
  /**
   * How far it can be trusted: between marks that are `sure` there is never an answer; between `likely` ones when there is one elsewhere
   * or nowhere; `possible` ones, such as `<details>`, hold thoughts only beside an answer.
   */
  readonly trust: "sure" | "likely" | "possible";
}

/** The family of channels: what they close ends all before it. */
export const channels = "channels";
const tokens = "tokens";
const headings = "headings";
const hasOpeningToken = /<\|channel>|<unused94>/i;
const sureNames =
  "think(?:ing)?(?:[ _-]process)?|thoughts?(?:[ _-]process)?|reasoning(?:[ _-](?:content|process))?|scratch[ _-]?pad|inner[ _-](?:thoughts?|monologue)|ant[ _-]?thinking|cot|chain[ _-]of[ _-]thoughts?";
const likelyNames = "reflections?|analysis";
const possibleNames =
  "details|drafts?|plan(?:ning)?|reasons?|rationale|critique|brainstorm(?:ing)?|deliberation|contemplation|notes?|steps|first[ _-](?:draft|attempt)";
/** A thought of Gemma's and MedGemma's. */
const openingToken = "<\\|channel>\\s?(?:thought|thinking|analysis|reasoning)\\b|<unused94>(?:thought\\b)?";
const closingToken = "<channel\\|>|<unused95>";
const anyMark = new RegExp(
  [
    "<[|｜]?(?<word>begin|start|end)[_▁](?:of[_▁])?(?<worded>thought|thinking|reasoning)[|｜]?>",
    String.raw`< ?(?<slash>\/?) ?(?:\w{1,30}[:_-])?(?<name>${sureNames}|${likelyNames}|${possibleNames})(?<attributes>\s[^<>]*)?>`,
    String.raw`\[(?<bracketSlash>\/?)(?<bracket>think(?:ing)?|thoughts?|reasoning)\]`,
    String.raw`◁(?<triangleSlash>\/?)(?<triangle>think(?:ing)?)▷`,
    String.raw`<[|｜] ?channel ?[|｜]>\s*(?<channel>\w+)(?:(?:[^<>\n]|<[|｜]constrain[|｜]>)*<[|｜]message[|｜]>)?`,
    "<[|｜](?:end|return|call|message)[|｜]>|<[|｜]start[|｜]>(?:assistant)?",
    `(?<opening>${openingToken})|(?<closing>${closingToken})|<\\|channel>(?:final\\b)?`,
    "(?<comment><!--|-->)",
  ].join("|"),
  "gi",
);
/** The first channel, whose mark the server has put into the prompt. */
const channelOfPrompt = /^\s*(?:analysis|commentary)<[|｜]message[|｜]>/i;
const thoughtWords =
  "(?:my )?(?:thinking(?: process)?|thoughts?(?: process)?|reasoning|analysis|(?:first |rough |initial )?drafts?|scratchpad|plan|brainstorm(?:ing)?|reflection|chain of thought|first attempt)";
const last = "(?:the |my )?(?:final|revised|improved)(?: \\w{1,20})?";
const finalWords = `(?:${last}|answer|output|response|reply|result)`;
/** Lines that name what follows: `**Thinking:** …`, `## Final answer`, `Draft: …`. */
const anyHeading = new RegExp(
  `^[ \\t]{0,3}(?:(?:#{1,6} ?)(?:\\*\\*)?(?:(?<headed>${thoughtWords})|${finalWords})(?:\\*\\*)?:?(?:\\*\\*)?[ \\t]*\\r?$` +
    `|(?:\\*\\*|__)(?:(?<marked>${thoughtWords})|${finalWords})(?::(?:\\*\\*|__)|(?:\\*\\*|__):?)` +
    `|(?:(?<plain>${thoughtWords})|${last}):)`,
  "gim",
);

/**
 * The marks of a text from left to right.
 *
 * @param isThought whether a tag of this name holds thoughts here
 */
export function marksIn(text: string, isThought: (name: string) => boolean): Mark[] {
  const isOpened = hasOpeningToken.test(text);
  const tags = Array.from(text.matchAll(anyMark)).flatMap((match) => markOf(match, text, { isThought, isOpened }) ?? []);
  const first = channelOfPrompt.exec(text)?.[0];
  const opening: Mark[] =
    first === undefined ? [] : [{ start: 0, end: first.length, kind: "open", family: channels, beginsLine: true, trust: "sure" }];
  const [inside] = tags;
  // The end of what opens it is a mark, too.
  if (opening.length > 0 && inside !== undefined && inside.start < (first?.length ?? 0)) tags.shift();
  return [...opening, ...tags, ...headingsIn(text)].sort((a, b) => a.start - b.start);
}

function markOf(
  match: RegExpExecArray,
  text: string,
  { isThought, isOpened }: { readonly isThought: (name: string) => boolean; readonly isOpened: boolean },
): Mark | undefined {
  const { 0: all, index: start, groups = {} } = match;
  const { name, bracket, triangle, channel, word, worded, opening, closing, comment, attributes = "" } = groups;
  const span = { start, end: start + all.length, beginsLine: isLineStart(text, start), trust: "sure" as const };
  if (channel !== undefined) {
    return { ...span, family: channels, beginsLine: true, kind: channel.toLowerCase() === "final" ? "close" : "open" };
  }
  if (word !== undefined) {
    return { ...span, family: `of ${worded?.toLowerCase()}`, kind: word.toLowerCase() === "end" ? "close" : "open" };
  }
  if (opening !== undefined) return { ...span, family: tokens, beginsLine: true, kind: "open" };
  // Without any that opens, the server has put it into the prompt.
  if (closing !== undefined) return { ...span, family: tokens, kind: isOpened ? "end" : "close" };
  if (comment !== undefined) {
    return { ...span, family: "comment", kind: comment === "-->" ? "close" : "open", beginsLine: false, trust: "possible" };
  }
  const tag = (name ?? bracket ?? triangle)?.toLowerCase();
  if (tag === undefined) return { ...span, family: channels, kind: "end" };
  if ((name !== undefined && !isThought(tag)) || attributes.endsWith("/")) return undefined;
  const closes = [groups.slash, groups.bracketSlash, groups.triangleSlash].includes("/");
  const trust = trustIn(tag);
  // What may be an answer is a thought only where it is closed.
  const beginsLine = span.beginsLine && trust !== "possible";
  return { ...span, family: all[0] + tag.replace(/^th.*/, "think"), kind: closes ? "close" : "open", trust, beginsLine };
}

function trustIn(tag: string): Mark["trust"] {
  if (isPossible.test(tag)) return "possible";
  return isLikely.test(tag) ? "likely" : "sure";
}

const isPossible = new RegExp(`^(?:${possibleNames})$`);
const isLikely = new RegExp(`^(?:${likelyNames})$`);

/** A heading of a thought opens one only where one of the answer follows. */
function headingsIn(text: string): Mark[] {
  return Array.from(text.matchAll(anyHeading), ({ 0: all, index: start, groups: { headed, marked, plain } = {} }) => {
    const isThought = (headed ?? marked ?? plain) !== undefined;
    const kind = isThought ? "open" : "end";
    return { start, end: start + all.length, kind, family: headings, beginsLine: false, trust: "possible" } as const;
  });
}

function isLineStart(text: string, position: number): boolean {
  return /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, position - 20), position));
}
