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

/** The same with the markers of roles and of the conversation, which make messages of the text. */
export const dotprompt: PromptShape = {
  find: markdown.find,
  problem(value, first) {
    const markers = markersOf(first);
    if (markers.join() === markersOf(value).join()) return markdown.problem?.(value, first);
    return `expected the text to keep its markers ${markers.join(", ") || "(it has none)"} in this order, and to add none`;
  },
};

function markersOf(text: string): string[] {
  return text.match(/\{\{\s*(?:role\s+(?:"[^"]*"|'[^']*')|history)\s*\}\}/g) ?? [];
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
  return /\p{Surrogate}/u.test(value) ? "expected whole characters, got half of a surrogate pair" : undefined;
}
