/**
 * What a proposal of TPE costs with many trials, beside what it costs with few: from what was observed, and from a history.
 *
 * @module
 */
import { Random } from "opto/data";
import { type Candidate, type Parameter, parameter, range } from "opto/graph";
import { type HistoryView, type PastAttempt, TPE } from "opto/optimizers";
import { type Benchmark, busyMs } from "./benchmark.ts";

const [few, many, proposals] = [50, 5_000, 200];

export const tpeProposals: readonly Benchmark[] = [
  { name: "TPE proposal, 5,000 trials observed", unit: "of 50 trials", limit: 2, sample: () => ratio(observed) },
  { name: "TPE proposal, history of 5,000", unit: "of 50 trials", limit: 2, sample: () => ratio(inHistory) },
];

type Propose = (number: number) => Promise<Candidate>;

/** Side by side, in turns, so that a slow moment falls on both. */
async function ratio(prepare: (count: number) => Propose): Promise<number> {
  const [small, large] = [prepare(few), prepare(many)];
  const times = [0, 0];
  for (let round = -1; round < 10; round++) {
    for (const [index, propose] of [small, large].entries()) {
      const time = await busyMs(async () => {
        for (let number = 0; number < proposals / 10; number++) await propose(round * 100 + number);
      });
      if (round >= 0) times[index] = (times[index] as number) + time;
    }
  }
  return (times[1] as number) / (times[0] as number);
}

function parameters(): Parameter[] {
  const whole = () => parameter(0, { name: "weight", domain: range(-3, 5, { integer: true }) });
  const real = () => parameter(0.5, { name: "share", domain: range(0, 1) });
  return Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? whole() : real()));
}

/** Trials with values all over the space. */
function trialsOf(optimizer: TPE, count: number): PastAttempt[] {
  const random = new Random(count, "trials");
  const names = [...optimizer.parameters.keys()];
  return Array.from({ length: count }, () => {
    const values = names.map((name, index) => [name, index % 2 === 0 ? random.integer(-3, 5) : random.next()] as const);
    return { values: Object.fromEntries(values), score: random.next(), feedback: "" };
  });
}

function observed(count: number): Propose {
  const optimizer = new TPE(parameters(), { seed: 1 });
  for (const { values, score } of trialsOf(optimizer, count)) optimizer.observe(values, score as number);
  return (number) => optimizer.propose({ label: `proposal/${number}` });
}

/** As a search gives it: one attempt is new in every proposal. */
function inHistory(count: number): Propose {
  const optimizer = new TPE(parameters(), { seed: 1 });
  const attempts = trialsOf(optimizer, count + 2 * proposals);
  const scale = {};
  let length = count;
  return (number) => {
    length++;
    const log: HistoryView["log"] = { scale, length, from: (place) => attempts.slice(place, length) };
    const history: HistoryView = { log, best: () => [], latest: () => [], find: () => undefined };
    return optimizer.propose({ label: `proposal/${number}`, history });
  };
}
