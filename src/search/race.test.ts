import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareCandidates, type Row } from "../data/comparison.ts";
import { Random } from "../data/random.ts";
import { Race } from "./race.ts";

/** What one rollout came to: a score, or nothing that could be scored. */
type Entry = number | "unscored";
type Table = readonly (readonly Entry[])[];

interface Ran {
  readonly race: Race;
  /** How many rollouts were run. */
  readonly rollouts: number;
  /** What is known of every candidate; the rest is `undefined`. */
  readonly seen: (Entry | undefined)[][];
}

interface Options {
  readonly range?: readonly [number, number];
  readonly keep?: number;
  readonly errorProbability?: number;
  readonly order?: number[];
}

/** Rounds of one rollout, by the rule that `ScoringRounds` follows. */
function run(table: Table, options: Options): Ran {
  const size = table[0]?.length as number;
  const race = new Race({ candidates: table.length, size, ...options });
  const seen = table.map((row) => row.map((): Entry | undefined => undefined));
  for (let rollouts = 0; ; ) {
    const out = race.verdict();
    const running = table.flatMap((_, index) => (out[index] === undefined && race.confirmed(index) < size ? [index] : []));
    if (running.length === 0) return { race, rollouts, seen };
    for (const index of running) {
      const rollout = race.order[race.confirmed(index)] as number;
      const entry = table[index]?.[rollout] as Entry;
      race.note(index, rollout, entry === "unscored" ? null : entry);
      race.confirm(index, race.confirmed(index) + 1);
      (seen[index] as Entry[])[rollout] = entry;
      rollouts++;
    }
  }
}

/** The best `keep` of a whole table, by the rule of comparison. */
function best(rows: readonly Row[], keep: number): number[] {
  const { standings } = compareCandidates(rows, { current: null, scoreRange: [0, 1] });
  const able = standings.flatMap(({ isEligible, mean }, index) => (isEligible ? [{ index, mean: mean as number }] : []));
  return able
    .sort((a, b) => b.mean - a.mean || a.index - b.index)
    .slice(0, keep)
    .map(({ index }) => index);
}

function chosenOf({ race, seen }: Ran): number[] {
  const out = race.verdict();
  return best(
    seen.map((row, index) => (out[index] === undefined ? row : row.map(() => undefined))),
    race.keep,
  );
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
      if (random.next() < fails) return 0;
      if (random.next() < outages) return "unscored";
      const score = grid(random);
      return random.next() < strength ? Math.max(score, grid(random)) : Math.min(score, grid(random));
    });
  });
}

describe("Race", () => {
  it.each([1, 2, 4])("chooses the best %d of 1,000 random tables, whatever the rollouts left out would have come to", (keep) => {
    let [saved, all] = [0, 0];
    for (let seed = 0; seed < 1_000; seed++) {
      const table = randomTable(seed, seed % 3 === 0 ? 0.1 : 0, seed % 4 === 0 ? 0.05 : 0);
      const ran = run(table, { range: [0, 1], keep });
      all += table.length * (table[0]?.length as number);
      saved += table.length * (table[0]?.length as number) - ran.rollouts;
      const chosen = chosenOf(ran);
      const random = new Random(seed, "rest");
      const fills: readonly ((was: Entry) => Entry)[] = [
        (was) => (was === "unscored" ? random.next() : was),
        () => 1,
        () => 0,
        () => random.next(),
      ];
      for (const fill of fills) {
        const full = ran.seen.map((row, index) => row.map((entry, example) => entry ?? fill(table[index]?.[example] as Entry)));
        expect(best(full, keep), `seed ${seed}`).toEqual(chosen);
      }
    }
    expect(saved / all).toBeGreaterThan(keep === 1 ? 0.09 : 0.02);
  });

  it("drops no candidate without a range", () => {
    const table = [
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ];
    expect(run(table, {}).rollouts).toBe(8);
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

  it("a candidate that was behind one that cannot be compared comes back", () => {
    const table: Table = [
      [0.4, 0.4, 0.4, 0.4],
      [1, 1, 1, "unscored"],
      [0.5, 0.5, 0.5, 0.5],
    ];
    expect(chosenOf(run(table, { range: [0, 1] }))).toEqual([2]);
  });

  it("runs the first `keep` candidates to the end first, then one that is ahead of the last of them", () => {
    const race = new Race({ candidates: 4, size: 10, keep: 2, range: [0, 1] });
    const score = (candidate: number, value: number, count: number): void => {
      for (let rollout = 0; rollout < count; rollout++) race.note(candidate, rollout, value);
      race.confirm(candidate, count);
    };
    expect(race.frontRunners([0, 1, 2, 3])).toEqual([0, 1]);
    score(0, 0.9, 10);
    expect(race.frontRunners([1, 2, 3])).toEqual([1]);
    score(1, 0.3, 10);
    score(2, 0.4, 2);
    score(3, 0.2, 2);
    expect(race.frontRunners([2, 3])).toEqual([2]);
  });

  it("what came ahead of its turn changes no confirmed verdict", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 20 }), (scores) => {
        const race = new Race({ candidates: 2, size: scores.length, range: [0, 1] });
        const before = race.verdict();
        for (const [rollout, score] of scores.entries()) {
          race.note(0, rollout, 1);
          race.note(1, rollout, score / 2);
        }
        expect(race.verdict()).toEqual(before);
        expect(race.verdict("known")[1]).toBe("bound");
      }),
    );
  });

  it("racing drops the winner less often than its error probability, and saves more", () => {
    const [trials, errorProbability, size] = [100, 0.2, 150];
    let [wrong, saved, exact] = [0, 0, 0];
    for (let seed = 0; seed < trials; seed++) {
      const random = new Random(seed, "racing");
      const strengths = Array.from({ length: 6 }, () => 0.3 + 0.5 * random.next());
      const table = strengths.map((strength) => Array.from({ length: size }, () => Number(random.next() < strength)));
      const order = random.shuffle(Array.from({ length: size }, (_, index) => index));
      const ran = run(table, { range: [0, 1], errorProbability, order });
      if (chosenOf(ran)[0] !== best(table, 1)[0]) wrong++;
      saved += 6 * size - ran.rollouts;
      exact += 6 * size - run(table, { range: [0, 1], order }).rollouts;
    }
    expect(wrong / trials).toBeLessThanOrEqual(errorProbability);
    expect(saved).toBeGreaterThan(exact * 1.2);
  });
});
