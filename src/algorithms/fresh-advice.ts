/**
 * Advice for a proposal that starts afresh: from the data and from what was learned, not from the wording of the values.
 *
 * @module
 */
import { counted } from "../data/number-text.ts";
import { Random } from "../data/random.ts";
import type { Entry, Step } from "../search/search.ts";
import { quoted } from "./quoted.ts";

/** What such a proposal is called in the archive. */
export const freshOrigin = "fresh";

/** Examples of the training data that are shown, and hypotheses. */
const [mostExamples, mostHypotheses] = [4, 8];
/** Characters of an example, and of a hypothesis. */
const [longestExample, longestHypothesis] = [300, 200];

/**
 * What a proposal has to know to write the values from scratch: some examples of the task with what is known of their answers, and the hypotheses so
 * far with what came of each. Pass it as `advice` of `propose`.
 *
 * @example
 * const [child] = await step.propose([step.current], { advice: freshAdvice(step), origin: freshOrigin });
 */
export function freshAdvice(step: Step): string {
  const { archive, iteration } = step;
  const all = archive.measured("train");
  // Another draw than those of the policy, which must not change with what is shown.
  const shown = new Random("fresh-advice").fork(`iteration/${iteration}`).sample([...all], Math.min(mostExamples, all.length));
  const examples = step.data({ dataset: "train", examples: shown }).map(({ input, info }) => {
    const answer = info === null || info === undefined ? "" : ` → ${quoted(info, longestExample)}`;
    return `- ${quoted(input, longestExample)}${answer}`;
  });
  const hypotheses = archive.entries.filter(({ reasoning = "" }) => reasoning !== "").slice(-mostHypotheses);
  const tried = hypotheses.map((entry) => `- ${quoted(entry.reasoning, longestHypothesis)} (${resultOf(step, entry)})`);
  return [
    "Write the values from scratch, as someone who has seen only the task would: do not start from the wording of the current values. Say what the input is, what is asked for, and what the examples show to be important.",
    ...(examples.length === 0 ? [] : [`Some training examples, with what is known of the right answer:\n${examples.join("\n")}`]),
    ...(tried.length === 0 ? [] : [`Hypotheses that were tried, oldest first. Keep those that helped:\n${tried.join("\n")}`]),
  ].join("\n\n");
}

/** Whether an attempt was better than what it was made from, on the examples that both were scored on. */
function resultOf({ archive }: Step, entry: Entry): string {
  const [parent] = entry.parents.map((id) => archive.get(id));
  if (parent === undefined) return "not compared";
  for (const dataset of ["validate", "train"] as const) {
    const isTried = (one: Entry, example: number): boolean =>
      (archive.trials(one, { dataset, examples: [example] })[0]?.length ?? 0) > 0;
    const examples = archive.measured(dataset).filter((example) => isTried(entry, example) && isTried(parent, example));
    if (examples.length === 0) continue;
    const [before, after] = archive.compare([parent, entry], { dataset, examples });
    if (before == null || after == null) continue;
    const [better, worse] = [after > before, after < before];
    const word = (better && "better") || (worse && "worse") || "no different";
    return `${word} on ${counted(examples.length, "example")}`;
  }
  return "not compared";
}
