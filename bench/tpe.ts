/**
 * How well TPE searches: `npx tsx --tsconfig tsconfig.build.json bench/tpe.ts [--seeds N] [--problem TEXT]`, after a build.
 *
 * Exact scores are told by `observe`, four proposals at a time, as `BasicSearchAlgorithm` does; measurements by `backward`,
 * one at a time, as `MinibatchAlgorithm` does. Beside TPE stand the same search without its model, which varies the
 * best values at random, and random search. Printed are medians over the seeds of the best score after 100, 300 and 1000
 * evaluations; of measurements, the true score of what measured best.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Random } from "opto/data";
import { bundle, type Candidate, type Domain, namedParameters } from "opto/graph";
import { type Optimizer, TPE } from "opto/optimizers";
import { median } from "./benchmark.ts";
import { type SearchProblem, searchProblems } from "./search-problems.ts";

type Propose = (step: number, proposal: number) => Candidate | Promise<Candidate>;

const { values: flags } = parseArgs({
  options: { seeds: { type: "string", default: "20" }, problem: { type: "string", default: "" } },
});
const budgets = [100, 300, 1000];
const searches: Readonly<Record<string, (problem: SearchProblem, seed: number) => Promise<number[]>>> = {
  "random search": atRandom,
  "TPE without its model": (problem, seed) =>
    learning(problem, seed, new TPE(problem.parameters, { seed, startupTrials: 10_000 })),
  TPE: (problem, seed) => learning(problem, seed, new TPE(problem.parameters, { seed })),
};

for (const [name, make] of Object.entries(searchProblems).filter(([name]) => name.includes(flags.problem))) {
  console.log(`\n${name.padEnd(34)}${budgets.map((budget) => String(budget).padStart(9)).join("")}`);
  for (const [searchName, search] of Object.entries(searches)) {
    const found: number[][] = [];
    for (let seed = 0; seed < Number(flags.seeds); seed++) found.push(await search(make(seed), seed));
    const medians = budgets.map((_, index) => median(found.map((scores) => scores[index] ?? Number.NaN)));
    console.log(`  ${searchName.padEnd(32)}${medians.map((value) => value.toFixed(3).padStart(9)).join("")}`);
  }
}

async function learning(problem: SearchProblem, seed: number, optimizer: Optimizer): Promise<number[]> {
  const propose: Propose = (step, proposal) => optimizer.propose({ label: `step/${step}/proposal/${proposal}` });
  if (problem.measure === undefined)
    return run(problem, seed, 4, propose, (candidate, score) => optimizer.observe?.(candidate, score));
  const answers = bundle(() => problem.parameters.map(({ value }) => value), { name: "answers" });
  return run(problem, seed, 1, propose, (candidate, score) => {
    optimizer.zeroFeedback();
    optimizer.update(candidate);
    optimizer.backward(answers(), { score, feedback: "" });
  });
}

async function atRandom(problem: SearchProblem, seed: number): Promise<number[]> {
  const random = new Random(seed, "random search");
  const named = [...namedParameters(problem.parameters)];
  const draw = (): Candidate => Object.fromEntries(named.map(([name, { domain }]) => [name, anyOf(domain as Domain, random)]));
  return run(problem, seed, 1, draw, () => {});
}

/** The score of the best candidate after each budget. The start configuration is the first candidate. */
async function run(
  problem: SearchProblem,
  seed: number,
  atOnce: number,
  propose: Propose,
  tell: (candidate: Candidate, score: number) => void,
): Promise<number[]> {
  const random = new Random(seed, "measurements");
  const start = Object.fromEntries([...namedParameters(problem.parameters)].map(([name, parameter]) => [name, parameter.peek()]));
  const found: number[] = [];
  let [best, highest, evaluations] = [start as Candidate, Number.NEGATIVE_INFINITY, 0];
  for (let step = 0; found.length < budgets.length; step++) {
    const proposals = Array.from({ length: atOnce }, (_, proposal) => propose(step, proposal));
    const candidates = step === 0 ? [start as Candidate] : await Promise.all(proposals);
    for (const candidate of candidates) {
      const score = (problem.measure ?? problem.score)(candidate, random);
      tell(candidate, score);
      if (score > highest) [best, highest] = [candidate, score];
      if (++evaluations === budgets[found.length]) found.push(problem.score(best));
    }
  }
  return found;
}

/** Every value of a domain with the same probability; on a logarithmic scale, every magnitude. */
function anyOf(domain: Domain, random: Random): Candidate[string] {
  if (domain.kind === "choices") return random.choice(domain.values);
  if (domain.kind === "subset") return random.sample(domain.pool, random.integer(domain.min, domain.max));
  const { low, high, integer, log } = domain;
  if (integer) return random.integer(low, high);
  return log ? low * (high / low) ** random.next() : low + (high - low) * random.next();
}
