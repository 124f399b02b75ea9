/**
 * A trainer trains once at a time: a second call is refused, and the first goes its way as if nothing had been asked.
 */
import { BasicSearchAlgorithm, beamSearch, Minibatch, MinibatchAlgorithm, PolicySearch } from "opto/algorithms";
import { type Module, model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { type RunEvent, type StepOutput, standardOptimizationStep, type TrainerOptions } from "opto/trainer";
import { describe, expect, it } from "vitest";

const points = (from: number, count: number) =>
  Array.from({ length: count }, (_, x) => ({ input: from + x, info: 3 * (from + x) }));
const closeness = Object.assign((_x: number, y: number, right: number) => 1 / (1 + Math.abs(y - right)), {
  scoreRange: [0, 1] as const,
});

const lineAgent = (): Module<number, number> =>
  model({ slope: parameter(0) }, async ({ slope }, x: number) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return slope.value * x;
  });

/** Proposes one more than there is, and more the later its position. */
class Step extends Optimizer {
  protected suggest({ position, parameters }: SuggestionRequest): Suggestion {
    const rise = Number(/\d+$/.exec(position)?.[0] ?? 0) + 1;
    return { values: new Map([...parameters].map(([name, { value }]) => [name, Number(value) + rise])) };
  }
}

/** A subclass of the base alone. */
class Plain extends Minibatch<number, number, number, StepOutput<number>> {
  forward(...[agent, x, guide, info]: Parameters<Minibatch<number, number, number, StepOutput<number>>["forward"]>) {
    return standardOptimizationStep(agent, x, guide, info);
  }

  async update(outputs: readonly StepOutput<number>[]): Promise<number | null> {
    this.agent.apply({ slope: Number(this.agent.candidate().slope) + 1 });
    return outputs[0]?.score ?? null;
  }
}

type Trains = { train(guide: typeof closeness, data: ReturnType<typeof points>, options: object): Promise<unknown> };

const trainers: readonly { name: string; make: (options: TrainerOptions) => Trains; isSearch: boolean }[] = [
  { name: "Minibatch", isSearch: false, make: (options) => made((agent, step) => new Plain(agent, step, options)) },
  {
    name: "MinibatchAlgorithm",
    isSearch: false,
    make: (options) => made((agent, step) => new MinibatchAlgorithm(agent, step, options)),
  },
  {
    name: "BasicSearchAlgorithm",
    isSearch: true,
    make: (options) => made((agent, step) => new BasicSearchAlgorithm(agent, step, options)),
  },
  {
    name: "PolicySearch",
    isSearch: true,
    make: (options) => made((agent, step) => new PolicySearch(agent, step, beamSearch({ beamWidth: 2 }), options)),
  },
];

function made(make: (agent: Module<number, number>, step: Optimizer) => unknown): Trains {
  const agent = lineAgent();
  return make(agent, new Step(agent)) as Trains;
}

/** Trains, and calls `meanwhile` at the first iteration. */
async function ran(
  make: (options: TrainerOptions) => Trains,
  isSearch: boolean,
  meanwhile: (trainer: Trains) => Promise<void>,
): Promise<{ events: RunEvent[]; parameters: unknown; best: unknown }> {
  const events: RunEvent[] = [];
  const asked: Promise<void>[] = [];
  const onEvent = (event: RunEvent): void => {
    if (event.type === "iteration-start" && asked.length === 0) asked.push(meanwhile(trainer));
    if (event.type !== "run-end") events.push(event);
  };
  const trainer = make({ logger: { order: "logical", onEvent }, numThreads: 3 });
  const data = isSearch ? { validateDataset: points(10, 5) } : {};
  const { parameters, best } = (await trainer.train(closeness, points(0, 6), { batchSize: 2, seed: 1, ...data })) as {
    parameters: unknown;
    best: unknown;
  };
  expect(asked).toHaveLength(1);
  await Promise.all(asked);
  return { events, parameters, best };
}

describe("a second train() on a trainer that is training", () => {
  it.each(trainers)("is refused and leaves the first as it was: $name", async ({ make, isSearch }) => {
    const undisturbed = await ran(make, isSearch, async () => {});
    const disturbed = await ran(make, isSearch, async (trainer) => {
      const other = isSearch ? { validateDataset: points(50, 2) } : {};
      const second = trainer.train(closeness, points(30, 4), { batchSize: 4, numThreads: 1, seed: 7, ...other });
      await expect(second).rejects.toThrow("This trainer is already training. Await the first call, or create another trainer");
    });
    expect(disturbed).toEqual(undisturbed);
  });

  it("takes its turn when the first is over", async () => {
    const trainer = made((agent, step) => new BasicSearchAlgorithm(agent, step));
    await trainer.train(closeness, points(0, 2), { numProposals: 1 });
    await expect(trainer.train(closeness, points(0, 2), { numProposals: 2 })).resolves.toMatchObject({ stopReason: "completed" });
  });
});

describe("two trainers of one agent", () => {
  it("do not train concurrently, and one after the other do", async () => {
    const agent = lineAgent();
    const trainer = () => new MinibatchAlgorithm(agent, new Step(agent));
    const first = trainer().train(closeness, points(0, 4));
    await expect(trainer().train(closeness, points(0, 4))).rejects.toThrow(
      "The parameter slope is being trained by another run, and each would overwrite the values of the other",
    );
    await first;
    await expect(trainer().train(closeness, points(0, 4))).resolves.toMatchObject({ stopReason: "completed" });
  });
});
