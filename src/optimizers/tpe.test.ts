import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../data/random.ts";
import { choices, domainProblem, range, subset } from "../graph/domain.ts";
import { model } from "../graph/module.ts";
import { add } from "../graph/operators.ts";
import { type Parameter, parameter } from "../graph/parameter.ts";
import { atPosition } from "../graph/scope.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { HistoryView, PastAttempt } from "./optimizer.ts";
import { TPE, type TPEOptions } from "./tpe.ts";

function weights(count: number) {
  return model(
    { w: Array.from({ length: count }, () => parameter(0, { domain: range(-5, 5, { integer: true }) })) },
    (_parts, x: number) => x,
  );
}

const target = (index: number): number => ((index * 7) % 11) - 5;
const quality = (candidate: Candidate): number =>
  -Object.values(candidate).reduce<number>((sum, value, index) => sum + ((value as number) - target(index)) ** 2, 0);

async function search(options: TPEOptions, count: number, evaluations: number): Promise<number> {
  const optimizer = new TPE(weights(count), options);
  let best = Number.NEGATIVE_INFINITY;
  for (let trial = 0; trial < evaluations; trial++) {
    const candidate = await optimizer.propose({ label: `proposal/${trial}` });
    const score = quality(candidate);
    best = Math.max(best, score);
    optimizer.observe(candidate, score);
  }
  return best;
}

