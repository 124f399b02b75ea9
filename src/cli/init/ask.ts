/**
 * Questions on a terminal: a numbered list, one of which is chosen.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { InvalidArgumentError } from "../../errors.ts";

/** One possible answer. */
export interface Choice<T> {
  readonly label: string;
  readonly value: T;
}

/** A question, and the flag that answers it. */
export interface Question {
  readonly text: string;
  readonly flag: string;
}

/** Asks which; the first is taken when nothing is typed. What is typed and is no number is given to `other`. */
export type Ask = <T>(question: Question, choices: readonly Choice<T>[], other?: Other<T>) => Promise<T>;

/** What else may be typed. */
export interface Other<T> {
  /** What it is: "a path". */
  readonly hint: string;
  readonly read: (text: string) => T;
}

/** Where questions are asked. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Questions on a terminal; `close` ends them. */
export interface Conversation {
  readonly ask: Ask;
  readonly close: () => void;
}

/** Asks on a terminal. A question throws InvalidArgumentError when the terminal is closed before the answer. */
export function converse({ input, output }: Terminal): Conversation {
  const reader = createInterface({ input, output, terminal: false });
  const lines = reader[Symbol.asyncIterator]();
  const ask: Ask = async (question, choices, other) => {
    const listed = choices.map(({ label }, index) => `  ${index + 1}) ${label}\n`).join("");
    const ways = [
      ...(choices.length > 0 ? [choices.length === 1 ? "1" : `1-${choices.length}`] : []),
      ...(other === undefined ? [] : [other.hint]),
    ];
    output.write(`\n${question.text} (${question.flag})\n${listed}`);
    for (;;) {
      output.write(`[${ways.join(", or ")}]${choices.length > 0 ? " (1)" : ""} `);
      const { value, done } = await lines.next();
      if (done === true) throw new InvalidArgumentError("The questions were not answered; nothing was written");
      const text = value.trim();
      const chosen = choices[text === "" ? 0 : Number(text) - 1];
      if (chosen !== undefined) return chosen.value;
      if (other === undefined || text === "" || !Number.isNaN(Number(text))) continue;
      try {
        return other.read(text);
      } catch (error) {
        output.write(`${(error as Error).message}\n`);
      }
    }
  };
  return { ask, close: () => reader.close() };
}

/** Answers every question with its first choice. */
export const takeFirst: Ask = async (question, choices) => {
  const [first] = choices;
  if (first !== undefined) return first.value;
  throw new InvalidArgumentError(`Nothing here answers "${question.text}". Pass ${question.flag}`);
};
