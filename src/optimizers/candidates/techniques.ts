/**
 * The techniques by which OptoPrimeMulti gets several answers to one problem, and how one of them is selected.
 *
 * @module
 */

import { canonicalJson, type JsonValue, textOf } from "../../data/json.ts";
import type { Candidate } from "../../graph/with-values.ts";
import type { ModelLike } from "../../llm/language-model.ts";
import type { Addition } from "../build-prompt.ts";
import type { Question } from "../language-model-optimizer.ts";
import type { Suggestion } from "../optimizer.ts";
import { variableText } from "../problem/describe-variable.ts";
import { alternativePrompt, defaultExperts, expertPrompt, refinementPrompt } from "../prompts/technique-prompts.ts";
import type { Fence } from "../reply/fence.ts";

/** How the answers come to differ. */
export type Technique =
  | "samples"
  | "temperatureVariation"
  | "selfRefinement"
  | "iterativeAlternatives"
  | "multiExperts"
  | "multiLLM";

/** All techniques. */
export const techniqueNames: readonly Technique[] = [
  "samples",
  "temperatureVariation",
  "selfRefinement",
  "iterativeAlternatives",
  "multiExperts",
  "multiLLM",
];

/** What sets one question apart from the others. */
export interface Variation {
  readonly temperature?: number | undefined;
  readonly model?: ModelLike | undefined;
  readonly addition?: Addition | undefined;
}

/** An answer, as text that is written between the tags of a prompt. */
export interface AnswerText {
  readonly texts: readonly string[];
  readonly write: (fence: Fence) => string;
}

/** What a technique is made from. */
export interface TechniqueOptions {
  readonly numResponses: number;
  readonly temperatures: readonly [lowest: number, highest: number];
  readonly experts?: readonly string[] | undefined;
  readonly models?: readonly ModelLike[] | undefined;
}

/** Whether each question waits for the answers to those before. */
export function isSequential(technique: Technique): boolean {
  return technique === "selfRefinement" || technique === "iterativeAlternatives";
}

/** What the question of that number, counted from 0, is like. @param answers those so far, of sequential techniques */
export function variationOf(
  technique: Technique,
  number: number,
  answers: readonly AnswerText[],
  { numResponses, temperatures: [lowest, highest], experts = defaultExperts, models = [] }: TechniqueOptions,
): Variation {
  const previous = answers.at(-1);
  switch (technique) {
    case "samples":
      return {};
    case "temperatureVariation":
      return { temperature: numResponses === 1 ? highest : highest - ((highest - lowest) * number) / (numResponses - 1) };
    case "selfRefinement":
      if (previous === undefined) return {};
      return { addition: { texts: previous.texts, write: (fence) => refinementPrompt(previous.write(fence), fence) } };
    case "iterativeAlternatives": {
      if (answers.length === 0) return {};
      const write = (fence: Fence): string =>
        alternativePrompt(
          answers.map((answer) => answer.write(fence)),
          fence,
        );
      return { addition: { texts: answers.flatMap(({ texts }) => texts), write } };
    }
    case "multiExperts": {
      const expert = experts[number % experts.length] as string;
      return { addition: { texts: [expert], write: () => expertPrompt(expert) } };
    }
    case "multiLLM":
      return { model: models[number % models.length] };
  }
}

/** An answer that was read. */
export interface Response {
  /** What was asked; the conversation may go on. */
  readonly question: Question;
  readonly suggestion: Suggestion;
  /** The values that may be tried. */
  readonly candidate: Candidate;
  /** How much of it could not be used. */
  readonly numProblems: number;
}

/** The values of a response as they are written in answers. */
export function responseText({ candidate }: Response): AnswerText {
  const values = Object.entries(candidate).map(([name, value]) => ({ name, text: variableText(value) }));
  return {
    texts: values.flatMap(({ name, text }) => [name, text]),
    write: (fence) =>
      values.length === 0
        ? "Nothing is changed."
        : values.map(({ name, text }) => fence.block("variable", text, { name })).join("\n"),
  };
}

/** Candidates that are less alike than this are not of one group. */
const leastSimilarity = 0.8;

/**
 * The place of the candidate that most agree with: candidates are joined into groups as long as any two in a group are
 * similar (complete linkage); of the largest group the one that is most similar to the others. Of equals the first.
 */
export function majority(candidates: readonly Candidate[]): number {
  const similarities = candidates.map((a) => candidates.map((b) => similarity(a, b)));
  const between = (a: number, b: number): number => similarities[a]?.[b] ?? 0;
  let groups: readonly (readonly number[])[] = candidates.map((_, place) => [place]);
  for (let joined = closest(groups, between); joined !== undefined; joined = closest(groups, between)) {
    const [first, second] = joined;
    groups = groups
      .filter((group) => group !== second)
      .map((group) => (group === first ? [...first, ...second].sort((a, b) => a - b) : group));
  }
  const largest = groups.reduce<readonly number[]>((best, group) => (group.length > best.length ? group : best), []);
  const closeness = (place: number): number => largest.reduce((sum, other) => sum + between(place, other), 0);
  return largest.reduce((best, place) => (closeness(place) > closeness(best) ? place : best), largest[0] ?? 0);
}

/** How alike two candidates are, from 0 to 1: the mean over all names that either has. */
export function similarity(a: Candidate, b: Candidate): number {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  if (names.size === 0) return 1;
  return [...names].reduce((sum, name) => sum + valueSimilarity(a[name], b[name]), 0) / names.size;
}

/** The two groups whose least similar members are most similar, if these are similar enough. */
function closest(
  groups: readonly (readonly number[])[],
  between: (a: number, b: number) => number,
): readonly [readonly number[], readonly number[]] | undefined {
  let best: readonly [readonly number[], readonly number[]] | undefined;
  let most = leastSimilarity;
  for (const [place, first] of groups.entries()) {
    for (const second of groups.slice(place + 1)) {
      const least = Math.min(...first.flatMap((a) => second.map((b) => between(a, b))));
      if (least > most || (least === most && best === undefined)) [best, most] = [[first, second], least];
    }
  }
  return best;
}

function valueSimilarity(a: JsonValue | undefined, b: JsonValue | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 1 : 0;
  if (canonicalJson(a) === canonicalJson(b)) return 1;
  // Numbers, choices and flags are the same or not; texts and structures may be nearly so.
  if ((typeof a !== "string" && typeof a !== "object") || typeof a !== typeof b) return 0;
  return overlap(pieces(textOf(a)), pieces(textOf(b)));
}

/** Every three characters in a row, with how often they come; works without words, too. */
function pieces(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const plain = `  ${text.toLowerCase().replace(/\s+/g, " ").trim()} `;
  for (let start = 0; start + 3 <= plain.length; start++) {
    const piece = plain.slice(start, start + 3);
    counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return counts;
}

/** The coefficient of Dice 1945, of multisets. */
function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let [shared, all] = [0, 0];
  for (const [piece, count] of a) {
    shared += Math.min(count, b.get(piece) ?? 0);
    all += count;
  }
  for (const count of b.values()) all += count;
  return (2 * shared) / all;
}
