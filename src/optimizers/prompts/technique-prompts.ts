/**
 * The words by which OptoPrimeMulti gets several different answers to one problem, and one out of several.
 *
 * @module
 */
import type { Fence } from "../reply/fence.ts";

/** Who is asked in turn, unless the user says otherwise. */
export const defaultExperts: readonly string[] = [
  "an engineer of prompts and settings, who looks for the smallest change that removes the cause",
  "an expert of the subject that the program is about, who looks at whether the outputs are right",
  "a tester, who thinks of the inputs on which the program will fail next",
  "an editor, who makes every value clear, consistent and short",
];

/** Makes the model answer as one of several experts. */
export function expertPrompt(expert: string): string {
  return `Answer as ${expert}. Others with other views are asked the same.`;
}

/** Asks for something better than the answer before. */
export function refinementPrompt(previous: string, fence: Fence): string {
  return `# An answer so far
${fence.block("attempt", previous)}

Find what is wrong or missing in this answer, and give a better one. Where it is right, keep it.`;
}

/** Asks for something that is unlike all answers before. */
export function alternativePrompt(previous: readonly string[], fence: Fence): string {
  return `# Answers so far
${previous.map((answer) => fence.block("attempt", answer)).join("\n")}

Give an answer that goes a clearly different way from all of these, and that may be just as good.`;
}

/** Asks which of several answers is the best. */
export function choicePrompt(answers: readonly NumberedAnswer[], fence: Fence): string {
  return `${answersPrompt(answers, fence)}

# Your answer
This time no values are asked for, but a choice among those answers.
Which of these answers will do best, also on inputs that you have not seen? Give its number as the variable \`choice\`:
${fence.block("variable", `a whole number from 1 to ${answers.length}`, { name: "choice" })}`;
}

/** Asks for one answer made of several. */
export function synthesisPrompt(answers: readonly NumberedAnswer[], fence: Fence): string {
  return `${answersPrompt(answers, fence)}

Make one answer out of these that is better than each: take what is right in them, leave out what is wrong, and let it be of one piece. Answer in the usual form.`;
}

/** A candidate, as text. */
export interface NumberedAnswer {
  readonly text: string;
  readonly score: string | undefined;
}

function answersPrompt(answers: readonly NumberedAnswer[], fence: Fence): string {
  const told = answers.map(({ text, score }, index) => fence.block("attempt", text, { number: String(index + 1), score }));
  return `# Answers so far\n${told.join("\n")}`;
}
