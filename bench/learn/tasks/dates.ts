/**
 * A date format: the rule is not stated in the start, and has to be read off the feedback.
 *
 * @module
 */
import type { Feedback } from "opto";
import { Random } from "opto/data";
import { defineTask, type Row, withUnitScores } from "./task.ts";
import { textAgent } from "./text-agent.ts";

const numRows = 800;

const maxOutputTokens = 16;

export const dates = defineTask<string, string, string>({
  id: "dates",
  title: "Date format",
  source: { name: "made here by seed", license: "that of this repository" },
  callsModel: true,
  maxOutputTokens,
  optimizers: ["OptoPrime", "OPRO", "TextGrad"],
  demonstrations: "demonstrations",
  handWritten: {
    instruction: "The input is a date written as !MM!DD!YYYY!. Rewrite it as YYYY-MM-DD and reply with that only.",
  },
  load: async () => rows(),
  agent: (options) => textAgent({ ...options, instruction: "Convert the date.", maxOutputTokens }),
  guide: withUnitScores((_input: string, answer: string, date: string): Feedback => {
    if (answer.trim() === date) return { score: 1, feedback: "Right." };
    return { score: 0, feedback: `The answer must be exactly "${date}", and nothing else.` };
  }),
});

function rows(): Row<string, string>[] {
  const random = new Random(0, "dates");
  const found = new Map<string, Row<string, string>>();
  while (found.size < numRows) {
    const [year, month, day] = [random.integer(1900, 2029), random.integer(1, 12), random.integer(1, 28)];
    const [mm, dd] = [String(month).padStart(2, "0"), String(day).padStart(2, "0")];
    const info = `${year}-${mm}-${dd}`;
    found.set(info, { id: info, input: `!${mm}!${dd}!${year}!`, info });
  }
  return [...found.values()];
}
