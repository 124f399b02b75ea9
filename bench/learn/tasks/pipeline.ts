/**
 * Two modules: the first says what kind of request it is, the second answers, knowing only the request and that word.
 *
 * @module
 */
import { type Feedback, generate, type Module, model, parameter } from "opto";
import { bigBench } from "../data/big-bench.ts";
import { dates } from "./dates.ts";
import { labelGuide } from "./label-guide.ts";
import { navigateRows } from "./navigate.ts";
import { snipsRows } from "./snips.ts";
import { type AgentOptions, defineTask, type Row, withUnitScores } from "./task.ts";

/** What the guide knows. */
interface Expected {
  readonly kind: string;
  readonly answer: string;
}

const rowsOfKind = 240;

export const pipeline = defineTask<string, string, Expected>({
  id: "pipeline",
  title: "Pipeline: route, then answer",
  source: { name: `${bigBench.name} (Snips, Navigate), and dates made here`, license: bigBench.license },
  callsModel: true,
  optimizers: ["OptoPrime", "OPRO", "TextGrad"],
  handWritten: {
    route:
      "Say what kind of text this is, in one word: date (a date between exclamation marks), steps (instructions to walk), request (anything said to a voice assistant).",
    answer: `Each request comes with its kind.
date: rewrite !MM!DD!YYYY! as YYYY-MM-DD.
steps: True if the steps lead back to the start, else False.
request: its intent, one of add_to_playlist, book_restaurant, get_weather, play_music, rate_book, search_creative_work, search_screening_event.
Reply with that only.`,
  },
  load: mixedRows,
  stratum: ({ info }) => info.kind,
  agent: routeThenAnswer,
  guide: withUnitScores((input: string, answer: string, { answer: expected }: Expected): Feedback => {
    return labelGuide(input, answer, expected) as Feedback;
  }),
});

function routeThenAnswer({ model: answering }: AgentOptions): Module<string, string> {
  const slots = {
    route: parameter("Name the kind of request.", {
      description: "the system prompt of the model that sorts requests",
      placeholders: [],
    }),
    answer: parameter("Answer the request.", {
      description: "the system prompt of the model that answers a request, knowing its kind",
      placeholders: [],
    }),
  };
  return model(slots, async ({ route, answer }, input: string) => {
    const settings = { model: answering, temperature: 0 };
    const kind = await generate({ ...settings, system: route, prompt: input, maxOutputTokens: 8 });
    const messages = [
      { role: "user" as const, content: kind },
      { role: "user" as const, content: input },
    ];
    return generate({ ...settings, system: answer, messages, maxOutputTokens: 16 });
  }) as unknown as Module<string, string>;
}

async function mixedRows(cache: string): Promise<Row<string, Expected>[]> {
  const kinds = {
    date: (await dates.load(cache)) as readonly Row<string, string>[],
    request: await snipsRows(cache),
    steps: await navigateRows(cache),
  };
  return Object.entries(kinds).flatMap(([kind, rows]) => {
    return rows
      .slice(0, rowsOfKind)
      .map(({ id, input, info }) => ({ id: `${kind}: ${id}`, input, info: { kind, answer: info } }));
  });
}
