/**
 * A function from failing cases: the code is the parameter, and runs in the sandbox. Rollouts ask no model; the optimizer does.
 *
 * @module
 */
import { bundle, type Feedback, type Module, model } from "opto";
import { Random } from "opto/data";
import { defineTask, type Row, withUnitScores } from "./task.ts";

const units = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 } as const;

export const code = defineTask<string, number, number>({
  id: "code",
  title: "Function from failing cases",
  source: { name: "made here by seed", license: "that of this repository" },
  callsModel: false,
  optimizers: ["OptoPrime", "OPRO"],
  sizes: { train: 40, validation: 40, test: 80 },
  load: async () => rows(),
  agent: durationAgent,
  guide: withUnitScores((input: string, answer: number, seconds: number): Feedback => {
    if (answer === seconds) return { score: 1, feedback: "Right." };
    return { score: 0, feedback: `For ${JSON.stringify(input)} the function must return ${seconds}.` };
  }),
});

function durationAgent(): Module<string, number> {
  const parseDuration = bundle(
    function parseDuration(text: string): number {
      return Number.parseInt(text, 10);
    },
    { trainable: true, name: "parseDuration", description: "turns a duration as people write it into a number" },
  );
  return model({ parseDuration }, (own, text: string) => own.parseDuration(text)) as unknown as Module<string, number>;
}

/** `1h30m`, `2 d 4 h`, `-45s`, `1:30:00`. */
function rows(): Row<string, number>[] {
  const random = new Random(0, "durations");
  const found = new Map<string, Row<string, number>>();
  while (found.size < 240) {
    const { input, info } = random.next() < 0.3 ? clock(random) : parts(random);
    found.set(input, { id: input, input, info });
  }
  return [...found.values()];
}

function clock(random: Random): { input: string; info: number } {
  const [hours, minutes, seconds] = [random.integer(0, 20), random.integer(0, 59), random.integer(0, 59)];
  const two = (count: number): string => String(count).padStart(2, "0");
  return { input: `${hours}:${two(minutes)}:${two(seconds)}`, info: hours * 3_600 + minutes * 60 + seconds };
}

function parts(random: Random): { input: string; info: number } {
  const chosen = (Object.keys(units) as (keyof typeof units)[]).filter(() => random.next() < 0.4);
  const names = chosen.length === 0 ? (["s"] as const) : chosen;
  const counts = names.map((name) => [random.integer(1, 40), name] as const);
  const [space, between, sign] = [random.choice(["", " "]), random.choice(["", " "]), random.next() < 0.15 ? -1 : 1];
  const written = counts.map(([count, name]) => `${count}${space}${name}`).join(between);
  const sum = counts.reduce((seconds, [count, name]) => seconds + count * units[name], 0);
  return { input: `${sign < 0 ? "-" : ""}${written}`, info: sign * sum };
}
