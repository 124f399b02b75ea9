/**
 * Replies without the thoughts that models write down when their server does not take them out.
 *
 * @module
 */

/** A part of a text. */
export interface Span {
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
}

/**
 * The reply without thoughts, in every form that is known: between tags (`<think>`, `<thinking>`, `<thought>`, `<reasoning>`,
 * `<reflection>`, `<analysis>`, `<scratchpad>`, `<cot>`, in any case and with attributes, `[THINK]`, `◁think▷`), between tokens
 * (`<|START_THINKING|>`, `<|channel>thought`, `<unused94>thought`), in channels (`<|channel|>analysis<|message|>…`), between the lines that Ollama writes
 * around them, before a closing tag whose opening one the server has put into the prompt, or open to the end.
 *
 * @param valuesIn where values stand, in order: what looks like a thought inside one is a part of it
 * @param isThought whether a tag of this name holds thoughts here @default all of the above
 */
export function withoutThoughts(
  reply: string,
  valuesIn: (reply: string) => readonly Span[],
  isThought: (name: string) => boolean = () => true,
): string {
  const text = reply.replace(strippedChannels, "").replace(linesOfOllama, "");
  const marks = marksIn(text, isThought);
  if (marks.length === 0) return text;
  const isInValue = withinSpans(valuesIn(text));
  const last = lastClosings(marks, isInValue);
  let kept = "";
  let from = 0;
  let thought: Mark | undefined;
  for (const mark of marks) {
    const { kind, family, start, end, beginsLine } = mark;
    if (thought !== undefined) {
      // A tag that a sentence speaks of is not closed by one inside a value.
      const isInside = !thought.beginsLine && isInValue(start);
      if (kind === "open" || family !== thought.family || isInside) continue;
      if (kind === "close" && family === channels) kept = "";
      thought = undefined;
      from = end;
      continue;
    }
    if (isInValue(start)) continue;
    if (kind === "open") {
      // One that is never closed holds the rest only where it does not stand in a sentence.
      if (!beginsLine && (last.get(family) ?? -1) < start) continue;
      thought = mark;
    }
    kept = kind === "close" ? "" : kept + text.slice(from, start);
    from = end;
  }
  return thought === undefined ? kept + text.slice(from) : kept;
}

/** What opens or closes a thought; `end` is a mark of channels or a token that says nothing by itself. */
interface Mark extends Span {
  readonly kind: "open" | "close" | "end";
  /** What closes it has the same. */
  readonly family: string;
  readonly beginsLine: boolean;
}

const channels = "channels";
const tokens = "tokens";
const hasOpeningToken = /<\|channel>|<unused94>/i;
const names =
  "think(?:ing)?(?:[ _-]process)?|thoughts?(?:[ _-]process)?|reasoning(?:[ _-](?:content|process))?|reflection|analysis|scratch[ _-]?pad|inner[ _-](?:thoughts?|monologue)|ant[ _-]?thinking|cot|chain[ _-]of[ _-]thoughts?";
/** A thought of Gemma's and MedGemma's. */
const openingToken = "<\\|channel>\\s?(?:thought|thinking|analysis|reasoning)\\b|<unused94>(?:thought\\b)?";
const closingToken = "<channel\\|>|<unused95>";
const anyMark = new RegExp(
  [
    String.raw`< ?(\/?) ?(?:\w+:)?(${names})(\s[^<>]*)?>`,
    String.raw`\[(\/?)(think(?:ing)?|thoughts?|reasoning)\]`,
    String.raw`◁(\/?)(think(?:ing)?)▷`,
    `<[|｜]?(begin|start|end)[_▁](?:of[_▁])?(thought|thinking|reasoning)[|｜]?>`,
    String.raw`<\|channel\|>\s*(\w+)(?:[^<>\n]|<\|constrain\|>)*<\|message\|>`,
    String.raw`<\|(?:end|return|call)\|>|<\|start\|>(?:assistant)?`,
    `(${openingToken})|(${closingToken})|<\\|channel>(?:final\\b)?`,
  ].join("|"),
  "gi",
);
/** Channels whose marks a server has taken out as special tokens. */
const strippedChannels = /^\s*(?:analysis|commentary)(?=[A-Z\s<{[])[\s\S]*?assistant(?:final|<\|channel\|>final)/;
/** What `ollama run` writes around a thought. */
const linesOfOllama = /^\s*Thinking\.{3}[ \t]*\r?\n[\s\S]*?\n[ \t]*\.{3}done thinking\.?/;

function marksIn(text: string, isThought: (name: string) => boolean): Mark[] {
  const isOpened = hasOpeningToken.test(text);
  return Array.from(text.matchAll(anyMark)).flatMap((match): Mark[] => {
    const { 0: all, index: start } = match;
    const [
      ,
      slash,
      name = "",
      attributes = "",
      bracketSlash,
      bracket,
      triangleSlash,
      triangle,
      word,
      worded,
      channel,
      opening,
      closing,
    ] = match;
    const span = { start, end: start + all.length, beginsLine: isLineStart(text, start) };
    if (channel !== undefined) {
      return [{ ...span, family: channels, beginsLine: true, kind: channel.toLowerCase() === "final" ? "close" : "open" }];
    }
    if (word !== undefined) {
      return [{ ...span, family: `of ${worded?.toLowerCase()}`, kind: word.toLowerCase() === "end" ? "close" : "open" }];
    }
    if (opening !== undefined) return [{ ...span, family: tokens, beginsLine: true, kind: "open" }];
    // Without any that opens, the server has put it into the prompt.
    if (closing !== undefined) return [{ ...span, family: tokens, kind: isOpened ? "end" : "close" }];
    const tag = (name || bracket || triangle)?.toLowerCase();
    if (tag === undefined) return [{ ...span, family: channels, kind: "end" }];
    if ((name !== "" && !isThought(tag)) || attributes.endsWith("/")) return [];
    const closes = [slash, bracketSlash, triangleSlash].includes("/");
    return [{ ...span, family: all[0] + tag.replace(/^th.*/, "think"), kind: closes ? "close" : "open" }];
  });
}

/** The last mark outside values that closes thoughts of each family. */
function lastClosings(marks: readonly Mark[], isInValue: (position: number) => boolean): ReadonlyMap<string, number> {
  const closings = marks.filter(({ kind, start }) => kind !== "open" && !isInValue(start));
  return new Map(closings.map(({ family, start }) => [family, start]));
}

/** Whether a position is inside one of the spans; asked from left to right or not. */
function withinSpans(spans: readonly Span[]): (position: number) => boolean {
  return (position) => {
    let [low, high] = [0, spans.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((spans[middle] as Span).start < position) low = middle + 1;
      else high = middle;
    }
    const before = spans[low - 1];
    return before !== undefined && position < before.end;
  };
}

function isLineStart(text: string, position: number): boolean {
  return /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, position - 20), position));
}
