/**
 * Compares searches in toy worlds at matched budgets: `npm run bench:worlds -- [--worlds N] [--from SEED] [--arms NAME;NAME] [--json FILE]`.
 *
 * Every search runs on the real engine. A run ends with the iteration in which its budget is used up, in task calls, of which a proposal costs
 * some. Differences are paired by world, with 95% intervals. Seeds below 1,000,000 are for exploring; `--confirm` takes others, for the numbers
 * that are quoted.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { PolicySearch } from "opto/algorithms";
import { comparePaired, isImprovement } from "opto/data";
import { type Arm, arms, reference } from "./arms.ts";
import { worldOf } from "./world.ts";

/** One kind of world and budget. */
interface Setting {
  readonly repair: number;
  /** What a proposal costs, in task calls. */
  readonly price: number;
  readonly budget: number;
}

const settings: readonly Setting[] = [
  { repair: 0.35, price: 5, budget: 2000 },
  { repair: 0.15, price: 5, budget: 2000 },
  { repair: 0, price: 5, budget: 2000 },
];

/** What one search came to in one world, from 0 to 1. */
interface Outcome {
  readonly score: number;
  readonly start: number;
  readonly spent: number;
  readonly isStart: boolean;
  /** Whether held-out examples confirm that it is better than the start, as `result.report` does. */
  readonly isConfirmed: boolean;
}

const { values: options } = parseArgs({
  options: {
    worlds: { type: "string", default: "20" },
    from: { type: "string", default: "0" },
    confirm: { type: "boolean", default: false },
    arms: { type: "string", default: "" },
    json: { type: "string" },
  },
});
const numWorlds = Number(options.worlds);
const first = Number(options.from) + (options.confirm ? 1_000_000 : 0);
const wanted = options.arms.split(";").map((name) => name.trim());
const chosen = Object.entries(arms).filter(([name]) => name === reference || options.arms === "" || wanted.includes(name));

const rows: object[] = [];
for (const setting of settings) {
  const { repair, price, budget } = setting;
  const outcomes = new Map<string, Outcome[]>();
  for (let world = 0; world < numWorlds; world++) {
    for (const [name, arm] of chosen) {
      outcomes.set(name, [...(outcomes.get(name) ?? []), await run(arm, setting, first + world)]);
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Kworld ${world + 1} of ${numWorlds}: ${name}`);
    }
  }
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const isNull = repair === 0 ? ", so that nothing can be gained" : "";
  console.log(
    `\nA proposal repairs with probability ${repair}${isNull}, and costs ${price}; budget ${budget}; ${numWorlds} worlds from ${first}\n`,
  );
  console.log(
    "| search | right % | − start | − gepa | below start % | start returned % | confirmed % | falsely % | spent |\n|---|---|---|---|---|---|---|---|---|",
  );
  for (const [name, own] of outcomes) {
    const others = outcomes.get(reference) as Outcome[];
    const gain = pairedInterval(own.map(({ score, start }) => score - start));
    const ahead = pairedInterval(own.map(({ score }, world) => score - (others[world] as Outcome).score));
    const share = (holds: (outcome: Outcome) => boolean): string => ((100 * own.filter(holds).length) / own.length).toFixed(0);
    const cells = [
      ...[name, (100 * average(own.map(({ score }) => score))).toFixed(1), gain, name === reference ? "" : ahead],
      ...[
        share(({ score, start }) => score < start),
        share(({ isStart }) => isStart),
        share(({ isConfirmed }) => isConfirmed),
        share(({ isConfirmed, score, start }) => isConfirmed && score <= start),
        average(own.map(({ spent }) => spent)).toFixed(0),
      ],
    ];
    console.log(`| ${cells.join(" | ")} |`);
    rows.push({ ...setting, search: name, outcomes: own });
  }
}
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows)}\n`);

async function run({ policy, batchSize }: Arm, { repair, price, budget }: Setting, seed: number): Promise<Outcome> {
  const { agent, optimizer, guide, train, validate, spent, truth, heldOut } = worldOf({ seed, repair });
  const start = agent.candidate().prompt ?? null;
  const costs = (): number => spent.tasks + price * spent.proposals;
  const stop = new AbortController();
  const onEvent = ({ type }: { readonly type: string }): void => {
    if (type === "iteration-end" && costs() >= budget) stop.abort(new Error("The budget is used up"));
  };
  const search = new PolicySearch(agent, optimizer, policy(), { logger: { onEvent }, numThreads: 1 });
  const data = { validateDataset: validate, batchSize, numEpochs: 1000, evalFrequency: 0, seed, keep: "last" as const };
  await search.train(guide, train, { ...data, signal: stop.signal }).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  const held = agent.candidate().prompt ?? null;
  const isStart = JSON.stringify(held) === JSON.stringify(start);
  const comparison = comparePaired(heldOut(start, "start"), heldOut(held, "held"), { range: [0, 1], seed });
  const isConfirmed = !isStart && isImprovement(comparison);
  return { score: truth(held), start: truth(start), spent: costs(), isStart, isConfirmed };
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
