import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../data/random.ts";
import { Race } from "./race.ts";

/** What happens on one example: a score, a failure without a score, or nothing that could be scored. */
type Entry = number | "broken" | "unscored";
type Table = readonly (readonly Entry[])[];

interface Ran {
  readonly race: Race;
  /** How many rollouts were run. */
  readonly rollouts: number;
  /** What is known of every candidate; the rest is `undefined`. */
  readonly seen: (Entry | undefined)[][];
}

/** Rounds of one example, by the rule that `ValidationRounds` follows. */
function run(table: Table, options: { range?: readonly [number, number]; errorProbability?: number; order?: number[] }): Ran {
  const size = table[0]?.length as number;
  const race = new Race({ candidates: table.length, size, ...options });
  const seen = table.map((row) => row.map((): Entry | undefined => undefined));
  for (let rollouts = 0; ; ) {
    const out = race.verdict();
    const running = table.flatMap((_, index) => (out[index] === undefined && race.confirmed(index) < size ? [index] : []));
    if (running.length === 0) return { race, rollouts, seen };
    for (const index of running) {
      const example = race.order[race.confirmed(index)] as number;
      const entry = table[index]?.[example] as Entry;
      race.note(index, example, { score: typeof entry === "number" ? entry : null, broken: entry === "broken" });
      race.confirm(index, race.confirmed(index) + 1);
      (seen[index] as Entry[])[example] = entry;
      rollouts++;
    }
  }
}

/** Selection as it is written down in the documentation, from a whole table: `null` when nobody has a mean. */
function winner(table: Table): number | null {
  const isInRace = (row: readonly Entry[]): boolean => !row.includes("broken") && row.some((entry) => typeof entry === "number");
  const inRace = table.filter(isInRace);
  const shared = (table[0] as readonly Entry[]).map((_, example) => inRace.every((row) => row[example] !== "unscored"));
  const means = table.map((row) => {
    if (!isInRace(row)) return Number.NEGATIVE_INFINITY;
    const counted = row.filter((entry, example) => typeof entry === "number" && (!shared.includes(true) || shared[example]));
    return (counted as number[]).reduce((sum, score) => sum + score, 0) / counted.length;
  });
  const best = means.reduce((best, mean, index) => (mean > (means[best] as number) ? index : best), 0);
  return means[best] === Number.NEGATIVE_INFINITY ? null : best;
}

function chosenOf({ race, seen }: Ran): number | null {
  const out = race.verdict();
  const rows = seen.map((row, index) => (out[index] === undefined ? (row as Entry[]) : row.map((): Entry => "broken")));
  return winner(rows);
}

const grids: readonly ((random: Random) => number)[] = [
  (random) => random.integer(0, 1),
  (random) => random.integer(0, 4) / 4,
  (random) => random.next(),
  // Sums of these depend on the order in which they are added.
  (random) => random.integer(0, 10) / 10,
];

/** Candidates of different strength, with failures and outages. */
function randomTable(seed: number, failures: number, outages: number): Table {
  const random = new Random(seed, "race");
  const grid = grids[seed % grids.length] as (random: Random) => number;
  const [candidates, size] = [random.integer(1, 9), random.integer(1, 40)];
  return Array.from({ length: candidates }, () => {
    const [strength, fails] = [random.next(), random.next() < 0.3 ? failures : 0];
    return Array.from({ length: size }, (): Entry => {
      if (random.next() < fails) return "broken";
      if (random.next() < outages) return "unscored";
      const score = grid(random);
      return random.next() < strength ? Math.max(score, grid(random)) : Math.min(score, grid(random));
    });
  });
}

describe("Race", () => {
  it("chooses in 1,000 random trials what the full evaluation chooses, whatever the rollouts left out would have given", () => {
    let [spared, all] = [0, 0];
    for (let seed = 0; seed < 1_000; seed++) {
      const table = randomTable(seed, seed % 3 === 0 ? 0.1 : 0, seed % 2 === 0 ? 0.05 : 0);
      const ran = run(table, { range: [0, 1] });
      all += table.length * (table[0]?.length as number);
      spared += table.length * (table[0]?.length as number) - ran.rollouts;
      const chosen = chosenOf(ran);
      const random = new Random(seed, "rest");
      // An outage is not the candidate's doing: what was left out counts as scored, or as failed, at the best, at the worst, by chance.
      const fills: readonly ((was: Entry) => Entry)[] = [
        (was) => (was === "unscored" ? random.next() : was),
        () => 1,
        () => 0,
        () => random.next(),
        () => (random.next() < 0.1 ? "broken" : 1),
      ];
      for (const fill of fills) {
        const full = ran.seen.map((row, index) => row.map((entry, example) => entry ?? fill(table[index]?.[example] as Entry)));
        expect(winner(full), `seed ${seed}`).toBe(chosen);
      }
    }
    expect(spared / all).toBeGreaterThan(0.1);
  });

  it("drops nobody without a range, and nobody who must finish", () => {
    const table = [
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ];
    expect(run(table, {}).rollouts).toBe(8);
    const race = new Race({ candidates: 2, size: 4, range: [0, 1], mustFinish: new Set([1]) });
    for (const [index, score] of [1, 0].entries()) {
      for (let example = 0; example < 4; example++) race.note(index, example, { score, broken: false });
      race.confirm(index, 3);
    }
    expect(race.verdict()).toEqual([undefined, undefined]);
  });

  it("a tie that is certain goes to the earlier, so the later is dropped as soon as it can only tie", () => {
    expect(
      run(
        [
          [1, 1],
          [0, 0],
        ],
        { range: [0, 1] },
      ).rollouts,
    ).toBe(3);
  });

  it("a candidate that was behind one that failed later comes back", () => {
    const table: Table = [
      [0.4, 0.4, 0.4, 0.4],
      [1, 1, 1, "broken"],
      [0.5, 0.5, 0.5, 0.5],
    ];
    const ran = run(table, { range: [0, 1] });
    expect(chosenOf(ran)).toBe(2);
  });

  it("what came ahead of its turn changes no confirmed verdict", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 20 }), (scores) => {
        const race = new Race({ candidates: 2, size: scores.length, range: [0, 1] });
        const before = race.verdict();
        for (const [example, score] of scores.entries()) {
          race.note(0, example, { score: 1, broken: false });
          race.note(1, example, { score: score / 2, broken: false });
        }
        expect(race.verdict()).toEqual(before);
        expect(race.verdict("known")[1]).toBe("bound");
      }),
    );
  });

  it("racing drops the winner less often than its error probability, and spares more", () => {
    const [trials, errorProbability, size] = [150, 0.2, 150];
    let [wrong, spared, exact] = [0, 0, 0];
    for (let seed = 0; seed < trials; seed++) {
      const random = new Random(seed, "racing");
      const strengths = Array.from({ length: 6 }, () => 0.3 + 0.5 * random.next());
      const table = strengths.map((strength) => Array.from({ length: size }, () => Number(random.next() < strength)));
      const order = random.shuffle(Array.from({ length: size }, (_, index) => index));
      const ran = run(table, { range: [0, 1], errorProbability, order });
      if (chosenOf(ran) !== winner(table)) wrong++;
      spared += 6 * size - ran.rollouts;
      exact += 6 * size - run(table, { range: [0, 1], order }).rollouts;
    }
    expect(wrong / trials).toBeLessThanOrEqual(errorProbability);
    expect(spared).toBeGreaterThan(exact * 1.2);
  });
});
