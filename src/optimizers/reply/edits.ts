/**
 * Edits of a long text: pairs of a text to look for and what takes its place, applied strictly or not at all.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import type { AskedVariable } from "./reply-format.ts";
import { SearchableText } from "./searchable-text.ts";

/** One place to change. */
export interface Edit {
  /** Stands in the value exactly once. */
  readonly search: string;
  readonly replace: string;
}

/** The text with all edits made, or why they cannot be. */
export type Edited = { readonly value: string } | { readonly problem: string };

/** From how many characters on a text may be edited instead of being written anew. */
export const longText = 2_000;

/** Whether a prompt that shows these variables offers edits. */
export function offersEdits(variables: readonly AskedVariable[]): boolean {
  return variables.some(({ value, parameter }) => typeof value === "string" && !parameter.domain && value.length > longText);
}

/**
 * Makes all edits of a text at once. Each searched text must stand in `current` exactly once, and no two places may overlap;
 * the ends of lines and their indentation may differ as long as the place is clear. The same edit twice is one.
 */
export function applyEdits(current: string, edits: readonly Edit[]): Edited {
  const distinct = [...new Map(edits.map((edit) => [JSON.stringify([edit.search, edit.replace]), edit])).values()];
  if (distinct.length > mostEdits) {
    return { problem: `expected at most ${mostEdits} edits, got ${distinct.length}; write the whole value instead` };
  }
  const text = new SearchableText(current);
  const places: Place[] = [];
  const problems: string[] = [];
  for (const edit of distinct) {
    const found = placeOf(edit, text);
    if (typeof found === "string") problems.push(found);
    else places.push(found);
  }
  places.sort((a, b) => a.start - b.start || a.end - b.end);
  for (const [index, place] of places.entries()) {
    const before = places[index - 1];
    if (before === undefined || before.end <= place.start) continue;
    problems.push(`the edits that search for ${quote(before.search)} and for ${quote(place.search)} overlap; merge them`);
  }
  if (problems.length > 0) {
    const more = problems.length > mostProblems ? [`${problems.length - mostProblems} more edits have similar problems`] : [];
    return { problem: [...problems.slice(0, mostProblems), ...more].join("; ") };
  }
  let value = "";
  let end = 0;
  for (const place of places) {
    value += current.slice(end, place.start) + place.replace;
    end = place.end;
  }
  return { value: value + current.slice(end) };
}

const mostEdits = 100;
const mostProblems = 3;

/** Where an edit applies, and what comes there. */
interface Place {
  readonly search: string;
  readonly start: number;
  readonly end: number;
  readonly replace: string;
}

/** The place, or what is wrong with the edit. */
function placeOf({ search, replace }: Edit, text: SearchableText): Place | string {
  if (search === "") return "an edit has an empty search; copy the lines that it is to replace";
  const exact = text.find(search);
  if (exact.length === 1) return { search, replace, ...(exact[0] as (typeof exact)[0]) };
  const places = exact.length > 0 ? exact : text.findLines(search);
  if (places.length > 1) {
    const times = places.length > text.most ? `more than ${text.most}` : places.length;
    return `the search text ${quote(search)} occurs in the value ${times} times; add surrounding lines until it occurs only once`;
  }
  const [place] = places;
  if (place !== undefined) return { search, ...place, replace: text.inPlace(place, search, replace) };
  const nearest = text.nearestLines(search);
  const hint = nearest === "" ? "no line of the value resembles it" : `the closest text is ${quote(nearest, 300)}`;
  return `the search text ${quote(search)} does not occur in the value; ${hint}; copy it exactly`;
}

function quote(text: string, length = 120): string {
  return JSON.stringify(shorten(text, length));
}
