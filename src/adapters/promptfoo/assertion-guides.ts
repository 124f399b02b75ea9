/**
 * Assertions of promptfoo as guides: by opto's own guides where one has exactly the same meaning, else by promptfoo itself.
 *
 * @module
 */
import type { Feedback } from "../../data/feedback.ts";
import { ownValue } from "../../data/json.ts";
import { besideScore, type Scores } from "../../data/scores.ts";
import { exactMatch } from "../../guides/exact-match.ts";
import { fromScorer } from "../../guides/from-scorer.ts";
import { FunctionGuide, type Guide, type GuideContext } from "../../guides/guide.ts";
import { asksForText, type PromptfooAssertion } from "../../guides/scorers/promptfoo.ts";
import { contains, regexMatch } from "../../guides/text-match.ts";
import { validJson } from "../../guides/valid-json.ts";
import { weighted } from "../../guides/weighted.ts";
import type { ModelLike } from "../../llm/language-model.ts";
import { foreignSettings, modelOfId, providerName } from "./provider-model.ts";
import { codeIn, fillInside, type Vars } from "./template.ts";

/** What the guide of a config knows of an example. */
export interface AssertedInfo {
  readonly assert: readonly PromptfooAssertion[];
}

/**
 * The guide of a promptfoo config: the weighted mean of the assertions of each test, those with a `metric` also by its name.
 *
 * @param model who judges what only a model can, where the config names none
 */
export function assertionsGuide(model: ModelLike | undefined): Guide<Vars, unknown, AssertedInfo> {
  const judge = async (vars: Vars, answer: unknown, { assert }: AssertedInfo, context?: GuideContext): Promise<Feedback> => {
    const parts = Object.fromEntries(
      assert.map((assertion, index) => [
        partName(assertion, index, assert),
        { guide: nativeGuide(assertion, vars) ?? guideOfPromptfoo(assertion, model), weight: assertion.weight ?? 1 },
      ]),
    );
    const verdict = await weighted<Vars, unknown, AssertedInfo>(parts).getFeedback(vars, answer, { assert }, context);
    return { ...verdict, scores: metricsIn(assert, verdict.scores ?? {}) };
  };
  return new FunctionGuide(judge, { assertions: "promptfoo", model });
}

/** The type of an assertion, numbered where its test has several of it; `score` is the name of the whole. */
function partName({ type, metric }: PromptfooAssertion, index: number, all: readonly PromptfooAssertion[]): string {
  const name = metric ?? type;
  const before = all.slice(0, index).filter((other) => (other.metric ?? other.type) === name).length;
  const number = before + (name === "score" ? 2 : 1);
  return number === 1 ? name : `${name} ${number}`;
}

/** The weighted mean of the assertions of each metric; where none of them counts towards the score, their mean. */
function metricsIn(assert: readonly PromptfooAssertion[], scores: Scores): Scores {
  const found = new Map<string, { readonly score: number; readonly weight: number }[]>();
  for (const [index, assertion] of assert.entries()) {
    const score = ownValue(scores, partName(assertion, index, assert));
    if (assertion.metric === undefined || score === undefined) continue;
    found.set(assertion.metric, [...(found.get(assertion.metric) ?? []), { score, weight: assertion.weight ?? 1 }]);
  }
  const means = [...found].map(([metric, all]) => {
    const isCounted = all.some(({ weight }) => weight > 0);
    const weights = all.map(({ weight }) => (isCounted ? weight : 1));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return [metric, all.reduce((total, { score }, index) => total + (score * (weights[index] as number)) / sum, 0)] as const;
  });
  return besideScore(Object.fromEntries(means));
}

/** Whether opto scores an assertion of an example itself. */
export function isNative(assertion: PromptfooAssertion, vars: Vars): boolean {
  return nativeGuide(assertion, vars) !== undefined;
}

/** Settings that do not change what an assertion of these types means. */
const known: ReadonlySet<string> = new Set(["type", "value", "metric", "weight", "threshold", "description"]);

