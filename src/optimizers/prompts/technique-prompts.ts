/**
 * The words by which OptoPrimeMulti gets several different answers to one problem, and one out of several.
 *
 * @module
 */
import type { Fence } from "../reply/fence.ts";
import type { ScoreText } from "../score-text.ts";
import { scoreAttributes } from "./attempts-prompt.ts";

/** Who is asked in turn, unless the user says otherwise. */
export const defaultExperts: readonly string[] = [
  "an engineer of prompts and settings, who looks for the smallest change that removes the cause",
  "an expert in the subject of the program, who checks whether the outputs are right",
  "a tester, who thinks of the inputs on which the program will fail next",
  "an editor, who makes every value clear, consistent and short",
];

/** Makes the model answer as one of several experts. */
export function expertPrompt(expert: string): string {
  return `Answer as ${expert}. Others are asked the same from other points of view.`;
}

/** Asks for something better than the answer before. */
export function refinementPrompt(previous: string, fence: Fence): string {
  return `# An answer so far
${fence.block("attempt", previous)}

Find what is wrong or missing in this answer, and write a better one. Keep what is right.`;
}

/** Asks for something that is unlike all answers before. */
export function alternativePrompt(previous: readonly string[], fence: Fence): string {
  return `# Answers so far
${previous.map((answer) => fence.block("attempt", answer)).join("\n")}

Write an answer that takes a clearly different approach from all of these and could be just as good.`;
}

/** Asks which of several answers is the best. */
export function choicePrompt(answers: readonly NumberedAnswer[], fence: Fence): string {
  return `${answersPrompt(answers, fence)}

# Your answer
This time you are not asked for values but for a choice among these answers.
Which of these answers will work best, including on inputs that you have not seen? Give its number as the variable \`choice\`:
${fence.block("variable", `a whole number from 1 to ${answers.length}`, { name: "choice" })}`;
}

/** Asks for one answer made of several. */
export function synthesisPrompt(answers: readonly NumberedAnswer[], fence: Fence): string {
  return `${answersPrompt(answers, fence)}

Combine these into one answer that is better than each of them: take what is right, leave out what is wrong, and make it coherent. Reply in the usual form.`;
}

/** A candidate, as text. */
export interface NumberedAnswer extends ScoreText {
  readonly text: string;
}

function answersPrompt(answers: readonly NumberedAnswer[], fence: Fence): string {
  const told = answers.map(({ text, ...known }, index) => {
    return fence.block("attempt", text, { number: String(index + 1), ...scoreAttributes(known) });
  });
  return `# Answers so far\n${told.join("\n")}`;
}
