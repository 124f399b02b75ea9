/**
 * The words that tell of earlier attempts.
 *
 * @module
 */
import type { Fence } from "../reply/fence.ts";

/** An earlier attempt, as text. */
export interface AttemptText {
  /** The variables whose values were not those of now. */
  readonly different: readonly { readonly name: string; readonly value: string }[];
  readonly score: string | undefined;
  /** Empty when nothing was said. */
  readonly feedback: string;
}

/** Earlier attempts, oldest first; empty when there are none. */
export function attemptsPrompt(attempts: readonly AttemptText[], fence: Fence): string {
  if (attempts.length === 0) return "";
  const told = attempts.map(({ different, score, feedback }) => {
    const values = different.map(({ name, value }) => fence.block("variable", value, { name }));
    const said = feedback === "" ? [] : [fence.inline("feedback", feedback)];
    return fence.block("attempt", [values.length === 0 ? "The values of now." : values.join("\n"), ...said].join("\n"), {
      score,
    });
  });
  return `Oldest first. Variables that an attempt does not show had their value of now.\n${told.join("\n")}`;
}