/** The guide of opto that means the same; `undefined` where there is none. */
function nativeGuide({ type, value, ...settings }: PromptfooAssertion, vars: Vars): Guide | undefined {
  const template = JSON.stringify(value) ?? "";
  if (Object.keys(settings).some((name) => !known.has(name)) || codeIn(template) !== undefined || template.includes('"file://'))
    return undefined;
  const filled = fillInside(value, vars);
  const make = Object.hasOwn(natives, type) ? natives[type] : undefined;
  return make?.(filled);
}

const natives: Readonly<Record<string, (value: unknown) => Guide | undefined>> = {
  equals: (value) => (isScalar(value) ? withReference(exactMatch({ trim: false }), value) : undefined),
  contains: (value) => withText(value, (texts) => contains({ texts })),
  icontains: (value) => withText(value, (texts) => contains({ texts, ignoreCase: true })),
  "not-contains": (value) => withText(value, (texts) => contains({ texts, mode: "none" })),
  "not-icontains": (value) => withText(value, (texts) => contains({ texts, mode: "none", ignoreCase: true })),
  "contains-any": (value) => withTexts(value, (texts) => contains({ texts, mode: "any" })),
  "icontains-any": (value) => withTexts(value, (texts) => contains({ texts, mode: "any", ignoreCase: true })),
  "not-contains-any": (value) => withTexts(value, (texts) => contains({ texts, mode: "none" })),
  "contains-all": (value) => withTexts(value, (texts) => contains({ texts })),
  "icontains-all": (value) => withTexts(value, (texts) => contains({ texts, ignoreCase: true })),
  regex: (value) => (typeof value === "string" ? regexMatch({ pattern: value, flags: "" }) : undefined),
  "not-regex": (value) => (typeof value === "string" ? regexMatch({ pattern: value, flags: "", forbid: true }) : undefined),
  "starts-with": (value) => withText(value, startsWith),
  "is-json": (value) => (value === undefined || value === "" ? validJson() : undefined),
};

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function withText(value: unknown, make: (text: string) => Guide): Guide | undefined {
  return isScalar(value) && value !== "" ? make(String(value)) : undefined;
}

/** A list, or texts with commas between them; passed or not passed as a whole. */
function withTexts(value: unknown, make: (texts: readonly string[]) => Guide): Guide | undefined {
  const list = typeof value === "string" && !value.includes('"') ? value.split(",").map((text) => text.trim()) : value;
  if (!Array.isArray(list) || list.length === 0 || !list.every((text) => isScalar(text) && text !== "")) return undefined;
  const guide = make(list.map(String));
  const judge = async (question: unknown, answer: unknown, info: unknown): Promise<Feedback> => {
    const verdict = await guide.getFeedback(question, answer, info);
    return { ...verdict, score: verdict.score === 1 ? 1 : 0 };
  };
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const }), guide.identity());
}

function withReference(guide: Guide, reference: unknown): Guide {
  const judge = (question: unknown, answer: unknown): Promise<Feedback> | Feedback =>
    guide.getFeedback(question, answer, reference);
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const }), { guide: guide.identity(), reference });
}

function startsWith(text: string): Guide {
  const pattern = `^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`;
  return regexMatch({ pattern, flags: "", description: `an answer that starts with ${JSON.stringify(text)}` });
}

/** An assertion that promptfoo runs itself; a model that it names is asked through opto's gate. */
function guideOfPromptfoo({ weight: _weight, provider, ...assertion }: PromptfooAssertion, model: ModelLike | undefined): Guide {
  const isForeign = provider !== undefined && (!asksForText(assertion.type) || foreignSettings(provider).length > 0);
  const named = provider === undefined || isForeign ? undefined : modelOfId(providerName(provider));
  // A provider of another kind, or with an address or a key of its own, is promptfoo's own to ask.
  if (provider !== undefined && named === undefined) return fromScorer({ ...assertion, provider } as PromptfooAssertion);
  return fromScorer(assertion as PromptfooAssertion, { model: named ?? model });
}
