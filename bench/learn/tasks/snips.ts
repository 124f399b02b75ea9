/**
 * Snips: the intent of a request to a voice assistant, one of seven.
 *
 * @module
 */
import { type BigBenchTask, bigBench, bigBenchRows } from "../data/big-bench.ts";
import { labelGuide } from "./label-guide.ts";
import { defineTask, type Row } from "./task.ts";
import { textAgent } from "./text-agent.ts";

const file: BigBenchTask = {
  name: "intent_recognition",
  sha256: "04ca74852de19abfc64c807b096f0094bacbb82131c793d8c413cad3dfdeb5ae",
};

const maxOutputTokens = 16;

export const snips = defineTask<string, string, string>({
  id: "snips",
  title: "Snips intents",
  source: bigBench,
  callsModel: true,
  maxOutputTokens,
  answers: [
    ...["add_to_playlist", "book_restaurant", "get_weather", "play_music", "rate_book", "search_creative_work"],
    "search_screening_event",
  ],
  optimizers: ["OptoPrime", "OPRO", "TextGrad"],
  demonstrations: "demonstrations",
  handWritten: {
    instruction: `You sort what people say to a voice assistant. Reply with one of these names and nothing else:
add_to_playlist - a song, album, or artist is to be added to a playlist
book_restaurant - a table is to be reserved
get_weather - a question about the weather
play_music - music is to be played now
rate_book - points or stars for a book
search_creative_work - a film, show, game, book, song, or picture is to be found by its title
search_screening_event - a question about which films are shown, where, or when`,
  },
  load: snipsRows,
  stratum: ({ info }) => info,
  agent: (options) => textAgent({ ...options, instruction: "Classify the intent.", maxOutputTokens }),
  guide: labelGuide,
});

/** The utterances and their intents. */
export async function snipsRows(cache: string): Promise<Row<string, string>[]> {
  const rows = await bigBenchRows(file, cache);
  return rows.map((row) => ({ ...row, input: row.input.replace(/^Utterance: /, "") }));
}
