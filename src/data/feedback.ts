/**
 * Feedback: what a guide says of one answer, and the short forms it may be given in.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue, isPlainObject, textOf } from "./json.ts";
import { nearestName } from "./options.ts";
import { besideScore, mean, type Scores } from "./scores.ts";

/**
 * A guide's verdict on one answer.
 *
 * `score`: higher is better, any finite unit; `null` when the answer could not be scored. `feedback`: the explanation, for the optimizer.
 * `scores`: further metrics by name; none of them is named `score`.
 */
export interface Feedback {
  readonly score: number | null;
  readonly feedback: string;
  readonly scores?: Readonly<Record<string, number>>;
}

/** A result as the scorers of common libraries give it: words under another name, more about it beside the score. */
export type ScorerResult = ResultDetails &
  ({ readonly score: number | boolean | null } | { readonly value: number | boolean | null; readonly score?: undefined });

interface ResultDetails {
  /** Words for the optimizer, under any of these names. */
  readonly feedback?: string | undefined;
  readonly reason?: string | null | undefined;
  readonly rationale?: string | null | undefined;
  readonly explanation?: string | null | undefined;
  readonly comment?: string | null | undefined;
  /** Further named metrics. */
  readonly scores?: Readonly<Record<string, number>> | undefined;
  /** The name of the metric: in a list of results, that of its score among `scores`. */
  readonly name?: string | undefined;
  readonly key?: string | undefined;
  /** What else the scorer tells; its words count when there are no others. */
  readonly metadata?: unknown;
}

/** What a guide given as a plain function may return. */
export type FeedbackLike =
  | Feedback
  | ScorerResult
  | readonly ScorerResult[]
  | readonly [score: number | boolean | null, feedback: string]
  | number
  | boolean;

/**
 * Turns any of the short forms into a `Feedback`: a number or boolean is a score without words, a list of results is their mean,
 * each of them among the `scores` under its name; one named `score` is called `score 2` there.
 *
 * @param options `allowsOthers`: whether a result may have keys that are not known here @default false
 * @throws InvalidArgumentError for anything else, for an unknown key, and for a score that is NaN or infinite.
 */
export function toFeedback(
  value: unknown,
  source = "the guide",
  { allowsOthers = false }: { readonly allowsOthers?: boolean | undefined } = {},
): Feedback {
  if (typeof value === "number" || typeof value === "boolean") return check({ score: Number(value), feedback: "" }, source);
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(isResult)) return joined(value, source, allowsOthers);
    if (value.length === 2) return check({ score: asNumber(value[0]), feedback: value[1] as unknown }, source);
  }
  if (isResult(value)) return fromResult(value, source, allowsOthers);
  throw new InvalidArgumentError(
    `Expected ${source} to return { score, feedback }, [score, feedback], a number or a boolean, got ${describeValue(value)}`,
  );
}

/** Names of the words, the first that has any counts. */
const wordsNames = ["feedback", "reason", "rationale", "explanation", "comment"] as const;
/** What results of libraries have besides, which is no word for the optimizer. */
const asideNames = ["name", "key", "metadata", "runId", "id", "error", "label", "type"] as const;
const knownNames: readonly string[] = ["score", "value", ...wordsNames, "scores", ...asideNames];

function isResult(value: unknown): value is Record<string, unknown> {
  return isPlainObject(value) && ("score" in value || "value" in value);
}

function fromResult(result: Record<string, unknown>, source: string, allowsOthers: boolean): Feedback {
  const unknown = Object.keys(result).filter((name) => !knownNames.includes(name) && result[name] !== undefined);
  if (unknown.length > 0 && !allowsOthers) {
    throw new InvalidArgumentError(
      `Expected ${source} to return { score, feedback, scores }, got ${describeUnknown(unknown)}; numbers belong in \`scores\`, text in \`feedback\`, everything else in \`metadata\``,
    );
  }
  const score = "score" in result ? result.score : result.value;
  const { scores } = result;
  return check({ score: asNumber(score), feedback: wordsOf(result), ...(scores === undefined ? {} : { scores }) }, source);
}

function describeUnknown(names: readonly string[]): string {
  const [first = ""] = names;
  const near = nearestName(first, knownNames);
  const hint = near === undefined ? "" : ` (did you mean \`${near}\`?)`;
  return `an unknown key ${names.map((name) => `\`${name}\``).join(", ")}${hint}`;
}

/** The words of a result; those of its metadata when it has none itself. */
function wordsOf(result: Record<string, unknown>): unknown {
  for (const name of wordsNames) {
    const words = result[name];
    if (words !== undefined && words !== null && words !== "") return words;
  }
  const { feedback = "", metadata } = result;
  if (metadata === undefined || metadata === null) return feedback;
  if (!isPlainObject(metadata)) return textOf(metadata);
  const inner = wordsOf({ ...metadata, metadata: undefined });
  if (typeof inner === "string" && inner !== "") return inner;
  return Object.keys(metadata).length === 0 ? "" : textOf(metadata);
}

/** Several results as one: the mean of those that have a score. */
function joined(results: readonly Record<string, unknown>[], source: string, allowsOthers: boolean): Feedback {
  const all = results.map((result) => ({ name: result.name ?? result.key, ...fromResult(result, source, allowsOthers) }));
  const scored = all.flatMap(({ score }) => (score === null ? [] : [score]));
  const score = mean(scored);
  const named = all.flatMap((one) => {
    // Of a single result it is the score itself.
    const isNamed = typeof one.name === "string" && (one.name !== "score" || results.length > 1);
    return isNamed && one.score !== null ? [[one.name as string, one.score] as const] : [];
  });
  const scores = besideScore(Object.fromEntries([...all.flatMap((one) => Object.entries(one.scores ?? {})), ...named]));
  const said = all.flatMap(({ name, feedback }) =>
    feedback === "" ? [] : [typeof name === "string" ? `${name}: ${feedback}` : feedback],
  );
  return { score, feedback: said.join("\n"), ...(Object.keys(scores).length === 0 ? {} : { scores }) };
}

function asNumber(score: unknown): unknown {
  return typeof score === "boolean" ? Number(score) : score;
}

function check(candidate: { score: unknown; feedback: unknown; scores?: unknown }, source: string): Feedback {
  const { score, feedback, scores } = candidate;
  if (score !== null && !(typeof score === "number" && Number.isFinite(score))) {
    throw new InvalidArgumentError(`Expected ${source} to return a finite score or null, got ${describeValue(score)}`);
  }
  if (typeof feedback !== "string") {
    throw new InvalidArgumentError(`Expected ${source} to return its feedback as a string, got ${describeValue(feedback)}`);
  }
  if (scores !== undefined) {
    const entries = isPlainObject(scores) ? Object.entries(scores) : [["scores", scores] as const];
    for (const [name, metric] of entries) {
      if (typeof metric !== "number" || !Number.isFinite(metric)) {
        throw new InvalidArgumentError(`Expected ${source} to return finite \`scores\`, got ${name} = ${describeValue(metric)}`);
      }
    }
    const { score: same = score, ...others } = scores as Scores;
    if (same !== score) {
      throw new InvalidArgumentError(
        `Expected ${source} to return one score, got score = ${describeValue(score)} and scores.score = ${describeValue(same)}; give the metric another name`,
      );
    }
    return { score, feedback, scores: others };
  }
  return { score, feedback };
}