function randomSearch(seed: number, count: number, evaluations: number): number {
  const random = new Random(seed);
  const draws = Array.from({ length: evaluations }, () =>
    quality(Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}`, random.integer(-5, 5)]))),
  );
  return Math.max(...draws);
}

describe("TPE", () => {
  it.each([1, 2, 3])("beats random search by far in 20 dimensions (seed %i)", async (seed) => {
    const found = await search({ seed }, 20, 300);
    const random = randomSearch(seed, 20, 300);
    expect(random).toBeLessThan(-80);
    expect(found).toBeGreaterThan(random / 3);
  });

  it("finds the best of a small space", async () => {
    expect(await search({ seed: 1 }, 2, 150)).toBeCloseTo(0);
  });

  it("stays inside every domain, and reaches both ends", async () => {
    const agent = model(
      {
        whole: parameter(3, { domain: range(1, 4, { integer: true }) }),
        real: parameter(0.5, { domain: range(0, 1) }),
        log: parameter(1, { domain: range(0.001, 1000, { log: true }) }),
        logWhole: parameter(1, { domain: range(1, 64, { log: true, integer: true }) }),
        choice: parameter("a", { domain: choices(["a", "b", "c"]) }),
        list: parameter(["x"], { domain: subset(["x", "y", "z", "u", "v"], { min: 1, max: 3 }) }),
        only: parameter(7, { domain: range(7, 7) }),
        free: parameter("left alone"),
      },
      (_parts, x: number) => x,
    );
    const optimizer = new TPE(agent, { seed: 5, startupTrials: 5 });
    const seen = new Set<unknown>();
    for (let trial = 0; trial < 300; trial++) {
      const candidate = await optimizer.propose({ label: `proposal/${trial}` });
      expect(Object.keys(candidate)).not.toContain("free");
      for (const [name, value] of Object.entries(candidate)) {
        const { domain } = agent.namedParameters().get(name) as Parameter;
        expect(domain && domainProblem(domain, value)).toBeUndefined();
      }
      seen.add(candidate.whole).add(candidate.choice).add(`log ${candidate.logWhole}`);
      optimizer.observe(candidate, 1);
    }
    for (const value of [1, 2, 3, 4, "a", "b", "c", "log 1"]) expect(seen).toContain(value);
  });

  it("proposes only valid values for random domains", async () => {
    const domains = fc.oneof(
      fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(40)).map(([low, size]) => range(low, low + size, { integer: true })),
      fc
        .tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: 0, max: 9, noNaN: true }))
        .map(([low, size]) => range(low, low + size)),
      fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 6 }).map((values) => choices(values)),
      fc
        .uniqueArray(fc.string(), { minLength: 1, maxLength: 6 })
        .chain((pool) =>
          fc
            .tuple(fc.nat(pool.length), fc.nat(pool.length))
            .map(([a, b]) => subset(pool, { min: Math.min(a, b), max: Math.max(a, b) })),
        ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(domains, { minLength: 1, maxLength: 4 }), fc.nat(), async (list, seed) => {
        const parameters = list.map((domain) => {
          if (domain.kind === "range") return parameter(domain.low, { domain }) as Parameter;
          if (domain.kind === "choices") return parameter(domain.values[0] as string, { domain }) as Parameter;
          return parameter(domain.pool.slice(0, domain.min), { domain }) as Parameter;
        });
        const optimizer = new TPE(parameters, { seed, startupTrials: 2 });
        for (let trial = 0; trial < 5; trial++) {
          const candidate = await optimizer.propose({ label: `proposal/${trial}` });
          for (const [name, parameter] of optimizer.parameters) expect(parameter.problems(candidate[name])).toEqual([]);
          optimizer.observe(candidate, trial % 2);
        }
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it("the proposals of a step depend on seed and position alone: not on order, not on concurrency", async () => {
    const make = async (order: readonly number[], seed = 3) => {
      const optimizer = new TPE(weights(6), { seed });
      for (let trial = 0; trial < 20; trial++) optimizer.observe({ "w.0": (trial % 11) - 5 }, trial % 7);
      const made = await atPosition("iteration/4", () =>
        Promise.all(order.map((number) => optimizer.propose({ label: `proposal/${number}` }))),
      );
      return order.map((number, index) => [number, made[index]] as const).sort(([a], [b]) => a - b);
    };
    const proposals = await make([0, 1, 2, 3]);
    expect(await make([3, 1, 0, 2])).toEqual(proposals);
    expect(new Set(proposals.map(([, candidate]) => JSON.stringify(candidate))).size).toBe(4);
    expect(await make([0, 1, 2, 3], 4)).not.toEqual(proposals);
  });

  it("learns from the scores of feedback until somebody observes", async () => {
    const x = parameter(1, { name: "x", domain: range(0, 9, { integer: true }) });
    const optimizer = new TPE([x]);
    optimizer.backward(add(x, 1), { score: 0.25, feedback: "" });
    optimizer.backward([add(x, 2), add(x, 3)], [{ score: 0.5, feedback: "" }, "no score"]);
    expect(optimizer.state()).toMatchObject({ heard: [{ values: { x: 1 }, mean: 0.375, count: 2 }], told: [] });
    const before = await optimizer.propose({ label: "proposal/0" });
    optimizer.observe({ x: 7 }, 1);
    for (let trial = 0; trial < 5; trial++) optimizer.backward(add(x, 1), { score: 100, feedback: "" });
    const state = optimizer.state();
    const restored = new TPE([x]);
    restored.restore(JSON.parse(JSON.stringify(state)));
    expect(await restored.propose({ label: "proposal/0" })).toEqual(await optimizer.propose({ label: "proposal/0" }));
    expect(before).not.toEqual({});
  });

  it("keeps the mean of scores whose sum no number can hold", () => {
    const x = parameter(1, { name: "x", domain: range(0, 9, { integer: true }) });
    const optimizer = new TPE([x]);
    for (const score of [1.5e308, 1.5e308, -1.5e308, -1.5e308]) optimizer.observe({ x: 1 }, score);
    const { told } = optimizer.state() as unknown as { told: { mean: number; count: number }[] };
    expect(told).toMatchObject([{ values: { x: 1 }, count: 4 }]);
    expect(Math.abs(told[0]?.mean ?? Number.NaN)).toBeLessThan(1e293);
    new TPE([x]).restore(JSON.parse(JSON.stringify(optimizer.state())));
  });

  it("counts a score for the values that were read, not for those of now", () => {
    const x = parameter(1, { name: "x", domain: range(0, 9, { integer: true }) });
    const optimizer = new TPE([x]);
    const output = add(x, 1);
    x.set(5);
    optimizer.backward(output, { score: 0.25, feedback: "" });
    expect(optimizer.state()).toMatchObject({ heard: [{ values: { x: 1 }, mean: 0.25, count: 1 }] });
  });

  it.each<[title: string, trial: unknown, message: RegExp]>([
    ["an unknown name", { values: { "w.0": 1, "w.1": 1, "w.7": 1 }, mean: 1, count: 1 }, /no parameter "w\.7"/],
    ["a missing name", { values: { "w.0": 1 }, mean: 1, count: 1 }, /a value for w\.1/],
    ["a value outside of its domain", { values: { "w.0": 1, "w.1": 99 }, mean: 1, count: 1 }, /"w\.1" cannot take this value/],
    ["a score that is not finite", { values: { "w.0": 1, "w.1": 1 }, mean: null, count: 1 }, /finite mean/],
    ["no observations", { values: { "w.0": 1, "w.1": 1 }, mean: 1, count: 0 }, /count of at least 1/],
    ["no values", { mean: 1, count: 1 }, /an object with values/],
    ["no trial", 7, /Expected `trial`/],
  ])("refuses to restore a trial with %s, and keeps what it knows", (_title, trial, message) => {
    const optimizer = new TPE(weights(2));
    optimizer.observe({ "w.0": 3, "w.1": 4 }, 1);
    const before = optimizer.state() as { told: unknown[]; heard: unknown[] };
    for (const part of ["told", "heard"] as const) {
      const state = { ...before, [part]: [...before[part], trial] } as unknown as ReturnType<TPE["state"]>;
      expect(() => optimizer.restore(state)).toThrow(message);
      expect(() => optimizer.restore(state)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    }
    expect(optimizer.state()).toEqual(before);
  });

  it("averages repeated observations, and completes partial ones with the values of now", () => {
    const agent = weights(2);
    const optimizer = new TPE(agent);
    optimizer.observe({ "w.0": 3 }, 1);
    optimizer.observe({ "w.0": 3, "w.1": 0 }, 2);
    expect(optimizer.state()).toMatchObject({ told: [{ values: { "w.0": 3, "w.1": 0 }, mean: 1.5, count: 2 }] });
  });

  it.each<[string, () => unknown, RegExp]>([
    ["parameters without a domain", () => new TPE([parameter("a", { name: "prompt" })]), /none of prompt does.*domain: range/],
    ["an unknown option", () => new TPE(weights(1), { seeds: 1 } as TPEOptions), /seeds.*seed/],
    ["a bad gamma", () => new TPE(weights(1), { gamma: 1 }), /gamma/],
    ["no startup trials", () => new TPE(weights(1), { startupTrials: 0 }), /startupTrials/],
    ["a score that is not finite", () => new TPE(weights(1)).observe({}, Number.NaN), /score/],
    ["a state of another kind", () => new TPE(weights(1)).restore({ steps: 1 }), /state of a TPE/],
  ])("%s is refused", (_title, act, message) => {
    expect(act).toThrow(message);
  });
});

describe("TPE with a history", () => {
  const attemptsOf = (count: number): PastAttempt[] =>
    Array.from({ length: count }, (_, index) => {
      const values = { "w.0": (index % 11) - 5, "w.1": (Math.floor(index / 11) % 11) - 5, "w.2": 0 };
      const score = index % 5 === 0 ? null : quality(values);
      return { values, score, feedback: "", ...(index % 10 === 0 ? { estimate: -500 } : {}) };
    });
  /** A history of which only the log is read. */
  const historyOf = (attempts: readonly PastAttempt[], scale: object = {}, reads: number[] = []): HistoryView => {
    const unused = (): never => {
      throw new Error("not read");
    };
    const from = (place: number): readonly PastAttempt[] => {
      reads.push(attempts.length - place);
      return attempts.slice(place);
    };
    return { best: unused, latest: unused, find: unused, log: { scale, length: attempts.length, from } };
  };

  it("reads of the log only what is new, and proposes as if it had read it all now", async () => {
    const [scale, reads, attempts] = [{}, [] as number[], attemptsOf(120)];
    const optimizer = new TPE(weights(3), { seed: 2 });
    for (const length of [20, 20, 119, 120]) {
      const label = `proposal/${length}`;
      const proposed = await optimizer.propose({ label, history: historyOf(attempts.slice(0, length), scale, reads) });
      const fresh = new TPE(weights(3), { seed: 2 });
      expect(await fresh.propose({ label, history: historyOf(attempts.slice(0, length)) })).toEqual(proposed);
    }
    expect(reads).toEqual([20, 99, 1]);
    // An older view of the same scale does not see what came later.
    const older = await optimizer.propose({ label: "proposal/20", history: historyOf(attempts.slice(0, 20), scale) });
    expect(older).toEqual(
      await new TPE(weights(3), { seed: 2 }).propose({ label: "proposal/20", history: historyOf(attempts.slice(0, 20)) }),
    );
  });

  it("has nothing of it in its state, nor of what the search reports; its own trials remain", async () => {
    const optimizer = new TPE(weights(3), { seed: 2 });
    optimizer.observe({ "w.0": 1 }, 1);
    const before = optimizer.state() as object;
    await optimizer.propose({ history: historyOf(attemptsOf(50)) });
    atPosition("iteration/1", () => optimizer.observe({ "w.0": 2 }, 2));
    // But that it reads one: a process that resumes the run keeps to it before its first proposal.
    expect(optimizer.state()).toEqual({ ...before, steps: 1, readsHistory: true });
    await optimizer.propose();
    optimizer.observe({ "w.0": 3 }, 3);
    expect(optimizer.state()).toMatchObject({ told: [{ mean: 1 }, { mean: 3 }] });
  });

  it("varies the values that it is given, not the best ones", async () => {
    const optimizer = new TPE(weights(20), { seed: 1 });
    const names = [...optimizer.parameters.keys()];
    const at = (value: number) => Object.fromEntries(names.map((name) => [name, value]));
    for (let trial = 0; trial < 40; trial++)
      optimizer.observe({ ...at(3), [names[trial % 20] as string]: (trial % 11) - 5 }, 1 - trial);
    const distance = async (from: Candidate | undefined, value: number): Promise<number> => {
      let changed = 0;
      for (let number = 0; number < 30; number++) {
        const proposed = await optimizer.propose({ from, label: `proposal/${number}` });
        changed += names.filter((name) => proposed[name] !== value).length;
      }
      return changed / 30;
    };
    expect(await distance(at(-4), -4)).toBeLessThan(8);
    expect(await distance(undefined, 3)).toBeLessThan(8);
  });

  it("takes parameters from further candidates", async () => {
    const optimizer = new TPE(weights(20), { seed: 1 });
    const names = [...optimizer.parameters.keys()];
    const at = (value: number) => Object.fromEntries(names.map((name) => [name, value]));
    const made = Array.from({ length: 30 }, (_, number) => {
      return optimizer.propose({ from: at(0), others: [at(1), at(2)], label: `proposal/${number}` });
    });
    const proposed = await Promise.all(made);
    const shares = [0, 1, 2].map((value) => {
      const counts = proposed.map((candidate) => names.filter((name) => candidate[name] === value).length);
      return counts.reduce((sum, count) => sum + count) / proposed.length / names.length;
    });
    // A third of the parameters from each, but for those that are drawn anew.
    for (const share of shares) expect(share).toBeGreaterThan(0.2);
  });
});
