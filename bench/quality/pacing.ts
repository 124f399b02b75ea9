/**
 * Requests wasted and time taken with plain AIMD, and with the lane of opto, against the simulated providers of the tests.
 *
 * @module
 */
import { loads, measureLoad } from "../../test/support/provider-loads.ts";
import { AimdLane } from "./aimd-lane.ts";
import { percent, printTable } from "./table.ts";

const seeds = [1, 2, 3];
const [, , sixteen] = loads;

/** The providers of the tests, and two that refuse by chance as seldom as good ones do. */
const measuredLoads: typeof loads = [
  ...loads,
  ...[0.01, 0.05].map((refused) => {
    return { ...(sixteen as (typeof loads)[number]), name: `16 in flight, ${percent(refused)} refused`, faults: { refused } };
  }),
];

/** Means over some seeds. */
async function measured(load: (typeof loads)[number], makeLane: Parameters<typeof measureLoad>[2]) {
  const runs = await Promise.all(seeds.map((seed) => measureLoad(load, seed, makeLane)));
  const mean = (of: (run: (typeof runs)[number]) => number): number => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  return { share: mean(({ share }) => share), refused: mean(({ refused }) => refused), seconds: mean(({ seconds }) => seconds) };
}

/** Prints a row for every provider: the share of its limit that was used, and the refusals for each answer. */
export async function pacing(): Promise<void> {
  const rows: string[][] = [];
  for (const load of measuredLoads) {
    const plain = await measured(load, (options) => new AimdLane(options));
    const ours = await measured(load, undefined);
    rows.push([
      load.name,
      percent(plain.share),
      percent(ours.share),
      plain.refused.toFixed(2),
      ours.refused.toFixed(2),
      `${plain.seconds.toFixed(0)} s`,
      `${ours.seconds.toFixed(0)} s`,
    ]);
  }
  printTable(["provider", "AIMD uses", "opto uses", "AIMD refused", "opto refused", "AIMD takes", "opto takes"], rows);
}
