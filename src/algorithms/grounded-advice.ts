/**
 * Advice for instructions that are to differ from each other: each with other demonstrations, and another tip.
 *
 * @module
 */
import type { Random } from "../data/random.ts";
import type { DemonstrationPools } from "./demonstration-pools.ts";
import { quoted } from "./quoted.ts";

/** What an instruction may be like; the first says nothing. */
const tips: readonly string[] = [
  "",
  "Keep the instruction clear and concise.",
  "Describe the task in detail: what comes in, what is asked for, and what to watch out for.",
  "Be creative: describe the task from a point of view that has not been tried.",
  "State what is at stake when the answer is wrong.",
  "Give the model a role that suits the task.",
];

const numShown = 3;
/** Characters of one demonstration; longer ones are cut. */
const mostCharacters = 600;

/** One advice for each proposal. */
export function groundedAdvice(count: number, pools: DemonstrationPools, random: Random): readonly string[] {
  const all = Object.values(pools).flatMap(({ bootstrapped, labeled }) =>
    [...bootstrapped, ...labeled].map(({ value }) => value),
  );
  return Array.from({ length: count }, (_, number) => {
    const shown = random.sample(all, Math.min(numShown, all.length)).map((value) => `- ${quoted(value, mostCharacters)}`);
    const tip = tips[number % tips.length] ?? "";
    return [
      ...(shown.length === 0 ? [] : [`The task, in examples that are right:\n${shown.join("\n")}`]),
      ...(tip === "" ? [] : [tip]),
    ].join("\n\n");
  });
}
