/**
 * Questions on a terminal: a numbered list, one of which is chosen.
 *
 * @module
 */
import { createInterface } from "node:readline/promises";
import { InvalidArgumentError } from "../../errors.ts";

/** One possible answer. */
export interface Choice<T> {
  readonly label: string;
  readonly value: T;
}

/** Asks which; the first is taken when nothing is typed. What is typed and is no number is given to `other`. */
export type Ask = <T>(question: string, choices: readonly Choice<T>[], other?: Other<T>) => Promise<T>;

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

/** Questions on a terminal. @throws InvalidArgumentError when it is closed before the answer */
export function terminalAsk({ input, output }: Terminal): Ask {
  return async (question, choices, other) => {
    const lines = choices.map(({ label }, index) => `  ${index + 1}) ${label}`);
    const how =
      choices.length > 0 ? `1-${choices.length}${other === undefined ? "" : `, or ${other.hint}`}` : (other?.hint ?? "");
    output.write(`\n${question}\n${lines.map((line) => `${line}\n`).join("")}`);
    for (;;) {
      const text = (await readLine({ input, output }, `[${how}]${choices.length > 0 ? " (1)" : ""} `)).trim();
      const chosen = choices[text === "" ? 0 : Number(text) - 1];
      if (chosen !== undefined) return chosen.value;
      if (other !== undefined && text !== "" && Number.isNaN(Number(text))) {
        try {
          return other.read(text);
        } catch (error) {
          output.write(`${(error as Error).message}\n`);
        }
      }
    }
  };
}

async function readLine({ input, output }: Terminal, prompt: string): Promise<string> {
  const reader = createInterface({ input, output });
  try {
    const closed = new Promise<never>((_, reject) => {
      reader.once("close", () => reject(new InvalidArgumentError("The questions were not answered; nothing was written")));
    });
    return await Promise.race([reader.question(prompt), closed]);
  } finally {
    reader.close();
  }
}

/** Answers every question with its first choice. */
export const takeFirst: Ask = async (question, choices) => {
  const [first] = choices;
  if (first !== undefined) return first.value;
  throw new InvalidArgumentError(`Nothing was found for: ${question}`);
};
