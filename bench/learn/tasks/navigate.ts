/**
 * Navigate, of BIG-bench: do these steps lead back to where they began? Logic and arithmetic in a few words.
 *
 * @module
 */
import { type BigBenchTask, bigBench, bigBenchRows } from "../data/big-bench.ts";
import { labelGuide } from "./label-guide.ts";
import { defineTask, type Row } from "./task.ts";
import { textAgent } from "./text-agent.ts";

const file: BigBenchTask = { name: "navigate", sha256: "e076d286bb54c9304de99c24a8d3ddd749be78c12af5d58315195b194c8efa18" };

const maxOutputTokens = 16;

export const navigate = defineTask<string, string, string>({
  id: "navigate",
  title: "Navigate (logic)",
  source: bigBench,
  callsModel: true,
  maxOutputTokens,
  answers: ["True", "False"],
  optimizers: ["OptoPrime", "OPRO", "TextGrad"],
  demonstrations: "demonstrations",
  handWritten: {
    instruction:
      "Somebody follows the steps, beginning at a point and facing forward. Keep track of position and direction, step by step in your head. " +
      "Reply True if the last position is the first one, else False. Reply with that one word only.",
  },
  load: navigateRows,
  stratum: ({ info }) => info,
  agent: (options) => textAgent({ ...options, instruction: "Do the steps lead back to the start?", maxOutputTokens }),
  guide: labelGuide,
});

/** The steps, and "True" or "False". */
export function navigateRows(cache: string): Promise<Row<string, string>[]> {
  return bigBenchRows(file, cache);
}
