/**
 * `scorersGuide`: the scorers of an eval as one guide.
 *
 * @module
 */
import type { Feedback } from "../../data/feedback.ts";
import { isPlainObject } from "../../data/json.ts";
import { fromScorer, type Scorer } from "../../guides/from-scorer.ts";
import { FunctionGuide, type Guide } from "../../guides/guide.ts";
import { shown } from "../../guides/reference.ts";
import type { ScorerInput } from "../../guides/scorers/scorer-input.ts";
import { weighted } from "../../guides/weighted.ts";
import type { CollectedEval } from "./collect-evals.ts";

/** The mean of the scorers, each by its name among the named scores; `undefined` where there are none. */
export function scorersGuide({ scorers, kind }: CollectedEval): Guide | undefined {
  const guides: Record<string, Guide> = {};
  for (const scorer of scorers) guides[freeName(nameOf(scorer), guides)] = guideOf(scorer, arrangements[kind]);
  const [only, ...others] = Object.values(guides);
  return others.length === 0 ? only : weighted(guides);
}

type Arrange = (example: ScorerInput) => object;

const arrangements: Readonly<Record<CollectedEval["kind"], Arrange>> = {
  evalite: ({ input, output, expected }) => ({ input, output, ...(expected === null ? {} : { expected }) }),
  // A row is spread among the arguments; a task may return the calls of tools beside the answer.
  "vitest-evals": ({ input, output, expected }) => {
    const isPair = isPlainObject(output) && "result" in output && "toolCalls" in output;
    const answer = isPair ? { output: output.result, toolCalls: output.toolCalls } : { output };
    return { ...(isPlainObject(expected) ? expected : {}), input, ...answer };
  },
};

/** A guide around one scorer. Where the scorer has no words, the optimizer is shown what was expected. */
function guideOf(scorer: unknown, arrange: Arrange): Guide {
  const guide = fromScorer(scorer as Scorer<object>, arrange);
  const judge = async (...example: Parameters<typeof guide.getFeedback>): Promise<Feedback> => {
    const verdict = await guide.getFeedback(...example);
    const [, answer, info] = example;
    return verdict.feedback === "" ? { ...verdict, feedback: wordsFor(verdict.score, answer, info) } : verdict;
  };
  return new FunctionGuide(judge, { scorer: guide.identity() });
}

function wordsFor(score: number | null, answer: unknown, info: unknown): string {
  if (score === null || score >= 1) return "";
  const expected = isPlainObject(info) && Object.keys(info).join() === "expected" ? info.expected : info;
  return expected === null ? "" : `Expected ${shown(expected)}, got ${shown(answer)}.`;
}

function nameOf(scorer: unknown): string {
  const { name } = (scorer ?? {}) as { readonly name?: unknown };
  return typeof name === "string" && name.trim() !== "" ? name : "scorer";
}

/** The name, or the first `name 2`, `name 3`, … that is not there yet. */
function freeName(name: string, taken: object): string {
  let free = name;
  for (let number = 2; Object.hasOwn(taken, free); number++) free = `${name} ${number}`;
  return free;
}
