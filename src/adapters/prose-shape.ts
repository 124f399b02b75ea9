/**
 * Files that are one prompt, as plain text or below front matter.
 *
 * @module
 */
import type { PromptShape } from "./prompt-shape.ts";

/** The whole file, but for the line end that closes it. */
export const plainText: PromptShape = { find: (text) => sliceFrom(text, 0), problem: textProblem };

/** Markdown: what follows the front matter and an empty line, if there are any. */
export const markdown: PromptShape = {
  find(text) {
    const start = frontMatterLength(text);
    const [separator] = start === 0 ? [""] : (/^[^\S\n]*\n|/.exec(text.slice(start)) ?? [""]);
    return sliceFrom(text, start + separator.length);
  },
  problem(value) {
    if (frontMatterLength(value) > 0) return "its beginning would be read as front matter: expected no line --- at the start";
    return textProblem(value);
  },
};

/** The same as a template of Handlebars, in which markers of roles and of the conversation make messages of the text. */
export const dotprompt: PromptShape = {
  ...markdown,
  templateProblem(value, first) {
    const [tags, kept] = [tagsOf(value), tagsOf(first)];
    const markers = kept.filter(isMarker);
    if (markers.join() !== tags.filter(isMarker).join())
      return `expected the text to keep its markers ${markers.join(", ") || "(it has none)"} in this order, and to add none`;
    const [lost, added] = [without(kept, tags), without(tags, kept)];
    if (lost.length > 0 || added.length > 0) {
      const changes = [
        ...(lost.length > 0 ? [`it lacks ${lost.join(", ")}`] : []),
        ...(added.length > 0 ? [`it adds ${added.join(", ")}`] : []),
      ];
      return `expected the text to keep every tag in double braces, each as often as before: ${changes.join(", and ")}`;
    }
    if (loneBraces(value) > loneBraces(first)) return "expected every {{ to have its }}";
    const isBroken = isNested(kept) && !isNested(tags);
    return isBroken
      ? `expected every block to begin before it ends, as in ${kept.filter((tag) => /^\{+[#^/]/.test(tag)).join(" … ")}`
      : undefined;
  },
};

/** Raw blocks, comments, values as they are, and everything else. */
const tag = /\{\{\{\{[\s\S]*?\}\}\}\}|\{\{~?!--[\s\S]*?--~?\}\}|\{\{\{[\s\S]*?\}\}\}|\{\{[\s\S]*?\}\}/g;

/** The tags of a template, whatever white space they have and take away around them. */
function tagsOf(text: string): string[] {
  return (text.match(tag) ?? []).map((one) => {
    let end = one.length;
    while (one[end - 1] === "}") end--;
    const inside = one.slice(0, one[end - 1] === "~" ? end - 1 : end).trimEnd();
    return `${inside.replace(/^(\{+)~?\s*/, "$1").replace(/\s+/g, " ")}${one.slice(end)}`;
  });
}

function isMarker(one: string): boolean {
  return /^\{\{(?:role (?:"[^"]*"|'[^']*')|history)\}\}$/.test(one);
}

/** What is left of a list when each element of another one has taken away one that equals it. */
function without(all: readonly string[], taken: readonly string[]): string[] {
  const rest = [...taken];
  return all.filter((one) => {
    const at = rest.indexOf(one);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

function loneBraces(text: string): number {
  return text.replace(tag, "").match(/\{\{|\}\}/g)?.length ?? 0;
}

/** Whether each block ends with its own name, inside the block that it begins in, and each `else` is in one. */
function isNested(tags: readonly string[]): boolean {
  const open: (string | undefined)[] = [];
  for (const one of tags) {
    const { begin, end, isElse } =
      /^\{+(?:[#^][>*]?\s*(?<begin>[^\s}]+)|\/\s*(?<end>[^\s}]+)|(?<isElse>else\b|\^\}))/.exec(one)?.groups ?? {};
    if (begin !== undefined) open.push(begin);
    else if (end !== undefined && open.pop() !== end) return false;
    else if (isElse !== undefined && open.length === 0) return false;
  }
  return open.length === 0;
}

function sliceFrom(text: string, start: number): ReturnType<PromptShape["find"]> {
  const end = text.length > start && text.endsWith("\n") ? text.length - 1 : text.length;
  return {
    start,
    end,
    value: text.slice(start, end),
    // A line end at an end of the prompt needs another one, where none separates the prompt from its surroundings.
    written: (value) => [value, `${value}\n`, `\n${value}`, `\n${value}\n`],
  };
}

/** Lines of `---`, and what is between them. */
function frontMatterLength(text: string): number {
  return /^---[^\S\n]*\n(?:[\s\S]*?\n)??---[^\S\n]*(?:\n|$)/.exec(text)?.[0].length ?? 0;
}

function textProblem(value: string): string | undefined {
  if (/\r(?:\n|$)/.test(value)) return "expected \\n for the end of a line, got a carriage return";
  if (value.startsWith("\uFEFF")) return "expected no byte order mark at the start";
  return /\p{Surrogate}/u.test(value) ? "expected complete characters, got half of a surrogate pair" : undefined;
}
