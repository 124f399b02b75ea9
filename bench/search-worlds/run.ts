/**
 * Compares searches in toy worlds at matched budgets: `npm run bench:worlds -- [--worlds N] [--from SEED] [--arms NAME;NAME] [--file FILE]`.
 *
 * Every search runs on the real engine. A run is read at the end of the iteration in which its budget is used up: in task calls alone, and in costs, of
 * which a proposal has as much as some task calls. In the last kind of world proposals only reword (`--repair rewords`): whatever is found there is
 * found falsely. Differences are paired by world, with 95% intervals. Seeds below 1,000,000 are for exploring; `--confirm` takes others, for the numbers
 * that are quoted. With `--file`, what has been played is kept there, a line for each run, and is not played again.
 *
 * @module
 */
import { appendFile, readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { arms, reference } from "./arms.ts";
import { type Outcome, play } from "./play.ts";

/** Equal task calls, and equal costs where a proposal costs as much as 5 task calls. */
const [prices, budget] = [[0, 5], 2000] as const;
const repairs = [0.35, 0.15, 0, null] as const;

/** One reading of a run that has been played. */
interface Reading {
  readonly repair: number | null;
  readonly price: number;
  readonly budget: number;
}

type Played = Reading & { readonly search: string; readonly world: number; readonly outcome: Outcome };

const { values: options } = parseArgs({
  options: {
    worlds: { type: "string", default: "20" },
    from: { type: "string", default: "0" },
    confirm: { type: "boolean", default: false },
    arms: { type: "string", default: "" },
    repair: { type: "string", default: "" },
    against: { type: "string", default: reference },
    file: { type: "string" },
  },
});
const numWorlds = Number(options.worlds);
const first = Number(options.from) + (options.confirm ? 1_000_000 : 0);
const wanted = options.arms.split(";").map((name) => name.trim());
const chosen = Object.entries(arms).filter(([name]) => {
  return options.arms === "" || name === options.against || wanted.includes(name);
});
const chosenRepairs = repairs.filter(
  (repair) => options.repair === "" || options.repair.split(";").includes(`${repair ?? "rewords"}`),
);

const played = new Map((await readPlayed(options.file)).map((one) => [keyOf(one, one.search, one.world), one.outcome]));
// World by world, so that a run that is cut short has played the same worlds with all searches.
for (let world = first; world < first + numWorlds; world++) {
  for (const repair of chosenRepairs) {
    for (const [search, arm] of chosen) {
      const missing = prices.filter((price) => !played.has(keyOf({ repair, price, budget }, search, world)));
      if (missing.length === 0) continue;
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Kworld ${world - first + 1} of ${numWorlds}: ${search}`);
      const outcomes = await play(arm, { repair, prices: missing, budget }, world);
      for (const [at, price] of missing.entries()) {
        const line: Played = { repair, price, budget, search, world, outcome: outcomes[at] as Outcome };
        played.set(keyOf(line, search, world), line.outcome);
        if (options.file !== undefined) await appendFile(options.file, `${JSON.stringify(line)}\n`);
      }
    }
  }
}
if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
for (const price of prices) for (const repair of chosenRepairs) printTable({ repair, price, budget });

function printTable(setting: Reading): void {
  const { repair, price } = setting;
  const outcomesOf = (search: string): readonly Outcome[] => {
    return Array.from({ length: numWorlds }, (_, at) => played.get(keyOf(setting, search, first + at)) as Outcome);
  };
  const others = outcomesOf(options.against);
  const does = repair === null ? "only rewords, so that nothing can be gained" : `repairs with probability ${repair}`;
  console.log(`\nA proposal ${does}, and costs ${price}; budget ${budget}; ${numWorlds} worlds from ${first}\n`);
  console.log(
    `| search | right % | − start | − ${options.against} | below start % | start returned % | confirmed % | falsely % | spent |\n|---|---|---|---|---|---|---|---|---|`,
  );
  for (const [name] of chosen) {
    const own = outcomesOf(name);
    const gain = pairedInterval(own.map(({ score, start }) => score - start));
    const ahead = pairedInterval(own.map(({ score }, world) => score - (others[world] as Outcome).score));
    const share = (holds: (outcome: Outcome) => boolean): string => ((100 * own.filter(holds).length) / own.length).toFixed(0);
    const cells = [
      ...[name, (100 * average(own.map(({ score }) => score))).toFixed(1), gain, name === options.against ? "" : ahead],
      ...[
        share(({ score, start }) => score < start),
        share(({ isStart }) => isStart),
        share(({ isConfirmed }) => isConfirmed),
        share(({ isConfirmed, score, start }) => isConfirmed && score <= start),
        average(own.map(({ spent }) => spent)).toFixed(0),
      ],
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function keyOf({ repair, price, budget }: Reading, search: string, world: number): string {
  return [repair, price, budget, search, world].join("/");
}

async function readPlayed(file: string | undefined): Promise<readonly Played[]> {
  if (file === undefined) return [];
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => (line.endsWith("}") ? [JSON.parse(line) as Played] : []));
}

/** The mean difference in points, with its 95% interval. */
function pairedInterval(differences: readonly number[]): string {
  const middle = average(differences);
  const variance = differences.reduce((sum, one) => sum + (one - middle) ** 2, 0) / Math.max(1, differences.length - 1);
  const half = 1.96 * Math.sqrt(variance / differences.length);
  return `${middle < 0 ? "−" : "+"}${Math.abs(100 * middle).toFixed(1)} ± ${(100 * half).toFixed(1)}`;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
