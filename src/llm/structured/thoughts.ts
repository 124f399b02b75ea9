/**
 * Replies without the thoughts that models write down when their server does not take them out.
 *
 * @module
 */
import { channels, type Mark, marksIn, type Span } from "./thought-marks.ts";

/** How answers are told from the thoughts around them. */
export interface AnswerForm {
  /** Where values stand, in order: what looks like a thought inside one is a part of it. */
  readonly valuesIn: (reply: string) => readonly Span[];
  /** Where values stand that are not closed, in order: tags that may hold thoughts are a part of them. @default none */
  readonly openValuesIn?: (reply: string) => readonly Span[];
  /** Whether a text has an answer, or the beginning of one. */
  readonly holdsAnswer: (text: string) => boolean;
  /** Whether a tag of this name holds thoughts here. @default all that are known */
  readonly isThought?: (name: string) => boolean;
}

/**
 * The reply without thoughts, in every form that is known: between tags (`<think>`, `<thinking>`, `<thought>`, `<reasoning>`,
 * `<scratchpad>`, `<cot>`, in any case, with a prefix and with attributes, `[THINK]`, `◁think▷`), between tokens
 * (`<|START_THINKING|>`, `<|channel>thought`, `<unused94>thought`), in channels (`<|channel|>analysis<|message|>…`), between the lines that Ollama writes
 * around them, before a closing tag whose opening one the server has put into the prompt, or open to the end.
 *
 * What stands between tags and headings that may hold the answer as well (`<reflection>`, `<analysis>`, `<draft>`, `<plan>`, `<details>`,
 * `<reason>`, `**Thinking:** … **Final answer:**`) is left out beside an answer, and kept where nothing else holds one.
 *
 * @param isComplete whether the model had said all: of a reply that was cut off nothing that may be a draft is the answer
 */
export function withoutThoughts(reply: string, form: AnswerForm, isComplete = true): string {
  const text = reply.replace(strippedChannels, "").replace(linesOfOllama, "");
  const marks = marksIn(text, form.isThought ?? (() => true));
  if (marks.length === 0) return text;
  const isInValue = withinSpans(form.valuesIn(text));
  const isInOpenValue = withinSpans(form.openValuesIn?.(text) ?? []);
  const meant = marks.filter(({ trust, start }) => trust === "sure" || !isInOpenValue(start));
  const without = (trusted: readonly Mark["trust"][]): string =>
    cut(
      text,
      meant.filter(({ trust }) => trusted.includes(trust)),
      isInValue,
    );
  const bare = without(["sure", "likely", "possible"]);
  if (meant.every(({ trust }) => trust === "sure") || !isComplete || form.holdsAnswer(bare)) return bare;
  const careful = without(["sure"]);
  return form.holdsAnswer(careful) ? careful : without(["sure", "likely"]);
}

/** Channels whose marks a server has taken out as special tokens. */
const strippedChannels = /^\s*(?:analysis|commentary)(?=[A-Z\s<{[])(?!<[|｜])[\s\S]*?assistant(?:final|<\|channel\|>final)/;
/** What `ollama run` writes around a thought. */
const linesOfOllama = /^\s*Thinking\.{3}[ \t]*\r?\n[\s\S]*?\n[ \t]*\.{3}done thinking\.?/;

/** The text without what its marks open and close. */
function cut(text: string, marks: readonly Mark[], isInValue: (position: number) => boolean): string {
  const last = lastClosings(marks, isInValue);
  let kept = "";
  let from = 0;
  let thought: Mark | undefined;
  for (const mark of marks) {
    const { kind, family, start, end, beginsLine, trust } = mark;
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
    // One that is never closed holds the rest only where it does not stand in a sentence.
    if (kind === "open" && !beginsLine && (last.get(family) ?? -1) < start) continue;
    // What may be an answer has been opened, if it is closed.
    if (kind !== "open" && trust === "possible") continue;
    if (kind === "open") thought = mark;
    kept = kind === "close" ? "" : kept + text.slice(from, start);
    from = end;
  }
  return thought === undefined ? kept + text.slice(from) : kept;
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
